/* The rules are those of CreatePublishSubscribe, except that the databases of the subscriber exist. */
#include "product/sqlserver/world_publication.h"

#include <assert.h>

/* --- checks --- */

static const struct world_instance *find_instance(const struct world_region *region, struct str id)
{
    for (size_t i = 0; i < region->instances.n; i++)
        if (str_eq(region->instances.v[i].instance_id, id))
            return &region->instances.v[i];
    return NULL;
}

static bool has_database(const struct world_instance *instance, struct str name)
{
    for (size_t i = 0; i < instance->databases.n; i++)
        if (str_eq(instance->databases.v[i].name, name))
            return true;
    return false;
}

/* What both sides must be. */
static bool may_take_part(const struct world_instance *instance)
{
    const struct str others[] = {STR_INIT("SI"), STR_INIT("BI"), STR_INIT("RO"), STR_INIT("cvmRO")};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (str_eq(instance->instance_type, others[i]))
            return false;
    return true;
}

static int check_pair(struct arena *a, const struct world_instance *publisher,
                      const struct world_instance *subscriber, const struct world_pair *pair, struct str path,
                      struct str *ret_problem)
{
    bool published = has_database(publisher, pair->database);
    if (published && has_database(subscriber, pair->subscriber_database))
        return 0;
    struct str name = published ? pair->subscriber_database : pair->database;
    struct str id = published ? subscriber->instance_id : publisher->instance_id;
    *ret_problem =
        arena_printf(a, "%.*s: %.*s is not a database of %.*s", STR_ARG(path), STR_ARG(name), STR_ARG(id));
    return -1;
}

static int check_publication(struct arena *a, const struct world_region *region,
                             const struct world_instance *publisher, const struct world_publication *from,
                             struct str path, struct str *ret_problem)
{
    const struct world_instance *subscriber = find_instance(region, from->subscriber);
    if (!subscriber || subscriber == publisher || subscriber->publications.n > 0 ||
        !may_take_part(subscriber) || !may_take_part(publisher)) {
        *ret_problem = arena_printf(a,
                                    "%.*s.subscriber: %.*s must be another instance of the region, without "
                                    "publications; both have several nodes and are not read-only",
                                    STR_ARG(path), STR_ARG(from->subscriber));
        return -1;
    }
    for (size_t i = 0; i < from->pairs.n; i++)
        if (check_pair(a, publisher, subscriber, &from->pairs.v[i],
                       arena_printf(a, "%.*s.pairs.%zu", STR_ARG(path), i), ret_problem) != 0)
            return -1;
    return 0;
}

int world_publications_check(struct arena *a, const struct world_region *region,
                             const struct world_instance *publisher, struct str path, struct str *ret_problem)
{
    for (size_t i = 0; i < publisher->publications.n; i++)
        if (check_publication(a, region, publisher, &publisher->publications.v[i],
                              arena_printf(a, "%.*s.publications.%zu", STR_ARG(path), i), ret_problem) != 0)
            return -1;
    return 0;
}

/* --- into the store --- */

/* 1 and the number of the publication, 0 when a client has removed one of the instances, -1 when the store
 * failed. */
static int put_publication(struct world *w, const struct resource_owner *owner,
                           const struct world_instance *publisher, const struct world_publication *from,
                           int64_t *ret_id)
{
    SCOPED_STMT(
        s, w->db,
        "INSERT INTO publication (instance, subscriber, name)"
        " SELECT publisher.id, subscriber.id, :name FROM instance AS publisher, instance AS subscriber"
        " WHERE publisher.account = :account AND publisher.region = :region"
        " AND publisher.instance_id = :publisher AND subscriber.account = :account"
        " AND subscriber.region = :region AND subscriber.instance_id = :subscriber RETURNING id");
    stmt_bind_str(s, ":name", from->name);
    stmt_bind_str(s, ":account", owner->account);
    stmt_bind_str(s, ":region", owner->region);
    stmt_bind_str(s, ":publisher", publisher->instance_id);
    stmt_bind_str(s, ":subscriber", from->subscriber);
    int rc = stmt_step(s);
    if (rc == 1)
        *ret_id = stmt_i64(s, "id");
    return rc;
}

/* A pair of which a client has dropped a database is left out. */
static int put_pair(struct world *w, int64_t publication, const struct world_pair *pair)
{
    SCOPED_STMT(
        s, w->db,
        "INSERT INTO publication_pair (publication, instance, database, subscriber, subscriber_database,"
        " synced_ms) SELECT publication.id, publication.instance, :database, publication.subscriber,"
        " :subscribed, :now FROM publication"
        " JOIN database ON database.instance = publication.instance AND database.name = :database"
        " JOIN database AS copy ON copy.instance = publication.subscriber AND copy.name = :subscribed"
        " WHERE publication.id = :publication ON CONFLICT DO NOTHING");
    stmt_bind_i64(s, ":publication", publication);
    stmt_bind_str(s, ":database", pair->database);
    stmt_bind_str(s, ":subscribed", pair->subscriber_database);
    stmt_bind_i64(s, ":now", world_now_ms(w));
    return stmt_run(s);
}

int world_publications_put(struct world *w, const struct resource_owner *owner,
                           const struct world_instance *publisher)
{
    for (size_t i = 0; i < publisher->publications.n; i++) {
        const struct world_publication *from = &publisher->publications.v[i];
        int64_t id;
        assert(from->pairs.n > 0); /* a rule of the world file */
        int rc = put_publication(w, owner, publisher, from, &id);
        for (size_t k = 0; rc == 1 && k < from->pairs.n; k++)
            if (put_pair(w, id, &from->pairs.v[k]) != 0)
                return -1;
        if (rc < 0)
            return -1;
    }
    return 0;
}
