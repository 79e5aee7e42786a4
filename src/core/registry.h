/* Products and actions as tables. Generated from schema/; the only knowledge of an action outside its
 * handler. */
#ifndef VIRGA_CORE_REGISTRY_H
#define VIRGA_CORE_REGISTRY_H

#include "base/suggest.h"
#include "wire/shape.h"

struct call;

/* What brings about one of an action's codes here. */
struct error_cause {
    enum error_id error;
    enum provenance provenance;
    struct str cause;   /* for people, English */
    const char *source; /* where it was read or seen; for an assumption its reason */
};

struct action {
    struct str name;
    const struct shape *in, *out;
    /* The product's function behind a generated cast; NULL for an action that is known but not emulated. 0
     * with *out filled, or -1 after call_fail. It runs inside a savepoint that is undone on -1. */
    int (*handle)(struct call *c, const void *in, void *out);
    int rate_per_second;
    enum provenance rate_provenance;
    bool region_required;
    bool writes;                 /* may change state */
    const enum error_id *errors; /* the codes that its documentation lists, in any year */
    size_t n_errors;
    const struct error_cause *causes; /* of those of them that something but a fault brings about */
    size_t n_causes;
};

/* Texts for people are in English and Chinese. */
struct zone {
    struct str name; /* "ap-guangzhou-3" */
    int64_t id;
    struct str title, title_zh;
};

struct region {
    struct str name;       /* "ap-guangzhou" */
    struct str short_name; /* "gz": part of addresses and of ids inside the service */
    int64_t id;
    struct str title, title_zh;
    const struct zone *zones; /* at least one */
    size_t n_zones;
};

/* A size of instance that is on sale, by its number, for one version of the server. */
struct spec {
    int64_t id;
    struct str version;
};

struct product {
    struct str name;              /* "sqlserver": first label of the host, service of the credential scope */
    struct str version;           /* "2018-03-28" */
    const struct action *actions; /* sorted by name */
    size_t n_actions;
    const struct region *regions; /* where it is served, by their numbers */
    size_t n_regions;
    const struct spec *specs; /* on sale in every zone (assumed), by their numbers */
    size_t n_specs;
    const struct str *other_regions; /* regions of the cloud where it is not served, sorted */
    size_t n_other_regions;
};

/* By exact name, or NULL. */
const struct action *action_find(const struct product *p, struct str name);
/* Where the product is served, by exact name, or NULL. */
const struct region *product_find_region(const struct product *p, struct str region);
/* Is the product served in this region? */
bool product_has_region(const struct product *p, struct str region);
/* A region of the cloud, whether the product is served there or not? */
bool product_knows_region(const struct product *p, struct str region);

/* --- code --- */

/* Error codes by what stands on the wire: which text belongs to one, and which actions may answer it. And the
 * names that somebody may have meant. */

/* The row of `code` among those that the action declares, else among the common ones; without an action among
 * those that any action declares. ERR_NONE when there is none. Of several texts that of the bare code. */
enum error_id code_find(const struct product *p, const struct action *action, struct str code);

/* Declared by the action, or common? */
bool code_fits(const struct action *action, enum error_id id);

/* Offers the name of every action. */
void action_offer(const struct product *p, struct suggestion *suggestion);

/* Offers every code that code_find would find. */
void code_offer(const struct product *p, const struct action *action, struct suggestion *suggestion);

#endif
