/* `virga compare`: sends the same calls to the cloud and to a virga, and reports in what the answers differ.
 *
 * The suite `safe` is made from the tables of the product. It has calls that the gateway must refuse, calls
 * with a wrong parameter, and calls that only read. An action that writes is called only for a resource that
 * does not exist, and with something else wrong besides, so that nothing can change.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/cassette.h"
#include "cli/output.h"
#include "cli/upstream.h"
#include "gen/cli.h"
#include "gen/products.h"
#include "wire/rules.h"

enum verdict { NOT_REACHED, CONFIRMED, CONTRADICTED };
static const char *const verdict_words[] = {"not reached", "confirmed", "contradicted"};

struct compare_case {
    struct str name, rule; /* the rule that it is about, as a sentence */
    enum provenance provenance;
    struct upstream_call call;
    struct str expected; /* the code that virga must answer for the rule to be reached; p == NULL: any */
    enum verdict verdict;
    struct str_list differences;
    struct str code, request_id; /* of the cloud's answer */
};

struct compare {
    struct arena *arena;
    const struct product *product;
    struct upstream cloud, local;
    struct str region;
    struct str only; /* an action; p == NULL: all */
    struct compare_case *cases;
    size_t n;
};

/* --- the suite: the gateway --------------------------------------------------------------------------- */

static void add_case(struct compare *c, const struct compare_case *from)
{
    if (c->only.p && !str_eq(c->only, from->call.action))
        return;
    c->cases = arena_grow(c->arena, c->cases, c->n, sizeof *c->cases);
    c->cases[c->n++] = *from;
}

/* Calls of an action that only reads, each with one thing wrong. */
static void add_gateway(struct compare *c)
{
    const struct upstream_call read = {
        .action = c->product->examples.read.action, .region = c->region, .body = STR("{}")};
    struct compare_case cases[] = {
        {STR("gateway.signature"), STR("a wrong signature"), PROV_DOCUMENTED, read, .verdict = 0},
        {STR("gateway.expired"), STR("a signature older than 300 s"), PROV_DOCUMENTED, read, .verdict = 0},
        {STR("gateway.future"), STR("a signature newer than 300 s"), PROV_DOCUMENTED, read, .verdict = 0},
        {STR("gateway.secret_id"), STR("an unknown SecretId"), PROV_DOCUMENTED, read, .verdict = 0},
        {STR("gateway.service"), STR("another service in the scope"), PROV_OBSERVED, read, .verdict = 0},
        {STR("gateway.action"), STR("an unknown action"), PROV_DOCUMENTED, read, .verdict = 0},
        {STR("gateway.version"), STR("another version"), PROV_DOCUMENTED, read, .verdict = 0},
        {STR("gateway.no_region"), STR("a missing region"), PROV_OBSERVED, read, .verdict = 0},
        {STR("gateway.region"), STR("a region that does not exist"), PROV_OBSERVED, read, .verdict = 0},
        {STR("gateway.language"), STR("another language"), PROV_OBSERVED, read, .verdict = 0},
        {STR("gateway.content_type"), STR("a content type other than JSON"), PROV_OBSERVED, read,
         .verdict = 0},
        {STR("gateway.array"), STR("an array as the body"), PROV_OBSERVED, read, .verdict = 0},
        {STR("gateway.empty"), STR("an empty body"), PROV_ASSUMED, read, .verdict = 0},
    };
    enum { TOO_LATE = 400 };
    cases[0].call.secret_key = STR("wrong");
    cases[1].call.late_seconds = TOO_LATE;
    cases[2].call.late_seconds = -TOO_LATE;
    cases[3].call.secret_id = STR("AKIDunknownUnknownUnknownUnknown0000");
    cases[4].call.service = STR("cvm");
    cases[5].call.action = STR("NoSuchAction");
    cases[6].call.version = STR("2000-01-01");
    cases[7].call.region = (struct str){NULL, 0};
    cases[8].call.region = STR("ap-nowhere");
    cases[9].call.language = STR("fr-FR");
    cases[10].call.content_type = STR("text/plain");
    cases[11].call.body = STR("[]");
    cases[12].call.body = STR("");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        add_case(c, &cases[i]);
}

/* --- the suite: values -------------------------------------------------------------------------------- */

