#!/usr/bin/python3
"""Counts the results of a run of tools/test and prints one line: tally.py FOLDER

NAME.xml     the report of pytest, in the form of JUnit
NAME.json    the log of meson, with a line for each test program; the tests in a cmocka program are counted one by one
NAME.txt     a text whose last line is "N passed, N failed"
NAME.failed  NAME did not succeed; counts as one failure if none of its tests is counted as one, as when it could not be built
"""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree


class Count:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return text + (f", {self.skipped} skipped" if self.skipped else "")


def count_pytest(path):
    count = Count()
    for suite in xml.etree.ElementTree.parse(path).getroot().iter("testsuite"):
        of = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
        failed = of["failures"] + of["errors"]
        count.add(Count(of["tests"] - failed - of["skipped"], failed, of["skipped"]))
    return count


def cmocka(text, word):
    return sum(int(n) for n in re.findall(rf"^\[ *{word} *\] (\d+) test\(s\)", text, re.M))


def count_program(entry):
    """A program without cmocka is one test. A program with an error exit or a signal has at least one failure, whatever it printed."""
    text = (entry.get("stdout") or "") + (entry.get("stderr") or "")
    count = Count(cmocka(text, "PASSED"), cmocka(text, "FAILED"), cmocka(text, "SKIPPED"))
    if entry["result"] == "SKIP":
        count.skipped += 1
    elif entry["result"] not in ("OK", "EXPECTEDFAIL"):
        count.failed += count.failed == 0
    elif not count.passed:
        count.passed = 1
    return count


def count_meson(path):
    count = Count()
    for line in path.read_text().splitlines():
        count.add(count_program(json.loads(line)))
    return count


def count_text(path):
    match = re.search(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", path.read_text().strip().split("\n")[-1])
    return Count(*(int(n or 0) for n in match.groups())) if match else Count(failed=1)


READERS = {".xml": count_pytest, ".json": count_meson, ".txt": count_text}


def main(folder):
    total, failed_of = Count(), {}
    for path in sorted(folder.iterdir()):
        if path.suffix in READERS:
            count = READERS[path.suffix](path)
            failed_of[path.stem] = count.failed
            total.add(count)
    total.failed += sum(not failed_of.get(path.stem) for path in folder.glob("*.failed"))
    print(total)
    return total.failed > 0 or total.passed == 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
