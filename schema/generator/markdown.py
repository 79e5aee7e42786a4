"""Pieces of the pages that are written from the schema."""


def _cell(text):
    return str(text).replace("|", "\\|").replace("\n", "\\n")


def table(head, rows):
    if not rows:
        return "none\n"
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(map(_cell, line)) + " |\n" for line in lines)


def codes(names):
    return ", ".join(f"`{name}`" for name in names)


def link(heading):
    """To a heading of the same page that is one word."""
    return f"[{heading}](#{heading.lower()})"


def known(kind, ground):
    return f"{kind}: {ground}" if ground else kind


def ground(row):
    return row.get("why") if row.get("provenance") == "assumed" else row.get("source", "")
