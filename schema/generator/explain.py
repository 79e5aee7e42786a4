"""explain.h and explain.c (layer cli): what each error code means, what causes it, and what each action is for.

What a code means is in errors.json, what causes it in an action's own list; the causes of the gateway's codes, which no
action lists, are in causes.json in both languages.
"""

import re

from .c_errors import HEAD
from .model import INJECTED
from .names import c_string

_WORDS = ("cause", "how")
_LANGS = ("en", "zh")

_HEADER = """
/* What `virga explain` and `virga actions` say. Texts are by LANG_EN, LANG_ZH; p == NULL where there is none. */
#ifndef VIRGA_GEN_EXPLAIN_H
#define VIRGA_GEN_EXPLAIN_H

#include "base/str.h"

/* One action that lists the code. */
struct explain_cause {{
    struct str action;
    struct str cause; /* p == NULL: by fault injection only */
}};

struct code_reference {{
    struct str code;
    bool common; /* any action may return it */
    bool retry;  /* the same call may succeed later */
    struct str meaning[2];
    struct str cause[2], how[2]; /* of a common code: what causes it here, and how to reproduce it */
    const struct explain_cause *causes;
    size_t n_causes;
}};

struct action_words {{
    struct str name, domain, summary;
}};

enum {{ EXPLANATIONS = {codes}, ACTION_WORDS = {actions} }};
extern const struct code_reference explanations[EXPLANATIONS];
/* In the order of the product's table of actions. */
extern const struct action_words action_words[ACTION_WORDS];

#endif
"""


def check(checker, raw, errors):
    """causes.json: {code: {"cause": {"en", "zh"}, "how": {"en", "zh"}}} of codes of the gateway."""
    codes = {e.code for e in errors.values() if e.origin == "gateway"}
    good = {}
    for code, value in raw.items():
        where = f"causes.json: {code}"
        if code not in codes:
            checker.problems.add(where, "is not a code of the gateway in errors.json")
        row = checker.keys(where, value, {"cause": dict, "how": dict}, _WORDS)
        texts = {word: checker.keys(f"{where}.{word}", row.get(word, {}), {"en": str, "zh": str}, _LANGS) for word in _WORDS}
        if all(texts[word].get(lang) for word in _WORDS for lang in _LANGS):
            good[code] = texts
    return good


def _codes(model):
    """{code: its rows in errors.json}, in the file's order."""
    found = {}
    for e in model.errors:
        found.setdefault(e.code, []).append(e)
    return found


# Temporary failures of the service: official clients do not retry them, so their callers must.
_PASSING = ("InternalError", "ServiceUnavailable")


def retry(code, rows):
    return code.split(".")[0] in _PASSING or any(e.retry for e in rows)


def _causes(model, code):
    ids = {e.id for e in model.errors if e.code == code}
    return [(a.name, None if e["cause"] == INJECTED else e["cause"])
            for p in model.products for a in p.actions for e in a.errors if e["code"] in ids]


def _pair(texts):
    if not texts:
        return "{{NULL, 0}, {NULL, 0}}"
    return "{" + ", ".join(f"STR_INIT({c_string(texts[lang])})" for lang in _LANGS) + "}"


def _general(text):
    """A message without the values of one call: arguments become three dots, an id at its start is removed."""
    return re.sub(r"\{\d\}", "...", re.sub(r"^\(\{\d\}\) ?", "", text))


def _code_row(model, code, rows, i):
    first = next((e for e in rows if e.id == code), rows[0])
    words = model.causes.get(code, {})
    n = len(_causes(model, code))
    return (f"    {{\n        .code = STR_INIT({c_string(code)}),\n"
            f"        .common = {'true' if any(e.origin == 'gateway' for e in rows) else 'false'},\n"
            f"        .retry = {'true' if retry(code, rows) else 'false'},\n"
            f"        .meaning = {_pair({'en': _general(first.en), 'zh': _general(first.zh)})},\n"
            f"        .cause = {_pair(words.get('cause'))},\n        .how = {_pair(words.get('how'))},\n"
            + (f"        .causes = causes_{i},\n        .n_causes = {n},\n" if n else "") + "    },\n")


def _cause_rows(model, code, i):
    rows = "".join(f"    {{STR_INIT({c_string(action)}), " + (f"STR_INIT({c_string(cause)})" if cause else "{NULL, 0}") + "},\n"
                   for action, cause in _causes(model, code))
    return f"static const struct explain_cause causes_{i}[] = {{\n{rows}}};\n\n" if rows else ""


def header(model):
    return HEAD + _HEADER.format(codes=len(_codes(model)), actions=sum(len(p.actions) for p in model.products))


def source(model):
    codes = sorted(_codes(model).items())
    causes = "".join(_cause_rows(model, code, i) for i, (code, _) in enumerate(codes))
    rows = "".join(_code_row(model, code, rows, i) for i, (code, rows) in enumerate(codes))
    actions = "".join(f"    {{STR_INIT({c_string(a.name)}), STR_INIT({c_string(a.row['domain'])}),\n"
                      f"     STR_INIT({c_string(a.row['summary'])})}},\n" for p in model.products for a in p.actions)
    return (HEAD + f'#include "gen/explain.h"\n\n{causes}const struct code_reference explanations[EXPLANATIONS] = {{\n{rows}}};\n\n'
            f"const struct action_words action_words[ACTION_WORDS] = {{\n{actions}}};\n")
