#include "cli/output.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/limits.h"

/* --- streams ------------------------------------------------------------------------------------------ */

/* In a text, the start of each colour and their end are one byte, until the text is written. No UTF-8 has
 * these bytes, so a text from outside cannot contain one (wire/json.h rejects it). */
#define MARK_KEY "\xf8"
#define MARK_BAD "\xf9"
#define MARK_DIM "\xfa"
#define MARK_END "\xfb"
enum { FIRST_MARK = 0xf8 };

/* What a terminal executes for a mark; NULL for any other byte. */
static const char *sequence_of(char c)
{
    static const char *const sequences[] = {"\033[34m", "\033[31m", "\033[2m", "\033[0m"};
    /* Not by strchr: clang 19 finds no byte above 127 in a constant text. */
    size_t mark = (size_t)(unsigned char)c - FIRST_MARK;
    return mark < sizeof sequences / sizeof sequences[0] ? sequences[mark] : NULL;
}

/* Is this byte of the whole text a line break, a tab or a mark, which stay? */
static bool stays(const char *p, size_t n, size_t at)
{
    return p[at] == '\n' || p[at] == '\t' || (p[at] == '\r' && at + 1 < n && p[at + 1] == '\n') ||
           sequence_of(p[at]);
}

/* Masks everything that a terminal would execute, between the bytes that stay. */
static void mask(char *p, size_t n)
{
    size_t start = 0;
    for (size_t i = 0; i <= n; i++)
        if (i == n || stays(p, n, i)) {
            utf8_mask_unprintable(p + start, i - start);
            start = i + 1;
        }
}

/* The text with colours for its marks, or without them when the stream is no terminal. */
static void put_sequences(FILE *to, struct str text)
{
    bool terminal = isatty(fileno(to));
    size_t start = 0;
    for (size_t i = 0; i < text.n; i++) {
        const char *sequence = sequence_of(text.p[i]);
        if (!sequence)
            continue;
        (void)fwrite(text.p + start, 1, i - start, to);
        (void)fputs(terminal ? sequence : "", to);
        start = i + 1;
    }
    (void)fwrite(text.p + start, 1, text.n - start, to);
}

/* Flushes, because the process may be replaced or killed before its end. */
static int flush(FILE *to)
{
    return fflush(to) == 0 && !ferror(to) ? 0 : -1;
}

/* Every text goes through here, so no text from outside reaches a terminal unmasked. */
static int write_masked(FILE *to, struct str text)
{
    struct arena a;
    arena_init(&a);
    struct str copy = arena_dup(&a, text);
    mask((char *)(uintptr_t)copy.p, copy.n); /* the copy is writable */
    put_sequences(to, copy);
    arena_done(&a);
    return flush(to);
}

int output_write(struct str text)
{
    return write_masked(stdout, text);
}

int output_write_error(struct str text)
{
    return write_masked(stderr, text);
}

int output_write_json(struct str json)
{
    struct arena a;
    arena_init(&a);
    struct str text = json_escape_unprintable(&a, json);
    (void)fwrite(text.p, 1, text.n, stdout);
    arena_done(&a);
    return flush(stdout);
}

int output_write_path(const char *path)
{
    (void)fputs(path, stdout);
    (void)fputs("\n", stdout);
    return flush(stdout);
}

int output_write_value(struct arena *a, const char *key, struct str value)
{
    struct buf b;
    if (!key)
        return output_write(CONCAT(a, value, STR("\n")));
    buf_init(&b, a, 256, LIMIT_CLI_TEXT);
    output_json_open(&b, NULL, '{');
    output_json_text(&b, key, value);
    output_json_end(&b, '}');
    return output_write_json(buf_str(&b));
}

/* A terminal that has no control sequences. */
static bool is_dumb(void)
{
    const char *terminal = getenv("TERM");
    return terminal && strcmp(terminal, "dumb") == 0;
}

void output_progress(struct str line)
{
    if (!isatty(STDERR_FILENO) || is_dumb())
        return;
    fputs("\r\033[K", stderr);
    (void)output_write_error(line);
}

/* --- colour ------------------------------------------------------------------------------------------- */

