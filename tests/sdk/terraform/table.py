#!/usr/bin/env python3
"""Writes the table of docs/terraform.md from the recorded calls."""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import objects  # noqa: E402

PAGE = HERE.parents[2] / "docs" / "terraform.md"
BEGIN = "<!-- objects: begin -->\n"
END = "<!-- objects: end -->\n"


def row(kind, name, calls):
    entry = calls.get(f"{kind}.{name}")
    plan = "not run" if entry is None else "; ".join(entry["notes"]) or "empty"
    return f"| `{name}` | {plan} | {len(entry['calls']) if entry else 0} |"


def table():
    calls = json.loads((HERE / "calls.json").read_text())
    lines = []
    for title, kind, names in (("Resource", "resource", objects.RESOURCES), ("Data source", "data", objects.SOURCES)):
        lines += [f"| {title} | plan afterwards | calls |", "|---|---|---|", *(row(kind, name, calls) for name in names), ""]
    return "\n".join(lines)


def page(text):
    """The page with the table of now."""
    head, _, rest = text.partition(BEGIN)
    return head + BEGIN + "\n" + table() + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
