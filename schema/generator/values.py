"""Checks JSON values against the schema: its own keys, defaults, examples and the built-in world."""

JSON_WORDS = {str: "a text", int: "a whole number", bool: "true or false", list: "an array", dict: "an object",
              object: "a value"}

_BOUNDS = {"int64": (-2**53 + 1, 2**53 - 1), "uint64": (0, 2**53 - 1)}


def is_json_type(value, wanted):
    """isinstance, except that true is not a number."""
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, wanted)


def _fits_scalar(value, kind):
    if kind in _BOUNDS:
        low, high = _BOUNDS[kind]
        return is_json_type(value, int) and low <= value <= high
    if kind == "double":
        return is_json_type(value, int) or isinstance(value, float)
    return isinstance(value, {"string": str, "bool": bool}[kind])


def fits(value, field):
    """Whether one value (not the list) is of the field's scalar type."""
    return _fits_scalar(value, field.kind)


def check_object(value, fields, types, path=""):
    """Yields what is wrong with a parameter object: unknown names, wrong types, required ones that are absent."""
    if not isinstance(value, dict):
        yield f"{path or 'the value'} must be an object"
        return
    known = {f.name: f for f in fields}
    for name in value:
        if name not in known:
            yield f"{path}{name} is not in the schema"
    for name, field in known.items():
        if name in value:
            yield from _check_field(value[name], field, types, path + name)
        elif field.row.get("required"):
            yield f"{path}{name} is required"


def _check_field(value, field, types, path):
    if field.is_list and not isinstance(value, list):
        yield f"{path} must be an array"
        return
    for i, item in enumerate(value if field.is_list else [value]):
        at = f"{path}[{i}]" if field.is_list else path
        if field.kind == "object":
            yield from check_object(item, types[field.word].fields, types, at + ".")
        elif not fits(item, field):
            yield f"{at} is not of type {field.word}"
