"""The control API: checks schema/control/, writes control.h and control.c (layer server) and its OpenAPI document."""

import gzip
import json
import re

from . import c_shapes
from .c_errors import HEAD
from .model import TYPES
from .names import c_string, struct_name

_ROUTE_KEYS = {"method": str, "path": str, "name": str, "summary": str, "query": list, "body": str, "answer": str,
               "raw_body": str, "raw_answer": str, "content_type": str, "embedded": bool}
_METHODS = ("GET", "PUT", "POST", "DELETE")
_JSON = "application/json"


class Route:
    """One row: the struct names of its pieces are None where it has none."""

    def __init__(self, row, query):
        self.row = row
        self.name = row["name"]
        self.query = query
        self.query_struct = f"{self.name}_query" if query else None
        self.body = row.get("body")
        self.answer = row.get("answer")

    def parameters(self):
        """The C parameters after the first, in order."""
        out = [f"const struct {self.query_struct} *query"] if self.query else []
        out += [f"const struct {struct_name(self.body)} *body"] if self.body else []
        return out + ([f"struct {struct_name(self.answer)} *answer"] if self.answer else [])

    def arguments(self):
        return [n for n, there in (("query", self.query), ("body", self.body), ("answer", self.answer)) if there]


def check(checker, raw_types, raw_routes, shared):
    """(types, routes) after all that is wrong has been reported; `shared` has the types of lower layers."""
    own = checker.types(raw_types, "control/_types.json", own_format=True, shared=shared)
    types = own | shared
    routes, names, places = [], set(), set()
    for i, raw in enumerate(raw_routes):
        where = f"control/_routes.json[{i}]"
        row = checker.keys(where, raw, _ROUTE_KEYS, ("method", "path", "name", "summary"))
        if not all(row.get(k) for k in ("method", "path", "name", "summary")):
            continue
        where = f"control/_routes.json: {row['name']}"
        checker.once(where, row["name"], names, "the name")
        checker.once(where, f"{row['method']} {row['path']}", places, "the route")
        _check_route(checker, where, row, types)
        routes.append(Route(row, checker.fields(f"{where}: query", row.get("query", []), checker.IN_KEYS, types, True)))
    return own, routes


def _check_route(checker, where, row, types):
    if row["method"] not in _METHODS:
        checker.problems.add(f"{where}: method", f"must be one of {', '.join(_METHODS)}")
    if not re.fullmatch(r"/_virga(/[a-z_.]+|/\{[a-z_]+\})*/?", row["path"]):
        checker.problems.add(f"{where}: path", "must be /_virga/... of small letters and {words}")
    if not re.fullmatch(r"[a-z_]+", row["name"]):
        checker.problems.add(f"{where}: name", "must be small letters and underscores")
    for key in ("body", "answer", "raw_body", "raw_answer"):
        if key in row and row[key] not in types:
            checker.problems.add(f"{where}: {key}", f"{row[key]!r} is not a type of control/_types.json")


# --- C ---


def _records(model):
    """The types that C has; a type that only describes a raw body or response is for OpenAPI alone."""
    raw = {r.row.get(key) for r in model.control_routes for key in ("raw_body", "raw_answer")}
    return {name: t for name, t in model.control_types.items() if name not in raw}


def _dispatched(model):
    """The routes that a function serves; an embedded one is a file of the console."""
    return [r for r in model.control_routes if not r.row.get("embedded")]


def header(model):
    out = (HEAD + "\n/* The control API: its types, and the functions that serve it. Each answers 0, or -1 after control_fail. */\n"
           '#ifndef VIRGA_GEN_CONTROL_H\n#define VIRGA_GEN_CONTROL_H\n\n#include "control/response.h"\n#include "gen/faults.h"\n\n')
    out += c_shapes.records(_records(model)) + "\n"
    out += "".join(f"extern const struct shape {t.c_name}_shape;\n" for t in _records(model).values())
    for r in _dispatched(model):
        if r.query:
            out += "\n" + c_shapes.struct(r.query_struct, r.query)
        out += f"\n/* {r.row['method']} {r.row['path']}: {r.row['summary']} */\n"
        out += f"int control_{r.name}({', '.join(['struct control *k'] + r.parameters())});\n"
    return out + "\n#endif\n"


def _cast(r):
    unused = "".join(f"    (void){n};\n" for n in ("query", "body", "answer") if n not in r.arguments())
    return (f"static int {r.name}_cast(struct control *k, const void *query, const void *body, void *answer)\n{{\n{unused}"
            f"    return control_{r.name}({', '.join(['k'] + r.arguments())});\n}}\n\n")


