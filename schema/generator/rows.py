"""<product>_rows.h/.c (layer product): structs filled from rows of the store.

A field of an object or of a result may say where its value comes from: a `column` of the statement, with the expression that
selects it (in which {DatabaseStatus.normal} is a value of an enum) and the form of a time, or a `value` that is always the same. Of a struct with such fields the generator makes
a macro of the columns to select and a function that reads them.
"""

import re

from . import enums
from .c_errors import HEAD
from .names import c_string

_ENUM_VALUE = re.compile(r"\{([A-Za-z]+\.[a-z_]+)\}")

# How a time column is shown, and the function of base/clock.h that does it.
_TIMES = {"time": "time_beijing", "time_ms": "time_beijing_ms"}
_NO_TIME = "0000-00-00 00:00:00"
_READ = {"string": "stmt_str(s, a, {c})", "int64": "I64(stmt_i64(s, {c}))", "uint64": "U64((uint64_t)stmt_i64(s, {c}))",
         "bool": "BOOL(stmt_i64(s, {c}) != 0)"}
KEYS = {"column": str, "select": str, "format": str, "value": object}


def check_field(checker, where, row, field, own_format):
    """Checks these keys of one field; only objects and results of products may have them."""
    given = KEYS.keys() & row.keys()
    if not given:
        return
    if own_format:
        checker.problems.add(where, f"only fields of a product have {', '.join(sorted(given))}")
    if field.is_list or field.kind not in _READ:
        checker.problems.add(where, f"a {field.type_text} is not read from a row")
    if ("column" in row) == ("value" in row):
        checker.problems.add(where, "must have either a column, with select and format, or a value")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", row.get("column", "x")):
        checker.problems.add(f"{where}.column", "must be small letters, digits and underscores")
    if row.get("format", "time") not in _TIMES or ("format" in row and field.kind != "string"):
        checker.problems.add(f"{where}.format", f"must be one of {', '.join(_TIMES)}, of a text")
    if "value" in row and not _fits(row["value"], field.kind):
        checker.problems.add(f"{where}.value", f"{row['value']!r} is not of type {field.word}")


def _fits(value, kind):
    wanted = {"string": str, "bool": bool}.get(kind, int)
    return type(value) is wanted


def check_columns(checker, where, fields):
    columns = set()
    for field in fields:
        if "column" in field.row:
            checker.once(f"{where}.{field.name}", field.row["column"], columns, "the column")


def _filled(fields):
    return [f for f in fields if "column" in f.row or "value" in f.row]


def structs(product):
    """[(C name, the fields that are filled)] of the objects and results that have such fields."""
    all_fields = [(t.c_name, t.fields) for t in product.types.values()]
    all_fields += [(f"{a.c_name}_out", a.outputs) for a in product.actions]
    return [(name, _filled(fields)) for name, fields in all_fields if _filled(fields)]


def check_expressions(checker, where, product):
    """Every value that an expression names is one of the product's enums."""
    known = enums.literals(product.enums)
    for name, fields in structs(product):
        for value in sorted({v for f in fields for v in _ENUM_VALUE.findall(f.row.get("select", ""))} - known.keys()):
            checker.problems.add(f"{where}: {name}", f"there is no value {{{value}}} of an enum")


def _expression(field, known):
    return _ENUM_VALUE.sub(lambda m: known[m[1]], field.row["select"])


def columns(fields, known):
    """The list of a SELECT."""
    return [f"{_expression(f, known)} AS {f.row['column']}" if "select" in f.row else f.row["column"] for f in fields if "column" in f.row]


def _macros(name, fields, known):
    """The list, and the expressions that are more than a column's name: a filter may need the same."""
    out = "".join(f"#define {name.upper()}_{f.c_name.upper()}_SELECT \\\n    {c_string(_expression(f, known))}\n"
                  for f in fields if not re.fullmatch(r"[a-z_.]+", f.row.get("select", "x")))
    lines = " \\\n".join("    " + c_string(line + ", ") for line in columns(fields, known))
    return out + (f"#define {name.upper()}_COLUMNS \\\n{lines[:-3]}\"\n" if lines else "")


