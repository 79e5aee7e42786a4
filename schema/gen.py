#!/usr/bin/env python3
"""Reads schema/, checks it, and writes the C types and tables and the pages that follow from it.

    gen.py --out DIR [--depfile FILE]   writes DIR/gen/*; a file that would not change is left alone
    gen.py --check                      only checks
    gen.py --coverage FILE              writes docs/coverage.md
    gen.py --clients FILE               writes docs/clients.md; --clients-zh FILE docs/clients.zh-CN.md
    gen.py --doctor FILE                writes docs/doctor.md; --doctor-zh FILE docs/doctor.zh-CN.md
    gen.py --world FILE                 writes docs/examples/world.json, the world that is built in
    gen.py --format FILE                writes docs/world.md, the form of a world file
    gen.py --inputs, --outputs          lists what is read, and what --out writes below DIR/gen

The output depends only on the text of the schema, not on times, paths or the order of a file system.
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True  # a build leaves nothing in the source tree

from generator import (c_errors, c_flows, c_migrations, c_product, c_products, clients, control, coverage, doctor, document, does, enums,  # noqa: E402
                       explain, faults, reference, rows, tables, texts, world)
from generator.check import Checker  # noqa: E402
from generator.load import Problems, Source, inputs  # noqa: E402

# The files of docs/ that follow from the schema, by the option that writes them: (file, text of the model).
PAGES = {"coverage": ("coverage.md", coverage.page), "clients": ("clients.md", lambda model: clients.page(model.clients, "en")),
         "clients-zh": ("clients.zh-CN.md", lambda model: clients.page(model.clients, "zh")),
         "doctor": ("doctor.md", lambda model: doctor.page(model, "en")), "doctor-zh": ("doctor.zh-CN.md", lambda model: doctor.page(model, "zh")),
         "world": ("examples/world.json", lambda model: world.default_text(model.source)), "format": ("world.md", world.page)}


# The pairs of outputs that are one for the whole schema, by their name.
PAIRS = {"errors": c_errors, "doctor": doctor, "world": world, "faults": faults, "control": control, "migrations": c_migrations, "explain": explain,
         "products": c_products, "texts": texts}


def render(model):
    """{file name: text} of every output."""
    files = {"enums.h": enums.SHARED}
    for name, module in PAIRS.items():
        files |= {name + ".h": module.header(model), name + ".c": module.source(model)}
    for product in model.products:
        files |= render_product(product)
    return files | {"clients.h": clients.header(model.clients), "clients.c": clients.source(model.clients),
                    "schema.json": document.text(model), "reference.md": reference.page(model)}


def render_product(product):
    modules = {"": c_product} | ({"_enums": enums} if product.enums else {}) | ({"_flows": c_flows} if c_flows.kinds(product) else {})
    modules |= ({"_rows": rows} if rows.structs(product) else {}) | ({"_tables": tables} if product.tables else {})
    files = {}
    for suffix, module in modules.items():
        files |= {f"{product.name}{suffix}.h": module.header(product), f"{product.name}{suffix}.c": module.source(product)}
    return files | ({f"{product.name}_does.c": does.source(product)} if does.actions(product) else {})


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def write_depfile(path, folder, files, root):
    """One rule in the format of make: the outputs depend on every file that was read."""
    def escape(p):
        return str(p).replace(" ", "\\ ")

    outputs = " ".join(escape(folder / name) for name in files)
    path.write_text(outputs + ": " + " ".join(map(escape, inputs(root))) + "\n", encoding="utf-8")


def load(root):
    """The checked model; None after the problems have been printed."""
    problems = Problems()
    source = Source(root, problems)
    doctor.check(source.doctor, problems)
    model = Checker(source, problems).run()
    model.clients = clients.load(source)
    for line in problems.found:
        print(line, file=sys.stderr)
    return None if problems.found else model


def main(argv):
    here = pathlib.Path(__file__).resolve().parent
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--schema", type=pathlib.Path, default=here, help="another schema folder, for tests")
    p.add_argument("--out", type=pathlib.Path, help="write DIR/gen/*", metavar="DIR")
    p.add_argument("--depfile", type=pathlib.Path, help="with --out: what was read, in make's form", metavar="FILE")
    for name, (file, _) in PAGES.items():
        p.add_argument(f"--{name}", type=pathlib.Path, help=f"write docs/{file} to FILE", metavar="FILE")
    p.add_argument("--check", action="store_true", help="only check; every other option checks first")
    p.add_argument("--inputs", action="store_true", help="list what is read")
    p.add_argument("--outputs", action="store_true", help="list what --out writes below DIR/gen")
    args = p.parse_args(argv)
    if args.inputs:
        print("\n".join(map(str, inputs(args.schema))))
        return 0
    model = load(args.schema)
    if model is None:
        return 1
    files = render(model) if args.out or args.outputs else {}
    if args.outputs:
        print("\n".join(files))
    if args.out:
        write(args.out / "gen", files)
    for name, (_, page) in PAGES.items():
        if path := getattr(args, name.replace("-", "_")):
            path.write_text(page(model), encoding="utf-8")
    if args.out and args.depfile:
        write_depfile(args.depfile, args.out / "gen", files, args.schema)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
