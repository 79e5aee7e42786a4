"""products.h and products.c: the list of products, and what the emulator needs to know of each beside its actions."""

import json

from .c_errors import HEAD
from .names import c_string, error_enum

_HEADER = """
/* The products that are emulated, in the order of schema/products.json; the first is the one that examples show. */
#ifndef VIRGA_GEN_PRODUCTS_H
#define VIRGA_GEN_PRODUCTS_H

#include "core/registry.h"
#include "store/db.h"

/* The codes that report a failure of the store, the most fitting first: the first that the action declares is answered. */
struct store_errors {{
    enum db_fault fault;
    const enum error_id *codes;
    size_t n_codes;
}};

/* A call for help texts and code samples: its parameters are JSON. */
struct example_call {{
    struct str action, params;
}};

/* Names are as on the wire. p == NULL: the product has none. */
struct product_info {{
    struct str title[2];             /* by LANG_EN, LANG_ZH */
    struct str resource_title[2];    /* "instance" */
    struct str resource_param;       /* the parameter that names it: "InstanceId" */
    struct str resource_list_param;  /* the list of them: "InstanceIdSet" */
    struct str resource_id_prefix;   /* "mssql-" */
    enum error_id resource_not_found; /* ERR_NONE: no resource */
    struct str flow_field;           /* the result that names a flow: "FlowId" */
    const struct store_errors *store_errors;
    size_t n_store_errors;
    struct str example_region, example_resource, example_flow_kind;
    struct str example_path, example_path_value; /* a parameter inside a list: "DBNames.0", "db1" */
    struct example_call write, read, not_emulated;
}};

enum {{ PRODUCTS = {count} }};
extern const struct product *const products[PRODUCTS];
/* In the same order. */
extern const struct product_info product_infos[PRODUCTS];

#endif
"""


def header(model):
    return HEAD + _HEADER.format(count=len(model.products))


def _text(value):
    return f"STR_INIT({c_string(value)})" if value else "{NULL, 0}"


def _pair(en, zh):
    return f"{{{_text(en)}, {_text(zh)}}}"


def id_prefix(pattern):
    """The literal text at the start of an id's pattern: mssql-[a-z0-9]{8} -> mssql-."""
    return pattern.split("[")[0]


def _call(product, key):
    call = product.row.get("examples", {}).get(key, {})
    params = json.dumps(call["params"], ensure_ascii=False, separators=(",", ":")) if "params" in call else ""
    return f"{{{_text(call.get('action'))}, {_text(params)}}}"


def _store_tables(product):
    out, rows = "", ""
    for fault, ids in product.store_errors.items():
        table = f"{product.name}_{fault}_errors"
        out += f"static const enum error_id {table}[] = {{{', '.join(map(error_enum, ids))}}};\n"
        rows += f"    {{DB_{fault.upper()}, {table}, {len(ids)}}},\n"
    return out + (f"static const struct store_errors {product.name}_store_errors[] = {{\n{rows}}};\n\n" if rows else "")


def _info(product):
    row, resource = product.row, product.resource
    examples = row.get("examples", {})
    store = (f"{product.name}_store_errors", len(product.store_errors)) if product.store_errors else ("NULL", 0)
    members = [
        ("title", _pair(row.get("title"), row.get("title_zh"))),
        ("resource_title", _pair(resource.get("title"), resource.get("title_zh"))),
        ("resource_param", _text(resource.get("param"))), ("resource_list_param", _text(resource.get("list_param"))),
        ("resource_id_prefix", _text(id_prefix(resource.get("id", "")))),
        ("resource_not_found", error_enum(resource["not_found"]) if "not_found" in resource else "ERR_NONE"),
        ("flow_field", _text(row.get("flow_field"))), ("store_errors", store[0]), ("n_store_errors", store[1]),
        ("example_region", _text(examples.get("region"))), ("example_resource", _text(examples.get("resource"))),
        ("example_flow_kind", _text(examples.get("flow_kind"))), ("example_path", _text(examples.get("path"))),
        ("example_path_value", _text(examples.get("path_value"))),
        *[(key, _call(product, key)) for key in ("write", "read", "not_emulated")]]
    return "    {\n" + "".join(f"        .{key} = {value},\n" for key, value in members) + "    },\n"


def source(model):
    names = "".join(f"    &product_{p.name},\n" for p in model.products)
    # Declared here and not by their headers: objects of two products may have one name.
    declared = "".join(f"extern const struct product product_{p.name};\n" for p in model.products) + "\n"
    return (HEAD + '#include "gen/products.h"\n\n' + declared + "".join(map(_store_tables, model.products)) +
            f"const struct product *const products[PRODUCTS] = {{\n{names}}};\n\n"
            f"const struct product_info product_infos[PRODUCTS] = {{\n{''.join(map(_info, model.products))}}};\n")
