"""Reads the blocks of code in the documents, and what the marks above them say.

A mark is a comment of Markdown on the line above a block. The last two may also stand below a heading, for all blocks of the
section:

    <!-- file: NAME -->        the block is a file of that name for the page's commands
    <!-- run by: TEST -->      this test, a path in the repository, runs or checks it
    <!-- not run: REASON -->   no test runs it

Without a mark, `sh` is a part of the page's script, `text` after it is what the script prints there, and `python` with a test
function is a file of tests. Other blocks need a mark. `text` elsewhere is no code unless it has a line with a prompt, `$ `.
A page in Chinese has the blocks of the page in English.

    documents.py    prints how many blocks of each page are run
"""
import dataclasses
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
MARK = re.compile(r"<!-- (file|run by|not run): (.+?) -->")
FENCE = re.compile(r"( *)```(\w*)")
HEADING = re.compile(r"(#+) ")
CHINESE = ".zh-CN.md"
# What happens to a block.
SCRIPT, OUTPUT, TESTS, FILE, ELSEWHERE, NOT_RUN, TEXT, SAME, UNMARKED = (
    "script", "output", "tests", "file", "run by another test", "not run", "text", "as in English", "unmarked")
RUN = (SCRIPT, OUTPUT, TESTS, FILE, ELSEWHERE, SAME)


@dataclasses.dataclass
class Block:
    page: pathlib.Path
    line: int
    fence: str
    text: str
    kind: str
    about: str = ""  # the file, the test or the reason

    @property
    def where(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages():
    """Every document that is kept in git, or would be, but for the frames of generated pages."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=ROOT, check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    return sorted(path for path in (ROOT / name for name in listed.split())
                  if path.exists() and not path.name.startswith("_"))


def kind_of(fence, text, before):
    """What happens to a block without a mark."""
    if fence == "sh":
        return SCRIPT
    if fence == "python" and re.search(r"^(async )?def test_", text, re.M):
        return TESTS
    if fence == "text" and before is not None and before.kind == SCRIPT:
        return OUTPUT
    return TEXT if fence == "text" and not re.search(r"^ *\$ ", text, re.M) else UNMARKED


def blocks(page, text=None):
    """The blocks of a page, in their order."""
    found, sections, mark, previous = [], [], None, ""  # sections: (level, mark) of the headings above
    lines = iter(enumerate((page.read_text() if text is None else text).splitlines(), 1))
    for number, line in lines:
        if heading := HEADING.match(line):
            sections = [s for s in sections if s[0] < len(heading[1])] + [(len(heading[1]), None)]
        elif match := MARK.fullmatch(line.strip()):
            mark = match.groups()
            if HEADING.match(previous) and mark[0] != "file":
                sections[-1], mark = (sections[-1][0], mark), None
        elif fence := FENCE.match(line):
            body = []
            for _, inner in lines:
                if inner.strip() == "```":
                    break
                body.append(inner[len(fence[1]):])
            code = "".join(part + "\n" for part in body)
            near = mark or next((m for _, m in reversed(sections) if m), None)
            before = found[-1] if found and previous == "```" else None
            kind = {"file": FILE, "run by": ELSEWHERE, "not run": NOT_RUN}[near[0]] if near else kind_of(fence[2], code, before)
            found.append(Block(page, number, fence[2], code, kind, near[1] if near else ""))
            line, mark = "```", None
        elif line.strip():
            mark = None
        previous = line.strip() or previous
    return found


def english(page):
    return page.with_name(page.name.replace(CHINESE, ".md"))


def all_blocks():
    """The blocks of all pages. Those of a page in Chinese are SAME where the page in English has them."""
    for page in pages():
        own = blocks(page)
        if page.name.endswith(CHINESE) and english(page).exists():
            originals = [block.text for block in blocks(english(page))]
            for block in own:
                if block.text in originals and block.kind not in (TEXT, NOT_RUN):
                    block.kind = SAME
        yield from own


def summary():
    """The counts, in one line."""
    kinds = [block.kind for block in all_blocks()]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in (*RUN, NOT_RUN, UNMARKED))
    return f"{sum(kind != TEXT for kind in kinds)} blocks of code in {len(pages())} documents: {counts}"


def main():
    for page in pages():
        kinds = [block.kind for block in all_blocks() if block.page == page]
        if kinds:
            print(f"{page.relative_to(ROOT)}: " + ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)))
    print(summary())


if __name__ == "__main__":
    main()
