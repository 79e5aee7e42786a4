"""errors.h and errors.c: the codes and their texts (layer wire)."""

from .model import PROVENANCES
from .names import c_string, error_enum

HEAD = "/* Generated from schema/ by gen.py; do not edit. */\n"

_HEADER = """
/* Error codes and their texts. {{0}}, {{1}} and {{2}} in a text are arguments. */
#ifndef VIRGA_GEN_ERRORS_H
#define VIRGA_GEN_ERRORS_H

#include "base/str.h"

/* How well something is known: in the vendor's documentation, in a response of the service, or an assumption. */
enum provenance {{ PROV_DOCUMENTED, PROV_OBSERVED, PROV_ASSUMED }};

enum {{ LANG_EN, LANG_ZH }};

enum error_id {{
    ERR_NONE,
{ids}
    ERR_UNDOCUMENTED, /* a code of a fault rule that no document lists; the call has its text */
    ERR_COUNT
}};

struct error_info {{
    struct str id;      /* the row's name, unique: MissingParameter.Header */
    struct str code;    /* as on the wire: MissingParameter */
    struct str text[2]; /* by LANG_EN, LANG_ZH */
    bool common;        /* the gateway has it, so every action may return it */
    enum provenance provenance;
    const char *source; /* the page or file; for an assumption its reason */
}};

extern const struct error_info error_table[ERR_COUNT];

/* "documented", "observed", "assumed", by enum provenance. */
extern const struct str provenance_words[];

#endif
"""

_UNDOCUMENTED = """    [ERR_UNDOCUMENTED] = {
        .id = STR_INIT("(undocumented)"),
        .code = STR_INIT("(undocumented)"),
        .text = {STR_INIT("The request failed."), STR_INIT("请求失败。")},
        .provenance = PROV_ASSUMED,
        .source = "the code is the user's",
    },
"""

_NONE = '[ERR_NONE] = {.id = STR_INIT(""), .code = STR_INIT(""), .text = {STR_INIT(""), STR_INIT("")}, .source = ""}'


def prov(word):
    return "PROV_" + word.upper()


def _row(e):
    return (f"    [{error_enum(e.id)}] = {{\n"
            f"        .id = STR_INIT({c_string(e.id)}),\n"
            f"        .code = STR_INIT({c_string(e.code)}),\n"
            f"        .text = {{STR_INIT({c_string(e.en)}), STR_INIT({c_string(e.zh)})}},\n"
            f"        .common = {'true' if e.origin == 'gateway' else 'false'},\n"
            f"        .provenance = {prov(e.provenance)},\n"
            f"        .source = {c_string(e.ground)},\n"
            f"    }},\n")


def header(model):
    return HEAD + _HEADER.format(ids="\n".join(f"    {error_enum(e.id)}," for e in model.errors))


def source(model):
    rows = "".join(map(_row, model.errors))
    words = "".join(f'    [{prov(word)}] = STR_INIT("{word}"),\n' for word in PROVENANCES)
    return (HEAD + '#include "gen/errors.h"\n\n' +
            f"const struct error_info error_table[ERR_COUNT] = {{\n    {_NONE},\n{rows}{_UNDOCUMENTED}}};\n\n"
            f"const struct str provenance_words[] = {{\n{words}}};\n")
