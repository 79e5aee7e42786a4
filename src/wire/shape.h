/*
 * Shapes: the tables that describe a C struct's form on the wire. Generated from schema/, never written by
 * hand.
 *
 * A slot is a field's place in a struct; it has one of the types of `enum shape_type`. An item is one element
 * of a list, or the bare value at the start of a slot. All lists have one layout, so decode and encode need
 * only the size of an element.
 */
#ifndef VIRGA_WIRE_SHAPE_H
#define VIRGA_WIRE_SHAPE_H

#include "base/arena.h"
#include "gen/errors.h" /* enum error_id, enum provenance */

struct opt_i64 {
    int64_t v;
    bool set;
};
struct opt_u64 {
    uint64_t v;
    bool set;
};
struct opt_bool {
    bool v;
    bool set;
};
struct opt_f64 {
    double v;
    bool set;
};
#define I64(x) ((struct opt_i64){(x), true})
#define U64(x) ((struct opt_u64){(x), true})
#define F64(x) ((struct opt_f64){(x), true})
#define BOOL(x) ((struct opt_bool){(x), true})

struct str_list {
    struct str *v;
    size_t n;
    bool set;
};
/* Appends; the list grows by doubling in the arena. */
void str_list_add(struct arena *a, struct str_list *list, struct str value);
struct i64_list {
    int64_t *v;
    size_t n;
    bool set;
};
struct u64_list {
    uint64_t *v;
    size_t n;
    bool set;
};
struct f64_list {
    double *v;
    size_t n;
    bool set;
};
/* The layout of every list. A list of objects is {struct x *v; size_t n; bool set;}. */
struct any_list {
    void *v;
    size_t n;
    bool set;
};

enum shape_type {
    SHAPE_STRING, /* struct str; p == NULL is absent */
    SHAPE_INT64,  /* struct opt_i64; in a list int64_t */
    SHAPE_UINT64, /* struct opt_u64; in a list uint64_t */
    SHAPE_BOOL,   /* struct opt_bool; never in a list */
    SHAPE_DOUBLE, /* struct opt_f64; in a list double */
    SHAPE_JSON,   /* const struct node *, NULL is absent; never in a list */
    SHAPE_OBJECT  /* struct x *, NULL is absent; in a list struct x */
};

/* A rule on a value. The service checks it after the gateway has accepted the form of the parameters. */
enum rule_kind {
    RULE_PRESENT,   /* must be given; when `min` is 1, a string or a list must not be empty */
    RULE_INT_RANGE, /* min <= value <= max */
    RULE_ONE_OF,    /* the text or number is one of `text`, '|' between them */
    RULE_LENGTH,    /* min <= characters <= max (Unicode code points) */
    RULE_CHARS,     /* only characters of the class `text`: "A-Za-z0-9_" */
    RULE_COUNT,     /* min <= elements of the list <= max */
    RULE_TIME,      /* "YYYY-MM-DD HH:MM:SS" */
    RULE_DATE       /* "YYYY-MM-DD" */
};

struct shape_rule {
    enum rule_kind kind;
    int64_t min, max;
    const char *text;
    enum error_id code;
    enum provenance provenance;
    const char *source;
};

struct node;
struct shape;

struct shape_field {
    struct str name; /* as on the wire */
    enum shape_type type;
    bool list;
    bool required;       /* in: the gateway returns MissingParameter without it */
    bool nullable;       /* out: an absent value is written as null, not as the type's zero */
    bool omit;           /* out: an absent value is left out */
    bool read_only;      /* in: rejected like an unknown name */
    struct str fallback; /* in: replaces an absent value, as the text that a form has; p == NULL: none */
    size_t offset;
    const struct shape *object; /* of SHAPE_OBJECT */
    const struct shape_rule *rules;
    size_t n_rules;
};

struct shape {
    const char *name;
    size_t size; /* of the C struct */
    const struct shape_field *fields;
    size_t n_fields;
};

/* The field of that wire name, or NULL. */
const struct shape_field *shape_find(const struct shape *shape, struct str name);

/* False for a slot without a value: not given, or zeroed and never set. */
bool shape_given(const struct shape_field *f, const void *slot);
/* Marks an opt_* slot as given; does nothing for strings, objects and JSON, whose pointers say it. */
void shape_mark(const struct shape_field *f, void *slot);
/* The size of one item in a list of this field's type. */
size_t shape_item_size(const struct shape_field *f);
/* Read and write the list or the object in a slot, of any element type. */
struct any_list shape_get_list(const void *slot);
void shape_set_list(void *slot, struct any_list list);
const void *shape_get_object(const void *slot);
void shape_set_object(void *slot, void *object);

/* The position of a check in a tree: one step down from `up`. It lives on the stack and becomes text only for
 * an error. */
struct shape_place {
    const struct shape_place *up; /* NULL above the first step */
    struct str name;              /* p == NULL: an element, by its index */
    size_t index;
};

/* "Accounts.0.UserName"; empty for NULL. Names come from the client, so a name longer than LIMIT_PATH_NAME is
 * cut. */
struct str shape_path(struct arena *a, const struct shape_place *at);

/* A visit of every field of a struct and of the objects inside it, depth first, in the schema's order. */
struct shape_walk {
    int (*visit)(struct shape_walk *w, const struct shape_field *f, const void *slot); /* -1 ends the walk */
    const struct shape_place *at; /* of the visited field */
    void *state;                  /* the visitor's own */
};
/* 0, or -1 when a visit returned it. Absent objects are not entered. */
int shape_walk(struct shape_walk *w, const struct shape *shape, const void *value);

/* The scalar at a path of a decoded struct ("InstanceId", "DBNames.0"), as the text that a form has. A
 * default counts as given. False when there is none: not given, no such path, or a whole list or object. */
bool shape_pick(struct arena *a, const struct shape *shape, const void *value, struct str path,
                struct str *ret_text);

/* Can the path lead to a scalar in any call? If not, *ret_part is the first wrong part, and *ret_at the shape
 * that has no such field; NULL when an index or the end of the path is expected there. */
bool shape_has_path(const struct shape *shape, struct str path, struct str *ret_part,
                    const struct shape **ret_at);

#endif
