#!/usr/bin/env python3
"""Writes the web console as C: each of its files as the program contains it, compressed where that is smaller.

    embed.py --out console.c [--depfile FILE] FOLDER [FILE...]

The files of FOLDER are named by their paths in it, the others by their names alone. An ETag is the hash of the bytes that are sent, so
that the plain and the compressed form have different ones.
"""

import argparse
import gzip
import hashlib
import pathlib
import sys

_TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
          ".json": "application/json", ".svg": "image/svg+xml"}
_HEAD = """/* Written by tools/embed.py. */
#include "server/console_files.h"

"""


def named_files(folder, others):
    """[(name, path)] in an order that does not depend on the file system."""
    inside = [(p.relative_to(folder).as_posix(), p) for p in folder.rglob("*") if p.is_file()]
    return sorted(inside + [(p.name, p) for p in others])


def compressed(data):
    """The same bytes on every run: the form has room for a time, which stays 0."""
    out = gzip.compress(data, 9, mtime=0)
    return out if len(out) < len(data) else b""


def c_bytes(name, data):
    rows = (data[i:i + 24] for i in range(0, len(data), 24))
    return f"static const unsigned char {name}[] = {{\n" + "".join("    " + "".join(f"{b}," for b in row) + "\n" for row in rows) + "};\n\n"


def c_etag(data):
    return f'STR_INIT("\\"{hashlib.sha256(data).hexdigest()[:32]}\\"")'


def source(files):
    arrays, rows = "", ""
    for i, (name, path) in enumerate(files):
        data = path.read_bytes()
        short = compressed(data)
        arrays += c_bytes(f"bytes_{i}", short or data)
        rows += (f'    {{STR_INIT("{name}"), "{_TYPES[path.suffix]}", {{(const char *)bytes_{i}, sizeof bytes_{i}}}, {len(data)}, '
                 f'{str(bool(short)).lower()},\n     {c_etag(data)}, {c_etag(short) if short else "{NULL, 0}"}}},\n')
    return (_HEAD + arrays + f"const struct console_file console_files[] = {{\n{rows}}};\n"
            f"const size_t n_console_files = {len(files)};\n")


def write_depfile(path, out, folder, files):
    """Lists the folders too: a new file in one of them must rebuild the output."""
    folders = [folder, *(p for p in folder.rglob("*") if p.is_dir())]
    path.write_text(f"{out}: " + " ".join(str(p).replace(" ", "\\ ") for p in [*folders, *(p for _, p in files)]) + "\n")


def main(argv):
    p = argparse.ArgumentParser(description="the console as C")
    p.add_argument("--out", type=pathlib.Path, required=True)
    p.add_argument("--depfile", type=pathlib.Path)
    p.add_argument("folder", type=pathlib.Path)
    p.add_argument("others", type=pathlib.Path, nargs="*")
    args = p.parse_args(argv)
    files = named_files(args.folder, args.others)
    unknown = [name for name, path in files if path.suffix not in _TYPES]
    if unknown:
        print(f"no content type is known for {', '.join(unknown)}", file=sys.stderr)
        return 1
    args.out.write_text(source(files), encoding="ascii")
    if args.depfile:
        write_depfile(args.depfile, args.out, args.folder, files)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