/* Checked each time: it is cheap, and nothing has to be set up. */
static bool has_color(void)
{
    const char *no_color = getenv("NO_COLOR");
    return !(no_color && *no_color) && !is_dumb() && isatty(STDOUT_FILENO);
}

void output_put_colored(struct buf *b, enum output_color color, struct str text)
{
    static const char *const starts[] = {
        [COLOR_KEY] = MARK_KEY, [COLOR_BAD] = MARK_BAD, [COLOR_DIM] = MARK_DIM};
    bool has = has_color();
    assert(color < sizeof starts / sizeof starts[0]);
    if (has)
        buf_put(b, str_from(starts[color]));
    buf_put(b, text);
    if (has)
        buf_put(b, STR(MARK_END));
}

/* A masked copy. */
static struct str one_line(struct arena *a, struct str text)
{
    struct str copy = arena_dup(a, text);
    utf8_mask_unprintable((char *)(uintptr_t)copy.p, copy.n); /* the copy is writable */
    return copy;
}

void output_put_text(struct buf *b, struct str text)
{
    buf_put(b, one_line(b->arena, text));
}

void output_put_title(struct buf *b, struct str title)
{
    output_put_colored(b, COLOR_KEY, title);
    buf_putc(b, ':');
}

/* --- JSON with indentation ---------------------------------------------------------------------------- */

/* The length of the string literal that `s` begins with, both quotes included. */
static size_t literal_length(struct str s)
{
    size_t i = 1;
    while (i < s.n && s.p[i] != '"')
        i += s.p[i] == '\\' ? 2 : 1;
    return i + 1 < s.n ? i + 1 : s.n;
}

/* Whitespace of JSON (RFC 8259, 2). */
static struct str skip_space(struct str s)
{
    size_t i = 0;
    while (i < s.n && strchr(" \t\r\n", s.p[i]))
        i++;
    return str_skip(s, i);
}

/* A new line, indented by two spaces for each level. */
static void put_break(struct buf *b, int depth)
{
    buf_printf(b, "\n%*s", depth * 2, "");
}

/* Where the next token of JSON goes. */
struct layout {
    int depth;
    bool colored; /* keys, when standard output may be coloured */
};

/* A bracket. An empty pair stays together. */
static struct str put_bracket(struct buf *b, struct str s, int *depth)
{
    char c = s.p[0];
    struct str rest = skip_space(str_skip(s, 1));
    bool opens = c == '{' || c == '[';
    if (opens && rest.n > 0 && (rest.p[0] == '}' || rest.p[0] == ']')) {
        buf_putc(b, c);
        buf_putc(b, rest.p[0]);
        return str_skip(rest, 1);
    }
    if (!opens)
        put_break(b, --*depth);
    buf_putc(b, c);
    if (opens)
        put_break(b, ++*depth);
    return rest;
}

/* A text; before a colon it is a key, and gets the colour of keys. */
static struct str put_literal(struct buf *b, struct str s, bool colored)
{
    size_t n = literal_length(s);
    struct str rest = skip_space(str_skip(s, n)), shown = json_escape_unprintable(b->arena, str_head(s, n));
    if (colored && rest.n > 0 && rest.p[0] == ':')
        output_put_colored(b, COLOR_KEY, shown);
    else
        buf_put(b, shown);
    return rest;
}

/* One token; returns what follows it. */
static struct str put_token(struct buf *b, struct str s, struct layout *at)
{
    char c = s.p[0];
    if (strchr("{}[]", c))
        return put_bracket(b, s, &at->depth);
    if (c == '"')
        return put_literal(b, s, at->colored);
    buf_putc(b, c);
    if (c == ',')
        put_break(b, at->depth);
    if (c == ':')
        buf_putc(b, ' ');
    return str_skip(s, 1);
}

/* Works on the text, not on a tree: a number keeps its digits and a string its escapes, so the output shows
 * exactly what was sent, with escapes for what a terminal would execute. */
static void put_tokens(struct buf *b, struct str json, bool colored)
{
    struct layout at = {0, colored};
    struct str rest = skip_space(json);
    while (rest.n > 0)
        rest = skip_space(put_token(b, rest, &at));
    buf_putc(b, '\n');
}

void output_put_pretty(struct buf *b, struct str json)
{
    put_tokens(b, json, true);
}

