"""Asks SQLite for the plan of every statement in the source: none may scan a table that grows.

The texts are taken from the SCOPED_STMT calls, so that a new one is judged without being named here. A plan is made on an
empty schema, as virga's own are: it never runs ANALYZE, so that the plans of a full file are the same.
"""
import contextlib
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile

import pytest
from schema_files import sql_steps

ROOT = pathlib.Path(__file__).resolve().parents[2]

LITERAL = r'"(?:\\.|[^"\\])*"'

# What a reset works on: the instances of an account, or all.
CONCERNED = "(:account IS NULL OR instance IN (SELECT id FROM instance WHERE account = :account))"

# The statements that may scan a table or an index, each with its reason.
ALLOWED = {
    "SELECT id, instance, kind, start_ms, due_ms, fails FROM flow WHERE outcome IS NULL ORDER BY due_ms, id LIMIT 1":
        "takes the first entry of an index of the flows that run",
    "SELECT document FROM guest ORDER BY account": "a start or a new state reads every test account",
    f"SELECT count(*) AS n FROM flow WHERE {CONCERNED}": "a reset counts what it removes, mostly all",
    f"SELECT count(*) AS n FROM backup WHERE {CONCERNED}": "the same",
    "SELECT count(*) AS n FROM guest": "the same",
    f"SELECT id FROM flow WHERE outcome IS NULL AND {CONCERNED} ORDER BY due_ms, id LIMIT 1":
        "the first entry again, or the first of an account",
    "SELECT id FROM flow WHERE outcome IS NULL AND EXISTS (SELECT 1 FROM backup WHERE backup.instance = flow.instance"
    f" AND backup.start_ms = flow.start_ms AND backup.flow = flow.id) AND {CONCERNED} ORDER BY due_ms, id LIMIT 1": "the same",
    "SELECT kind, coalesce(outcome, 'running') AS state, count(*) AS n FROM flow GROUP BY 1, 2 ORDER BY 1, 2":
        "metrics are asked for every few seconds, and counters beside the rows would cost every call",
    "SELECT CASE way WHEN 0 THEN 'scheduled' WHEN 1 THEN 'manual' ELSE 'archive' END AS kind,"
    " CASE status WHEN 0 THEN 'running' WHEN 1 THEN 'success' ELSE 'failure' END AS state, count(*) AS n"
    " FROM backup GROUP BY 1, 2 ORDER BY 1, 2": "the same",
    "SELECT coalesce(max(serial), 0) AS last, count(*) AS n FROM request": "once, when the journal's file is opened",
    "DELETE FROM request WHERE serial <= (SELECT serial FROM request ORDER BY serial LIMIT 1 OFFSET :before)":
        "takes the first rows of the key's order, as many as are removed",
}
CALL = re.compile(rf"\bSCOPED_STMT\(\s*\w+,\s*[\w.>-]+,((?:\s*(?:{LITERAL}|[A-Z_][A-Z_0-9]*))+)\s*\)")


def sources():
    return sorted(p for layer in ("core", "gateway", "product", "control", "server") for p in (ROOT / "src" / layer).rglob("*.[ch]"))


def joined(text, macros):
    """The value of adjacent literals and of macros that are literals. None for anything else."""
    parts = re.findall(rf"{LITERAL}|[A-Za-z_]\w*|[^\s\"]", text)
    values = [macros.get(p) if re.match(r"[A-Za-z_]", p) else p[1:-1] if p[0] == '"' else None for p in parts]
    return None if not values or None in values else "".join(values)


def macros_of(text, known):
    """The known macros, and those of a file whose value is text."""
    macros = dict(known)
    for name, value in re.findall(r"^#define (\w+)[ \t]+((?:[^\n]*\\\n)*[^\n]*)", text, re.M):
        value = joined(value.replace("\\\n", " "), macros)
        if value is not None:
            macros[name] = value
    return macros


def without_comments(text):
    """The text with its lines as they are, so that places stay the same."""
    return re.sub(r"/\*.*?\*/", lambda comment: "\n" * comment[0].count("\n"), text, flags=re.S)


def generated_macros():
    """Columns and values of enums, which the generator writes into headers."""
    macros = {}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, ROOT / "schema" / "gen.py", "--out", folder], check=True, stdout=subprocess.DEVNULL)
        for path in sorted(pathlib.Path(folder, "gen").glob("*_enums.h")) + sorted(pathlib.Path(folder, "gen").glob("*_rows.h")):
            macros = macros_of(path.read_text(), macros)
    return macros


