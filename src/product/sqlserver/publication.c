/* Publications: CreatePublishSubscribe, ModifyPublishSubscribe, ModifyPublishSubscribeName and
 * DeletePublishSubscribe. DescribePublishSubscribe is in publication_list.c.
 *
 * A publication has pairs of databases, one of the publisher and one of the subscriber. No data is copied;
 * the pairs and their states are what a client sees. A flow of the publisher makes and drops pairs.
 */
#include "core/page.h"
#include "product/sqlserver/change.h"
#include "product/sqlserver/explain.h"

/* --- finding and rejecting --- */

/* InputIllegal, or ParamsAssertFailed of an action that does not declare that. */
static enum error_id illegal(const struct call *c)
{
    static const enum error_id codes[] = {ERR_INVALID_PARAMETER_INPUT_ILLEGAL,
                                          ERR_INVALID_PARAMETER_PARAMS_ASSERT_FAILED};
    return call_first_declared(c, codes, sizeof codes / sizeof codes[0]);
}

/* A publication of the caller in the region of the call. */
struct publication {
    struct call *c;
    int64_t id;
    struct str publisher_id, subscriber_id;
};

static int publication_get(struct call *c, int64_t id, struct publication *ret_publication)
{
    SCOPED_STMT(
        s, c->world->db,
        "SELECT publisher.instance_id AS publisher, subscriber.instance_id AS subscriber"
        " FROM publication JOIN instance AS publisher ON publisher.id = publication.instance"
        " JOIN instance AS subscriber ON subscriber.id = publication.subscriber"
        " WHERE publication.id = :id AND publisher.account = :account AND publisher.region = :region");
    stmt_bind_i64(s, ":id", id);
    call_bind_owner(c, s);
    int rc = stmt_step(s);
    if (rc == 0)
        return call_fail_explained(c, illegal(c), "publication.not-found",
                                   "there is no publication %lld in this account and region", (long long)id);
    if (rc < 0)
        return call_fail_store(c);
    *ret_publication =
        (struct publication){c, id, stmt_str(s, c->arena, "publisher"), stmt_str(s, c->arena, "subscriber")};
    return 0;
}

static int reject_pair(struct call *c, const char *cause, const struct database_tuple *pair, const char *why)
{
    return call_fail_explained(c, illegal(c), cause, "the pair %.*s, %.*s %s",
                               STR_ARG(pair->publish_database), STR_ARG(pair->subscribe_database), why);
}

/* --- the two instances --- */

/* What a change of pairs works on. */
struct change {
    struct call *c;
    int64_t publication;
    struct instance publisher, subscriber;
    struct flow flow; /* of the publisher; running, or over and not applied yet */
    bool may_reuse;   /* a database of the subscriber that exists may be subscribed */
};

/* Single nodes have no publications (documented, 238/43326); that read-only instances have none is assumed.
 */
static int check_kind(struct call *c, const struct instance *instance)
{
    if (!instance->single_node && !instance->read_only)
        return 0;
    return call_fail_explained(c, illegal(c), "publication.instance",
                               "%.*s is a single node or read-only, and has no publications",
                               STR_ARG(instance->instance_id));
}

/* A status is set for the time of the flow, so the publisher runs nothing else. */
static int find_instances(struct change *change, struct str publisher, struct str subscriber)
{
    struct call *c = change->c;
    if (instance_get(c, publisher, &change->publisher) != 0 ||
        instance_get(c, subscriber, &change->subscriber) != 0 || check_kind(c, &change->publisher) != 0 ||
        check_kind(c, &change->subscriber) != 0)
        return -1;
    return instance_accept_sole_task(c, &change->publisher) == 0
               ? instance_accept_change(c, &change->subscriber)
               : -1;
}

/* 1 when the statement about this instance has a row, 0 when not, -1 after failing the call. */
static int has_row(struct call *c, struct stmt *s, const struct instance *instance)
{
    stmt_bind_i64(s, ":instance", instance->row);
    return call_step(c, s);
}

/* A subscriber is no publisher (documented). */
static int check_roles(const struct change *change)
{
    struct call *c = change->c;
    SCOPED_STMT(publishes, c->world->db, "SELECT 1 FROM publication WHERE instance = :instance LIMIT 1");
    SCOPED_STMT(subscribes, c->world->db, "SELECT 1 FROM publication WHERE subscriber = :instance LIMIT 1");
    int other = has_row(c, publishes, &change->subscriber);
    int own = other == 0 ? has_row(c, subscribes, &change->publisher) : 0;
    bool same = change->publisher.row == change->subscriber.row;
    if (other < 0 || own < 0)
        return -1;
    if (!same && other == 0 && own == 0)
        return 0;
    return call_fail_explained(c, illegal(c), "publication.role",
                               "%.*s would be a publisher and a subscriber",
                               STR_ARG(own ? change->publisher.instance_id : change->subscriber.instance_id));
}

