"""Pieces of the pages that are generated from the schema."""

import textwrap

_WIDTH = 120


def _cell(text):
    return str(text).replace("|", "\\|").replace("\n", "\\n")


def table(head, rows):
    if not rows:
        return "none\n"
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(map(_cell, line)) + " |\n" for line in lines)


def paragraph(text, indent=""):
    """The text in lines of at most 120 columns where it has spaces; `indent` is before all lines but the first."""
    return textwrap.fill(text, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) + "\n"


def codes(names):
    return ", ".join(f"`{name}`" for name in names)


def link(heading):
    """To a heading of the same page that is one word."""
    return f"[{heading}](#{heading.lower()})"


def known(kind, ground):
    return f"{kind}: {ground}" if ground else kind


def ground(row):
    return row.get("why") if row.get("provenance") == "assumed" else row.get("source", "")


_RULE_TEXTS = {
    "int_range": "between {r.min} and {r.max}",
    "one_of": "one of {r.text}",
    "length": "{r.min} to {r.max} characters",
    "chars": "only the characters `{r.text}`",
    "count": "{r.min} to {r.max} elements",
    "time": "a time, `YYYY-MM-DD HH:MM:SS`",
    "date": "a date, `YYYY-MM-DD`",
}


def rule_text(rule):
    """What a value must be, in a few words."""
    if rule.name == "present":
        return "given and not empty" if rule.min else "given"
    return _RULE_TEXTS[rule.name].format(r=rule)
