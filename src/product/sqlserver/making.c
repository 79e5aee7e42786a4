/* Names are taken one by one and their rows written at once, so that a name that comes twice is found like
 * one that was there before. */
#include "product/sqlserver/making.h"

#include "product/sqlserver/dblimit.h"
#include "product/sqlserver/dbname.h"
#include "product/sqlserver/reason.h"

int making_begin(struct making *m)
{
    map_init(&m->overwritten, m->c->arena);
    return dblimit_room(m->c, m->target, &m->room);
}

int making_check_name(const struct making *m, struct str name)
{
    if (!database_name_ok(name))
        return refuse_characters(m->c, m->codes->chars, name);
    return dbname_reserved(name) ? refuse_reserved(m->c, m->codes->reserved, name) : 0;
}

/* Takes a name on the target, for a row that the caller then writes. */
static int take(struct making *m, struct str name)
{
    int exists = database_exists(m->c, m->target, name);
    if (exists < 0)
        return -1;
    if (exists)
        return refuse_taken(m->c, m->codes->exists, m->target, name);
    if (m->room-- <= 0)
        return call_refuse(m->c, m->codes->too_many, "database.too-many",
                           "%.*s may have no more databases than it has", STR_ARG(m->target->instance_id));
    database_set_add(m->c, &m->set, (struct flow_database){.name = name, .effect = FLOW_MAKES});
    return 0;
}

int making_new(struct making *m, struct str name, struct str charset, struct str remark)
{
    return take(m, name) == 0 ? database_insert(m->c, m->target, name, charset, remark) : -1;
}

/* A copy and what it is of. */
struct copy {
    const struct instance *source;
    struct str old, new_name;
};

/* 1 when the row was written, 0 when the source has no such database any more, -1 when the store failed. */
/* Copied in one statement: what the source has at this moment is what the copy gets. */
static int insert_like(struct making *m, const struct copy *copy)
{
    DB_STMT(s, m->c->world->db,
            "INSERT INTO database (instance, name, status, charset, remark, simple_recovery, created_ms)"
            " SELECT :target, :new, 1, charset, '', simple_recovery, :now FROM database"
            " WHERE instance = :source AND name = :old RETURNING 1");
    stmt_bind_i64(s, ":target", m->target->row);
    stmt_bind_str(s, ":new", copy->new_name);
    stmt_bind_i64(s, ":now", world_now_ms(m->c->world));
    stmt_bind_i64(s, ":source", copy->source->row);
    stmt_bind_str(s, ":old", copy->old);
    return stmt_step(s);
}

int making_copy(struct making *m, const struct instance *source, struct str old, struct str new_name)
{
    struct copy copy = {source, old, new_name};
    if (take(m, new_name) != 0)
        return -1;
    int rc = insert_like(m, &copy);
    if (rc < 0)
        return call_fail_store(m->c);
    return rc ? 0 : database_insert(m->c, m->target, new_name, (struct str){NULL, 0}, STR(""));
}

int making_copy_named(struct making *m, const struct instance *source,
                      const struct flow_database *old_and_new, int64_t at_ms)
{
    struct str name = old_and_new->new_name;
    if (!name.p)
        name = dbname_of_copy(m->c->arena, old_and_new->name, at_ms);
    else if (making_check_name(m, name) != 0)
        return -1;
    return making_copy(m, source, old_and_new->name, name);
}

/* A name that a running task holds may also be one that a renaming is about to give, and then there is no
 * database of that name yet. */
static int check_not_held(struct making *m, struct str name)
{
    int held = m->target->running > 0 ? flow_holds(m->c->world, m->target->row, name) : 0;
    if (held < 0)
        return call_fail_store(m->c);
    return held ? refuse_held(m->c, ERR_RESOURCE_UNAVAILABLE_DB_INVALID_STATUS, m->target, name) : 0;
}

/* Named twice it is written over once: the second time changes nothing that a client could see. */
int making_overwrite(struct making *m, const struct instance *source, struct str name)
{
    struct str_list one = {&name, 1, true};
    struct database_set found;
    if (map_get(&m->overwritten, name))
        return 0;
    map_put(&m->overwritten, name, m);
    if (check_not_held(m, name) != 0)
        return -1;
    int exists = database_exists(m->c, m->target, name);
    if (exists <= 0)
        return exists < 0 ? -1 : making_copy(m, source, name, name);
    if (database_choose(m->c, m->target, &one, FLOW_CHANGES, &found) != 0)
        return -1;
    database_set_add(m->c, &m->set, found.v[0]);
    return 0;
}
