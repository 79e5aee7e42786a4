/*
 * Lists in answers: rows that pass the filters of a request, one page of them, and their number in all.
 *
 * A list action has two statements over the same FROM and WHERE. Its handler is
 *
 *     SCOPED_STMT(count, c->world->db, "SELECT count(*) AS n" FROM);
 *     SCOPED_STMT(rows, c->world->db, "SELECT " TASK_COLUMNS FROM " ORDER BY start_ms DESC" PAGE_LIMIT);
 *     bind_filters(in, count);
 *     bind_filters(in, rows);
 *     page_bind(rows, in->limit.v, in->offset.v);
 *     if (page_count(c, count, &out->total_count) != 0)
 *         return -1;
 *     return task_list_read(c, rows, &out->tasks);
 *
 * where TASK_COLUMNS and task_list_read are generated from the schema (gen/<product>_rows.h).
 */
#ifndef VIRGA_CORE_PAGE_H
#define VIRGA_CORE_PAGE_H

#include "core/call.h"

/* --- filters ---
 *
 * A filter that is absent from the request is bound as NULL, and `(:x IS NULL OR ...)` lets every row pass:
 * one statement, prepared once, serves every combination of filters. `name` is the parameter of the
 * statement, a literal.
 */

/* An absent number does not filter. */
void filter_i64(struct stmt *s, const char *name, struct opt_i64 value);
void filter_u64(struct stmt *s, const char *name, struct opt_u64 value);

/* An absent or empty text does not filter. */
void filter_text(struct stmt *s, const char *name, struct str value);

/* Appends the texts as a JSON array. */
void put_json_list(struct buf *b, const struct str_list *values);

/* A JSON array in the arena, for `IN (SELECT value FROM json_each(:x))`. An empty list does not filter. */
void filter_list(struct stmt *s, struct arena *a, const char *name, const struct str_list *values);
/* The same for numbers. */
void filter_i64_list(struct stmt *s, struct arena *a, const char *name, const struct i64_list *values);

/* --- pages --- */

#define PAGE_LIMIT " LIMIT :limit OFFSET :offset"

/* Binds the parameters of PAGE_LIMIT. Both count rows; the rules of the schema keep them from being negative.
 * An action whose Offset counts pages passes Offset * Limit. */
void page_bind(struct stmt *s, int64_t limit, int64_t offset);

/* Steps a statement that selects one number as `n`, the rows on all pages. -1 after failing the call. */
int page_count(struct call *c, struct stmt *s, struct opt_i64 *ret_count);

/* A pointer to a new element, all zero, at the end of a list {v, n, set}. Pointers to its other elements
 * become invalid. */
#define LIST_ADD(a, list)                                                                                    \
    ((list)->v = arena_grow((a), (list)->v, (list)->n, sizeof *(list)->v), &(list)->v[(list)->n++])

#endif
