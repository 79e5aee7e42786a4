#!/usr/bin/env python3
"""Lets fuzz targets search, and keeps what they find: search.py PROGRAMS MINUTES [TARGET]...

All targets share the minutes. Of each, the inputs that reach new edges are merged into its kept corpus, which is
minimised; names that a person has given stay. An input that a target fails on is left in build/fuzz/TARGET, and the
exit status is 1. PROGRAMS is the folder of the fuzz_TARGET programs.
"""
import pathlib
import re
import shutil
import sys
import tempfile

from replay import edges_in, run_target

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CORPUS = ROOT / "tests/fuzz/corpus"
INPUT_BYTES = 1024  # at most; longer inputs are slower and seldom reach more
# One input for each edge, not for each count of it: the corpus stays small.
MINIMISE = ("-merge=1", "-use_counters=0", "-set_cover_merge=1")
FOUND_NAME = re.compile("[0-9a-f]{40}")  # libFuzzer names an input by its SHA-1


def inputs(folder):
    return {path.name for path in folder.iterdir()}


def minimise(program, corpus, found, before):
    """Replaces the inputs of the corpus that libFuzzer has named by the fewest that cover all edges of both folders.

    Returns the number of edges. The corpus stays as it is when they are not more than before.
    """
    with tempfile.TemporaryDirectory() as merged:
        merged = pathlib.Path(merged)
        for path in corpus.iterdir():
            if not FOUND_NAME.fullmatch(path.name):
                shutil.copy(path, merged)
        status, output = run_target(program, *MINIMISE, merged, corpus, found)
        if status != 0:
            sys.exit(f"{output}\n{program} could not merge its corpus")
        after = edges_in(run_target(program, "-runs=0", merged)[1])
        if after > before:
            shutil.rmtree(corpus)
            shutil.copytree(merged, corpus)
    return max(after, before)


def search(program, name, seconds):
    """Prints a line about the target; the number of inputs that it fails on."""
    corpus, work = CORPUS / name, ROOT / "build/fuzz" / name
    shutil.rmtree(work, ignore_errors=True)
    found, prefix = work / "found", f"-artifact_prefix={work}/"
    found.mkdir(parents=True)
    corpus.mkdir(parents=True, exist_ok=True)
    old = inputs(corpus)
    status, output = run_target(program, prefix, "-runs=0", corpus)
    before = after = edges_in(output)
    if status == 0:  # else it fails on a kept input, which must stay
        _, output = run_target(program, prefix, f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES}", "-len_control=0",
                               "-print_final_stats=1", found, corpus)
        after = minimise(program, corpus, found, before)
    (work / "log").write_text(output)
    failures = [path for path in work.iterdir() if re.match("crash-|leak-|timeout-|oom-", path.name)]
    runs = re.search(r"number_of_executed_units: (\d+)", output)
    print(f"{name:14} {before:6} -> {after:5} edges {int(runs.group(1)) if runs else 0:9} runs"
          f" {len(inputs(corpus) - old):5} new of {len(inputs(corpus)):4} inputs {len(failures):3} failures", flush=True)
    for path in failures:
        print(f"  {path.relative_to(ROOT)}")
    return len(failures)


def main(folder, minutes, *names):
    programs = {path.name[len("fuzz_"):]: path for path in sorted(pathlib.Path(folder).glob("fuzz_*")) if path.is_file()}
    unknown = set(names) - programs.keys()
    if unknown or not programs:
        sys.exit(f"no target {' '.join(unknown)}; there are: {' '.join(programs)}")
    names = names or tuple(programs)
    seconds = max(1, int(float(minutes) * 60 / len(names)))
    return any([search(str(programs[name]), name, seconds) for name in names])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
