/* JSON written anew, as the serialisers of other languages write it. */
#ifndef VIRGA_DIAGNOSIS_JSON_VARIANTS_H
#define VIRGA_DIAGNOSIS_JSON_VARIANTS_H

#include "wire/json.h"

enum json_space { SPACE_NONE, SPACE_INLINE, SPACE_TWO, SPACE_FOUR, SPACE_TAB };
/* ASCII: "\u4e2d" for everything above it (Python). SLASH: "\/" besides (PHP). HTML: "\u003c" for <, > and &
 * (Go). */
enum json_escape { ESCAPE_NONE, ESCAPE_ASCII, ESCAPE_SLASH, ESCAPE_HTML };

struct json_style {
    bool anew; /* false: the text stays as it is */
    bool sorted;
    enum json_space space;
    enum json_escape escape;
};

/* How this text looks: what a change of one aspect of it leaves alone. */
struct json_style json_style_of(struct str text);
/* The tree in that style, in the arena. A number is written in its shortest form, since the tree does not
 * keep how it was sent. */
struct str json_write(struct arena *a, const struct node *tree, const struct json_style *style);

#endif
