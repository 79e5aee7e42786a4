"""migrations.h and migrations.c (layer store): the steps that bring a state file and a journal's file up to date."""

import contextlib
import os
import re
import sqlite3
import tempfile

from .c_errors import HEAD
from .names import c_chars, c_string


def header(_):
    return (HEAD + "\n/* The steps that bring a state file, and a journal's file, up to date (the folders sql/ of schema/). */\n"
            '#ifndef VIRGA_GEN_MIGRATIONS_H\n#define VIRGA_GEN_MIGRATIONS_H\n\n#include "store/db.h"\n\n'
            "extern const struct migration migrations[];\nextern const size_t n_migrations;\n"
            "extern const struct migration journal_migrations[];\nextern const size_t n_journal_migrations;\n\n#endif\n")


# In memory, each savepoint copies the pages that it changes, and each table without rows has one. Pages of 1024 bytes split so often
# that they cost the same.
_PAGE_BYTES = 2048
# Fewer zeros than this between two parts of an image are written out: a row of the table costs as much.
_GAP = 16


def _database(steps):
    """The bytes of a database after all steps, with their number as its version."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "image.db")
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            db.execute("BEGIN")
            for _, sql in steps:
                for statement in _statements(sql):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {len(steps)}")
            db.execute("COMMIT")
        with open(path, "rb") as f:
            return f.read()


def _statements(sql):
    """executescript would commit before it begins, so that the statements run one by one."""
    text = ""
    for line in sql.splitlines(keepends=True):
        text += line
        if sqlite3.complete_statement(text):
            yield text
            text = ""


def _image(steps):
    """The database as C, without its zeros, which are nine tenths of it."""
    data = _database(steps)
    parts = [(m.start(), m.group()) for m in re.finditer(rb"[^\0](?:\0{0,%d}[^\0])*" % (_GAP - 1), data)]
    flat = b"".join(part for _, part in parts)
    rows = (flat[i:i + 24] for i in range(0, len(flat), 24))
    return ("static const unsigned char image_bytes[] = {\n" + "".join("    " + "".join(f"{b}," for b in row) + "\n" for row in rows) +
            "};\n\nstatic const struct db_image_part image_parts[] = {\n" +
            "".join(f"    {{{at}, {len(part)}}},\n" for at, part in parts) +
            f"}};\n\nstatic const struct db_image image = {{{len(data)}, image_bytes, image_parts, {len(parts)}}};\n\n")


def _steps(prefix, steps, image=""):
    texts = "".join(f"static const char {prefix}step_{i}[] = {{\n{c_chars(sql)}}};\n\n" for i, (_, sql) in enumerate(steps, 1))
    last = ", .image = &image" if image else ""
    rows = "".join(f"    {{.name = {c_string(name)}, .sql = {prefix}step_{i}{last if i == len(steps) else ''}}},\n"
                   for i, (name, _) in enumerate(steps, 1))
    return (f"{texts}{image}const struct migration {prefix}migrations[] = {{\n{rows}}};\n"
            f"const size_t n_{prefix}migrations = {len(steps)};\n")


def source(model):
    steps = model.source.migrations.steps
    return (HEAD + '#include "gen/migrations.h"\n\n' + _steps("", steps, _image(steps)) + "\n" +
            _steps("journal_", model.source.journal_migrations.steps))
