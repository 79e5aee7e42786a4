/*
 * Changes of columns of an instance and of its databases: at once, or by a flow.
 *
 * Most actions that modify something find the instance, check its status, change a few columns and perhaps
 * start a flow. Those that do nothing else are rows of the schema (`does`, schema/README.md), from which
 * gen/sqlserver_does.c has their handlers; the others use these functions too.
 *
 * A change has a value for the time while the flow runs, or values for its end, or both. The values for the
 * end are rows of flow_change, so they are applied after a restart as well.
 */
#ifndef VIRGA_PRODUCT_SQLSERVER_CHANGE_H
#define VIRGA_PRODUCT_SQLSERVER_CHANGE_H

#include "gen/sqlserver_flows.h"
#include "product/sqlserver/database.h"

/* --- values of columns --- */

/* A number, a text, or NULL: a text with p == NULL. */
struct field_value {
    bool is_number;
    int64_t number;
    struct str text;
};

#define FIELD_NUMBER(v) ((struct field_value){.is_number = true, .number = (v)})
#define FIELD_TEXT(v) ((struct field_value){.text = (v)})

/* --- at once; -1 after failing the call --- */

int instance_set(struct call *c, const struct instance *instance, enum instance_field field,
                 struct field_value value);
int database_set_field(struct call *c, const struct instance *instance, struct str database,
                       enum database_field field, struct field_value value);
/* Fails with `code` when the column does not have the value. */
int instance_needs(struct call *c, const struct instance *instance, enum instance_field field, int64_t value,
                   enum error_id code);

/* --- by a flow --- */

/* What a flow is to change. All zero: nothing. */
struct change_plan {
    struct call *c;
    const struct instance *instance;
    struct database_set databases; /* that it holds; those with an effect change their status */
    struct flow_change_row {
        struct str database; /* p == NULL: a column of the instance */
        int field;           /* enum instance_field or enum database_field */
        bool during, at_end;
        struct field_value while_runs; /* with during; the end of the flow restores the present value */
        struct field_value on_success; /* with at_end */
    } * rows;
    size_t n_rows;
};

/* The column has the value while the flow runs, and afterwards the one it has now, unless change_then has
 * another for success. */
void change_during(struct change_plan *plan, enum instance_field field, struct field_value value);
/* The column gets the value when the flow succeeds. */
void change_then(struct change_plan *plan, enum instance_field field, struct field_value value);
/* The same for a column of one database of the set, and of all of them. */
void change_database_then(struct change_plan *plan, struct str database, enum database_field field,
                          struct field_value value);
void change_databases_then(struct change_plan *plan, enum database_field field, struct field_value value);

/* Fails with `code` when success would change nothing: all columns that are planned so far have the values
 * already. */
int change_check_repeat(const struct change_plan *plan, enum error_id code);

/* Starts the flow, or applies its outcome when it has no duration. Every kind that starts here settles with
 * changes_settle, or with a function that calls it. -1 after failing the call. */
int change_start(const struct change_plan *plan, enum flow_kind kind, struct flow *ret_flow);
/* The same in two steps, for a caller that records more of the flow before its outcome may be applied. */
int change_begin(const struct change_plan *plan, enum flow_kind kind, struct flow *ret_flow);
int change_end(struct call *c, const struct flow *flow);

/* The settle function of these flows, declared in gen/sqlserver_flows.h: int changes_settle(struct world *w,
 * const struct flow *f); success and failure apply the values stored for them, and the effects on databases
 * are those of databases_settle. */

#endif
