#!/usr/bin/env python3
"""Runs a fuzz target over its kept corpus and counts the edges that it covers.

replay.py PROGRAM CORPUS LEAST   fails when the target fails on an input, or covers fewer edges than LEAST
replay.py --log FILE             prints what the tests of a log of meson (testlog.json) have counted
"""
import json
import pathlib
import re
import subprocess
import sys

INPUT_SECONDS = 20  # an input that takes longer is a bug


def run_target(program, *args):
    """(exit status, output) of a target with options of libFuzzer."""
    command = [program, f"-timeout={INPUT_SECONDS}", *map(str, args)]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    return run.returncode, run.stdout


def edges_in(output):
    """The last "cov:" that libFuzzer has printed: the number of edges; 0 when it ended before."""
    return int(([0] + re.findall(r"\bcov: (\d+)", output))[-1])


def replay(program, corpus, least):
    status, output = run_target(program, "-runs=0", corpus)
    edges, files = edges_in(output), len(list(pathlib.Path(corpus).iterdir()))
    print(f"{pathlib.Path(program).name}: {edges} edges by {files} inputs, at least {least}")
    if status != 0:
        print(output)
    elif edges < least:
        print(f"{edges} edges are fewer than {least}: inputs are missing in {corpus}, or the target reaches less code")
    return 1 if status != 0 or edges < least else 0


def print_log(path):
    for line in pathlib.Path(path).read_text().splitlines():
        output = json.loads(line).get("stdout") or ""
        if re.match(r"fuzz_\w+: \d+ edges", output):
            print(output.splitlines()[0])
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--log":
        sys.exit(print_log(sys.argv[2]))
    sys.exit(replay(sys.argv[1], sys.argv[2], int(sys.argv[3])))