static const struct shape_rule *rule_of(const struct shape_field *f, enum rule_kind kind)
{
    for (size_t i = 0; i < f->n_rules; i++)
        if (f->rules[i].kind == kind)
            return &f->rules[i];
    return NULL;
}

static struct str unknown_resource(struct compare *c)
{
    return CONCAT(c->arena, c->product->resource.id_prefix, STR("00000000"));
}

/* A text that the field's rules accept, as far as they tell. */
static struct str good_text(struct compare *c, const struct shape_field *f)
{
    const struct shape_rule *choice = rule_of(f, RULE_ONE_OF);
    struct str choices, first;
    if (str_eq(f->name, c->product->resource.param) || str_eq(f->name, c->product->resource.list_param))
        return unknown_resource(c);
    if (rule_of(f, RULE_TIME))
        return STR("2026-01-01 00:00:00");
    if (rule_of(f, RULE_DATE))
        return STR("2026-01-01");
    choices = str_from(choice ? choice->text : NULL);
    return choice && str_next(&choices, '|', &first) ? first : STR("a");
}

/* A value of the field's type; false for an object, of which nothing is known. */
static bool put_good(struct compare *c, struct buf *b, const struct shape_field *f)
{
    const struct shape_rule *range = rule_of(f, RULE_INT_RANGE);
    if (f->list)
        buf_putc(b, '[');
    if (f->type == SHAPE_STRING)
        buf_put_json_string(b, good_text(c, f));
    else if (f->type == SHAPE_BOOL)
        buf_put(b, STR("false"));
    else
        buf_put_i64(b, range ? range->min : 1);
    if (f->list)
        buf_putc(b, ']');
    return f->type != SHAPE_OBJECT && f->type != SHAPE_JSON;
}

/* A value that the rule forbids; false when this cannot be made. */
static bool put_bad(struct buf *b, const struct shape_field *f, const struct shape_rule *r)
{
    enum { LONGEST = 300 };
    if (f->list || (f->type != SHAPE_STRING && r->kind != RULE_INT_RANGE))
        return false;
    switch (r->kind) {
    case RULE_INT_RANGE:
        buf_put_i64(b, f->type == SHAPE_UINT64 || r->min == INT64_MIN ? r->max + 1 : r->min - 1);
        return r->max < LIMIT_JSON_INTEGER || f->type == SHAPE_INT64;
    case RULE_ONE_OF:
    case RULE_TIME:
    case RULE_DATE:
        buf_put(b, STR("\"no-such-value\""));
        return true;
    case RULE_LENGTH:
        buf_putc(b, '"');
        for (int64_t i = 0; i <= r->max && i <= LONGEST; i++)
            buf_putc(b, 'a');
        buf_putc(b, '"');
        return r->max < LONGEST;
    case RULE_CHARS:
        buf_put(b, STR("\"a b\\n\""));
        return true;
    case RULE_PRESENT:
    case RULE_COUNT:
        break;
    }
    return false;
}

/* --- the suite: actions ------------------------------------------------------------------------------- */

/* The parameter that names the resource, in every call of an action that writes and where it must be given;
 * NULL without one. */
static const struct shape_field *resource_field(const struct compare *c, const struct action *action)
{
    const struct shape_field *f = shape_find(action->in, c->product->resource.param);
    if (!f)
        f = shape_find(action->in, c->product->resource.list_param);
    return f && (f->required || action->writes) ? f : NULL;
}

/* The required parameters but `without`, then a member with `name` and `value`, if there is one. False when a
 * parameter cannot be made. */
static bool put_body(struct compare *c, struct buf *b, const struct action *action,
                     const struct shape_field *without, struct str name, struct str value)
{
    buf_init(b, c->arena, 128, LIMIT_CLI_TEXT);
    buf_putc(b, '{');
    for (size_t i = 0; i < action->in->n_fields; i++) {
        const struct shape_field *f = &action->in->fields[i];
        if ((!f->required && f != resource_field(c, action)) || f == without || str_eq(f->name, name))
            continue;
        buf_printf(b, "%s\"%.*s\":", b->n > 1 ? "," : "", STR_ARG(f->name));
        if (!put_good(c, b, f))
            return false;
    }
    if (value.p)
        buf_printf(b, "%s\"%.*s\":%.*s", b->n > 1 ? "," : "", STR_ARG(name), STR_ARG(value));
    buf_putc(b, '}');
    return true;
}