/* --- pairs --- */

/* Starts the flow, with the published databases, which must exist and be free. */
static int begin(struct change *change, const struct str_list *databases, enum flow_kind kind,
                 enum instance_status status)
{
    struct change_plan plan = {.c = change->c, .instance = &change->publisher};
    change_during(&plan, INSTANCE_FIELD_STATUS, FIELD_NUMBER(status));
    return database_choose(change->c, &change->publisher, databases, DATABASE_EFFECT_HOLD, &plan.databases) ==
                   0
               ? change_begin(&plan, kind, &change->flow)
               : -1;
}

/* 1 when a pair that stays has the database of the subscriber, 0 when not, -1 after failing the call. */
static int is_subscribed(const struct change *change, struct str database)
{
    struct call *c = change->c;
    SCOPED_STMT(s, c->world->db,
                "SELECT 1 FROM publication_pair WHERE subscriber = :instance AND subscriber_database = :name"
                " AND NOT (flow IS :flow AND effect = 'drop') LIMIT 1");
    stmt_bind_str(s, ":name", database);
    stmt_bind_i64(s, ":flow", change->flow.id);
    return has_row(c, s, &change->subscriber);
}

/* The name is new on the subscriber. */
static int make_database(const struct change *change, struct str name)
{
    struct call *c = change->c;
    int64_t room;
    if (!database_name_valid(name))
        return reject_characters(c, illegal(c), name);
    if (database_name_reserved(name))
        return reject_reserved(c, illegal(c), name);
    if (database_room(c, &change->subscriber, &room) != 0)
        return -1;
    if (room <= 0)
        return call_fail_explained(c, illegal(c), "publication.room", "%.*s may have no more databases",
                                   STR_ARG(change->subscriber.instance_id));
    struct str absent = {NULL, 0};
    return database_insert(c, &change->subscriber, name, absent, absent);
}

/* Gives the subscriber its database: the flow makes it (assumed: DBExist is declared, and Terraform's
 * provider asks whether to delete it with the publication). ModifyPublishSubscribe does not declare DBExist;
 * there a database that no pair has may be subscribed too (assumed). */
static int subscribe(const struct change *change, const struct database_tuple *pair, struct str *ret_name)
{
    struct call *c = change->c;
    int exists = database_exists(c, &change->subscriber, pair->subscribe_database);
    *ret_name = pair->subscribe_database;
    if (exists < 0)
        return -1;
    if (!exists)
        return make_database(change, pair->subscribe_database);
    if (!change->may_reuse)
        return reject_taken(c, ERR_INVALID_PARAMETER_VALUE_DB_EXIST, &change->subscriber,
                            pair->subscribe_database);
    int spelled = database_spell(c, &change->subscriber, pair->subscribe_database, ret_name);
    int taken = spelled < 0 ? -1 : is_subscribed(change, *ret_name);
    return taken <= 0 ? taken : reject_pair(c, "publication.subscribed", pair, "has a subscribed database");
}

static int insert_pair(const struct change *change, const struct database_tuple *pair, struct str database,
                       struct str subscribed)
{
    struct call *c = change->c;
    SCOPED_STMT(s, c->world->db,
                "INSERT INTO publication_pair (publication, instance, database, subscriber,"
                " subscriber_database, flow, effect)"
                " VALUES (:publication, :instance, :database, :subscriber, :subscribed, :flow, 'make')"
                " ON CONFLICT DO NOTHING RETURNING 1");
    stmt_bind_i64(s, ":publication", change->publication);
    stmt_bind_str(s, ":database", database);
    stmt_bind_i64(s, ":subscriber", change->subscriber.row);
    stmt_bind_str(s, ":subscribed", subscribed);
    stmt_bind_i64(s, ":flow", change->flow.id);
    int rc = has_row(c, s, &change->publisher);
    return rc != 0 ? (rc < 0 ? -1 : 0)
                   : reject_pair(c, "publication.pair", pair, "is in the publication already");
}

/* Adds a pair, whose published database was chosen by begin(). */
static int add_pair(const struct change *change, const struct database_tuple *pair)
{
    struct str database, subscribed;
    if (database_spell(change->c, &change->publisher, pair->publish_database, &database) != 1 ||
        subscribe(change, pair, &subscribed) != 0)
        return -1;
    return insert_pair(change, pair, database, subscribed);
}

/* --- CreatePublishSubscribe --- */

