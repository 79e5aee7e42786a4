"""A document in Chinese has the structure of the one in English: the same headings, programs, commands and links."""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHINESE = ".zh-CN.md"
PAGES = sorted([*ROOT.glob(f"*{CHINESE}"), *(ROOT / "docs").rglob(f"*{CHINESE}")])
# These must be there in Chinese; other documents may.
TRANSLATED = ["README.md", "docs/clients.md", "docs/doctor.md", "docs/features.md", "docs/install.md", "docs/troubleshooting.md", "docs/tutorial.md",
              *(page.relative_to(ROOT).as_posix() for page in (ROOT / "docs/how-to").glob("*.md") if not page.name.endswith(CHINESE))]
FENCED = re.compile(r"^```.*?^```$", re.M | re.S)
SWITCH = re.compile(r"^(English \| \[简体中文\]\(\S+\.zh-CN\.md\)|\[English\]\(\S+\.md\) \| 简体中文)$", re.M)


def english(page):
    return page.with_name(page.name.replace(CHINESE, ".md"))


def prose(page):
    """Without the programs and the line that leads to the other language."""
    return SWITCH.sub("", FENCED.sub("", page.read_text()))


def links(text):
    return re.findall(r"\]\(([^)]+)\)", text)


def structure(page):
    """What both languages share. Each links to pages in its own language, whose headings have other names."""
    text = prose(page)
    targets = {target.partition("#")[0].replace(CHINESE, ".md") for target in links(text)}
    return {"headings": [len(marks) for marks in re.findall(r"^(#+) ", text, re.M)], "programs": FENCED.findall(page.read_text()),
            "tables": len(re.findall(r"^\|", text, re.M)), "links": sorted(targets), "marks": re.findall("<!--.*?-->", text),
            "code": sorted({" ".join(code.split()) for code in re.findall(r"`([^`]+)`", text)})}


@pytest.mark.parametrize("name", TRANSLATED)
def test_the_document_is_there_in_chinese(name):
    page = ROOT / name
    chinese = page.with_name(page.name.replace(".md", CHINESE))
    assert chinese in PAGES
    assert SWITCH.search(page.read_text())[1] == f"English | [简体中文]({chinese.name})"
    assert SWITCH.search(chinese.read_text())[1] == f"[English]({page.name}) | 简体中文"


@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_both_languages_have_one_structure(page):
    ours, theirs = structure(english(page)), structure(page)
    for part, value in ours.items():
        assert theirs[part] == value, part


@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_a_page_in_chinese_links_to_pages_in_chinese(page):
    for target in links(prose(page)):
        path = page.parent / target.partition("#")[0]
        other = path.with_name(path.name.replace(".md", CHINESE))
        assert path.name.endswith(CHINESE) or not other.exists() or other == path, target
