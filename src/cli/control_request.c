/*
 * The request of a row is prepared completely before the server is looked for: a mistake on the command line
 * is reported as one, whether or not a server runs.
 */
#include "cli/control_request.h"

#include <assert.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/call_params.h"
#include "cli/output.h"
#include "gen/cli.h"

/* --- options ------------------------------------------------------------------------------------------ */

/* The control API's name of an option: "--secret-id" is secret_id. */
static const char *name_of(struct arena *a, const struct option_row *row)
{
    struct str name = arena_dup(a, str_from(row->name + strlen("--")));
    char *p = (char *)(uintptr_t)name.p; /* the copy is ours */
    for (; *p; p++)
        *p = *p == '-' ? '_' : *p;
    return name.p;
}

/* The text of an option that is sent; p == NULL when it was not given, or is not sent. */
static struct str value_of(const struct option_row *row, const void *target)
{
    if (row->sent == OPTION_LOCAL)
        return (struct str){NULL, 0};
    assert(row->type == OPTION_TEXT);
    return *(const struct str *)(const void *)((const char *)target + row->at);
}

/* Ends the program when the value is no number; `name` is what the user wrote before it, or what the number
 * is of. */
static void need_number(struct arena *a, const char *name, struct str value)
{
    struct node *n;
    if (json_parse(a, value, &n, NULL) != 0 || n->kind != NODE_NUMBER)
        die(EXIT_USAGE, "%s %.*s: expects a number", name, STR_ARG(value));
}

/* Numbers among the options that are sent are checked here, because the server would name its own field. */
static void check_numbers(struct session *s)
{
    for (size_t i = 0; i < s->command->options.n; i++) {
        const struct option_row *row = &s->command->options.rows[i];
        struct str value = value_of(row, s);
        if (value.p && row->sent == OPTION_SENT_NUMBER)
            need_number(&s->arena, row->name, value);
    }
}

void control_put_json(struct buf *b, const struct option_table *t, const void *target)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct option_row *row = &t->rows[i];
        struct str value = value_of(row, target);
        if (value.p && row->sent == OPTION_SENT_NUMBER)
            output_json_raw(b, name_of(b->arena, row), value); /* as it was written: no digit changes */
        else if (value.p)
            output_json_text(b, name_of(b->arena, row), value);
    }
}

/* The characters that RFC 3986 never escapes. */
static bool is_unreserved(char c)
{
    return ascii_is_letter(c) || ascii_is_digit(c) || (c != '\0' && strchr("-._~", c));
}

/* Percent-encodes everything but unreserved characters (RFC 3986, 2.3). */
static void put_escaped(struct buf *b, struct str value)
{
    for (size_t i = 0; i < value.n; i++)
        if (is_unreserved(value.p[i]))
            buf_putc(b, value.p[i]);
        else
            buf_printf(b, "%%%02X", (unsigned)(unsigned char)value.p[i]);
}

void control_put_query(struct buf *b, const struct option_table *t, const void *target)
{
    char before = '?';
    for (size_t i = 0; i < t->n; i++) {
        struct str value = value_of(&t->rows[i], target);
        if (!value.p)
            continue;
        buf_printf(b, "%c%s=", before, name_of(b->arena, &t->rows[i]));
        put_escaped(b, value);
        before = '&';
    }
}

struct str control_path(struct arena *a, const char *path, struct str word)
{
    struct buf b;
    buf_init(&b, a, 128, LIMIT_CLI_TEXT);
    buf_printf(&b, "%s/", path);
    put_escaped(&b, word);
    return buf_str(&b);
}

/* --- the request -------------------------------------------------------------------------------------- */

/* One exchange of a subcommand. */
struct exchange {
    struct session *session;
    const struct control_row *row;
    struct str path, body; /* the body absent when there is none */
    struct str save;       /* the file that the answer is written to; p == NULL: none */
};

/* The first row whose condition and first word fit. A row without a word and without fields is for no
 * words at all; one without a word but with fields takes whatever the words are. */
static const struct control_row *choose_row(struct session *s)
{
    const struct command *c = s->command;
    const char *base = (const void *)s;
    for (size_t i = 0; i < c->n_requests; i++) {
        const struct control_row *row = &c->requests[i];
        bool chosen = row->when == OPTION_NO_MEMBER || *(const bool *)(base + row->when);
        if (row->word)
            chosen = chosen && s->words.n > 0 && str_eq(s->words.v[0], str_from(row->word));
        else
            chosen = chosen && (s->words.n > 0) == (row->n_fields > 0);
        if (chosen)
            return row;
    }
    session_reject_word(s, s->words.v[0]);
}