void output_put_indented(struct buf *b, struct str json)
{
    put_tokens(b, json, false);
}

/* --- JSON, piece by piece ----------------------------------------------------------------------------- */

/* Writes what comes before a piece: a comma unless it is the first of its array or object, and its key. The
 * last byte of the buffer shows whether the piece is the first, because no piece ends in one of these
 * characters: a text has quotes. So only these functions may write into the document. */
static void start_piece(struct buf *b, const char *key)
{
    if (b->n > 0 && !strchr("{[ ", b->p[b->n - 1]))
        buf_putc(b, ',');
    if (key)
        buf_printf(b, "\"%s\":", key);
}

void output_json_open(struct buf *b, const char *key, char bracket)
{
    assert(bracket == '{' || bracket == '[');
    start_piece(b, key);
    buf_putc(b, bracket);
}

void output_json_close(struct buf *b, char bracket)
{
    assert(bracket == '}' || bracket == ']');
    buf_putc(b, bracket);
}

void output_json_end(struct buf *b, char bracket)
{
    output_json_close(b, bracket);
    buf_putc(b, '\n');
}

void output_json_text(struct buf *b, const char *key, struct str value)
{
    start_piece(b, key);
    if (value.p)
        buf_put_json_string(b, value);
    else
        buf_put(b, STR("null"));
}

void output_json_raw(struct buf *b, const char *key, struct str json)
{
    assert(json.n > 0);
    start_piece(b, key);
    buf_put(b, json);
}

void output_json_bool(struct buf *b, const char *key, bool value)
{
    output_json_raw(b, key, value ? STR("true") : STR("false"));
}

void output_json_number(struct buf *b, const char *key, int64_t value)
{
    start_piece(b, key);
    buf_put_i64(b, value);
}

void output_json_line(struct buf *b)
{
    if (b->n > 0 && !strchr("{[", b->p[b->n - 1]))
        buf_put(b, STR(",\n "));
}

void output_put_json_lines(struct buf *b, struct str lines)
{
    struct str line, rest = str_trim(lines);
    output_json_open(b, NULL, '[');
    while (str_next(&rest, '\n', &line))
        output_json_text(b, NULL, line);
    output_json_end(b, ']');
}

/* --- tables ------------------------------------------------------------------------------------------- */

void output_table_init(struct output_table *t, struct arena *a, size_t columns)
{
    assert(columns > 0);
    *t = (struct output_table){.arena = a, .columns = columns};
}

void output_table_add(struct output_table *t, const struct str *cells)
{
    for (size_t i = 0; i < t->columns; i++) {
        t->cells = arena_grow(t->arena, t->cells, t->n, sizeof *t->cells);
        t->cells[t->n++] = one_line(t->arena, cells[i]);
    }
}

/* Columns of a terminal: a continuation byte takes none, and a character of three bytes or more takes two. */
static size_t width(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        n += c >= 0xE0 ? 2 : (c & 0xC0) != 0x80;
    }
    return n;
}

/* The width of each column's widest cell. */
static size_t *column_widths(const struct output_table *t)
{
    size_t *widest = ARENA_ARRAY(t->arena, size_t, t->columns);
    for (size_t i = 0; i < t->n; i++) {
        size_t n = width(t->cells[i]), *column = &widest[i % t->columns];
        *column = n > *column ? n : *column;
    }
    return widest;
}

/* Empty cells at the end leave no spaces. */
static void end_row(struct buf *b)
{
    while (b->n > 0 && b->p[b->n - 1] == ' ')
        b->n--;
    buf_putc(b, '\n');
}

void output_put_table(struct buf *b, const struct output_table *t)
{
    assert(t->n % t->columns == 0);
    const size_t *widest = column_widths(t);
    for (size_t i = 0; i < t->n; i++) {
        bool last = i % t->columns == t->columns - 1;
        if (i < t->columns)
            output_put_colored(b, COLOR_DIM, t->cells[i]);
        else
            buf_put(b, t->cells[i]);
        if (last)
            end_row(b);
        else
            buf_printf(b, "%*s", (int)(widest[i % t->columns] - width(t->cells[i])) + 2, "");
    }
}
