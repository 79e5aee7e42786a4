/*
 * The contract between the emulator and a product that it emulates.
 *
 * A product is data, which is generated from schema/<name>/, and functions, which are in src/product/<name>/.
 * The emulator (core, gateway, diagnosis, control, server, cli) uses a product through this header alone: it
 * knows no parameter, table or id of any product. A product with nothing of a kind leaves the text empty
 * (p == NULL), the table NULL with a count of 0, and the function NULL.
 *
 * All texts and tables are constants of the program. Functions return 0, or -1 when the store failed, unless
 * their comment says otherwise; a function that writes runs inside a savepoint of its caller, which undoes
 * what it wrote after -1.
 */
#ifndef VIRGA_CORE_PRODUCT_H
#define VIRGA_CORE_PRODUCT_H

#include "store/change_tracker.h"
#include "wire/shape.h"

struct buf;
struct call;
struct flow;
struct flow_type;
struct magic;
struct request;
struct world;
struct world_region;

/* --- actions --- */

/* What makes virga answer one of an action's codes. */
struct error_cause {
    enum error_id error;
    enum provenance provenance;
    struct str cause;   /* for people, English */
    const char *source; /* where it was read or seen; the reason for an assumption */
};

struct action {
    struct str name;
    const struct shape *in, *out;
    /* The product's function, called through a generated cast; NULL for an action that is known but not
     * emulated. 0 with *out filled, or -1 after call_fail. */
    int (*handle)(struct call *c, const void *in, void *out);
    int rate_per_second;
    enum provenance rate_provenance;
    bool region_required;
    bool writes;                 /* may change the state */
    const enum error_id *errors; /* the codes that its documentation lists */
    size_t n_errors;
    const struct error_cause *causes; /* of those codes that something other than a fault produces */
    size_t n_causes;
};

/* --- regions --- */

/* Titles are in English and Chinese. */
struct zone {
    struct str name; /* "ap-guangzhou-3" */
    int64_t id;
    struct str title, title_zh;
};

struct region {
    struct str name;       /* "ap-guangzhou" */
    struct str short_name; /* "gz" */
    int64_t id;
    struct str title, title_zh;
    const struct zone *zones; /* at least one */
    size_t n_zones;
};

/* --- words --- */

/* The names of the product's main resource in parameters and results. */
struct resource_names {
    struct str kind;       /* what is before the id in the full name of a resource: "instance" */
    struct str param;      /* the parameter that has one id */
    struct str list_param; /* the parameter that has a list of ids */
    struct str id_prefix;  /* what every id begins with */
};

/* A call for help texts and code samples; its parameters are a JSON object. */
struct example_call {
    struct str action, params;
};

/* Values that exist in the built-in world. */
struct product_examples {
    struct str region, resource, flow_kind;
    struct str path, path_value; /* a parameter inside a list: "Names.0" and its value */
    struct example_call write, read;
};

/* The codes that report one kind of failure of the store, the most fitting first: the client gets the first
 * one that the action declares. */
struct store_errors {
    enum db_fault fault;
    const enum error_id *codes;
    size_t n_codes;
};

/* --- hooks --- */

/* The owner of resources, and their region. */
struct resource_owner {
    struct str account, region;
};

/* Functions for resources of the world file. */
struct fixture_hooks {
    /* Checks what the form of the file cannot express about the resources of one region; `path` is its place
     * in the file. -1 with a sentence that begins with the place. Texts are in `a`. */
    int (*check_region)(struct arena *a, const struct world_region *from, struct str path,
                        struct str *ret_problem);
    /* Inserts the resources of one region of the world file; resources that exist stay unchanged. */
    int (*put_region)(struct world *w, const struct resource_owner *owner, const struct world_region *from);
    /* The id of the region's first resource, for examples; p == NULL when it has none. */
    struct str (*first_resource)(const struct world_region *from);
    /* Creates the magic resource of that id for the caller in the call's region, unless it exists. */
    int (*ensure_magic)(struct call *c, struct str resource_id);
};