/* Too few or too many words, and options of another request, end the program before the server is asked. */
static void check_words(struct session *s, const struct control_row *row)
{
    size_t min = row->word != NULL, max = min;
    for (size_t i = 0; i < row->n_fields; i++) {
        min += !row->fields[i].optional;
        max = row->fields[i].kind == FIELD_PARAMS ? SIZE_MAX : max + 1;
    }
    session_need_words(s, min, max);
    const char *given =
        row->options == OPTIONS_REJECTED ? options_given(&s->command->options, s, NULL) : NULL;
    if (given)
        die(EXIT_USAGE, "%s is for the list, not for %.*s", given, STR_ARG(s->words.v[0]));
}

/* "5m" is 300. */
static int64_t seconds_of(struct str text)
{
    static const struct {
        char letter;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 24 * 3600}};
    struct str number = text;
    int64_t unit = 1, n;
    for (size_t i = 0; text.n > 0 && i < sizeof units / sizeof units[0]; i++)
        if (text.p[text.n - 1] == units[i].letter) {
            unit = units[i].seconds;
            number = str_head(text, text.n - 1);
        }
    if (str_to_i64(number, &n) != 0 || n < 0 || n > INT32_MAX)
        die(EXIT_USAGE, "%.*s is not a duration, such as 90, 90s, 5m, 2h or 1d", STR_ARG(text));
    return n * unit;
}

static void need_time(const char *name, struct str text)
{
    int64_t ms;
    if (time_parse_rfc3339(text, &ms) != 0)
        die(EXIT_USAGE, "%s %.*s: expects a time such as 2026-01-01T00:00:00+08:00", name, STR_ARG(text));
}

/* Parameters are compared as texts, whatever their type, so no shape is needed. "Name:=JSON" is allowed
 * too. */
static void put_params(struct buf *b, const char *key, const struct str *words, size_t n)
{
    struct buf params;
    struct str problem;
    buf_init(&params, b->arena, 256, LIMIT_CLI_TEXT);
    if (call_params_put_paths(&params, NULL, words, n, &problem) != 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(problem));
    output_json_raw(b, key, buf_str(&params));
}

/* One word after the row's own, into the body, the path, or as a file. */
static void put_field(struct exchange *x, struct buf *body, const struct control_field *f, size_t at)
{
    struct session *s = x->session;
    struct str word = s->words.v[at];
    switch (f->kind) {
    case FIELD_TEXT:
        output_json_text(body, f->name, word);
        break;
    case FIELD_NUMBER:
        need_number(&s->arena, f->name, word);
        output_json_raw(body, f->name, word);
        break;
    case FIELD_TIME:
        need_time(f->name, word);
        output_json_text(body, f->name, word);
        break;
    case FIELD_DURATION:
        output_json_number(body, f->name, seconds_of(word));
        break;
    case FIELD_PARAMS:
        put_params(body, f->name, s->words.v + at, s->words.n - at);
        break;
    case FIELD_PATH:
        x->path = control_path(&s->arena, x->row->path, word);
        break;
    case FIELD_FILE:
        x->body = session_read_file(s, word);
        break;
    case FIELD_SAVE:
        x->save = word;
        break;
    }
}

/* Makes path and body of the row's fixed members, options and words. A request without any of them has no
 * body; one whose options are its body always has one. */
static void prepare(struct exchange *x)
{
    struct session *s = x->session;
    const struct control_row *row = x->row;
    size_t at = row->word != NULL;
    struct buf body, path;
    buf_init(&body, &s->arena, 256, LIMIT_CLI_TEXT);
    buf_putc(&body, '{');
    if (row->fixed)
        output_json_raw(&body, NULL, str_from(row->fixed));
    if (row->options == OPTIONS_BODY)
        control_put_json(&body, &s->command->options, s);
    x->path = str_from(row->path);
    for (size_t i = 0; i < row->n_fields && at < s->words.n; i++, at++)
        put_field(x, &body, &row->fields[i], at);
    buf_putc(&body, '}');
    if (!x->body.p && (body.n > strlen("{}") || row->options == OPTIONS_BODY))
        x->body = buf_str(&body);
    if (row->options != OPTIONS_QUERY)
        return;
    buf_init(&path, &s->arena, 128, LIMIT_CLI_TEXT);
    buf_put(&path, x->path);
    control_put_query(&path, &s->command->options, s);
    x->path = buf_str(&path);
}

/* --- the answer --------------------------------------------------------------------------------------- */

/* The whole answer, indented; it keeps every byte of its values. */
static struct str pretty_text(struct session *s, struct str json)
{
    struct buf b;
    buf_init(&b, &s->arena, json.n * 2, LIMIT_CLI_TEXT);
    output_put_pretty(&b, json);
    return buf_str(&b);
}

/* An empty member at the end of the line leaves no space. */
static struct str filled_text(struct session *s, const char *template, const struct node *answer)
{
    struct str rest = str_from(template), piece, name;
    struct buf b;
    buf_init(&b, &s->arena, 128, LIMIT_CLI_TEXT);
    while (str_next(&rest, '{', &piece)) {
        buf_put(&b, piece);
        if (str_next(&rest, '}', &name))
            buf_put(&b, str_eq(name, STR("@")) ? s->server.endpoint : session_text(s, answer, name));
    }
    return CONCAT(&s->arena, str_trim(buf_str(&b)), STR("\n"));
}