/* A case of an action: `from` has what is behind the action's name, the rule and the body. */
static void add_call(struct compare *c, const struct action *action, struct compare_case from)
{
    from.name = CONCAT(c->arena, action->name, STR("."), from.name);
    from.call.action = action->name;
    from.call.region = c->region;
    add_case(c, &from);
}

/* A parameter that is missing, of another type, and against each of its rules. The one that names the
 * resource stays, so that an action that writes finds none. */
static void add_field(struct compare *c, const struct action *action, const struct shape_field *f)
{
    struct buf b, bad;
    bool text = f->type == SHAPE_STRING && !f->list, names = f == resource_field(c, action);
    if (f->required && !names && put_body(c, &b, action, f, f->name, (struct str){NULL, 0}))
        add_call(c, action,
                 (struct compare_case){.name = CONCAT(c->arena, f->name, STR(".missing")),
                                       .rule = STR("a missing parameter"),
                                       .expected = STR("MissingParameter"),
                                       .call.body = buf_str(&b)});
    if (!names && put_body(c, &b, action, f, f->name, text ? STR("1") : STR("\"x\"")))
        add_call(c, action,
                 (struct compare_case){.name = CONCAT(c->arena, f->name, STR(".type")),
                                       .rule = STR("a value of another type"),
                                       .provenance = text ? PROV_OBSERVED : PROV_ASSUMED,
                                       .expected = STR("InvalidParameter"),
                                       .call.body = buf_str(&b)});
    for (size_t i = 0; i < f->n_rules; i++) {
        const struct shape_rule *r = &f->rules[i];
        buf_init(&bad, c->arena, 64, LIMIT_CLI_TEXT);
        if (!names && put_bad(&bad, f, r) && put_body(c, &b, action, f, f->name, buf_str(&bad)))
            add_call(
                c, action,
                (struct compare_case){.name = arena_printf(c->arena, "%.*s.rule%zu", STR_ARG(f->name), i),
                                      .rule = rule_sentence(c->arena, r, LANG_EN),
                                      .provenance = r->provenance,
                                      .expected = error_table[r->code].code,
                                      .call.body = buf_str(&b)});
    }
}

static void add_action(struct compare *c, const struct action *action)
{
    struct buf b;
    if (!action->handle || (action->writes && !resource_field(c, action)))
        return;
    if (put_body(c, &b, action, NULL, STR("NoSuchParameter"), STR("1")))
        add_call(c, action,
                 (struct compare_case){.name = STR("unknown_parameter"),
                                       .rule = STR("an unknown parameter"),
                                       .expected = STR("UnknownParameter"),
                                       .call.body = buf_str(&b)});
    for (size_t i = 0; i < action->in->n_fields; i++)
        add_field(c, action, &action->in->fields[i]);
    bool missing = resource_field(c, action) != NULL;
    if (!action->writes && put_body(c, &b, action, NULL, STR(""), (struct str){NULL, 0}))
        add_call(c, action,
                 (struct compare_case){.name = missing ? STR("unknown_resource") : STR("answer"),
                                       .rule = missing ? STR("a resource that does not exist")
                                                       : STR("the form of an answer"),
                                       .provenance = PROV_ASSUMED,
                                       .call.body = buf_str(&b)});
}

/* The calls of a cassette; those that write are left out. */
static void add_cassette(struct compare *c, const char *path)
{
    struct cassette cassette;
    struct str problem;
    if (cassette_read(&cassette, c->arena, path, &problem) != 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(problem));
    for (size_t i = 0; i < cassette.n; i++) {
        const struct cassette_entry *e = &cassette.entries[i];
        const struct action *action = action_find(c->product, e->action);
        if (action && !action->writes)
            add_call(c, action,
                     (struct compare_case){.name = arena_printf(c->arena, "line%zu", i + 2),
                                           .rule = STR("a recorded call"),
                                           .provenance = PROV_ASSUMED,
                                           .call.body = e->params});
    }
}

/* --- comparing ---------------------------------------------------------------------------------------- */

static void differ(struct compare *c, struct compare_case *one, const char *what, struct str cloud,
                   struct str local)
{
    if (!str_eq(cloud, local))
        str_list_add(c->arena, &one->differences,
                     arena_printf(c->arena, "%s: %.*s, here %.*s", what, STR_ARG(cloud), STR_ARG(local)));
}

