"""migrations.h and migrations.c (layer store): the steps that bring a state file and a journal's file up to date."""

from .c_errors import HEAD
from .names import c_chars, c_string


def header(_):
    return (HEAD + "\n/* The steps that bring a state file, and a journal's file, up to date (the folders sql/ of schema/). */\n"
            '#ifndef VIRGA_GEN_MIGRATIONS_H\n#define VIRGA_GEN_MIGRATIONS_H\n\n#include "store/db.h"\n\n'
            "extern const struct migration migrations[];\nextern const size_t n_migrations;\n"
            "extern const struct migration journal_migrations[];\nextern const size_t n_journal_migrations;\n\n#endif\n")


def _steps(prefix, steps):
    texts = "".join(f"static const char {prefix}step_{i}[] = {{\n{c_chars(sql)}}};\n\n" for i, (_, sql) in enumerate(steps, 1))
    rows = "".join(f"    {{.name = {c_string(name)}, .sql = {prefix}step_{i}}},\n" for i, (name, _) in enumerate(steps, 1))
    return (f"{texts}const struct migration {prefix}migrations[] = {{\n{rows}}};\n"
            f"const size_t n_{prefix}migrations = {len(steps)};\n")


def source(model):
    return (HEAD + '#include "gen/migrations.h"\n\n' + _steps("", model.source.migrations.steps) + "\n" +
            _steps("journal_", model.source.journal_migrations.steps))