/* Work that the product does when the clock passes a time. */
struct schedule_hooks {
    /* The earliest time at which something is due; INT64_MAX for never. */
    int (*next)(struct world *w, int64_t *ret_ms);
    /* Does what is due at exactly `at_ms`. */
    int (*run)(struct world *w, int64_t at_ms);
};

/* One part of the state that a reset can clear on its own. `account` p == NULL means all accounts. */
struct reset_scope {
    struct str name; /* in the control API: of the scope, and of its count in the answer */
    int (*count)(struct world *w, struct str account, int64_t *ret_n);
    int (*clear)(struct world *w, struct str account);
};

struct reset_hooks {
    const struct reset_scope *scopes;
    size_t n_scopes;
    /* Deletes everything that one account has of this product. */
    int (*remove_owned)(struct world *w, struct str account);
};

/* The product's copy of flows in the journal's file. Rows are identified by the flow's id. */
struct journal_file_hooks {
    /* A change in one of these tables of the state makes the flow in `column` be copied again. */
    const struct tracked_table *tables;
    size_t n_tables;
    /* Copies a flow from the state to the file, or deletes it there when the state does not have it.
     * Temporary texts are in `a`. */
    int (*copy_flow)(struct db *state, struct db *file, struct arena *a, int64_t flow_id);
    /* Deletes all flows up to this id from the file. */
    int (*remove_up_to)(struct db *file, int64_t flow_id);
};

/* Numbers of the state for GET /_virga/metrics. */
struct gauge {
    const char *name, *help;
    /* Writes the samples with metrics_put_counts (core/metrics.h). */
    int (*put)(struct buf *b, struct db *db);
};

struct tag_row {
    struct str key, value;
};

/* Tags of resources, for every product whose resources can carry them. A resource is a number of the
 * product's own, valid as long as nothing is written. */
struct tag_hooks {
    /* 1 and the owner's resource of that id, 0 when there is none, -1 when the store failed. */
    int (*find)(struct world *w, const struct resource_owner *owner, struct str resource_id,
                int64_t *ret_resource);
    /* The tags in the order of their keys, in `a`. */
    int (*list)(struct world *w, struct arena *a, int64_t resource, struct tag_row **ret_tags, size_t *ret_n);
    /* Adds a tag, or gives an existing one the new value. */
    int (*put)(struct world *w, int64_t resource, const struct tag_row *tag);
    /* A key that the resource does not have is no failure. */
    int (*remove)(struct world *w, int64_t resource, struct str key);
};

/* Objects at addresses that an answer contained, such as the download of a file. */
struct object_hooks {
    /* Is the request for such an address? By method and path alone. */
    bool (*owns)(const struct request *r);
    /* Serves a request that `owns` accepts: the body in c->answer. Returns the HTTP status. */
    int (*serve)(struct call *c);
};

struct product_hooks {
    struct fixture_hooks fixtures;
    struct schedule_hooks schedule;
    struct reset_hooks reset;
    struct journal_file_hooks journal_file;
    const struct tag_hooks *tags;
    const struct gauge *gauges;
    size_t n_gauges;
    struct object_hooks objects;
};

/* --- the product --- */

struct product {
    struct str name;     /* first label of the host, service of the credential scope, log, metrics */
    struct str version;  /* of the API: "2018-03-28" */
    struct str title[2]; /* by LANG_EN, LANG_ZH */

    const struct action *actions; /* sorted by name */
    size_t n_actions;
    const struct region *regions; /* where the product is served, by their numbers */
    size_t n_regions;
    const struct str *other_regions; /* regions of the cloud where it is not served, sorted */
    size_t n_other_regions;

    struct resource_names resource;
    struct str flow_field; /* the result that has the id of a flow */
    struct product_examples examples;
    const struct store_errors *store_errors;
    size_t n_store_errors;

    const struct flow_type *flow_types; /* core/flow.h */
    size_t n_flow_types;
    const struct magic *magic; /* core/magic.h */
    size_t n_magic;

    struct str import_plan; /* JSON: which actions make which part of a world file (schema/README.md) */

    const struct product_hooks *hooks; /* never NULL */
};

#endif
