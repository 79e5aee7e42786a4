"""C structs and their shapes, for products, the world file and the control API."""

from .c_errors import prov
from .names import c_string, error_enum, struct_name

_SINGLE = {"string": "struct str", "int64": "struct opt_i64", "uint64": "struct opt_u64", "bool": "struct opt_bool",
           "double": "struct opt_f64", "json": "const struct node *"}
_LIST = {"string": "struct str_list", "int64": "struct i64_list", "uint64": "struct u64_list",
         "double": "struct f64_list"}


def _member(field):
    note = f" /* {field.row['summary']} */" if field.row.get("summary") else ""
    if field.kind == "object":
        c_type = f"struct {struct_name(field.word)}" + ("_list " if field.is_list else " *")
    else:
        c_type = (_LIST if field.is_list else _SINGLE)[field.kind]
        c_type += "" if c_type.endswith("*") else " "
    return f"    {c_type}{field.c_name};{note}\n"


def struct(c_name, fields):
    """The struct's definition. ISO C has no empty struct, so one without fields gets a byte."""
    members = "".join(map(_member, fields)) or "    char unused;\n"
    return f"struct {c_name} {{\n{members}}};\n"


def records(types):
    """All shared objects with their lists; declared before they are defined, since they may refer to each other."""
    out = "".join(f"struct {t.c_name};\n" for t in types.values())
    for t in types.values():
        out += f"struct {t.c_name}_list {{\n    struct {t.c_name} *v;\n    size_t n;\n    bool set;\n}};\n"
    return out + "".join("\n" + struct(t.c_name, t.fields) for t in types.values())


def _rule(rule):
    parts = [f".kind = RULE_{rule.name.upper()}"]
    if rule.min or rule.max:
        parts += [f".min = {rule.min}", f".max = {rule.max}"]
    if rule.text is not None:
        parts.append(f".text = {c_string(rule.text)}")
    if rule.code:
        parts.append(f".code = {error_enum(rule.code)}")
    parts += [f".provenance = {prov(rule.provenance)}", f".source = {c_string(rule.ground)}"]
    return "    {" + ", ".join(parts) + "},\n"


def _fallback(value):
    """A default as a form has it."""
    text = value if isinstance(value, str) else str(value).lower()
    return f".fallback = STR_INIT({c_string(text)})"


def _field(c_name, field):
    parts = [f".name = STR_INIT({c_string(field.name)})", f".type = SHAPE_{field.kind.upper()}",
             f".offset = offsetof(struct {c_name}, {field.c_name})"]
    parts += [f".{key} = true" for key in ("required", "nullable", "omit", "read_only") if field.row.get(key)]
    if field.is_list:
        parts.append(".list = true")
    if field.kind == "object":
        parts.append(f".object = &{struct_name(field.word)}_shape")
    if "default" in field.row:
        parts.append(_fallback(field.row["default"]))
    if field.rules:
        parts += [f".rules = {c_name}_{field.c_name}_rules", f".n_rules = {len(field.rules)}"]
    return "    {" + ", ".join(parts) + "},\n"


def shape(c_name, fields, linkage="static "):
    """The tables of one struct: rules, fields and the shape itself."""
    out = "".join(
        f"static const struct shape_rule {c_name}_{f.c_name}_rules[] = {{\n{''.join(map(_rule, f.rules))}}};\n"
        for f in fields if f.rules)
    table, count = "NULL", "0"
    if fields:
        table, count = f"{c_name}_fields", str(len(fields))
        rows = "".join(_field(c_name, f) for f in fields)
        out += f"static const struct shape_field {table}[] = {{\n{rows}}};\n"
    return out + (f"{linkage}const struct shape {c_name}_shape = {{\n    .name = {c_string(c_name)},\n"
                  f"    .size = sizeof(struct {c_name}),\n    .fields = {table},\n    .n_fields = {count},\n}};\n\n")


def record_shapes(types, public=()):
    """The shapes of all shared objects; those in `public` are visible outside the file."""
    out = "".join(f"static const struct shape {t.c_name}_shape;\n" for t in types.values() if t.name not in public)
    return out + "\n" + "".join(
        shape(t.c_name, t.fields, "" if t.name in public else "static ") for t in types.values())
