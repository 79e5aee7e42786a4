"""Names and literals: from the wire's spelling to C's."""

import re

# One word of a CamelCase name. A plural acronym ("DBs") is one word, and so is an acronym before a word ("TDE|Config").
_WORD = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|[A-Z]\d*|\d+")

# Not to be used for a member: C's keywords, and errno, which is a macro.
_TAKEN = frozenset(
    """errno auto break case char const continue default do double else enum extern float for goto if inline int long
    register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
    bool true false asm typeof""".split())


def snake(name):
    """DBNames -> db_names, TDEConfig -> tde_config, IsKMS -> is_kms; a snake_case name stays as it is."""
    return "_".join(w.lower() for part in re.split(r"[_.]", name) for w in _WORD.findall(part))


def field_name(name):
    """The C member for a wire name: snake case, with an underscore where C has the name already."""
    c = snake(name)
    return c + "_" if c in _TAKEN else c


# Structs that a lower layer has already.
_TAKEN_STRUCTS = frozenset(["clock", "migration"])


def struct_name(name):
    """The C struct for an object's name: snake case, with an underscore where src/ has the name already."""
    c = snake(name)
    return c + "_" if c in _TAKEN_STRUCTS else c


def error_enum(error_id):
    """ResourceNotFound.DBNotFound -> ERR_RESOURCE_NOT_FOUND_DB_NOT_FOUND."""
    return "ERR_" + snake(error_id).upper()


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "?": "\\?"}


def c_string(text):
    """A C string literal. '?' is escaped because "??" starts a trigraph in C17."""
    return '"' + "".join(_ESCAPES.get(ch, ch) for ch in text) + '"'


def c_chars(text, indent="    "):
    """The initializer of a char array with a NUL at its end. ISO C bounds a literal at 4095 bytes, an array not."""
    data = text.encode() + b"\0"
    rows = (data[i:i + 16] for i in range(0, len(data), 16))
    return ",\n".join(indent + ", ".join(f"'\\x{b:02x}'" for b in row) for row in rows)