/* Members with a column of their own are left out of COLUMN_REST. */
static bool has_column(const struct control_row *row, struct str member)
{
    for (size_t i = 0; i < row->n_columns; i++)
        if (str_eq(row->columns[i].member, member))
            return true;
    return false;
}

/* All other members, as in "code=InternalError count=1". */
static struct str rest_text(struct session *s, const struct control_row *row, const struct node *object)
{
    struct buf b;
    buf_init(&b, &s->arena, 128, LIMIT_CLI_TEXT);
    for (const struct node *n = object->first; n; n = n->next)
        if (!has_column(row, n->name))
            buf_printf(&b, "%s%.*s=%.*s", b.n ? " " : "", STR_ARG(n->name),
                       STR_ARG(session_text(s, object, n->name)));
    return buf_str(&b);
}

/* What one cell shows of an object. */
static struct str cell_text(struct session *s, const struct control_row *row, size_t column,
                            const struct node *object)
{
    const struct control_column *c = &row->columns[column];
    struct str text = session_text(s, object, c->member);
    int64_t us = 0;
    switch (c->kind) {
    case COLUMN_TEXT:
        return text;
    case COLUMN_CODE:
        return session_text(s, object, STR("injected")).n ? CONCAT(&s->arena, text, STR("*")) : text;
    case COLUMN_MS:
        (void)str_to_i64(text, &us);
        return arena_printf(&s->arena, "%.1f", (double)us / 1000);
    case COLUMN_REST:
        break;
    }
    return rest_text(s, row, object);
}

/* A row of the table; without an object, its head. */
static void add_object(struct session *s, struct output_table *t, const struct control_row *row,
                       const struct node *object)
{
    struct str *cells = ARENA_ARRAY(&s->arena, struct str, row->n_columns);
    for (size_t i = 0; i < row->n_columns; i++)
        cells[i] = object ? cell_text(s, row, i, object) : str_from(row->columns[i].title);
    output_table_add(t, cells);
}

/* The table of the list's objects, or of the answer itself as its only row. */
static struct str table_text(struct session *s, const struct control_row *row, const struct node *answer)
{
    struct str dropped = session_text(s, answer, STR("dropped"));
    const struct node *list =
        row->list && answer->kind == NODE_OBJECT ? node_find(answer, str_from(row->list)) : NULL;
    struct output_table t;
    struct buf b;
    output_table_init(&t, &s->arena, row->n_columns);
    add_object(s, &t, row, NULL);
    if (!row->list)
        add_object(s, &t, row, answer);
    for (const struct node *n = list ? list->first : NULL; n; n = n->next)
        add_object(s, &t, row, n);
    buf_init(&b, &s->arena, 4096, LIMIT_CLI_TEXT);
    output_put_table(&b, &t);
    if (row->dropped && dropped.n > 0 && !str_eq(dropped, STR("0")))
        buf_put(&b, filled_text(s, row->dropped, answer));
    return buf_str(&b);
}

/* The row decides how; see struct control_row. */
static struct str answer_text(struct session *s, const struct control_row *row, const struct node *answer,
                              const struct client_response *response)
{
    if (row->pretty)
        return pretty_text(s, response->body);
    if (row->render)
        return row->render(s, answer);
    return row->text ? filled_text(s, row->text, answer) : table_text(s, row, answer);
}

/* Writes the answer to the file of the request, which replaces it atomically: half a document is of no
 * use. */
static int save(const struct exchange *x, const struct client_response *response)
{
    struct session *s = x->session;
    struct str text = CONCAT(&s->arena, str_trim(response->body), STR("\n")), problem;
    if (str_eq(x->save, STR("-")))
        return output_write_json(text) == 0 ? EXIT_OK : EXIT_UNEXPECTED;
    if (file_replace(&s->arena, arena_cstr(&s->arena, x->save), text, &problem) != 0)
        die(EXIT_UNEXPECTED, "%.*s", STR_ARG(problem));
    if (s->json && output_write_value(&s->arena, "saved", x->save) != 0)
        return EXIT_UNEXPECTED;
    return EXIT_OK;
}

/* With --json the answer is printed as it came, whatever the row says. */
int control_main(struct session *s)
{
    struct exchange x = {.session = s, .row = choose_row(s)};
    struct client_response response;
    check_words(s, x.row);
    check_numbers(s);
    prepare(&x);
    session_find(s);
    struct request r = session_control_request(s, x.row->method, x.path, x.body);
    if (x.row->progress)
        output_progress(str_from(x.row->progress));
    session_send(s, &r, &response);
    if (x.row->progress)
        output_progress(STR(""));
    const struct node *answer = session_answer(s, &response);
    if (!answer)
        return x.row->rejected;
    if (x.save.p)
        return save(&x, &response);
    return session_print(s, answer_text(s, x.row, answer, &response), &response);
}