/* "" for null: a member that may be null has no type of its own then. */
static struct str kind_word(const struct node *n)
{
    static const char *const words[] = {"", "bool", "number", "text", "text", "list", "object"};
    return str_from(words[n->kind]);
}

/* Names and types of members; of a list, those of its first element. */
static void compare_nodes(struct compare *c, struct compare_case *one, struct str path,
                          const struct node *cloud, const struct node *local)
{
    if (cloud->kind == NODE_NULL || local->kind == NODE_NULL)
        return;
    differ(c, one, arena_cstr(c->arena, CONCAT(c->arena, STR("type of "), path)), kind_word(cloud),
           kind_word(local));
    if (cloud->kind != local->kind)
        return;
    if (cloud->kind == NODE_ARRAY && cloud->first && local->first)
        compare_nodes(c, one, CONCAT(c->arena, path, STR(".0")), cloud->first, local->first);
    if (cloud->kind != NODE_OBJECT)
        return;
    for (const struct node *n = cloud->first; n; n = n->next) {
        const struct node *other = node_find(local, n->name);
        struct str at = path.n > 0 ? CONCAT(c->arena, path, STR("."), n->name) : n->name;
        if (other)
            compare_nodes(c, one, at, n, other);
        else
            differ(c, one, "member", at, STR("none"));
    }
    for (const struct node *n = local->first; n; n = n->next)
        if (!node_find(cloud, n->name))
            differ(c, one, "member", STR("none"),
                   path.n > 0 ? CONCAT(c->arena, path, STR("."), n->name) : n->name);
}

/* The message without the RequestId that it may quote. */
static struct str plain_message(struct compare *c, const struct upstream_answer *a)
{
    const struct node *id = a->response ? node_find(a->response, STR("RequestId")) : NULL;
    struct buf b;
    if (!id || id->kind != NODE_STRING || id->text.n == 0 || a->message.n == 0)
        return a->message.p ? a->message : STR("");
    buf_init(&b, c->arena, a->message.n, LIMIT_CLI_TEXT);
    for (struct str rest = a->message; rest.n > 0;) {
        bool here = str_starts(rest, id->text);
        buf_put(&b, here ? STR("<RequestId>") : str_head(rest, 1));
        rest = str_skip(rest, here ? id->text.n : 1);
    }
    return buf_str(&b);
}

static struct str code_word(const struct upstream_answer *a)
{
    return a->code.p ? a->code : a->response ? STR("ok") : STR("no answer of the API");
}

