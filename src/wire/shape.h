/*
 * Shapes: the tables that say how a C struct looks on the wire. Generated from schema/, never written by
 * hand.
 *
 * A field's value in the struct has one of the types below. The three parts of a list have the same layout
 * for every element type, so that decode and encode need only the element's size.
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
/* Layout of every list; a list of objects is {struct x *v; size_t n; bool set;} with the elements in a row.
 */
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
    SHAPE_JSON,   /* const struct node *, NULL is absent; no lists of it */
    SHAPE_OBJECT  /* struct x *, NULL is absent; in a list struct x */
};

/* A rule on a value that the service checks after the gateway has accepted the parameters' form. */
enum rule_kind {
    RULE_PRESENT,   /* must be given; for a string also not empty, for a list not empty, when `min` is 1 */
    RULE_INT_RANGE, /* min <= value <= max */
    RULE_ONE_OF,    /* the text is one of `text`, '|' between them */
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
    bool required;  /* in: the gateway answers MissingParameter without it */
    bool nullable;  /* out: an absent value is written as null, not as the type's zero */
    bool omit;      /* out: an absent value is left out */
    bool read_only; /* in: rejected like an unknown name */
    struct str
        fallback; /* in: what an absent value becomes, as the text a form would carry; p == NULL: nothing */
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

/* NULL when the shape has no field of that wire name. */
const struct shape_field *shape_find(const struct shape *shape, struct str name);

/* --- values, by their field ---
 *
 * A slot is a field's place in a struct, an item one element of a list or the bare value inside a slot.
 */

/* False for a slot that holds nothing: not given, or zeroed and never set. */
bool shape_given(const struct shape_field *f, const void *slot);
/* Marks an opt_* slot as given; strings and objects need no mark. */
void shape_mark(const struct shape_field *f, void *slot);
/* Of one item in a list. */
size_t shape_item_size(const struct shape_field *f);
/* Lists and objects are read and written through these, whatever their element type. */
struct any_list shape_get_list(const void *slot);
void shape_set_list(void *slot, struct any_list list);
const void *shape_get_object(const void *slot);
void shape_set_object(void *slot, void *object);

/* --- where a check stands in a tree --- */

/* One step down; lives on the stack and is made into text only when something is wrong. */
struct shape_place {
    const struct shape_place *up; /* NULL above the first step */
    struct str name;              /* p == NULL: an element, by its index */
    size_t index;
};

/* "Accounts.0.UserName"; empty for NULL. A name longer than any in a schema is cut, since it came from the
 * client. */
struct str shape_path(struct arena *a, const struct shape_place *at);

/* Visits every field of a struct and of the objects inside it, in the schema's order, nested ones in place.
 */
struct shape_walk {
    int (*visit)(struct shape_walk *w, const struct shape_field *f, const void *slot); /* -1 ends the walk */
    const struct shape_place *at; /* of the field visited */
    void *state;                  /* the visitor's own */
};
/* 0, or -1 as soon as a visit has said so. Objects that are absent are not entered. */
int shape_walk(struct shape_walk *w, const struct shape *shape, const void *value);

/* --- pick --- */

/* One parameter out of a decoded struct, by its path on the wire: "InstanceId", "DBNames.0". */

/* The scalar at the path, as the text a form would carry; what the client left out counts with its default.
 * False when there is none: not given, no such path, or a list or an object as a whole. */
bool pick(struct arena *a, const struct shape *shape, const void *value, struct str path,
          struct str *ret_text);

/* Can the path ever lead to a scalar? If not, *ret_part is the part that leads nowhere, and *ret_at the shape
 * whose fields it is not among; NULL where an index or the end of the path is expected. */
bool pick_leads(const struct shape *shape, struct str path, struct str *ret_part,
                const struct shape **ret_at);

#endif
