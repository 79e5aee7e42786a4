"""A document in Chinese has the structure of the one in English: the same headings, programs, commands and links."""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAIRS = [(page.with_name(page.name.replace(".zh-CN.md", ".md")), page)
         for page in sorted([*ROOT.glob("*.zh-CN.md"), *(ROOT / "docs").rglob("*.zh-CN.md")])]
FENCED = re.compile(r"^```.*?^```$", re.M | re.S)


def structure(page):
    """What both languages share. The line that leads to the other language is no part of it."""
    text = page.read_text()
    prose = FENCED.sub("", text)
    links = sorted(target for target in re.findall(r"\]\(([^)]+)\)", prose) if not re.match(r"(README|troubleshooting|install)\b", target))
    return {"headings": [len(marks) for marks in re.findall(r"^(#+) ", prose, re.M)], "programs": FENCED.findall(text),
            "tables": len(re.findall(r"^\|", prose, re.M)), "links": sorted(set(links)), "code": sorted({" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose)})}


def test_there_are_translations():
    assert ROOT / "README.zh-CN.md" in [chinese for _, chinese in PAIRS]


@pytest.mark.parametrize("english, chinese", PAIRS, ids=[chinese.name for _, chinese in PAIRS])
def test_both_languages_have_one_structure(english, chinese):
    ours, theirs = structure(english), structure(chinese)
    for part, value in ours.items():
        assert theirs[part] == value, part
