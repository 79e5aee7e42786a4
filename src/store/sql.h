/*
 * Statements that are run once, at a start: settings, the schema's steps, questions with one value for an
 * answer. What calls run are prepared statements (store/stmt.c).
 */
#ifndef VIRGA_STORE_SQL_H
#define VIRGA_STORE_SQL_H

#include "store/db.h"

/* The longest text that sql_ask gives, with its NUL: a number or a journal mode. */
enum { SQL_ANSWER_SIZE = 32 };

/* One or more statements without parameters, whose rows nobody wants. -1: see db_fault. */
int sql_run(struct db *db, const char *sql);

/* The first value of the first row, as text; empty without a row. -1: see db_fault. */
int sql_ask(struct db *db, const char *sql, char ret_text[SQL_ANSWER_SIZE]);

/* The same as a number. -1 also for a text that is none. */
int sql_ask_i64(struct db *db, const char *sql, int64_t *ret_number);

#endif