def _row(r):
    def address(struct):
        return f"&{struct}_shape" if struct else "NULL"

    body, answer = (struct_name(t) if t else None for t in (r.body, r.answer))
    return (f"    {{STR_INIT({c_string(r.row['method'])}), STR_INIT({c_string(r.row['path'])}),\n"
            f"     {address(r.query_struct)}, {address(body)}, {address(answer)}, {r.name}_cast,"
            f" {c_string(r.row.get('content_type', _JSON))}}},\n")


def source(model):
    out = HEAD + '#include "gen/control.h"\n\n#include "control/router.h"\n\n' + c_shapes.record_shapes(_records(model), public=_records(model))
    routes = _dispatched(model)
    for r in routes:
        out += c_shapes.shape(r.query_struct, r.query) if r.query else ""
        out += _cast(r)
    rows = "".join(map(_row, routes))
    return out + (f"const struct control_route control_routes[] = {{\n{rows}}};\n"
                  f"const size_t n_control_routes = {len(routes)};\n\n" + _openapi_c(model))


def _openapi_c(model):
    """The document, compressed: few clients ask for it."""
    text = json.dumps(openapi(model), ensure_ascii=False, separators=(",", ":")).encode()
    short = gzip.compress(text, 9, mtime=0)
    rows = "".join("    " + "".join(f"{b}," for b in short[i:i + 24]) + "\n" for i in range(0, len(short), 24))
    return (f"static const unsigned char openapi_gzip[] = {{\n{rows}}};\n\n"
            f"const struct control_openapi control_openapi = {{{{(const char *)openapi_gzip, sizeof openapi_gzip}}, {len(text)}}};\n")


# --- OpenAPI ---

_SCALARS = {"string": {"type": "string"}, "int64": {"type": "integer", "format": "int64"},
            "uint64": {"type": "integer", "format": "int64", "minimum": 0}, "bool": {"type": "boolean"},
            "double": {"type": "number"}, "json": {}}


def _schema_of(field):
    one = {"$ref": f"#/components/schemas/{field.word}"} if field.kind == "object" else dict(_SCALARS[field.kind])
    if not field.is_list and field.kind != "object":
        for rule in field.rules:
            if rule.name == "one_of":
                one["enum"] = [v if field.kind == "string" else int(v) for v in rule.text.split("|")]
            elif rule.name == "int_range":
                one |= {"minimum": rule.min, "maximum": rule.max}
    if field.is_list:
        one = {"type": "array", "items": one}
    out = one | ({"description": field.row["summary"]} if field.row.get("summary") and "$ref" not in one else {})
    out |= {"readOnly": True} if field.row.get("read_only") else {}
    return out | ({"default": field.row["default"]} if "default" in field.row else {})


def _object(fields):
    out = {"type": "object", "properties": {f.name: _schema_of(f) for f in fields}}
    required = [f.name for f in fields if f.row.get("required")]
    return out | ({"required": required} if required else {})


def _operation(r):
    parameters = [{"name": w, "in": "path", "required": True, "schema": {"type": "string"}}
                  for w in re.findall(r"\{([a-z_]+)\}", r.row["path"])]
    parameters += [{"name": f.name, "in": "query", "required": bool(f.row.get("required")), "schema": _schema_of(f)}
                   for f in r.query]
    content_type = r.row.get("content_type", _JSON)
    answer, body = r.answer or r.row.get("raw_answer"), r.body or r.row.get("raw_body")
    schema = {"$ref": f"#/components/schemas/{answer}"} if answer else {} if content_type == _JSON else {"type": "string"}
    out = {"operationId": r.name, "summary": r.row["summary"], "responses": {
        "200": {"description": "Done.", "content": {content_type: {"schema": schema}}},
        "default": {"description": "Rejected.", "content": {_JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}}}}
    if parameters:
        out["parameters"] = parameters
    if body:
        out["requestBody"] = {"required": True,
                              "content": {_JSON: {"schema": {"$ref": f"#/components/schemas/{body}"}}}}
    return out


def openapi(model):
    paths = {}
    for r in model.control_routes:
        paths.setdefault(r.row["path"], {})[r.row["method"].lower()] = _operation(r)
    schemas = {t.name: _object(t.fields) for t in (model.control_types | model.faults).values()}
    return {"openapi": "3.1.0",
            "info": {"title": "virga control API", "version": "1", "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
            "paths": paths, "components": {"schemas": schemas}}


assert set(_SCALARS) >= set(TYPES.values())
