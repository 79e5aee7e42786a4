/* JSON in the forms that the serialisers of several languages give it. */
#ifndef VIRGA_DIAGNOSIS_JSON_VARIANTS_H
#define VIRGA_DIAGNOSIS_JSON_VARIANTS_H

#include "wire/json.h"

/* Between tokens: nothing, a space after ',' and ':', or lines indented by two spaces, four spaces or a tab.
 */
enum json_space { SPACE_NONE, SPACE_INLINE, SPACE_TWO, SPACE_FOUR, SPACE_TAB };

enum json_escape {
    ESCAPE_NONE,
    ESCAPE_ASCII, /* "\u4e2d" for each character that is not ASCII (Python) */
    ESCAPE_SLASH, /* the same, and "\/" (PHP) */
    ESCAPE_HTML   /* "\u003c" for '<', '>', '&' and the line separators (Go) */
};

struct json_style {
    bool sorted; /* the members of each object by their names */
    enum json_space space;
    enum json_escape escape;
};

/* The style that a JSON text seems to have; it is never sorted. */
struct json_style json_style_of(struct str text);

/* The tree in that style, in the arena. Each number has its shortest form, because the tree does not keep the
 * form in which it came. */
struct str json_write(struct arena *a, const struct node *tree, const struct json_style *style);

#endif
