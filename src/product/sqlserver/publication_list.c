/* DescribePublishSubscribe: the publications of an instance, as publisher and as subscriber. */
#include "core/page.h"
#include "gen/sqlserver_rows.h"
#include "product/sqlserver/instance.h"

/* What is compared with the other instance's id and address follows from the role of the instance
 * (documented). Names are compared exactly (assumed). */
#define FROM_AND_WHERE                                                                                       \
    " FROM publication JOIN instance AS publisher ON publisher.id = publication.instance"                    \
    " JOIN instance AS subscriber ON subscriber.id = publication.subscriber"                                 \
    " WHERE (publication.instance = :instance OR publication.subscriber = :instance)"                        \
    " AND (:id IS NULL OR publication.id = :id) AND (:name IS NULL OR publication.name = :name)"             \
    " AND (:other IS NULL OR :other = CASE publication.instance WHEN :instance"                              \
    " THEN subscriber.instance_id ELSE publisher.instance_id END)"                                           \
    " AND (:address IS NULL OR :address = CASE publication.instance WHEN :instance"                          \
    " THEN subscriber.vip ELSE publisher.vip END)"                                                           \
    " AND (:published IS NULL OR EXISTS (SELECT 1 FROM publication_pair"                                     \
    " WHERE publication_pair.publication = publication.id AND database = :published))"                       \
    " AND (:subscribed IS NULL OR EXISTS (SELECT 1 FROM publication_pair"                                    \
    " WHERE publication_pair.publication = publication.id AND subscriber_database = :subscribed))"

static void bind_filters(struct stmt *s, const struct describe_publish_subscribe_in *in, int64_t instance)
{
    struct opt_i64 id = {(int64_t)in->publish_subscribe_id.v, in->publish_subscribe_id.v > 0};
    stmt_bind_i64(s, ":instance", instance);
    filter_i64(s, ":id", id);
    filter_text(s, ":name", in->publish_subscribe_name);
    filter_text(s, ":other", in->pub_or_sub_instance_id);
    filter_text(s, ":address", in->pub_or_sub_instance_ip);
    filter_text(s, ":published", in->publish_db_name);
    filter_text(s, ":subscribed", in->subscribe_db_name);
}

static int read_pairs(struct call *c, struct publish_subscribe *publication)
{
    SCOPED_STMT(s, c->world->db,
                "SELECT " DATABASE_TUPLE_STATUS_COLUMNS " FROM publication_pair WHERE publication = :id"
                " ORDER BY database, subscriber_database");
    stmt_bind_i64(s, ":id", (int64_t)publication->id.v);
    return database_tuple_status_list_read(c, s, &publication->database_tuple_set);
}

int describe_publish_subscribe(struct call *c, const struct describe_publish_subscribe_in *in,
                               struct describe_publish_subscribe_out *out)
{
    struct instance instance;
    struct opt_i64 total;
    int rc;
    SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" FROM_AND_WHERE);
    SCOPED_STMT(rows, c->world->db,
                "SELECT " PUBLISH_SUBSCRIBE_COLUMNS FROM_AND_WHERE " ORDER BY publication.id" PAGE_LIMIT);
    if (instance_get(c, in->instance_id, &instance) != 0)
        return -1;
    bind_filters(count, in, instance.row);
    bind_filters(rows, in, instance.row);
    page_bind(rows, (int64_t)in->limit.v, (int64_t)(in->offset.v * in->limit.v)); /* Offset counts pages */
    if (page_count(c, count, &total) != 0)
        return -1;
    out->total_count = U64((uint64_t)total.v);
    out->publish_subscribe_set.set = true;
    while ((rc = stmt_step(rows)) == 1) {
        struct publish_subscribe *publication = LIST_ADD(c->arena, &out->publish_subscribe_set);
        publish_subscribe_from_row(rows, c->arena, publication);
        if (read_pairs(c, publication) != 0)
            return -1;
    }
    return rc == 0 ? 0 : call_fail_store(c);
}
