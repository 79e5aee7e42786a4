#include "core/fixtures.h"

#include "wire/decode.h"
#include "wire/json.h"

static size_t line_of(struct str text, size_t offset)
{
    size_t line = 1;
    for (size_t i = 0; i < offset && i < text.n; i++)
        line += text.p[i] == '\n';
    return line;
}

static struct str decode_why(struct arena *a, const struct decode_error *e)
{
    switch (e->fault) {
    case DECODE_UNKNOWN:
        return arena_printf(a, "unknown key %.*s", STR_ARG(e->path));
    case DECODE_REPEATED:
        return arena_printf(a, "%.*s is there twice", STR_ARG(e->path));
    case DECODE_TYPE:
        return arena_printf(a, "%.*s must be of type %s", STR_ARG(e->path), e->expected);
    case DECODE_MISSING:
        return arena_printf(a, "%.*s is missing", STR_ARG(e->path));
    case DECODE_OK:
        break;
    }
    return STR("");
}

int fixtures_parse(struct arena *a, struct str text, struct world_file **ret_file, struct str *ret_why)
{
    struct node *tree;
    size_t offset;
    struct decode_error error;
    struct rule_failure failure;
    struct world_file *file = ARENA_NEW(a, struct world_file);
    if (json_parse(a, text, &tree, &offset) != 0) {
        *ret_why = arena_printf(a, "not JSON at line %zu", line_of(text, offset));
        return -1;
    }
    if (tree->kind != NODE_OBJECT) {
        *ret_why = STR("must be a JSON object");
        return -1;
    }
    if (decode(a, &world_file_shape, tree, file, &error) != 0) {
        *ret_why = decode_why(a, &error);
        return -1;
    }
    if (rules_check(a, &world_file_shape, file, &failure) != 0) {
        *ret_why = arena_printf(a, "%.*s has a value that is not allowed", STR_ARG(failure.path));
        return -1;
    }
    *ret_file = file;
    return 0;
}

static int put_account(struct world *w, struct str uin)
{
    DB_STMT(s, w->db, "INSERT INTO account (uin) VALUES (:uin) ON CONFLICT DO NOTHING");
    stmt_bind_str(s, ":uin", uin);
    return stmt_run(s);
}

static int put_credential(struct world *w, const struct account *account, const struct world_credential *from,
                          struct str *ret_why)
{
    const struct access *access;
    if (access_parse(&w->arena, from, &access, ret_why) != 0)
        return -1;
    if (identity_add(&w->identity, account, from->secret_id, from->secret_key) != 0) {
        *ret_why = arena_printf(&w->arena, "the secret_id %.*s is there twice", STR_ARG(from->secret_id));
        return -1;
    }
    identity_set_access(&w->identity, from->secret_id, access);
    return 0;
}

static int put_credentials(struct world *w, const struct world_account *from, struct str *ret_why)
{
    struct account *account = ARENA_NEW(&w->arena, struct account);
    account->uin = arena_dup(&w->arena, from->uin);
    if (account_rules_parse(&w->arena, from, &account->rules, ret_why) != 0)
        return -1;
    for (size_t i = 0; i < from->credentials.n; i++)
        if (put_credential(w, account, &from->credentials.v[i], ret_why) != 0)
            return -1;
    return 0;
}

/* What holds for everybody. */
static int put_gateway(struct world *w, const struct world_file *file, struct str *ret_why)
{
    w->unavailable = w->unavailable || file->unavailable.v;
    if (file->offline_actions.n > 0)
        w->offline = ARENA_ARRAY(&w->arena, bool, w->product->n_actions);
    for (size_t i = 0; i < file->offline_actions.n; i++) {
        const struct action *action = action_find(w->product, file->offline_actions.v[i]);
        if (!action) {
            *ret_why = arena_printf(&w->arena, "offline_actions: there is no action %.*s",
                                    STR_ARG(file->offline_actions.v[i]));
            return -1;
        }
        w->offline[action - w->product->actions] = true;
    }
    return 0;
}

