/* Shows things; see output.h. */
#include "cli/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A terminal that knows no sequences. */
static bool is_dumb(void)
{
    const char *terminal = getenv("TERM");
    return terminal && strcmp(terminal, "dumb") == 0;
}

static bool is_plain(void)
{
    const char *no_color = getenv("NO_COLOR");
    return (no_color && *no_color) || is_dumb();
}

bool output_has_color(void)
{
    return !is_plain() && isatty(STDOUT_FILENO);
}

void output_put_colored(struct buf *b, enum output_color color, struct str text)
{
    static const char *const starts[] = {[COLOR_KEY] = "\033[34m",
                                         [COLOR_GOOD] = "\033[32m",
                                         [COLOR_BAD] = "\033[31m",
                                         [COLOR_DIM] = "\033[2m"};
    bool has = output_has_color();
    if (has)
        buf_put(b, str_from(starts[color]));
    buf_put(b, text);
    if (has)
        buf_put(b, STR("\033[0m"));
}

/* --- JSON --------------------------------------------------------------------------------------------- */

/* The length of the string literal that `s` begins with, both quotes included. */
static size_t literal_length(struct str s)
{
    size_t i = 1;
    while (i < s.n && s.p[i] != '"')
        i += s.p[i] == '\\' ? 2 : 1;
    return i + 1 < s.n ? i + 1 : s.n;
}

static struct str skip_space(struct str s)
{
    size_t i = 0;
    while (i < s.n && strchr(" \t\r\n", s.p[i]))
        i++;
    return str_skip(s, i);
}

static void put_break(struct buf *b, int depth)
{
    buf_printf(b, "\n%*s", depth * 2, "");
}

/* A bracket with what is directly behind it: an empty pair stays together. */
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

static struct str put_literal(struct buf *b, struct str s)
{
    size_t n = literal_length(s);
    struct str rest = skip_space(str_skip(s, n));
    if (rest.n > 0 && rest.p[0] == ':')
        output_put_colored(b, COLOR_KEY, str_head(s, n));
    else
        buf_put(b, str_head(s, n));
    return rest;
}

static struct str put_token(struct buf *b, struct str s, int *depth)
{
    char c = s.p[0];
    if (strchr("{}[]", c))
        return put_bracket(b, s, depth);
    if (c == '"')
        return put_literal(b, s);
    buf_putc(b, c);
    if (c == ',')
        put_break(b, *depth);
    if (c == ':')
        buf_putc(b, ' ');
    return str_skip(s, 1);
}

void output_put_pretty(struct buf *b, struct str json)
{
    int depth = 0;
    struct str rest = skip_space(json);
    while (rest.n > 0)
        rest = skip_space(put_token(b, rest, &depth));
    buf_putc(b, '\n');
}

void output_put_json_lines(struct buf *b, struct str lines)
{
    struct str line, rest = str_trim(lines);
    size_t n = 0;
    buf_putc(b, '[');
    while (str_next(&rest, '\n', &line)) {
        if (n++ > 0)
            buf_putc(b, ',');
        buf_put_json_string(b, line);
    }
    buf_put(b, STR("]\n"));
}

/* --- tables ------------------------------------------------------------------------------------------- */

void output_table_init(struct output_table *t, struct arena *a, size_t columns)
{
    *t = (struct output_table){.arena = a, .columns = columns};
}

void output_table_add(struct output_table *t, struct str cell)
{
    if (t->n == t->room) {
        size_t room = t->room ? 2 * t->room : 64;
        struct str *cells = ARENA_ARRAY(t->arena, struct str, room);
        if (t->n > 0)
            memcpy(cells, t->cells, t->n * sizeof *cells);
        t->cells = cells;
        t->room = room;
    }
    t->cells[t->n++] = cell;
}

/* Places on a terminal: a byte that goes on with a character takes none, one of three bytes or more is wide.
 */
static size_t width(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        n += c >= 0xE0 ? 2 : (c & 0xC0) != 0x80;
    }
    return n;
}

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

/* --- the streams -------------------------------------------------------------------------------------- */

int output_write(struct str text)
{
    return fwrite(text.p, 1, text.n, stdout) == text.n && fflush(stdout) == 0 ? 0 : -1;
}

int output_write_value(struct arena *a, const char *key, struct str value)
{
    struct buf b;
    if (!key)
        return output_write(CONCAT(a, value, STR("\n")));
    buf_init(&b, a, 256, OUTPUT_MAX);
    buf_printf(&b, "{\"%s\":", key);
    buf_put_json_string(&b, value);
    buf_put(&b, STR("}\n"));
    return output_write(buf_str(&b));
}

void output_progress(struct str line)
{
    if (!isatty(STDERR_FILENO) || is_dumb())
        return;
    fprintf(stderr, "\r\033[K%.*s", STR_ARG(line));
    (void)fflush(stderr);
}
