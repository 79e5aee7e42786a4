"""Checks a product's folder: _product.json, its objects, enums, magic ids and how they refer to each other."""

from . import action, causes, does, enums, lookups, magic, regions, rows, tables, values
from .model import Product

_KEYS = {"name": str, "version": str, "title": str, "title_zh": str, "source": str, "regions": object, "specs": list,
         "other_regions": list, "domains": list, "domains_zh": list, "defaults": dict, "lookups": list, "resource": dict,
         "flow_field": str, "store_errors": dict, "causes": dict, "examples": dict, "reset_scopes": list, "state": dict}
_MUST = ("name", "version", "title", "title_zh", "source", "regions", "domains", "domains_zh", "defaults", "examples")
_RESOURCE_KEYS = {"kind": str, "title": str, "title_zh": str, "param": str, "list_param": str, "id": str, "not_found": str}
_EXAMPLE_KEYS = {"region": str, "resource": str, "write": dict, "read": dict, "path": str, "path_value": str,
                 "flow_kind": str}
_CALLS = ("write", "read")
# enum db_fault of store/db.h, as _product.json names its values.
STORE_FAULTS = ("busy", "full", "gone", "io", "corrupt", "constraint", "other")


def check_all(checker):
    """The products in the order of products.json; one may name an earlier one whose regions it shares."""
    found = {}
    for raw in checker.source.products:
        checker.product = raw["folder"]
        found[raw["folder"]] = _check(checker, raw, found)
    checker.product = None
    return list(found.values())


def _check(checker, raw, earlier):
    folder = raw["folder"]
    where = f"{folder}/_product.json"
    row = checker.keys(where, raw["product"], _KEYS, _MUST)
    if row.get("name") != folder:
        checker.problems.add(f"{where}.name", f"must be the folder's name {folder!r}")
    product = Product(folder, row.get("version", ""), row)
    product.regions, product.other_regions = _regions(checker, where, row, earlier)
    specs = _rows(checker, where, row, "specs", regions.SPEC_KEYS, regions.specs)
    product.specs = sorted(pair for pairs in specs for pair in pairs)
    product.domains, product.domains_zh = _domains(checker, where, row)
    product.types = checker.types(raw["types"], f"{folder}/_types.json")
    defaults = action.defaults(checker, f"{where}: defaults", row.get("defaults", {}))
    actions = [action.check(checker, f"{folder}/{name}", name[:-5], value, product, defaults)
               for name, value in raw["actions"].items()]
    product.actions = sorted(actions, key=lambda a: a.name)
    product.enums = enums.check(checker, f"{folder}/_enums.json", raw["enums"])
    product.tables = tables.check(checker, f"{folder}/_tables.json", raw["tables"])
    product.import_plan = raw["import"]
    product.resource = _resource(checker, f"{where}: resource", row)
    product.store_errors = _store_errors(checker, f"{where}: store_errors", row)
    causes.fill(checker, f"{where}: causes", row.get("causes", {}), product)
    product.magic = magic.check(checker, f"{folder}/_magic.json", raw["magic"], product)
    _check_rest(checker, where, row, product)
    return product


_SCOPE_KEYS = {"name": str, "title": str, "title_zh": str, "removed": str, "removed_zh": str}
# What the console shows of the state: the tables of resources, of their parts, of the parts of a flow and of its record.
_STATE_KEYS = {"resources": str, "resource_id": str, "resource_status": str, "parts": str, "part_status": str, "flow_parts": str,
               "flow_record": str, "flow_kind": str}


def _check_rest(checker, where, row, product):
    for i, scope in enumerate(row.get("reset_scopes", [])):
        checker.keys(f"{where}: reset_scopes[{i}]", scope, _SCOPE_KEYS, _SCOPE_KEYS)
    if "state" in row:
        checker.keys(f"{where}: state", row["state"], _STATE_KEYS, _STATE_KEYS)
    _check_struct_names(checker, product)
    rows.check_expressions(checker, where, product)
    does.check(checker, product)
    _check_examples(checker, f"{where}: examples", row.get("examples", {}), product)
    lookups.check(row.get("lookups", []), product.actions, product.types,
                  lambda at, text: checker.problems.add(f"{where}: {at}", text))