/* Whether the cloud ended the call before the rule: it says nothing about it. */
static bool ended_before(struct str cloud, struct str local)
{
    static const char *const codes[] = {"AuthFailure",   "UnauthorizedOperation", "RequestLimitExceeded",
                                        "InternalError", "ResourceNotFound",      "no answer"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (str_starts(cloud, str_from(codes[i])) && !str_starts(local, str_from(codes[i])))
            return true;
    return false;
}

static enum verdict judge(const struct compare_case *one, struct str cloud, struct str local)
{
    if (one->expected.p && !str_eq(one->expected, local))
        return NOT_REACHED;
    if (str_eq(cloud, local))
        return CONFIRMED;
    return ended_before(cloud, local) ? NOT_REACHED : CONTRADICTED;
}

static void compare_answers(struct compare *c, struct compare_case *one, const struct upstream_answer *cloud,
                            const struct upstream_answer *local, bool first)
{
    struct str code = code_word(cloud), own = code_word(local);
    differ(c, one, first ? "message" : "message in Chinese", plain_message(c, cloud),
           plain_message(c, local));
    if (!first)
        return;
    const struct node *id = cloud->response ? node_find(cloud->response, STR("RequestId")) : NULL;
    one->code = code;
    one->request_id = id ? id->text : STR("");
    one->verdict = judge(one, code, own);
    differ(c, one, "code", code, own);
    differ(c, one, "HTTP status", arena_printf(c->arena, "%d", cloud->status),
           arena_printf(c->arena, "%d", local->status));
    differ(c, one, "content type", cloud->content_type, local->content_type);
    if (cloud->response && local->response && !cloud->code.p && !local->code.p)
        compare_nodes(c, one, STR(""), cloud->response, local->response);
}

/* Both languages, unless the language is what is wrong. */
static void run_case(struct compare *c, struct compare_case *one)
{
    const struct str languages[] = {STR("en-US"), STR("zh-CN")};
    bool own = one->call.language.p != NULL;
    for (int i = 0; i < (own ? 1 : 2); i++) {
        struct upstream_call call = one->call;
        struct upstream_answer cloud, local;
        struct str problem;
        call.language = own ? call.language : languages[i];
        if (upstream_send(&c->cloud, c->arena, &call, &cloud, &problem) != 0)
            die(EXIT_SERVER_ERROR, "%.*s", STR_ARG(problem));
        if (upstream_send(&c->local, c->arena, &call, &local, &problem) != 0)
            die(EXIT_NO_SERVER, "%.*s", STR_ARG(problem));
        compare_answers(c, one, &cloud, &local, i == 0);
    }
}

/* --- the report --------------------------------------------------------------------------------------- */

static void put_table(struct compare *c, struct buf *b)
{
    struct output_table t;
    output_table_init(&t, c->arena, 5);
    output_table_add(
        &t, (const struct str[]){STR("verdict"), STR("mark"), STR("case"), STR("rule"), STR("difference")});
    for (size_t i = 0; i < c->n; i++) {
        const struct compare_case *one = &c->cases[i];
        if (one->verdict != CONTRADICTED && one->differences.n == 0)
            continue;
        for (size_t j = 0; j < one->differences.n; j++)
            output_table_add(&t, (const struct str[]){str_from(verdict_words[one->verdict]),
                                                      provenance_words[one->provenance], one->name, one->rule,
                                                      one->differences.v[j]});
    }
    if (t.n > t.columns)
        output_put_table(b, &t);
}

static void put_case(struct buf *b, const struct compare_case *one)
{
    output_json_open(b, NULL, '{');
    output_json_text(b, "case", one->name);
    output_json_text(b, "rule", one->rule);
    output_json_text(b, "mark", provenance_words[one->provenance]);
    output_json_text(b, "action", one->call.action);
    output_json_text(b, "body", one->call.body);
    output_json_text(b, "verdict", str_from(verdict_words[one->verdict]));
    output_json_text(b, "code", one->code);
    output_json_open(b, "differences", '[');
    for (size_t i = 0; i < one->differences.n; i++)
        output_json_text(b, NULL, one->differences.v[i]);
    output_json_close(b, ']');
    output_json_close(b, '}');
}

/* The calls, without a verdict. */
static struct str list(struct compare *c, bool json)
{
    struct output_table t;
    struct buf b;
    buf_init(&b, c->arena, 4096, LIMIT_CLI_TEXT);
    output_table_init(&t, c->arena, 4);
    output_table_add(&t, (const struct str[]){STR("case"), STR("mark"), STR("rule"), STR("parameters")});
    if (json)
        output_json_open(&b, NULL, '[');
    for (size_t i = 0; i < c->n; i++) {
        const struct compare_case *one = &c->cases[i];
        output_table_add(&t, (const struct str[]){one->name, provenance_words[one->provenance], one->rule,
                                                  one->call.body});
        if (json)
            put_case(&b, one);
    }
    if (json)
        output_json_end(&b, ']');
    else
        output_put_table(&b, &t);
    return buf_str(&b);
}

/* The number of cases with this verdict, and of those with a difference. */
static size_t count(const struct compare *c, enum verdict verdict, size_t *ret_different)
{
    size_t n = 0;
    *ret_different = 0;
    for (size_t i = 0; i < c->n; i++) {
        n += c->cases[i].verdict == verdict;
        *ret_different += c->cases[i].differences.n > 0;
    }
    return n;
}

static struct str report(struct compare *c, bool json)
{
    size_t different, n[3];
    struct buf b;
    for (int i = 0; i < 3; i++)
        n[i] = count(c, (enum verdict)i, &different);
    buf_init(&b, c->arena, 4096, LIMIT_CLI_TEXT);
    if (!json) {
        put_table(c, &b);
        buf_printf(&b, "%zu cases: %zu confirmed, %zu contradicted, %zu not reached; %zu with a difference\n",
                   c->n, n[CONFIRMED], n[CONTRADICTED], n[NOT_REACHED], different);
        return buf_str(&b);
    }
    output_json_open(&b, NULL, '{');
    output_json_text(&b, "upstream", c->cloud.url);
    output_json_number(&b, "confirmed", (int64_t)n[CONFIRMED]);
    output_json_number(&b, "contradicted", (int64_t)n[CONTRADICTED]);
    output_json_number(&b, "not_reached", (int64_t)n[NOT_REACHED]);
    output_json_number(&b, "different", (int64_t)different);
    output_json_open(&b, "cases", '[');
    for (size_t i = 0; i < c->n; i++)
        put_case(&b, &c->cases[i]);
    output_json_close(&b, ']');
    output_json_end(&b, '}');
    return buf_str(&b);
}

/* A record for each case that the cloud has decided, one a line. It has no data of the account: the case says
 * what was sent, and of the answer it has the code. */
static void write_evidence(struct compare *c, const char *folder)
{
    char date[11];
    struct str problem;
    struct buf b;
    int64_t now = clock_real_ms();
    time_utc_date(now / 1000, date);
    buf_init(&b, c->arena, 4096, LIMIT_CLI_TEXT);
    for (size_t i = 0; i < c->n; i++) {
        const struct compare_case *one = &c->cases[i];
        if (one->verdict == NOT_REACHED)
            continue;
        buf_putc(&b, '{');
        output_json_text(&b, "case", one->name);
        output_json_text(&b, "verdict", str_from(verdict_words[one->verdict]));
        output_json_text(&b, "code", one->code);
        output_json_text(&b, "request_id", one->request_id);
        output_json_text(&b, "date", str_from(date));
        output_json_text(&b, "upstream", c->cloud.url);
        buf_put(&b, STR("}\n"));
    }
    const char *path = arena_cstr(
        c->arena, arena_printf(c->arena, "%s/%.*s-%s.jsonl", folder, STR_ARG(c->product->name), date));
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        die(EXIT_UNEXPECTED, "%s: %s", folder, strerror(errno));
    if (file_replace(c->arena, path, buf_str(&b), &problem) != 0)
        die(EXIT_UNEXPECTED, "%.*s", STR_ARG(problem));
}

/* --- the subcommand ----------------------------------------------------------------------------------- */

/* The server that is compared: its address and its credential. */
static void find_local(struct compare *c, struct session *s)
{
    struct upstream_options own = {.secret_id = s->server.secret_id, .secret_key = s->server.secret_key};
    struct str problem;
    own.url = endpoints_local(&s->server);
    if (str_starts(own.url, STR("unix:")))
        die(EXIT_USAGE, "virga compare needs the http:// address of the server, not a Unix socket");
    if (upstream_init(&c->local, c->arena, &own, c->product, s->timeout_ms, &problem) != 0)
        die(EXIT_USAGE, "%.*s", STR_ARG(problem));
    c->local.address.proxied = false;
}

static void make_suite(struct compare *c, const struct session *s)
{
    if (s->words.n > 0)
        add_cassette(c, arena_cstr(c->arena, s->words.v[0]));
    else
        add_gateway(c);
    for (size_t i = 0; i < c->product->n_actions && s->words.n == 0; i++)
        add_action(c, &c->product->actions[i]);
}

int compare_main(struct session *s)
{
    struct compare_options *o = (void *)s;
    struct compare c = {.arena = &s->arena, .product = registry_default(&all_products), .only = o->action};
    struct str problem;
    size_t different;
    if (!o->list) {
        session_find(s);
        find_local(&c, s);
        if (upstream_init(&c.cloud, &s->arena, &s->upstream, c.product, s->timeout_ms, &problem) != 0)
            die(EXIT_USAGE, "%.*s", STR_ARG(problem));
    }
    c.region = o->region.p ? o->region : c.cloud.credential.region;
    if (!c.region.p)
        c.region = c.product->examples.region;
    make_suite(&c, s);
    if (o->list)
        return session_write(s, list(&c, s->json));
    for (size_t i = 0; i < c.n; i++) {
        output_progress(arena_printf(c.arena, "%zu of %zu: %.*s", i + 1, c.n, STR_ARG(c.cases[i].name)));
        run_case(&c, &c.cases[i]);
    }
    output_progress(STR(""));
    if (o->write)
        write_evidence(&c, o->write);
    int code = session_write(s, report(&c, s->json));
    (void)count(&c, CONTRADICTED, &different);
    return code == EXIT_OK && different > 0 ? EXIT_MISMATCH : code;
}
