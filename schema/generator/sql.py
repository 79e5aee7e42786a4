"""The SQL of the state's file and of the journal's file: its steps, and the values that the CHECKs of its tables allow.

A step is all files of its number: the emulator's own first, then each product's, in the order of products.json, and those of
one folder in the order of their names.
"""

import re

_NAME = re.compile(r"(\d{3})_[a-z0-9_]+\.sql")


class Migrations:
    """`steps` is [(name, SQL)] in the order of their numbers."""

    def __init__(self, root, folders, problems):
        self.steps = []
        files = {}
        for folder in folders:
            self._collect(root, folder, files, problems)
        for i, (number, paths) in enumerate(sorted(files.items()), 1):
            if number != i:
                problems.add(paths[0].relative_to(root).as_posix(), f"the next file must be named {i:03}_<words>.sql")
            self.steps.append((paths[0].name, "".join(p.read_text(encoding="utf-8") for p in paths)))

    @staticmethod
    def _collect(root, folder, files, problems):
        for path in sorted(root.glob(f"{folder}/*.sql")):
            match = _NAME.fullmatch(path.name)
            if not match:
                problems.add(f"{folder}/{path.name}", "must be named NNN_<words>.sql")
                continue
            files.setdefault(int(match[1]), []).append(path)

    def text(self):
        return "".join(sql for _, sql in self.steps)


def _without_comments(sql):
    return re.sub(r"--[^\n]*", "", sql)


def _check_text(sql, table, column):
    """The condition of the column's CHECK in the latest definition of the table; None if it has none."""
    tables = re.findall(rf"CREATE TABLE {table} \((.*?)\n\)", _without_comments(sql), re.S)
    match = re.search(rf"\n\s*{column} [A-Z][^\n]*?CHECK \(", "\n" + tables[-1]) if tables else None
    if not match:
        return None
    depth, start, text = 1, match.end(), "\n" + tables[-1]
    for i in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return text[start:i]
    return None


def allowed(sql, table, column):
    """The set of values that a column's CHECK allows, in one of the forms that the schema uses; None without a CHECK.

    `x IN (1, 2)`, `x = 'a' OR x = 'b'`, `x BETWEEN 1 AND 17 AND x <> 7`.
    """
    text = _check_text(sql, table, column)
    if text is None:
        return None
    if between := re.search(r"BETWEEN (-?\d+) AND (-?\d+)", text):
        return set(range(int(between[1]), int(between[2]) + 1)) - {int(n) for n in re.findall(r"<> (-?\d+)", text)}
    words = set(re.findall(r"'([^']*)'", text))
    return words or {int(n) for n in re.findall(r"(?<![\w'])-?\d+", text)}
