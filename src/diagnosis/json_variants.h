/* JSON in the forms that the serialisers of several languages give it. */
#ifndef VIRGA_DIAGNOSIS_JSON_VARIANTS_H
#define VIRGA_DIAGNOSIS_JSON_VARIANTS_H

#include "wire/json.h"

/* Between tokens: nothing, a space after ',' and ':', or lines indented by two spaces, four spaces or a tab.
 */
enum json_space { SPACE_NONE, SPACE_INLINE, SPACE_TWO, SPACE_FOUR, SPACE_TAB };

enum json_escape {
    ESCAPE_NONE,
    ESCAPE_ASCII,       /* "\u4e2d" for each character that is not ASCII (Python) */
    ESCAPE_ASCII_UPPER, /* the same with upper-case digits, "\u4E2D" (C++, Jackson) */
    ESCAPE_SLASH,       /* as ESCAPE_ASCII, and "\/" (PHP) */
    ESCAPE_SLASH_ALONE, /* "\/" alone (PHP with JSON_UNESCAPED_UNICODE) */
    ESCAPE_HTML         /* "\u003c" for '<', '>', '&' and the line separators (Go) */
};

/* Of a value that is a whole number, and of a text that looks like one. */
enum json_numbers { NUMBERS_AS_THEY_ARE, NUMBERS_AS_TEXT, NUMBERS_BARE };

struct json_style {
    bool sorted; /* the members of each object by their names */
    enum json_space space;
    enum json_escape escape;
    bool no_null; /* without the members whose value is null */
    enum json_numbers numbers;
};

/* The style that a JSON text seems to have; it is never sorted. */
struct json_style json_style_of(struct str text);

/* The tree in that style, in the arena. Each number has its shortest form, because the tree does not keep the
 * form in which it came. */
struct str json_write(struct arena *a, const struct node *tree, const struct json_style *style);

#endif
