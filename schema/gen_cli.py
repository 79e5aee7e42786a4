#!/usr/bin/env python3
"""Reads schema/cli.json, checks it, and writes the command line's C tables and every text that follows from them.

    gen_cli.py --out DIR [--version TEXT] [--depfile FILE]   writes DIR/cli.h, cli.c, virga.1, cli.md, virga.bash, _virga, virga.fish
    gen_cli.py --page FILE                  writes docs/cli.md to FILE
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True  # a build leaves nothing in the source tree

from generator import cli, cli_texts  # noqa: E402


def main(argv):
    here = pathlib.Path(__file__).resolve().parent
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--schema", type=pathlib.Path, default=here, help="another schema folder, for tests")
    p.add_argument("--out", type=pathlib.Path, metavar="DIR")
    p.add_argument("--version", default="0.0.0", help="the program's version, for the manual page")
    p.add_argument("--depfile", type=pathlib.Path, help="with --out: what was read, in make's form", metavar="FILE")
    p.add_argument("--page", type=pathlib.Path, metavar="FILE")
    args = p.parse_args(argv)
    problems = []
    model = cli.load(args.schema, args.version, problems)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        return 1
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        for name, text in cli.files(model).items():
            path = args.out / name
            if not path.exists() or path.read_text(encoding="utf-8") != text:  # else nothing is compiled again
                path.write_text(text, encoding="utf-8")
    if args.out and args.depfile:
        read = " ".join(str(path).replace(" ", "\\ ") for path in cli.inputs(args.schema))
        args.depfile.write_text(f"cli.h: {read}\n", encoding="utf-8")
    if args.page:
        args.page.write_text(cli_texts.markdown(model), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