def _rows(checker, where, row, key, keys, read):
    """What `read` makes of each object under `key`, with its provenance checked; without those that are wrong."""
    found = []
    for i, raw in enumerate(row.get(key, [])):
        at = f"{where}.{key}[{i}]"
        value = checker.keys(at, raw, keys, keys.keys() - checker.PROVENANCE_KEYS.keys())
        checker.provenance(at, value)
        found.append(read(value, at, checker.problems))
    return [value for value in found if value]


def _regions(checker, where, row, earlier):
    """Where the product is served, in the order of the regions' numbers, and the names of the others, sorted."""
    if isinstance(row.get("regions"), str):
        like = earlier.get(row["regions"])
        if not like:
            checker.problems.add(f"{where}.regions", f"{row['regions']!r} is no product that products.json names before")
        return (like.regions, like.other_regions) if like else ([], [])
    served = _rows(checker, where, row, "regions", regions.REGION_KEYS, regions.region)
    others = [r for r in row.get("other_regions", []) if regions.is_name(r)]
    names = [r.name for r in served] + others
    if not served or len(others) != len(row.get("other_regions", [])):
        checker.problems.add(f"{where}.regions", "must name regions such as ap-guangzhou")
    if len(set(names)) != len(names) or len({r.id for r in served}) != len(served):
        checker.problems.add(f"{where}.regions", "a region comes twice")
    return sorted(served, key=lambda r: r.id), sorted(others)


def _domains(checker, where, row):
    domains, domains_zh = [[d for d in row.get(key, []) if isinstance(d, str)] for key in ("domains", "domains_zh")]
    if len(domains_zh) != len(domains):
        checker.problems.add(f"{where}: domains_zh",
                             f"must have a title for each of the {len(domains)} domains, and has {len(domains_zh)}")
    return domains, domains_zh


def _resource(checker, where, row):
    if "resource" not in row:
        return {}
    resource = checker.keys(where, row["resource"], _RESOURCE_KEYS, _RESOURCE_KEYS)
    if "not_found" in resource:
        checker.code(f"{where}.not_found", resource["not_found"])
    return resource


def _store_errors(checker, where, row):
    """{fault: [ids]}: the codes that report a failure of the store, the most fitting first."""
    found = {}
    for fault, ids in row.get("store_errors", {}).items():
        if fault not in STORE_FAULTS:
            checker.problems.add(f"{where}.{fault}", f"must be one of {', '.join(STORE_FAULTS)}")
            continue
        found[fault] = [i for i in ids if checker.code(f"{where}.{fault}", i)]
    return found


def _check_struct_names(checker, product):
    seen = {t.c_name for t in product.types.values()} | {t.c_name + "_list" for t in product.types.values()}
    for a in product.actions:
        for c_name in (a.c_name + "_in", a.c_name + "_out"):
            checker.once(f"{product.name}/{a.name}.json", c_name, seen, "the C name")


def _check_examples(checker, where, raw, product):
    """The calls that help texts and code samples show are calls that the product takes."""
    row = checker.keys(where, raw, _EXAMPLE_KEYS, ("region", "write", "read"))
    if row.get("region") not in [r.name for r in product.regions]:
        checker.problems.add(f"{where}.region", "must be a region where the product is served")
    by_name = {a.name: a for a in product.actions}
    for key in _CALLS:
        call = checker.keys(f"{where}.{key}", row.get(key, {}), {"action": str, "params": dict})
        known = by_name.get(call.get("action"))
        if key in row and not known:
            checker.problems.add(f"{where}.{key}", f"there is no action {call.get('action')!r}")
        for problem in values.check_object(call.get("params", {}), known.inputs, product.types) if known else ():
            checker.problems.add(f"{where}.{key}", problem)
