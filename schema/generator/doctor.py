"""doctor.h and doctor.c: the table of known mistakes (layer doctor); docs/doctor.md: the same as a page."""

import re

from . import markdown
from .c_errors import HEAD
from .names import c_string

_TEXTS = {"en": dict, "zh": dict}
_MISTAKE = {"id": str, "group": str, "stage": list, "variants": int, "paired": int, "versions": list} | _TEXTS
_STAGES = ("payload", "canonical", "string", "key")

_PAGE = """# The signature doctor

Generated from `schema/doctor.json` by `python3 schema/gen.py --doctor docs/doctor.md`. Do not edit.

When virga rejects a signature, the response is the gateway's, byte for byte. In addition, virga computes the signature
again under each mistake of the first table, and under every pair of them, and names the mistakes whose result is the
signature that was sent. A name is therefore a proof, not a guess. When nothing matches, the name is `sig.unknown` and
virga shows what it signed; the name is `sig.too-large` when the request is so large that not everything was tried. The
second table explains an `Authorization` header that is not well-formed.

The explanation is the line `why:` below the call's line in the log, and with `virga serve --why-header` the header
`X-Virga-Why` of the response; a call that sends `X-Virga-Explain: 1` gets that header without the option. `virga why`
shows it with everything else about the call, `virga why --as curl` prints the call with a correct signature, and
`virga sig diff FILE` compares a client's own canonical request with virga's
([testing.md](testing.md#why-was-i-refused)). A host that virga accepts as its own (`--strict` accepts only the one in
`Host`) is not named together with another mistake. An explanation never contains a key, and contains a correct
signature only with `--doctor-reveal`. A search runs only after a failure, and at most `--doctor-rate` times a second
(20).

Measured by `ninja -C BUILD tests/bench/bench_doctor && BUILD/tests/bench/bench_doctor` in a release build, on a machine
with two cores that hash in hardware; milliseconds of processor time until a signature that matches nothing is given up:

| request | median |
| --- | ---: |
| all single mistakes | 0.18 |
| and all pairs | 1.8 |
| the same where a signed value has capitals, since clients may sign it in lower case too | 3.7 |
| version 1, all single mistakes | 0.05 |
| and all pairs | 0.28 |
| a body of 4 KiB | 3.7 |
| a body of 64 KiB | 5.4 |
| a body of 10 MiB | 1.4 |
| a GET with 30 KiB | 3.0 |
| version 1, a form of 60 KiB | 3.4 |

No other call is handled during that time, so the texts over 1 KiB that a search makes are limited to 1.25 MiB in total.
After that the search tries only what is cheap; when nothing matches, the name is `sig.too-large`. JSON variants are not
made of a body over 64 KiB. None of 10,000 random signatures was given a name; the tests send that many.

Single mistakes are tried in the order of the table, so of two that sign the same text the first is named.
"""


def _check_row(where, row, keys, problems):
    if not isinstance(row, dict) or set(row) != set(keys):
        problems.add(where, f"must be an object with exactly the keys {', '.join(sorted(keys))}")
        return False
    wrong = [key for key, kind in keys.items() if not isinstance(row[key], kind)]
    for key in wrong:
        problems.add(f"{where}.{key}", f"must be of the type {keys[key].__name__}")
    if wrong:
        return False
    for language in _TEXTS:
        if set(row[language]) != {"cause", "cure"}:
            problems.add(f"{where}.{language}", "must have cause and cure, and nothing else")
    return True


def _check_stages(where, row, problems):
    for stage in row["stage"]:
        if stage not in _STAGES:
            problems.add(f"{where}.stage", f"{stage!r} is none of {', '.join(_STAGES)}")
    if "payload" in row["stage"] and "canonical" not in row["stage"]:
        problems.add(f"{where}.stage", "what changes the payload changes the canonical request too")
    if not 0 <= row["paired"] <= row["variants"]:
        problems.add(f"{where}.paired", "must not be above variants")


