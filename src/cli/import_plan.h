/*
 * Makes the resources of a world file from the answers of Describe actions.
 *
 * Which action makes which part is data of the product, `import_plan` (schema/<product>/_import.json,
 * described in schema/README.md); nothing here knows an action or a parameter.
 */
#ifndef VIRGA_CLI_IMPORT_PLAN_H
#define VIRGA_CLI_IMPORT_PLAN_H

#include "core/product.h"
#include "wire/json.h"

struct import {
    struct arena *arena;
    const struct product *product;
    const struct node *plan;
    struct str_list chosen; /* the ids of the resources; empty: all */
    /* Makes a call, or takes its answer from an earlier run. 0 and the object Response, 1 and the error that
     * the cloud answers, -1 and a sentence: no answer. */
    int (*ask)(struct import *im, struct str action, struct str region, struct str params,
               const struct node **ret_response, struct str *ret_problem);
    struct str region;  /* that is being imported */
    struct node *place; /* its object in the world file */
    struct str problem; /* the error that ended the import */
    /* What has been left out, as sentences: "ID: ACTION: InternalError: ...". */
    struct str_list left_out;
};

/* Reads the product's plan. */
void import_init(struct import *im, struct arena *a, const struct product *product);

/* Adds what the account has in `region` to its object of the world file. -1 and im->problem when there is no
 * answer, or when the first action of the plan is refused; a later one that is refused is left out. */
int import_region(struct import *im, struct str region, struct node *place);

/* Replaces names, ids and addresses of the whole file: the same text of one kind always by the same. */
void import_anonymize(struct import *im, struct node *world);

#endif
