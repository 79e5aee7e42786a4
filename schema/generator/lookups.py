"""Lookups: where the console finds values to pick for a parameter, by an ordinary call to another action."""

_KEYS = ("for", "action", "in", "rows", "value")


def check(rows, actions, types, problem):
    """Every name in a lookup must be one of the product's."""
    known = {f.name for holder in [a.inputs for a in actions] + [t.fields for t in types.values()] for f in holder}
    by_name = {a.name: a for a in actions}
    for i, row in enumerate(rows):
        at = f"lookups[{i}]"
        missing = [key for key in _KEYS if key not in row]
        if missing:
            problem(at, f"lacks {', '.join(missing)}")
            continue
        for name in set(row["for"]) - known:
            problem(f"{at}.for", f"there is no parameter {name!r}")
        action = by_name.get(row["action"])
        if not action:
            problem(f"{at}.action", f"there is no action {row['action']!r}")
            continue
        for name in row["in"].keys() - {f.name for f in action.inputs}:
            problem(f"{at}.in", f"{row['action']} has no parameter {name!r}")
        _check_rows(at, row, action, types, problem)


def _check_rows(at, row, action, types, problem):
    fields = {f.name: f for f in action.outputs}
    for part in row["rows"].split("."):
        field = fields.get(part)
        if not field or field.word not in types:
            problem(f"{at}.rows", f"{part!r} is not a list of objects")
            return
        fields = {f.name: f for f in types[field.word].fields}
    for key in ("value", "title"):
        if key in row and row[key] not in fields:
            problem(f"{at}.{key}", f"there is no field {row[key]!r}")
