#!/usr/bin/env python3
"""Writes the web console as C: each of its files as the program contains it, compressed where that is smaller.

    embed.py --out console.c [--depfile FILE] FOLDER [FILE...]

The files of FOLDER are named by their paths in it, the others by their names alone. Three things are made of several files, because
each file costs a round trip:

- style.css: all style sheets, in the order of the folders of STYLES
- i18n/LANGUAGE.json: the texts of i18n/LANGUAGE/
- index.html: the comment "modulepreload" becomes a link for each module that app.js imports, directly or through another, at its start

An ETag is the hash of the bytes that are sent, so that the plain and the compressed form have different ones.
"""

import argparse
import gzip
import hashlib
import json
import pathlib
import posixpath
import re
import sys

_TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
          ".json": "application/json", ".svg": "image/svg+xml"}
_HEAD = """/* Written by tools/embed.py. */
#include "server/console_files.h"

"""


STYLES = ["styles/tokens.css", "styles/", "components/", "frame/", "views/"]
_PRELOAD = "<!-- modulepreload -->"
_IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?["'](\.[^"']+)["'];""", re.MULTILINE)
_URL = "/_virga/console/"


def named_files(folder, others):
    """[(name, path)] in an order that does not depend on the file system."""
    inside = [(p.relative_to(folder).as_posix(), p) for p in folder.rglob("*") if p.is_file()]
    return sorted(inside + [(p.name, p) for p in others])


def modules(contents, name, seen=None):
    """The names of the modules that `name` imports, itself first. A module of import() is not among them."""
    seen = [] if seen is None else seen
    if name not in seen:
        seen.append(name)
        for other in _IMPORT.findall(contents[name].decode()):
            modules(contents, posixpath.normpath(posixpath.join(posixpath.dirname(name), other)), seen)
    return seen


def with_bundles(contents):
    """{name: bytes} as they are sent, from {name: bytes} as they are in the folder."""
    styles = sorted((name for name in contents if name.endswith(".css")), key=lambda name: (
        next((i for i, start in enumerate(STYLES) if name.startswith(start)), len(STYLES)), name))
    texts = {}
    for name in contents:
        if match := re.fullmatch(r"i18n/(\w+)/\w+\.json", name):
            texts.setdefault(match[1], {}).update(json.loads(contents[name]))
    out = {name: data for name, data in contents.items() if name not in styles and not re.fullmatch(r"i18n/\w+/.*", name)}
    if styles:
        out["style.css"] = b"".join(contents[name] for name in styles)
    for language, words in texts.items():
        out[f"i18n/{language}.json"] = json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()
    if _PRELOAD.encode() in out.get("index.html", b""):
        links = "\n".join(f'<link rel="modulepreload" href="{_URL}{name}">' for name in modules(contents, "app.js"))
        out["index.html"] = out["index.html"].replace(_PRELOAD.encode(), links.encode())
    return dict(sorted(out.items()))


def compressed(data):
    """The same bytes on every run: the form has room for a time, which stays 0."""
    out = gzip.compress(data, 9, mtime=0)
    return out if len(out) < len(data) else b""


def c_bytes(name, data):
    rows = (data[i:i + 24] for i in range(0, len(data), 24))
    return f"static const unsigned char {name}[] = {{\n" + "".join("    " + "".join(f"{b}," for b in row) + "\n" for row in rows) + "};\n\n"


def c_etag(data):
    return f'STR_INIT("\\"{hashlib.sha256(data).hexdigest()[:32]}\\"")'


def source(contents):
    arrays, rows = "", ""
    for i, (name, data) in enumerate(contents.items()):
        short = compressed(data)
        arrays += c_bytes(f"bytes_{i}", short or data)
        rows += (f'    {{STR_INIT("{name}"), "{_TYPES[posixpath.splitext(name)[1]]}", {{(const char *)bytes_{i}, sizeof bytes_{i}}}, {len(data)}, '
                 f'{str(bool(short)).lower()},\n     {c_etag(data)}, {c_etag(short) if short else "{NULL, 0}"}}},\n')
    return (_HEAD + arrays + f"const struct console_file console_files[] = {{\n{rows}}};\n"
            f"const size_t n_console_files = {len(contents)};\n")


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
    contents = with_bundles({name: path.read_bytes() for name, path in files})
    args.out.write_text(source(contents), encoding="ascii")
    if args.depfile:
        write_depfile(args.depfile, args.out, args.folder, files)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
