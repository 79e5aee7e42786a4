#!/usr/bin/env python3
"""Measures what the console sends: prints one markdown table of bytes, and exits with 1 when the goal is missed.

    python3 tests/bench/console.py --virga build/release/src/virga

Each file is requested twice, uncompressed and compressed as for a browser. A user loads the words of one language; the table counts both.
"""
import argparse
import gzip
import pathlib
import re
import sys
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
import harness  # noqa: E402

GOAL = 200 * 1024
FOLDER = ROOT / "src" / "console"
# The first that fits: a pattern of paths, and what it is.
PARTS = [(r"i18n/en/", "words, English"), (r"i18n/zh/", "words, Chinese"), (r"components/", "components"),
         (r"views/(view|index)\.js|views/views\.css", "what the views share"), (r"views/(\w+)[./]", "view {}"), (r"", "frame")]


def part_of(path):
    for pattern, name in PARTS:
        if found := re.match(pattern, path):
            return name.format(*found.groups())
    raise AssertionError(path)


def fetch(url, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return answer.headers, answer.read()


def sizes(url):
    """The uncompressed and the compressed size."""
    _, raw = fetch(url)
    headers, sent = fetch(url, **{"Accept-Encoding": "gzip"})
    assert headers.get("Content-Encoding") != "gzip" or gzip.decompress(sent) == raw, url
    return len(raw), len(sent)


def measure(virga):
    """{part: (files, raw, wire)}"""
    base = f"{virga.endpoint}/_virga"
    found = {"document": (1, *sizes(f"{base}/schema.json"))}
    for path in sorted(str(p.relative_to(FOLDER)) for p in FOLDER.rglob("*") if p.is_file()):
        url = f"{base}/" if path == "index.html" else f"{base}/console/{path}"
        row = (1, *sizes(url))
        found[part_of(path)] = tuple(a + b for a, b in zip(found.get(part_of(path), (0, 0, 0)), row))
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--virga", default=harness.binary())
    with harness.Virga("--quiet", binary_path=parser.parse_args().virga) as virga:
        found = measure(virga)
    total = tuple(map(sum, zip(*found.values())))
    print("| part | files | bytes | on the wire |\n|---|---:|---:|---:|")
    for name, row in sorted(found.items(), key=lambda each: -each[1][2]):
        print(f"| {name} | " + " | ".join(f"{n:,}" for n in row) + " |")
    print("| **all** | " + " | ".join(f"**{n:,}**" for n in total) + f" |\n\nGoal: at most {GOAL:,} on the wire.")
    return 0 if total[2] <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
