/*
 * The audit log of an instance: the entries that a call selects.
 *
 * Entries come from the world file. An instance whose log is off has none, and those older than the days that
 * it keeps are not found.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_AUDIT_LOG_H
#define VIRGA_PRODUCT_SQLSERVER_AUDIT_LOG_H

#include "product/sqlserver/instance.h"

/* The columns of an entry that a condition names (documented). A condition on another one finds nothing. */
#define AUDIT_LOG_VALUE                                                                                      \
    "CASE json_extract(value, '$[0]') WHEN 'sql' THEN audit_log.sql WHEN 'host' THEN audit_log.host"         \
    " WHEN 'user' THEN audit_log.login WHEN 'dbName' THEN audit_log.database"                                \
    " WHEN 'sqlType' THEN upper(substr(audit_log.sql, 1, instr(audit_log.sql || ' ', ' ') - 1))"             \
    " WHEN 'errCode' THEN audit_log.error WHEN 'execTime' THEN audit_log.duration"                           \
    " WHEN 'cpuTime' THEN audit_log.cpu WHEN 'threadId' THEN audit_log.thread"                               \
    " WHEN 'trxId' THEN audit_log.transaction_id WHEN 'affectRows' THEN audit_log.rows"                      \
    " WHEN 'sentRows' THEN audit_log.rows END"

/* FROM and WHERE of a statement on entries. A condition fails when none of its values holds; one of EXC and
 * NEQ fails when any does. A range is two numbers with a dash. */
#define AUDIT_LOG_FROM                                                                                       \
    " FROM instance CROSS JOIN audit_log ON audit_log.instance = instance.id"                                \
    " AND audit_log.at_ms BETWEEN max(:from, :now - instance.audit_days * 86400000) AND :to"                 \
    " WHERE instance.id = :instance AND instance.audit_log"                                                  \
    " AND NOT EXISTS (SELECT 1 FROM (SELECT " AUDIT_LOG_VALUE " AS entry,"                                   \
    " json_extract(value, '$[1]') AS how, json_extract(value, '$[2]') AS wanted FROM json_each(:filters))"   \
    " WHERE (how IN ('EXC', 'NEQ')) = EXISTS (SELECT 1 FROM json_each(wanted) WHERE CASE"                    \
    " WHEN how IN ('INC', 'EXC') THEN instr(entry, value) > 0"                                               \
    " WHEN how IN ('EQS', 'NEQ') THEN CAST(entry AS TEXT) = value"                                           \
    " ELSE entry BETWEEN CAST(value AS INTEGER)"                                                             \
    " AND CAST(substr(value, instr(value, '-') + 1) AS INTEGER) END))"

/* The parameters of AUDIT_LOG_FROM. The window is milliseconds since 1970 UTC, both ends included. */
void audit_log_bind(struct call *c, struct stmt *s, const struct instance *instance,
                    const int64_t window_ms[2], const struct log_filter_list *filters);

#endif