struct owner {
    struct str account, region;
};

/* The third zone of the region, where the file names none: every region has one (assumed). */
static struct str zone_of(struct world *w, struct owner owner, const struct world_instance *from)
{
    return from->zone.p ? from->zone : arena_printf(&w->arena, "%.*s-3", STR_ARG(owner.region));
}

/* Days 1 to 7 as bits 0 to 6; 0 where the file names none. */
static unsigned cycle_of(const struct world_instance *from)
{
    unsigned days = 0;
    for (size_t i = 0; i < from->backup_cycle.n; i++)
        if (from->backup_cycle.v[i] >= 1 && from->backup_cycle.v[i] <= 7)
            days |= 1u << (from->backup_cycle.v[i] - 1);
    return days;
}

static void bind_backup_policy(struct stmt *s, const struct world_instance *from, int64_t now)
{
    bool weekly = str_eq(from->backup_type, STR("weekly"));
    unsigned days = cycle_of(from);
    stmt_bind_str(s, ":backup_model", from->backup_model);
    stmt_bind_str(s, ":backup_type", from->backup_type);
    stmt_bind_i64(s, ":backup_hour", from->backup_hour.v);
    stmt_bind_i64(s, ":backup_cycle", days);
    stmt_bind_i64(s, ":backup_save_days", from->backup_save_days.v);
    stmt_bind_i64(s, ":next_backup",
                  time_next_beijing_hour(now, from->backup_hour.v, weekly && days ? days : 0x7f));
}

static void bind_size(struct stmt *s, const struct world_instance *from)
{
    stmt_bind_str(s, ":version", from->version);
    stmt_bind_i64(s, ":cpu", from->cpu.v);
    stmt_bind_i64(s, ":memory", from->memory.v);
    stmt_bind_i64(s, ":storage", from->storage.v);
    stmt_bind_str(s, ":instance_type", from->instance_type);
    stmt_bind_str(s, ":machine_type", from->machine_type);
    stmt_bind_i64(s, ":pay_mode", from->pay_mode.v);
}

static int put_instance_row(struct world *w, struct owner owner, const struct world_instance *from)
{
    DB_STMT(s, w->db,
            "INSERT INTO instance (account, region, instance_id, name, status, project_id, zone, version, "
            "cpu, memory_gb,"
            " storage_gb, instance_type, machine_type, pay_mode, vip, port, vpc_id, subnet_id, created_ms,"
            " backup_model, backup_type, backup_hour, backup_cycle, backup_save_days, next_backup_ms,"
            " regular_enable, regular_save_days, regular_strategy, regular_counts, regular_start)"
            " VALUES (:account, :region, :id, :name, :status, :project, :zone, :version, :cpu, :memory,"
            " :storage, :instance_type, :machine_type, :pay_mode, :vip, :port, :vpc, :subnet, :now,"
            " :backup_model, :backup_type, :backup_hour, :backup_cycle, :backup_save_days, :next_backup,"
            " 0, 365, 'months', 1, '')");
    stmt_bind_str(s, ":account", owner.account);
    stmt_bind_str(s, ":region", owner.region);
    stmt_bind_str(s, ":id", from->instance_id);
    stmt_bind_str(s, ":name", from->name.p ? from->name : from->instance_id);
    stmt_bind_i64(s, ":status", from->status.v);
    stmt_bind_i64(s, ":project", from->project_id.v);
    stmt_bind_str(s, ":zone", zone_of(w, owner, from));
    stmt_bind_str(s, ":vip", from->vip);
    stmt_bind_i64(s, ":port", from->port.v);
    stmt_bind_str(s, ":vpc", from->vpc_id);
    stmt_bind_str(s, ":subnet", from->subnet_id);
    stmt_bind_i64(s, ":now", world_now_ms(w));
    bind_size(s, from);
    bind_backup_policy(s, from, world_now_ms(w));
    return stmt_run(s);
}

