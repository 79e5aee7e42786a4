"""world.h/.c and faults.h/.c (layer core), migrations.h/.c (layer store): where a world comes from and how it is kept."""

from . import c_shapes
from .c_errors import HEAD
from .names import c_chars, c_string


def world_header(model):
    return (HEAD + "\n/* The world file: accounts, credentials, instances and databases to start with. */\n"
            '#ifndef VIRGA_GEN_WORLD_H\n#define VIRGA_GEN_WORLD_H\n\n#include "wire/shape.h"\n\n' +
            c_shapes.records(model.world) +
            "\nextern const struct shape world_file_shape;\n\n"
            "/* The text of the world that is built in. */\nextern const struct str world_default;\n\n#endif\n")


def world_source(model):
    return (HEAD + '#include "gen/world.h"\n\n' + c_shapes.record_shapes(model.world, public=("WorldFile",)) +
            f"static const char default_text[] = {{\n{c_chars(model.source.world_text)}}};\n\n"
            "const struct str world_default = {default_text, sizeof(default_text) - 1};\n")


def faults_header(model):
    return (HEAD + "\n/* The rule of a fault, as it is asked for, stored and shown. */\n"
            '#ifndef VIRGA_GEN_FAULTS_H\n#define VIRGA_GEN_FAULTS_H\n\n#include "wire/shape.h"\n\n' +
            c_shapes.records(model.faults) + "\n" +
            "".join(f"extern const struct shape {t.c_name}_shape;\n" for t in model.faults.values()) + "\n#endif\n")


def faults_source(model):
    return HEAD + '#include "gen/faults.h"\n\n' + c_shapes.record_shapes(model.faults, public=model.faults)


def migrations_header(_):
    return (HEAD + "\n/* The steps that bring a state file, and a journal's file, up to date (schema/sql/). */\n"
            '#ifndef VIRGA_GEN_MIGRATIONS_H\n#define VIRGA_GEN_MIGRATIONS_H\n\n#include "store/db.h"\n\n'
            "extern const struct migration migrations[];\nextern const size_t n_migrations;\n"
            "extern const struct migration journal_migrations[];\nextern const size_t n_journal_migrations;\n\n#endif\n")


def _steps(prefix, steps):
    texts = "".join(f"static const char {prefix}step_{i}[] = {{\n{c_chars(sql)}}};\n\n" for i, (_, sql) in enumerate(steps, 1))
    rows = "".join(f"    {{.name = {c_string(name)}, .sql = {prefix}step_{i}}},\n" for i, (name, _) in enumerate(steps, 1))
    return (f"{texts}const struct migration {prefix}migrations[] = {{\n{rows}}};\n"
            f"const size_t n_{prefix}migrations = {len(steps)};\n")


def migrations_source(model):
    return (HEAD + '#include "gen/migrations.h"\n\n' + _steps("", model.source.migrations) + "\n" +
            _steps("journal_", model.source.journal_migrations))