static int insert_publication(struct change *change, struct str name)
{
    struct call *c = change->c;
    SCOPED_STMT(s, c->world->db,
                "INSERT INTO publication (instance, subscriber, name) VALUES (:instance, :subscriber, :name)"
                " RETURNING id");
    stmt_bind_i64(s, ":subscriber", change->subscriber.row);
    stmt_bind_str(s, ":name", name);
    if (has_row(c, s, &change->publisher) != 1)
        return -1;
    change->publication = stmt_i64(s, "id");
    return 0;
}

int create_publish_subscribe(struct call *c, const struct create_publish_subscribe_in *in,
                             struct create_publish_subscribe_out *out)
{
    struct change change = {.c = c};
    struct str_list databases = {.set = true};
    if (find_instances(&change, in->publish_instance_id, in->subscribe_instance_id) != 0 ||
        check_roles(&change) != 0)
        return -1;
    for (size_t i = 0; i < in->database_tuple_set.n; i++)
        str_list_add(c->arena, &databases, in->database_tuple_set.v[i].publish_database);
    if (begin(&change, &databases, FLOW_KIND_CREATEPUBLICATION, INSTANCE_STATUS_PUBLICATION_CREATING) != 0 ||
        insert_publication(&change, in->publish_subscribe_name) != 0)
        return -1;
    for (size_t i = 0; i < in->database_tuple_set.n; i++)
        if (add_pair(&change, &in->database_tuple_set.v[i]) != 0)
            return -1;
    out->flow_id = U64((uint64_t)change.flow.id);
    return change_end(c, &change.flow);
}

/* --- ModifyPublishSubscribe --- */

/* The instance is the publisher or the subscriber (assumed). */
static int find_changed(struct change *change, struct str instance_id, int64_t id)
{
    struct publication publication;
    if (publication_get(change->c, id, &publication) != 0)
        return -1;
    if (!str_eq(instance_id, publication.publisher_id) && !str_eq(instance_id, publication.subscriber_id))
        return call_fail_explained(change->c, illegal(change->c), "publication.not-found",
                                   "publication %lld is one of %.*s and %.*s, not of %.*s", (long long)id,
                                   STR_ARG(publication.publisher_id), STR_ARG(publication.subscriber_id),
                                   STR_ARG(instance_id));
    change->publication = id;
    return find_instances(change, publication.publisher_id, publication.subscriber_id);
}

/* Marks a pair as one that the flow drops. A pair that is named twice is not found the second time. */
static int drop_pair(const struct change *change, const struct database_tuple *pair)
{
    struct call *c = change->c;
    SCOPED_STMT(s, c->world->db,
                "UPDATE publication_pair SET flow = :flow, effect = 'drop'"
                " WHERE publication = :publication AND instance = :instance AND database = :database"
                " AND subscriber_database = :subscribed AND flow IS NULL RETURNING 1");
    stmt_bind_i64(s, ":flow", change->flow.id);
    stmt_bind_i64(s, ":publication", change->publication);
    stmt_bind_str(s, ":database", pair->publish_database);
    stmt_bind_str(s, ":subscribed", pair->subscribe_database);
    int rc = has_row(c, s, &change->publisher);
    return rc != 0 ? (rc < 0 ? -1 : 0)
                   : reject_pair(c, "publication.pair", pair, "is not in the publication");
}

static bool deletes(const struct modify_data_base_tuple *element)
{
    return element->delete_data_bases_tuple.v;
}

/* All pairs leave before the first one comes, so that two can change places. */
static int change_pairs(const struct change *change, const struct modify_data_base_tuple_list *elements)
{
    for (size_t i = 0; i < elements->n; i++)
        if (drop_pair(change, elements->v[i].database_tuple) != 0)
            return -1;
    for (size_t i = 0; i < elements->n; i++)
        if (!deletes(&elements->v[i]) && add_pair(change, elements->v[i].new_database_tuple) != 0)
            return -1;
    return 0;
}

int modify_publish_subscribe(struct call *c, const struct modify_publish_subscribe_in *in,
                             struct modify_publish_subscribe_out *out)
{
    struct change change = {.c = c, .may_reuse = true};
    struct str_list databases = {.set = true};
    for (size_t i = 0; i < in->database_tuple_set.n; i++) {
        const struct modify_data_base_tuple *element = &in->database_tuple_set.v[i];
        if (deletes(element))
            continue;
        if (!element->new_database_tuple)
            return reject_pair(c, "publication.pair", element->database_tuple, "has no NewDatabaseTuple");
        str_list_add(c->arena, &databases, element->new_database_tuple->publish_database);
    }
    if (find_changed(&change, in->instance_id, in->publish_subscribe_id.v) != 0 ||
        begin(&change, &databases, FLOW_KIND_MODIFYPUBLICATION, INSTANCE_STATUS_PUBLICATION_MODIFYING) != 0 ||
        change_pairs(&change, &in->database_tuple_set) != 0)
        return -1;
    out->flow_id = I64(change.flow.id);
    return change_end(c, &change.flow);
}