def statements():
    """[(SQL text, where it is)], in the order of the source."""
    shared, found = generated_macros(), []
    for path in sources():
        if path.suffix == ".h":
            shared = macros_of(path.read_text(), shared)
    for path in sources():
        text = without_comments(path.read_text())
        macros = macros_of(text, shared)
        for call in CALL.finditer(text):
            where = f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, call.start()) + 1}"
            found.append((joined(call.group(1), macros), where))
    return found


STATEMENTS = statements()


def database(steps):
    db = sqlite3.connect(":memory:")
    for text in steps:
        db.executescript(text)
    return db


@pytest.fixture(scope="module")
def schema():
    with contextlib.closing(database(sql_steps())) as db:
        yield db


@pytest.fixture(scope="module")
def journal():
    """The journal is a file of its own."""
    with contextlib.closing(database(sql_steps(journal=True))) as db:
        yield db


def plan(db, sql):
    unbound = {name: None for name in re.findall(r":(\w+)", sql)}
    return [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + sql, unbound)]


def test_every_call_was_read():
    calls = sum(len(re.findall(r"\bSCOPED_STMT\(", without_comments(p.read_text()))) for p in sources())
    unread = [where for sql, where in STATEMENTS if sql is None]
    assert (len(STATEMENTS), unread) == (calls, []) and calls > 30
    assert not set(ALLOWED) - {sql for sql, _ in STATEMENTS}, "a permission that nothing needs"


@pytest.mark.parametrize("sql,where", STATEMENTS, ids=[where for _, where in STATEMENTS])
def test_no_statement_reads_a_whole_table(schema, journal, sql, where):
    copies = "journal_file" in where or "journal_views" in where
    try:
        steps = plan(journal if copies else schema, sql)
    except sqlite3.OperationalError:
        steps = plan(schema if copies else journal, sql)  # a copy also reads the state that it copies
    # Constants, lists that a call brings along, and what was selected from them are no tables.
    scans = [s for s in steps if re.match(r"SCAN (?!CONSTANT ROW|\(|\w+ VIRTUAL TABLE)", s)]
    assert not scans or sql in ALLOWED, f"{where}: {sql}\n" + "\n".join(steps)


# The foreign keys whose child table may be read whole for each parent row that is deleted, each with its reason.
READ_WHOLE = {("flow", "instance"): "only a reset of one account deletes instances, and those are few"}


def foreign_keys(db):
    """(child table, its columns, parent table) of each foreign key."""
    for table, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        keys = {}
        for key, _, parent, column, *_ in db.execute(f"PRAGMA foreign_key_list({table})"):
            keys.setdefault((key, parent), []).append(column)
        yield from ((table, columns, parent) for (_, parent), columns in keys.items())


def test_deleting_a_row_reads_no_whole_table(schema):
    """SQLite looks for the rows that refer to a deleted one, which no plan of the DELETE shows."""
    keys = list(foreign_keys(schema))
    scans = {(child, parent) for child, columns, parent in keys
             if plan(schema, f"SELECT 1 FROM {child} WHERE " + " AND ".join(f"{c} = :{c}" for c in columns))[0].startswith("SCAN")}
    assert len(keys) > 8 and scans == set(READ_WHOLE)


def instructions_of_a_reset(n):
    """The instructions of SQLite's machine, in hundreds, to delete n flows that have a backup each."""
    with contextlib.closing(database(sql_steps())) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute("WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < :n)"
                   " INSERT INTO flow SELECT n, 1, 'backup', n, n, 0, 'success' FROM i", {"n": n})
        db.execute("INSERT INTO backup SELECT 1, start_ms, id, '', 0, 0, 1, 1, 0, due_ms FROM flow")
        db.commit()
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("BEGIN")
        db.execute("PRAGMA defer_foreign_keys = ON")
        taken = []
        db.set_progress_handler(lambda: taken.append(1) and 0, 100)
        for statement in ("DELETE FROM flow WHERE id IN (SELECT flow FROM backup)", "DELETE FROM backup"):
            db.execute(statement)
        db.set_progress_handler(None, 0)
        return len(taken)


def test_a_reset_of_the_backups_is_linear():
    few, many = instructions_of_a_reset(500), instructions_of_a_reset(2000)
    assert few > 50 and many < 6 * few, (few, many)


def test_a_page_of_backups_is_not_sorted_as_a_whole(schema):
    """The index gives the order. Only the files of one backup are sorted among themselves."""
    page = next(sql for sql, _ in STATEMENTS if "ORDER BY backup.start_ms DESC" in sql)
    assert "USE TEMP B-TREE FOR ORDER BY" not in plan(schema, page)
