"""doctor.h and doctor.c: the tables of known mistakes (layer diagnosis); docs/doctor.md: the same tables for users, in both languages."""

import re

from . import markdown
from .c_errors import HEAD
from .names import c_string

_LANGS = ("en", "zh")
_STAGES = ("payload", "canonical", "string", "key")
_MISTAKE = {"id": str, "group": str, "stage": list, "paired": int, "versions": list, "en": dict, "zh": dict}
_OPTIONAL = {"note": str, "needs": str, "set": list, "variants": int, "series": int}
_ROW = {"id": str, "en": dict, "zh": dict}
# The members of struct signing whose values are constants of an enum, with the prefix of the constants.
_ENUMS = {"payload.style.space": "SPACE", "payload.style.escape": "ESCAPE", "payload.encoding": "ENCODING", "payload.form": "DIGEST",
          "canonical.form": "DIGEST", "key.chain": "CHAIN", "v1.order": "V1", "v1.value": "V1", "v1.keys": "V1", "v1.form": "V1", "v1.encoding": "ENCODING",
          "payload.style.numbers": "NUMBERS"}
# A text from the case within a value: "{host}" is SOURCE_HOST. "{}" is not one, since JSON has it too.
_SOURCE = re.compile(r"\{([a-z0-9]+(?:-[a-z0-9]+)*)\}")

_PAGE_EN = """# The signature doctor

English | [简体中文](doctor.zh-CN.md)

Generated from `schema/doctor.json` by `schema/gen.py`. Do not edit.

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
(20). A signature beyond that is searched when `virga why` or `GET /_virga/why/{RequestId}` asks for it, of the last 64
such requests and 20 times a second.

`virga doctor` looks over what is around the client: whether the server answers, the clock, proxies in the environment
that take requests to the server, trust in its certificate authority, credentials that look real, and the SDKs that are
installed. It says what to do, and names no key.

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

_PAGE_ZH = """# 签名医生

[English](doctor.md) | 简体中文

由 `schema/gen.py` 根据 `schema/doctor.json` 生成，请勿手工修改。

virga 拒绝一个签名时，应答与网关的逐字节相同。此外，virga 按第一张表中的每一种错误，以及其中每两种错误的组合，重新计算签名，
并指出结果与收到的签名相同的那些错误。所以指出的错误是证明，不是猜测。都不相同时，名称是 `sig.unknown`，virga 给出它自己签名的内容；
请求太大、没有全部尝试时，名称是 `sig.too-large`。第二张表解释格式不正确的 `Authorization` 头部。