/* --- ModifyPublishSubscribeName, DeletePublishSubscribe --- */

int modify_publish_subscribe_name(struct call *c, const struct modify_publish_subscribe_name_in *in,
                                  struct modify_publish_subscribe_name_out *out)
{
    struct publication publication;
    (void)out; /* only the RequestId */
    SCOPED_STMT(s, c->world->db, "UPDATE publication SET name = :name WHERE id = :id");
    if (publication_get(c, (int64_t)in->publish_subscribe_id.v, &publication) != 0)
        return -1;
    stmt_bind_str(s, ":name", in->publish_subscribe_name);
    stmt_bind_i64(s, ":id", publication.id);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

static int delete_pair(const struct publication *p, const struct database_tuple *pair)
{
    SCOPED_STMT(s, p->c->world->db,
                "DELETE FROM publication_pair WHERE publication = :publication AND database = :database"
                " AND subscriber_database = :subscribed AND flow IS NULL RETURNING 1");
    stmt_bind_i64(s, ":publication", p->id);
    stmt_bind_str(s, ":database", pair->publish_database);
    stmt_bind_str(s, ":subscribed", pair->subscribe_database);
    int rc = stmt_step(s);
    if (rc != 0)
        return rc < 0 ? call_fail_store(p->c) : 0;
    return reject_pair(p->c, "publication.pair", pair, "is not in the publication, or a flow changes it");
}

/* Deletes at once, because the answer has no flow. The databases of the subscriber stay; the publication goes
 * with its last pair (assumed). */
int delete_publish_subscribe(struct call *c, const struct delete_publish_subscribe_in *in,
                             struct delete_publish_subscribe_out *out)
{
    struct publication publication;
    (void)out; /* only the RequestId */
    SCOPED_STMT(s, c->world->db,
                "DELETE FROM publication WHERE id = :id AND NOT EXISTS"
                " (SELECT 1 FROM publication_pair WHERE publication_pair.publication = publication.id)");
    if (publication_get(c, (int64_t)in->publish_subscribe_id.v, &publication) != 0)
        return -1;
    for (size_t i = 0; i < in->database_tuple_set.n; i++)
        if (delete_pair(&publication, &in->database_tuple_set.v[i]) != 0)
            return -1;
    stmt_bind_i64(s, ":id", publication.id);
    return stmt_run(s) == 0 ? 0 : call_fail_store(c);
}

/* --- the end of a flow --- */

/* The databases that the flow makes: of the other pairs they are not being created. */
#define MADE                                                                                                 \
    " WHERE status = " DATABASE_STATUS_SQL_CREATING " AND (instance, name) IN"                               \
    " (SELECT subscriber, subscriber_database FROM publication_pair WHERE flow = :flow AND effect = 'make')"

static int succeed(struct world *w, const struct flow *f)
{
    SCOPED_STMT(s, w->db,
                "UPDATE publication_pair SET flow = NULL, effect = NULL, synced_ms = :at"
                " WHERE flow = :flow AND effect = 'make'");
    RUN_OF_FLOW(w, f, "UPDATE database SET status = " DATABASE_STATUS_SQL_NORMAL MADE);
    RUN_OF_FLOW(w, f, "DELETE FROM publication_pair WHERE flow = :flow AND effect = 'drop'");
    stmt_bind_i64(s, ":at", f->due_ms);
    stmt_bind_i64(s, ":flow", f->id);
    return stmt_run(s);
}

static int undo(struct world *w, const struct flow *f)
{
    RUN_OF_FLOW(w, f, "DELETE FROM database" MADE);
    RUN_OF_FLOW(w, f, "DELETE FROM publication_pair WHERE flow = :flow AND effect = 'make'");
    RUN_OF_FLOW(w, f, "UPDATE publication_pair SET flow = NULL, effect = NULL WHERE flow = :flow");
    return 0;
}

int publications_settle(struct world *w, const struct flow *f)
{
    SCOPED_STMT(empty, w->db,
                "DELETE FROM publication WHERE instance = :instance AND NOT EXISTS"
                " (SELECT 1 FROM publication_pair WHERE publication_pair.publication = publication.id)");
    if ((f->fails ? undo(w, f) : succeed(w, f)) != 0)
        return -1;
    stmt_bind_i64(empty, ":instance", f->resource);
    return stmt_run(empty) == 0 ? changes_settle(w, f) : -1;
}
