"""faults.h/.c (layer core): the rule of a fault (schema/faults.json), as it is asked for, stored and shown."""

from . import c_shapes
from .c_errors import HEAD


def header(model):
    types = model.faults.values()
    return (HEAD + "\n/* The rule of a fault, as it is asked for, stored and shown. */\n"
            '#ifndef VIRGA_GEN_FAULTS_H\n#define VIRGA_GEN_FAULTS_H\n\n#include "wire/shape.h"\n\n' +
            c_shapes.records(model.faults) + "\n" +
            "".join(f"extern const struct shape {t.c_name}_shape;\n" for t in types) + "\n#endif\n")


def source(model):
    return HEAD + '#include "gen/faults.h"\n\n' + c_shapes.record_shapes(model.faults, public=model.faults)
