"""texts.h and texts.c: sentences of the program in English and Chinese (texts.json).

The cloud's messages are not among them: those are protocol, and errors.json has them.
"""

import re

from .c_errors import HEAD
from .names import c_string

_LANGS = ("en", "zh")

_HEADER = """
/* Sentences in both languages. {{0}}, {{1}} and {{2}} are arguments. */
#ifndef VIRGA_GEN_TEXTS_H
#define VIRGA_GEN_TEXTS_H

#include "base/str.h"

enum text_id {{
{ids}
    TEXT_COUNT
}};

/* By LANG_EN, LANG_ZH. */
extern const struct str texts[TEXT_COUNT][2];

#endif
"""


def check(checker, raw):
    """[(id, {"en", "zh"})]; both languages must name the same arguments."""
    found, names = [], set()
    for text_id, value in raw.items():
        where = f"texts.json: {text_id}"
        row = checker.keys(where, value, {"en": str, "zh": str}, _LANGS)
        if not re.fullmatch(r"[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*", text_id):
            checker.problems.add(where, "an id is two words with a dot between: rule.present")
        checker.once(where, constant(text_id), names, "the C name")
        places = [set(re.findall(r"\{(.*?)\}", row.get(lang, ""))) for lang in _LANGS]
        if places[0] != places[1] or places[0] - {"0", "1", "2"}:
            checker.problems.add(where, "both languages must have the same arguments, of {0}, {1} and {2}")
        if all(row.get(lang) for lang in _LANGS):
            found.append((text_id, row))
    return found


def constant(text_id):
    return "TEXT_" + re.sub(r"[.-]", "_", text_id).upper()


def header(model):
    return HEAD + _HEADER.format(ids="\n".join(f"    {constant(i)}, /* {row['en']} */" for i, row in model.texts))


def source(model):
    rows = "".join(f"    [{constant(i)}] = {{STR_INIT({c_string(row['en'])}),\n        STR_INIT({c_string(row['zh'])})}},\n"
                   for i, row in model.texts)
    return HEAD + f'#include "gen/texts.h"\n\nconst struct str texts[TEXT_COUNT][2] = {{\n{rows}}};\n'