def _list_readers(product):
    """The objects that are read as lists: those of the structs that are no results."""
    return {t.c_name for t in product.types.values()}


def header(product):
    guard = f"VIRGA_GEN_{product.name.upper()}_ROWS_H"
    out = HEAD + ("\n/* Reading structs from rows. NAME_COLUMNS is what a statement selects, NAME_from_row reads it from the current row:\n"
                  " * the fields that have a column or a fixed value; the others stay as they are. A time that is NULL has only zeros.\n"
                  " * NAME_list_read reads all rows of a statement: -1 after failing the call. */\n"
                  f'#ifndef {guard}\n#define {guard}\n\n#include "core/call.h"\n#include "gen/{product.name}.h"\n#include "store/db.h"\n')
    known = enums.literals(product.enums)
    for name, fields in structs(product):
        out += f"\n{_macros(name, fields, known)}void {name}_from_row(struct stmt *s, struct arena *a, struct {name} *ret);\n"
        if name in _list_readers(product):
            out += f"int {name}_list_read(struct call *c, struct stmt *s, struct {name}_list *ret);\n"
    return out + "\n#endif\n"


def _value(field):
    value = field.row["value"]
    if field.kind == "string":
        return f"STR({c_string(value)})"
    return {"int64": "I64({})", "uint64": "U64({})", "bool": "BOOL({})"}[field.kind].format(str(value).lower())


def _read(field):
    if "value" in field.row:
        return _value(field)
    column = c_string(field.row["column"])
    if "format" in field.row:
        return f"time_of(s, a, {column}, {_TIMES[field.row['format']]})"
    if field.kind == "int64" and field.row.get("nullable"):
        return f"number_of(s, {column})"
    return _READ[field.kind].format(c=column)


def _function(name, fields):
    body = "".join(f"    ret->{f.c_name} = {_read(f)};\n" for f in fields)
    unused = "" if re.search(r"\ba,", body) else "    (void)a;\n"
    unused += "" if re.search(r"\bs,", body) else "    (void)s;\n"
    return f"\nvoid {name}_from_row(struct stmt *s, struct arena *a, struct {name} *ret)\n{{\n{unused}{body}}}\n"


def _list_function(name):
    return (f"\nint {name}_list_read(struct call *c, struct stmt *s, struct {name}_list *ret)\n{{\n    int rc;\n    ret->set = true;\n"
            f"    while ((rc = stmt_step(s)) == 1)\n        {name}_from_row(s, c->arena, LIST_ADD(c->arena, ret));\n"
            "    return rc == 0 ? 0 : call_fail_store(c);\n}\n")


def source(product):
    used = structs(product)
    out = HEAD + f'#include "gen/{product.name}_rows.h"\n\n#include "core/page.h"\n\n'
    if any("format" in f.row for _, fields in used for f in fields):
        out += ('#include "base/clock.h"\n\n'
                "static struct str time_of(struct stmt *s, struct arena *a, const char *column,\n"
                "                          struct str (*show)(struct arena *a, int64_t ms))\n{\n"
                f"    return stmt_is_null(s, column) ? STR(\"{_NO_TIME}\") : show(a, stmt_i64(s, column));\n}}\n")
    if any("column" in f.row and f.kind == "int64" and f.row.get("nullable") for _, fields in used for f in fields):
        out += ("\nstatic struct opt_i64 number_of(struct stmt *s, const char *column)\n{\n"
                "    return stmt_is_null(s, column) ? (struct opt_i64){0} : I64(stmt_i64(s, column));\n}\n")
    lists = _list_readers(product)
    return out + "".join(_function(name, fields) + (_list_function(name) if name in lists else "") for name, fields in used)
