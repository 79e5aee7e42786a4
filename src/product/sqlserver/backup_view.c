/* What an answer tells of a backup depends on how far it is: the fields of its file are there only once there
 * is one. */
#include "product/sqlserver/backup_view.h"

#include "product/sqlserver/backup.h"
#include "product/sqlserver/download.h"

bool backup_has_file(const struct backup_row *row)
{
    return row->status == BACKUP_SUCCEEDED && (!row->single || row->database.p);
}

/* The fields that only a file has; all zero while there is none, and for a row that stands for a group (by
 * example). */
static void put_file(struct call *c, const struct instance *instance, const struct backup_row *row,
                     struct backup *view)
{
    view->file_name = backup_file_name(c->arena, instance, row);
    view->id = U64((uint64_t)backup_file_id((struct backup_file_ref){row->flow, row->ordinal}));
    view->internal_addr = download_address(c, instance, row);
    view->external_addr = view->internal_addr;
}

struct backup backup_view(struct call *c, const struct instance *instance, const struct backup_row *row)
{
    struct backup view = {
        .start_time = time_beijing(c->arena, row->start_ms),
        .end_time = row->end_ms ? time_beijing(c->arena, row->end_ms) : NO_TIME,
        .status = U64((uint64_t)row->status),
        .dbs = row->databases,
        .strategy = I64(row->strategy),
        .storage_strategy = I64(row->storage_strategy),
        .backup_way = I64(row->way),
        .backup_name = row->name,
        .group_id = backup_group_id(c->arena, row),
        .backup_format = row->single ? STR("single") : STR("pkg"),
        .region = instance->region,
    };
    if (row->status == BACKUP_SUCCEEDED) /* a group's row has the sum of its files: so the sample */
        view.size = I64(backup_file_kb(row));
    if (backup_has_file(row))
        put_file(c, instance, row, &view);
    return view;
}
