/*
 * Files of the slow log and of extended events in the store, and downloading them.
 *
 * The database server would write such a file when statements are slow, blocked or in a deadlock. There is
 * none here, so the files are those of the world file, and those that begin and end with the recording of
 * events, which have no entries. The content of a file is made of its row when it is downloaded.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_LOG_FILE_H
#define VIRGA_PRODUCT_SQLSERVER_LOG_FILE_H

#include "gen/sqlserver_enums.h"
#include "product/sqlserver/download.h"
#include "product/sqlserver/instance.h"

/* The size of a file without entries. */
enum { LOG_FILE_EMPTY_KB = 8 };

struct log_file {
    int64_t id; /* on the wire; of a file that is to be inserted, 0 */
    enum log_file_kind kind;
    int64_t start_ms, end_ms; /* the beginning and the last change */
    int64_t entries, kb;
    enum log_file_status status;
};

/* A condition on log_file with the parameter that log_file_bind_kept binds: files of events are kept for the
 * days of EventSaveDays, 7. */
#define LOG_FILE_KEPT                                                                                        \
    "(log_file.kind = " LOG_FILE_KIND_SQL_SLOW_LOG " OR log_file.status = " LOG_FILE_STATUS_SQL_WRITING      \
    " OR log_file.end_ms > :kept_from)"
void log_file_bind_kept(const struct world *w, struct stmt *s);

/* Inserts the file with a new id. -1 when the store failed. */
int log_file_insert(struct world *w, int64_t instance, const struct log_file *file);

/* Begins a file of that kind now, unless one is being written. -1 when the store failed. */
int log_file_begin(struct world *w, int64_t instance, enum log_file_kind kind);
/* Ends the file of that kind that is being written, if there is one. -1 when the store failed. */
int log_file_end(struct world *w, int64_t instance, enum log_file_kind kind);

/* The kind of events that a request or the world file calls `type`, one of the three documented words. */
enum log_file_kind log_file_event_kind(struct str type);

/* Forms by example: "TRACE_20201105201000.trc", "autoed_instance_58001_20230220110419.xel". */
struct str log_file_name(struct arena *a, int64_t port, const struct log_file *file);

/* The address of a complete file, valid from now on; empty for another one. */
struct str log_file_address(struct call *c, const struct instance *instance, const struct log_file *file);

/* The rows of the slow log and of events in the table of download.c. */
int slow_log_download_find(struct call *c, int64_t id, struct download_file *ret_file);
int event_download_find(struct call *c, int64_t id, struct download_file *ret_file);
struct str log_file_download_body(struct call *c, const struct download_file *file);

#endif
