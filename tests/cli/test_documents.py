"""Runs the blocks of code of every document (tests/documents.py says how), and finds those that are neither run nor marked."""
import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

import command
import documents
import harness

BLOCKS = list(documents.all_blocks())
SCRIPTED = sorted({block.page for block in BLOCKS if block.kind == documents.SCRIPT})
REJECTED = {command.REFUSED, command.NOT_SO}  # exit codes that a page may show: they are its subject
SECONDS = 120  # generous: a busy machine


def of(page, *kinds):
    return [block for block in BLOCKS if block.page == page and block.kind in kinds]


def name(page):
    return page.relative_to(harness.ROOT).as_posix()


def environment(folder):
    """What a reader has: virga, python3 and pytest on PATH, the packages, and a state folder. Ports are free ones."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "virga").symlink_to(harness.binary())
    for program, words in {"python3": "", "pytest": "-m pytest -p virga.plugin -p no:cacheprovider"}.items():
        (programs / program).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        (programs / program).chmod(0o755)
    return command.clean_env(XDG_STATE_HOME=str(folder / "state"), PATH=f"{programs}:{os.environ['PATH']}", VIRGA_PORT="0",
                             VIRGA_BIN=harness.binary(), PYTHONDONTWRITEBYTECODE="1", PYTHONPATH=str(harness.ROOT / "packaging/python/src"), LANG="C.UTF-8")


def script_of(page, kept):
    """One script of all blocks, in which a file appears where its block is. It prints a line before each block and, in a line, the exit
    code of each command that fails."""
    lines = ["exec 2>&1", "trap 'echo \"== exit $?\"' ERR"]
    for number, block in enumerate(of(page, documents.SCRIPT, documents.FILE)):
        if block.kind == documents.FILE:
            (kept / str(number)).write_text(block.text)
            lines.append(f"cp '{kept / str(number)}' '{block.about}'")
        else:
            lines += [f"echo; echo '== block {number}'", block.text.replace("--port 8328", "--port 0")]
    return "\n".join(lines) + "\necho; echo '== end'\n"


def check_output(block, printed):
    """The lines of the block are in what was printed, in this order. `...` is any text."""
    rest = iter(printed.splitlines())
    for line in block.text.splitlines():
        pattern = re.compile(".*".join(map(re.escape, line.strip().split("..."))))
        assert any(pattern.fullmatch(other.strip()) for other in rest), f"{block.where}: {line!r} is not in, or not in this order in:\n{printed}"


@pytest.mark.parametrize("page", SCRIPTED, ids=map(name, SCRIPTED))
def test_the_script_of_a_page(page, tmp_path):
    env = environment(tmp_path)
    folder, kept = tmp_path / "folder", tmp_path / "files"
    folder.mkdir()
    kept.mkdir()
    script = script_of(page, kept)
    try:
        printed = subprocess.run(["bash"], input=script, cwd=folder, env=env, stdout=subprocess.PIPE, text=True, timeout=SECONDS).stdout
        assert "Sanitizer" not in printed and printed.endswith("== end\n"), printed
        assert not list((tmp_path / "state").rglob("endpoints.json")), f"a server of {name(page)} still runs"
    finally:
        for file in (tmp_path / "state").rglob("endpoints.json"):
            os.kill(int(re.search(r'"pid":(\d+)', file.read_text())[1]), signal.SIGKILL)
    outputs = {before.where: block for before, block in zip(BLOCKS, BLOCKS[1:]) if block.kind == documents.OUTPUT}
    for block, part in zip(of(page, documents.SCRIPT), re.split(r"^== block \d+\n", printed, flags=re.M)[1:], strict=True):
        codes = {int(code) for code in re.findall(r"^== exit (\d+)$", part, re.M)}
        assert codes <= (REJECTED if block.where in outputs else set()), f"{block.where}: exit codes {codes}:\n{part}"
        if block.where in outputs:
            check_output(outputs[block.where], part)


def test_the_tests_in_the_documents_pass(tmp_path):
    env = environment(tmp_path)
    tests = [block for block in BLOCKS if block.kind == documents.TESTS]
    for number, block in enumerate(tests):
        stem = re.sub(r"\W", "_", block.page.stem)
        (tmp_path / f"test_{stem}_{number}.py").write_text(block.text)
    shutil.copy(harness.ROOT / "docs/examples/python/operators.json", tmp_path)
    done = subprocess.run([tmp_path / "bin/pytest", "-q"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0 and f"{sum(len(re.findall('^def test_', b.text, re.M)) for b in tests)} passed" in done.stdout, done.stdout


def test_every_block_is_run_or_says_why_not():
    assert [f"{b.where}: ```{b.fence} is neither run nor marked" for b in BLOCKS if b.kind == documents.UNMARKED] == []


def test_a_mark_of_another_test_is_true():
    for block in (b for b in BLOCKS if b.kind == documents.ELSEWHERE):
        test = harness.ROOT / block.about
        assert test.is_file() and re.search(rf"\b{block.page.stem.partition('.')[0].strip('_')}\b", test.read_text()), f"{block.where}: {block.about}"


def test_the_blocks_of_a_chinese_page_are_those_of_the_english_one():
    for page in {b.page for b in BLOCKS if b.page.name.endswith(documents.CHINESE)}:
        same = [b.text for b in documents.blocks(page)] == [b.text for b in documents.blocks(documents.english(page))]
        assert same, name(page)


def anchors(page):
    """The anchors of a page's headings, as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", documents.pages(), ids=name)
def test_every_link_leads_to_a_file_and_a_heading(page):
    prose = re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if not re.match(r"https?:|mailto:", target):
            path, _, anchor = target.partition("#")
            other = page.parent / path if path else page
            assert other.exists(), target
            assert not anchor or anchor in anchors(other), target


MARKED = """# A
<!-- not run: this section -->
```c
a
```
## B
```json
b
```
# C
<!-- file: c.json -->
```json
c
```
```json
d
```
```sh
e
```

```text
f
```
```text
$ g
```
<!-- run by: tests/x.py -->

prose

```js
h
```
"""


def test_the_marks():
    found = [(b.text.strip(), b.kind, b.about) for b in documents.blocks(harness.ROOT / "x.md", MARKED)]
    none = documents.UNMARKED
    assert found == [("a", documents.NOT_RUN, "this section"), ("b", documents.NOT_RUN, "this section"), ("c", documents.FILE, "c.json"), ("d", none, ""),
                     ("e", documents.SCRIPT, ""), ("f", documents.OUTPUT, ""), ("$ g", none, ""), ("h", none, "")]