def check(raw, problems):
    """Reports what is wrong with doctor.json. Its ids are names of functions, so their form is checked."""
    seen = set()
    for kind, keys, prefix in (("mistakes", _MISTAKE, "sig"), ("forms", {"id": str} | _TEXTS, "auth")):
        for i, row in enumerate(raw.get(kind, [])):
            where = f"doctor.json: {kind}[{i}]"
            if not _check_row(where, row, keys, problems):
                continue
            if not re.fullmatch(prefix + r"\.[a-z0-9]+(-[a-z0-9]+)*", row["id"]) or row["id"] in seen:
                problems.add(f"{where}.id", f"must be {prefix}. and words with dashes, and unique")
            seen.add(row["id"])
            if kind == "mistakes":
                _check_stages(where, row, problems)


def _function(row):
    kind, name = row["id"].split(".")
    return ("mistake_" if kind == "sig" else "form_") + name.replace("-", "_")


def _group(row):
    return "GROUP_" + row["group"].replace("-", "_").upper()


def _groups(rows):
    return "".join(f"    {g},\n" for g in dict.fromkeys(map(_group, rows)))


def header(model):
    raw = model.source.doctor
    mistakes = "".join(f"bool {_function(r)}(struct diagnosis_case *p, size_t variant, struct signing *r);\n" for r in raw["mistakes"])
    forms = "".join(f"bool {_function(r)}(const struct malformed *m);\n" for r in raw["forms"])
    return (HEAD + "\n/* The known mistakes of a signature, and those of the form of an Authorization header. */\n"
            '#ifndef VIRGA_GEN_DOCTOR_H\n#define VIRGA_GEN_DOCTOR_H\n\n#include "diagnosis/mistake.h"\n\n'
            f"enum mistake_group {{\n{_groups(raw['mistakes'])}}};\n\n{mistakes}\n{forms}\n#endif\n")


def _texts(row):
    return "".join(f"     .{key} = {{STR_INIT({c_string(row['en'][key])}),\n      STR_INIT({c_string(row['zh'][key])})}},\n"
                   for key in ("cause", "cure"))


def _mistake(row):
    stages = " | ".join(f"STAGE_{s.upper()}" for s in row["stage"]) or "0"
    return (f"    {{.about = {{\n     .id = STR_INIT({c_string(row['id'])}),\n{_texts(row)}    }},\n"
            f"     .group = {_group(row)}, .stages = {stages}, .variants = {row['variants']}, .paired = {row['paired']},\n"
            f"     .v1 = {str(1 in row['versions']).lower()}, .v3 = {str(3 in row['versions']).lower()},"
            f" .apply = {_function(row)}}},\n")


def _form(row):
    return (f"    {{.about = {{\n     .id = STR_INIT({c_string(row['id'])}),\n{_texts(row)}    }},\n"
            f"     .shows = {_function(row)}}},\n")


def source(model):
    raw = model.source.doctor
    return (HEAD + '#include "gen/doctor.h"\n\n' +
            f"const struct mistake mistakes[] = {{\n{''.join(map(_mistake, raw['mistakes']))}}};\n"
            f"const size_t n_mistakes = {len(raw['mistakes'])};\n\n"
            f"const struct malformation malformations[] = {{\n{''.join(map(_form, raw['forms']))}}};\n"
            f"const size_t n_malformations = {len(raw['forms'])};\n")


def _lines(rows, language):
    return [(f"`{r['id']}`", r[language]["cause"], r[language]["cure"]) for r in rows]


def page(model):
    raw = model.source.doctor
    parts = [_PAGE]
    for title, kind in (("Signatures", "mistakes"), ("Authorization headers", "forms")):
        parts.append(f"## {title}\n\n" + markdown.table(("mistake", "cause", "cure"), _lines(raw[kind], "en")))
        parts.append(f"### {title}, in Chinese\n\n" + markdown.table(("错误", "原因", "解决办法"), _lines(raw[kind], "zh")))
    return "\n".join(parts)