解释是日志中该调用下面的 `why:` 一行；使用 `virga serve --why-header` 时，也是应答的 `X-Virga-Why` 头部；带有
`X-Virga-Explain: 1` 的调用无须该选项也会得到这个头部。`virga why` 把它与该调用的其他信息一起显示，`virga why --as curl`
用正确的签名打印这次调用，`virga sig diff FILE` 把客户端自己的规范请求串与 virga 的相比较
（[testing.md](testing.md#why-was-i-refused)）。virga 当作自己的主机名（使用 `--strict` 时只接受 `Host` 中的那一个）
不会与另一个错误一起指出。解释中从不包含密钥；只有使用 `--doctor-reveal` 时才包含正确的签名。只在失败之后才搜索，
每秒最多 `--doctor-rate` 次（20）。超出的签名在 `virga why` 或 `GET /_virga/why/{RequestId}` 询问时才搜索，
限于最近 64 个这样的请求，每秒 20 次。

`virga doctor` 检查客户端周围的情况：服务是否应答、时钟、环境变量中会截走请求的代理、对其证书颁发机构的信任、看起来真实的密钥，
以及已安装的 SDK。它说明该怎么做，并且从不显示密钥。

在发布构建中用 `ninja -C BUILD tests/bench/bench_doctor && BUILD/tests/bench/bench_doctor` 测量，机器有两个核心，由硬件计算哈希；
数值是对一个都不相同的签名放弃之前所用的处理器时间，单位毫秒：

| 请求 | 中位数 |
| --- | ---: |
| 所有单个错误 | 0.18 |
| 以及所有两种错误的组合 | 1.8 |
| 同上，但被签名的值中有大写字母，因为客户端可能按小写签名 | 3.7 |
| 版本 1，所有单个错误 | 0.05 |
| 以及所有两种错误的组合 | 0.28 |
| 4 KiB 的请求体 | 3.7 |
| 64 KiB 的请求体 | 5.4 |
| 10 MiB 的请求体 | 1.4 |
| 30 KiB 的 GET | 3.0 |
| 版本 1，60 KiB 的表单 | 3.4 |

在此期间不处理其他调用，所以一次搜索中大于 1 KiB 的文本总共不超过 1.25 MiB。超过之后只尝试代价小的；都不相同时，名称是
`sig.too-large`。请求体超过 64 KiB 时不尝试 JSON 的各种写法。一万个随机签名没有一个被指出错误；测试会发送这么多。

单个错误按表中的顺序尝试，所以两种错误签名的文本相同时，指出前一种。
"""

_PAGES = {"en": _PAGE_EN, "zh": _PAGE_ZH}
_TITLES = {"en": (("Signatures", "mistakes"), ("Authorization headers", "forms")), "zh": (("签名", "mistakes"), ("Authorization 头部", "forms"))}
_HEADS = {"en": ("mistake", "cause", "fix"), "zh": ("错误", "原因", "解决办法")}

_HEADER = """
/* The known mistakes of a signature and of an Authorization header: the groups, and the functions behind the rows. */
#ifndef VIRGA_GEN_DOCTOR_H
#define VIRGA_GEN_DOCTOR_H

#include "diagnosis/mistake.h"

enum mistake_group {{
{groups}}};

{mistakes}
{forms}
#endif
"""


def _check_row(where, row, required, optional, problems):
    if not isinstance(row, dict) or not set(required) <= set(row) <= set(required) | set(optional):
        more = f", and may have {', '.join(sorted(optional))}" if optional else ""
        problems.add(where, f"must be an object with the keys {', '.join(sorted(required))}{more}")
        return False
    kinds = required | optional
    wrong = [key for key in row if not isinstance(row[key], kinds[key])]
    for key in wrong:
        problems.add(f"{where}.{key}", f"must be of the type {kinds[key].__name__}")
    return not wrong


def _check_texts(where, row, keys, problems):
    for language in _LANGS:
        if set(row[language]) != keys:
            problems.add(f"{where}.{language}", f"must have {' and '.join(sorted(keys))}, and nothing else")


def _check_mistake(where, row, problems):
    for stage in row["stage"]:
        if stage not in _STAGES:
            problems.add(f"{where}.stage", f"{stage!r} is none of {', '.join(_STAGES)}")
    if "payload" in row["stage"] and "canonical" not in row["stage"]:
        problems.add(f"{where}.stage", "what changes the payload changes the canonical request too")
    if ("set" in row) == ("variants" in row):
        problems.add(where, "must have either set or variants")
    elif not 0 <= row["paired"] <= _variants(row):
        problems.add(f"{where}.paired", "must not be above the number of variants")
    if not all(isinstance(variant, dict) for variant in row.get("set", [])):
        problems.add(f"{where}.set", "must be a list of objects")
        return
    for value in (v for variant in row.get("set", []) for v in variant.values()):
        if isinstance(value, str) and len(_SOURCE.findall(value)) > 1:
            problems.add(f"{where}.set", f"{value!r} must name one text of the case at most")


def _check_kind(kind, rows, required, problems):
    prefix = {"mistakes": "sig", "forms": "auth", "outcomes": "(sig|auth)"}[kind]
    seen = set()
    for i, row in enumerate(rows):
        where = f"doctor.json: {kind}[{i}]"
        if not _check_row(where, row, required, _OPTIONAL if kind == "mistakes" else {}, problems):
            continue
        if not re.fullmatch(prefix + r"\.[a-z0-9]+(-[a-z0-9]+)*", row["id"]) or row["id"] in seen:
            problems.add(f"{where}.id", f"must be {prefix}. and words with dashes, and unique")
        seen.add(row["id"])
        _check_texts(where, row, {"cause"} if kind == "outcomes" else {"cause", "fix"}, problems)
        if kind == "mistakes":
            _check_mistake(where, row, problems)


def check(raw, problems):
    """Reports what is wrong with doctor.json. Its ids become names of functions, so their form is checked here."""
    for kind, required in (("mistakes", _MISTAKE), ("forms", _ROW), ("outcomes", _ROW)):
        _check_kind(kind, raw.get(kind, []), required, problems)
    for key in ("fix", "further"):
        if set(raw.get("separators", {}).get(key, {})) != set(_LANGS):
            problems.add(f"doctor.json: separators.{key}", f"must have {' and '.join(_LANGS)}, and nothing else")


def _variants(row):
    return len(row["set"]) if "set" in row else row["variants"]


def _constant(prefix, name):
    return f"{prefix}_{name.replace('-', '_')}".upper()


def _function(row):
    kind, name = row["id"].split(".")
    return ("mistake_" if kind == "sig" else "form_") + name.replace("-", "_")


def header(model):
    raw = model.source.doctor
    groups = "".join(f"    {g},\n" for g in dict.fromkeys(_constant("group", r["group"]) for r in raw["mistakes"]))
    mistakes = "".join(f"bool {_function(r)}(struct diagnosis_case *dc, size_t variant, struct signing *r);\n"
                       for r in raw["mistakes"] if "variants" in r)
    forms = "".join(f"bool {_function(r)}(const struct malformed *m);\n" for r in raw["forms"])
    return HEAD + _HEADER.format(groups=groups, mistakes=mistakes, forms=forms)


def _str(text):
    return f"STR_INIT({c_string(text)})"


def _finding(row):
    texts = "".join(f"     .{key} = {{{', '.join(_str(row[lang][key]) for lang in _LANGS)}}},\n" for key in ("cause", "fix")
                    if key in row["en"])
    return f"{{\n     .id = {_str(row['id'])},\n{texts}    }}"


def _change(member, value):
    if isinstance(value, str) and member not in _ENUMS:
        before, *found = _SOURCE.split(value)
        source, after = found or ("none", "")
        return f"CHANGE_TEXT({member}, {c_string(before)}, {_constant('source', source)}, {c_string(after)})"
    if isinstance(value, str):
        value = _constant(_ENUMS[member], value)
    return f"CHANGE({member}, {'NULL' if value is None else str(value).lower() if isinstance(value, bool) else value})"


def _variant(row, variant):
    changes = [_change(member, value) for member, value in variant.items() if member != "needs"]
    needs = _constant("source", variant.get("needs") or row.get("needs", "none"))
    listed = f"(const struct change[]){{{', '.join(changes)}}}" if changes else "NULL"
    return f"        {{.needs = {needs}, .changes = {listed}, .n = {len(changes)}}},\n"


def _mistake(row):
    stages = " | ".join(_constant("stage", s) for s in row["stage"]) or "0"
    made = (f".set = (const struct variant[]){{\n{''.join(_variant(row, v) for v in row['set'])}     }}" if "set" in row
            else f".apply = {_function(row)}")
    return (f"    {{.finding = {_finding(row)},\n     .group = {_constant('group', row['group'])}, .stages = {stages}, "
            f".variants = {_variants(row)}, .paired = {row['paired']}, .series = {row.get('series', 0)},\n"
            f"     .v1 = {str(1 in row['versions']).lower()}, .v3 = {str(3 in row['versions']).lower()},\n     {made}}},\n")


def _array(declaration, rows):
    return f"const {declaration} = {{\n{''.join(rows)}}};\n"


def source(model):
    raw = model.source.doctor
    forms = (f"    {{.finding = {_finding(r)},\n     .shows = {_function(r)}}},\n" for r in raw["forms"])
    outcomes = (f"    {_finding(r)},\n" for r in raw["outcomes"])
    separators = "".join(f"const struct str finding_{key}_separator[2] = {{{', '.join(_str(texts[lang]) for lang in _LANGS)}}};\n"
                         for key, texts in raw["separators"].items())
    return "\n".join([
        HEAD + '#include "gen/doctor.h"\n',
        _array("struct mistake mistakes[]", map(_mistake, raw["mistakes"])) + f"const size_t n_mistakes = {len(raw['mistakes'])};\n",
        _array("struct malformation malformations[]", forms) + f"const size_t n_malformations = {len(raw['forms'])};\n",
        _array("struct finding outcomes[]", outcomes) + f"const size_t n_outcomes = {len(raw['outcomes'])};\n", separators])


def _lines(rows, language):
    return [(f"`{r['id']}`", r[language]["cause"], r[language]["fix"]) for r in rows]


def page(model, lang):
    raw = model.source.doctor
    parts = [_PAGES[lang]]
    for title, kind in _TITLES[lang]:
        parts.append(f"## {title}\n\n" + markdown.table(_HEADS[lang], _lines(raw[kind], lang)))
    return "\n".join(parts)