/* 1 and the row of an instance, 0 if there is none, -1 when the store failed. */
static int instance_row(struct world *w, struct owner owner, struct str instance_id, int64_t *ret_row)
{
    DB_STMT(s, w->db,
            "SELECT id FROM instance WHERE account = :account AND region = :region AND instance_id = :id");
    stmt_bind_str(s, ":account", owner.account);
    stmt_bind_str(s, ":region", owner.region);
    stmt_bind_str(s, ":id", instance_id);
    int rc = stmt_step(s);
    if (rc == 1)
        *ret_row = stmt_i64(s, "id");
    return rc;
}

static int put_database(struct world *w, int64_t instance, const struct world_database *from)
{
    DB_STMT(s, w->db,
            "INSERT INTO database (instance, name, status, charset, remark, simple_recovery, created_ms)"
            " VALUES (:instance, :name, :status, :charset, :remark, :simple, :now) ON CONFLICT DO NOTHING");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", from->name);
    stmt_bind_i64(s, ":status", from->status.v);
    stmt_bind_str(s, ":charset", from->charset);
    stmt_bind_str(s, ":remark", from->remark);
    stmt_bind_i64(s, ":simple", from->simple_recovery.v);
    stmt_bind_i64(s, ":now", world_now_ms(w));
    return stmt_run(s);
}

static int put_login(struct world *w, int64_t instance, const struct world_login *from)
{
    DB_STMT(s, w->db,
            "INSERT INTO login (instance, name, account_type) VALUES (:instance, :name, :type) ON CONFLICT "
            "DO NOTHING");
    stmt_bind_i64(s, ":instance", instance);
    stmt_bind_str(s, ":name", from->name);
    stmt_bind_str(s, ":type", from->account_type);
    return stmt_run(s);
}

/* An instance that is there already keeps what it has: its databases may have been dropped since. */
static int put_instance(struct world *w, struct owner owner, const struct world_instance *from)
{
    int64_t row;
    int known = instance_row(w, owner, from->instance_id, &row);
    if (known != 0)
        return known < 0 ? -1 : 0;
    if (put_instance_row(w, owner, from) != 0 || instance_row(w, owner, from->instance_id, &row) != 1)
        return -1;
    for (size_t i = 0; i < from->databases.n; i++)
        if (put_database(w, row, &from->databases.v[i]) != 0)
            return -1;
    for (size_t i = 0; i < from->logins.n; i++)
        if (put_login(w, row, &from->logins.v[i]) != 0)
            return -1;
    return 0;
}

/* The first region with an instance is what start-up shows. */
static void take_example(struct world *w, const struct world_region *from)
{
    if (w->example_region.p || from->instances.n == 0)
        return;
    w->example_region = arena_dup(&w->arena, from->region);
    w->example_instance = arena_dup(&w->arena, from->instances.v[0].instance_id);
}

static int put_region(struct world *w, struct str account, const struct world_region *from)
{
    struct owner owner = {account, from->region};
    take_example(w, from);
    for (size_t i = 0; i < from->instances.n; i++)
        if (put_instance(w, owner, &from->instances.v[i]) != 0)
            return -1;
    return 0;
}

static int put_owned(struct world *w, const struct world_account *from)
{
    if (put_account(w, from->uin) != 0)
        return -1;
    for (size_t i = 0; i < from->regions.n; i++)
        if (put_region(w, from->uin, &from->regions.v[i]) != 0)
            return -1;
    return 0;
}

int fixtures_apply(struct world *w, const struct world_file *file, struct str *ret_why)
{
    if (put_gateway(w, file, ret_why) != 0 || db_savepoint(w->db) != 0)
        return -1;
    for (size_t i = 0; i < file->accounts.n; i++) {
        const struct world_account *account = &file->accounts.v[i];
        if (put_credentials(w, account, ret_why) == 0 && put_owned(w, account) == 0)
            continue;
        db_undo(w->db);
        return -1;
    }
    return db_keep(w->db);
}
