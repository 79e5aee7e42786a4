"""The program of tools/mutate: changes one line of C at a time and runs the tests that cover it.

The changes come from the rules of universalmutator. Each is tried in a copy of the tree with a build of its own:

1. The file is compiled as for a release. When the object is the same as before, the mutant changes nothing.
2. The unit tests that cover the line run, of one layer after another, then the wire tests that cover it, then the unit
   tests that take long.
3. The first test that fails or does not end kills the mutant. When all pass, it is alive.

Which tests cover a line is measured once with gcov, and again when a source or a test has changed.
"""
import argparse
import concurrent.futures
import contextlib
import hashlib
import io
import json
import os
import pathlib
import queue
import re
import resource
import shlex
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "mutate"
PYTHON = ROOT / "build" / "venv" / "bin" / "python"
LAYERS = ["store", "wire", "core", "gateway", "product"]  # that are changed when no file is named
TEST_LAYERS = ["base", "store", "wire", "core", "gateway", "product", "diagnosis", "control", "server", "cli"]
EQUIVALENT = ROOT / "tests" / "equivalent_mutants.json"  # found by hand: [{"file", "old", "new", "why"}]
RULES = ["universal.rules", "c_like.rules", "c.rules"]
WIRE_FILES = "api/test_wire.py"  # of which each test has a server, and counts as a group of tests of its own

BUILD_SECONDS = 180
UNIT_SECONDS = 300  # all suites of one layer need 35; a busy machine is slower, and an endless loop meets the limit of --cpu
SLOW_SECONDS = 2  # of processor time: a suite that takes longer runs last
WIRE_SECONDS = 600  # all wire tests need 45; a test waits for an answer of its server for 20 at most
HEAD_LINES_MAX = 4  # of a function, before its brace
LIMITS = ["prlimit", "--as=8589934592", "--cpu=100", "--core=0"]


def run(command, seconds, **options):
    """(exit status, output) of a command; the status is None when it took too long. Nothing that it started is left."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          start_new_session=True, **options) as process:
        try:
            output = process.communicate(timeout=seconds)[0]
            status = process.returncode
        except subprocess.TimeoutExpired:
            output, status = b"", None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
    return status, output.decode("utf-8", "replace")


def processor_seconds():
    """Of all commands that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# --- a copy of the tree with its build ------------------------------------------------------------------------------


class Tree:
    """A copy of the sources and the tests, built in its folder `built`."""

    def __init__(self, name, *options):
        self.path, self.built = WORK / name, WORK / name / "built"
        self.temporary = self.path / "tmp"
        self.copy()
        if not (self.built / "build.ninja").exists():
            self.check(["meson", "setup", "-Doptimization=0", "-Ddebug=false", *options, str(self.built)])
        self.check(["ninja", "-j1", "-C", str(self.built)], 1800)
        commands = json.loads((self.built / "compile_commands.json").read_text())
        self.commands = {os.path.relpath(self.built / c["file"], self.path): c["command"] for c in commands}

    def copy(self):
        """Makes the copy the same as the tree; a file that is the same already keeps its time, for ninja."""
        names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                               check=True, capture_output=True).stdout.decode().split("\0")
        for name in filter(None, names):
            source, target = ROOT / name, self.path / name
            if not source.is_file():
                target.unlink(missing_ok=True)
            elif not target.exists() or target.read_bytes() != source.read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)

    def check(self, command, seconds=BUILD_SECONDS):
        status, output = run(command, seconds, cwd=self.path)
        if status != 0:
            sys.exit(f"{shlex.join(command)} failed in {self.path}:\n{output}")

    def ninja(self, target):
        return run(["ninja", "-j1", "-C", str(self.built), target], BUILD_SECONDS)[0] == 0

    def run(self, command, seconds, **env):
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir()
        env = {**os.environ, "TMPDIR": str(self.temporary), "PYTHONDONTWRITEBYTECODE": "1", **env}
        return run([*LIMITS, *command], seconds, cwd=self.path, env=env)

    def suites(self, layer, names, seconds=UNIT_SECONDS, **env):
        return self.run([str(self.built / "tests" / "unit" / f"test_{layer}"), *names], seconds, **env)

    def pytest(self, names, *options, seconds=WIRE_SECONDS, **env):
        """Runs wire tests, which have names as below tests/."""
        command = [str(PYTHON), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", *options]
        status, output = self.run([*command, *(f"tests/{name}" for name in names)], seconds,
                                  VIRGA_BIN=str(self.built / "src" / "virga"), VIRGA_RELEASE_BIN="", **env)
        if status not in (0, 1, None):  # pytest itself failed, which says nothing about a mutant
            sys.exit(f"{shlex.join(command)} ended with {status}:\n{output}")
        return status, output

    def release_object(self, file):
        """The object of a source file as a release has it; None when it does not compile."""
        command = shlex.split(self.commands[file])
        command = [word for word in command if word not in ("ccache", "-O0", "-MD", "--coverage")]
        for flag in ("-MQ", "-MF", "-o"):
            at = command.index(flag)
            del command[at:at + 2]
        target = self.path / "release.o"
        for options in (["-fsyntax-only"], ["-O2", "-DNDEBUG", "-o", str(target)]):  # the first is quick
            if run([*command, "-w", *options], BUILD_SECONDS, cwd=self.built)[0] != 0:
                return None
        return hashlib.sha256(target.read_bytes()).digest()


# --- which tests cover a line ---------------------------------------------------------------------------------------


def group_of(nodeid):
    """The group of tests that a wire test is counted with."""
    file = nodeid.partition("::")[0]
    return nodeid if file == WIRE_FILES else file


def folder_of(group):
    return group.replace("/", "!")


# As a plugin of pytest, this file sets where the servers of a test write what they ran.
def pytest_runtest_protocol(item):
    os.environ["GCOV_PREFIX"] = str(pathlib.Path(os.environ["VIRGA_MUTATE_DATA"]) / folder_of(group_of(item.nodeid)))


def group_files(group):
    """The files that a group of tests consists of."""
    if isinstance(group, list):
        return [f"tests/unit/{group[0]}/test_{group[1]}.c"]
    case = re.search(r"\[(.*)\]$", group)
    return [f"tests/{group.partition('::')[0]}"] + ([f"tests/api/wire/{case.group(1)}.txt"] if case else [])


def hash_of(names):
    """Of the files, and of all files in the folders."""
    digest = hashlib.sha256()
    for name in names:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


class Coverage:
    """Which groups of tests run a line, kept in a file. After an edit of the sources all groups are measured, after an edit
    of a test its own.

    code: {file: lines that have code}; groups: {name: what is known of a group, as in `collect`}.
    """

    SOURCES = ["src", "schema", "tests/unit/support/test_world.c", "tests/harness.py"]

    def __init__(self):
        self.cache = WORK / "coverage.json"
        self.key = hash_of(self.SOURCES)
        kept = json.loads(self.cache.read_text()) if self.cache.exists() else {}
        kept = kept if kept.get("key") == self.key else {"code": {}, "groups": {}}
        self.code = {file: set(lines) for file, lines in kept["code"].items()}
        self.groups = {name: known for name, known in kept["groups"].items()
                       if known["key"] == hash_of(group_files(known["group"]))}
        self.measure([group for group in self.all_groups() if str(group) not in self.groups])
        self.lines = {}  # {(file, line): groups}
        for known in self.groups.values():
            for file, lines in known["lines"].items():
                for line in lines:
                    self.lines.setdefault((file, line), []).append(known["group"])

    @staticmethod
    def all_groups():
        """A suite is [layer, name]; a file of wire tests, or a test of WIRE_FILES, is the name that pytest knows it by."""
        suites = [[layer, file.stem.removeprefix("test_")] for layer in TEST_LAYERS
                  for file in sorted((ROOT / "tests" / "unit" / layer).glob("test_*.c"))]
        files = [f"api/{file.name}" for file in sorted((ROOT / "tests" / "api").glob("test_*.py"))]
        cases = [f"{WIRE_FILES}::test_wire[{file.stem}]" for file in sorted((ROOT / "tests/api/wire").glob("*.txt"))]
        return suites + [name for name in files if name != WIRE_FILES] + cases

    def measure(self, groups):
        if not groups:
            return
        print(f"# measuring which lines {len(groups)} groups of tests run", flush=True)
        tree = Tree("coverage", "-Db_coverage=true")
        data = tree.path / "data"
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir()
        seconds = {}
        for layer, name in (group for group in groups if isinstance(group, list)):
            before = processor_seconds()
            status, output = tree.suites(layer, [name], GCOV_PREFIX=str(data / f"{layer} {name}"))
            seconds[f"{layer} {name}"] = round(processor_seconds() - before, 1)
            if status != 0:
                sys.exit(f"the suite {name} of {layer} fails without a change:\n{output}")
        wire = [group for group in groups if isinstance(group, str)]
        if wire:
            status, output = tree.pytest(wire, "-p", "mutate", seconds=1800, PYTHONPATH=str(ROOT / "tools"),
                                         VIRGA_MUTATE_DATA=str(data))
            if status != 0:
                sys.exit(f"wire tests fail without a change:\n{output}")
        for group in groups:
            name = " ".join(group) if isinstance(group, list) else folder_of(group)
            self.collect(tree, group, data / name, seconds.get(name, 0))
        shutil.rmtree(data)
        code = {file: sorted(lines) for file, lines in self.code.items()}
        self.cache.write_text(json.dumps({"key": self.key, "code": code, "groups": self.groups}))

    def collect(self, tree, group, folder, seconds):
        lines = {}
        for file, line, ran in self.lines_of(tree, folder):
            self.code.setdefault(file, set()).add(line)
            if ran:
                lines.setdefault(file, []).append(line)
        self.groups[str(group)] = {"group": group, "key": hash_of(group_files(group)), "lines": lines,
                                   "size": sum(map(len, lines.values())), "seconds": seconds}

    @staticmethod
    def lines_of(tree, folder):
        """(file, line, whether the tests in the folder ran it) of each line with code of its own."""
        prefix = str(tree.built).lstrip("/")
        inputs = []
        for path in sorted((folder / prefix / "src").rglob("*.gcda")):
            note = (tree.built / path.relative_to(folder / prefix)).with_suffix(".gcno")
            path.with_suffix(".gcno").symlink_to(note)
            inputs.append(str(path))
        if not inputs:
            return set()
        status = subprocess.run(["gcov", "--json-format", "--stdout", *inputs], cwd=tree.built, check=True,
                                capture_output=True)
        seen = set()
        for text in status.stdout.splitlines():
            for file in json.loads(text)["files"]:
                name = os.path.relpath(tree.built / file["file"], tree.path)
                if name.startswith("src/"):
                    seen.update((name, line["line_number"], line["count"] > 0) for line in file["lines"])
        return seen

    def of(self, mutant):
        """The groups that run the line, or the last line with code above it in the function; of a table, all that
        run the file. The entry of a function counts as its line with the name, just above its brace."""
        if not mutant.function_line:
            return [known["group"] for known in self.groups.values() if mutant.file in known["lines"]]
        for line in range(mutant.line, mutant.function_line - HEAD_LINES_MAX, -1):
            if line in self.code.get(mutant.file, ()):
                return self.lines.get((mutant.file, line), [])
        return []


# --- mutants --------------------------------------------------------------------------------------------------------


class Mutant:
    def __init__(self, file, source, line, new):
        self.file, self.line, self.source, self.new = file, line, source, new
        self.old = source[line - 1]
        self.function_line = self.find_function()

    def find_function(self):
        """The first line of the body's function, or 0 outside functions."""
        for number in range(self.line, 0, -1):
            text = self.source[number - 1]
            if number < self.line and text.startswith("}"):
                return 0
            if text.startswith("{"):
                return number
        return 0

    def text(self):
        return "".join([*self.source[:self.line - 1], self.new, *self.source[self.line:]])

    def key(self):
        return f"{self.file}:{self.line}:{self.new}"

    def is_listed(self, entry):
        """Whether it is this one of EQUIVALENT; line numbers change too often to be in it."""
        return (entry["file"], entry["old"], entry["new"]) == (self.file, self.old.strip(), self.new.strip())

    def __str__(self):
        new = " / ".join(part.strip() for part in self.new.strip().split("\n"))
        return f"{self.file}:{self.line}  {self.old.strip()}  =>  {new or '(nothing)'}"


def mutants_of(file):
    from universalmutator import mutator  # of its own environment, which pytest does not have

    source = (ROOT / file).read_text().splitlines(keepends=True)
    with contextlib.redirect_stdout(io.StringIO()):
        found = mutator.mutants_regexp(source, RULES, ignorePatterns=[])
    return [Mutant(file, source, line, new) for line, new, *_ in found]


def choose(everything, count, seed):
    """`count` of the mutants in a random order, so that the first ones are a fair sample too. A mutant's place depends on
    the seed and the mutant alone: an edit of another line changes nothing."""
    return sorted(everything, key=lambda m: hashlib.sha256(f"{seed} {m.key()}".encode()).digest())[:count]


# --- running --------------------------------------------------------------------------------------------------------


def first_failure(output):
    """The name of the test that failed first, as cmocka or pytest prints it; of a crash, the test that was running."""
    found = re.search(r"^\[  FAILED  \] (?!\d)(\S+)|^(?:FAILED|ERROR) (?:tests/)?(\S+)", output, re.M)
    if found:
        return (found.group(1) or found.group(2)).rstrip(":")
    running = re.findall(r"^\[ RUN      \] (\S+)", output, re.M)
    return f"{running[-1]} crashed" if running else "it crashed"


class Worker:
    def __init__(self, number, coverage, wire_max):
        self.tree, self.coverage, self.wire_max = Tree(f"tree-{number}"), coverage, wire_max
        self.release = {}
        self.listed = json.loads(EQUIVALENT.read_text())

    def try_mutant(self, mutant):
        """(word, by which test)."""
        why = next((entry["why"] for entry in self.listed if mutant.is_listed(entry)), None)
        if why:
            return "equivalent", why
        path = self.tree.path / mutant.file
        if mutant.file not in self.release:
            self.release[mutant.file] = self.tree.release_object(mutant.file)
        try:
            path.write_text(mutant.text())
            changed = self.tree.release_object(mutant.file)
            if changed is None:
                return "does not compile", ""
            if changed == self.release[mutant.file]:
                return "equivalent", "the object is the same"
            return self.kill(mutant)
        finally:
            path.write_text("".join(mutant.source))

    def kill(self, mutant):
        groups = self.coverage.of(mutant)
        if not groups:
            return "alive", "no test covers it"
        units = [group for group in groups if isinstance(group, list)]
        slow = [group for group in units if self.coverage.groups[str(group)]["seconds"] > SLOW_SECONDS]
        layer = mutant.file.split("/")[1]
        for name in sorted({name for name, _ in units}, key=lambda name: (name != layer, TEST_LAYERS.index(name))):
            if not self.tree.ninja(f"tests/unit/test_{name}"):
                return "does not compile", ""
            found = self.unit_failure(name, [suite for other, suite in units if other == name and [other, suite] not in slow])
            if found:
                return "killed", found
        wire = sorted((group for group in groups if isinstance(group, str)), key=lambda group: self.coverage.groups[group]["size"])
        if wire and not self.tree.ninja("src/virga"):
            return "does not compile", ""
        found = self.wire_failure(wire[:self.wire_max])
        for name, suite in sorted(slow, key=lambda group: -self.coverage.groups[str(group)]["size"]):  # the likeliest first
            found = found or self.unit_failure(name, [suite])
        if found:
            return "killed", found
        return "alive", f"after {self.wire_max} of {len(wire)} wire tests" if len(wire) > self.wire_max else ""

    def unit_failure(self, layer, suites):
        """The test that fails, or None."""
        status, output = self.tree.suites(layer, suites) if suites else (0, "")
        if status == 0:
            return None
        return f"{layer}: {'it does not end' if status is None else first_failure(output)}"

    def wire_failure(self, names):
        """The wire test that fails, or None. A test that fails only once, as on a busy machine, kills nothing."""
        while names:
            status, output = self.tree.pytest(names, "-x")
            if status == 0:
                return None
            found = "it does not end" if status is None else first_failure(output)
            if group_of(found) not in names or self.tree.pytest([group_of(found)], "-x")[0] != 0:
                return found
            names.remove(group_of(found))
        return None


def summary(results):
    words = [result[0] for result in results]
    killed, alive = words.count("killed"), words.count("alive")
    share = f", {100 * killed / (killed + alive):.1f} % of those that change something" if killed + alive else ""
    return (f"{len(words)} mutants: {killed} killed, {alive} alive, {words.count('does not compile')} do not compile, "
            f"{words.count('equivalent')} equivalent{share}")


def main():
    parser = argparse.ArgumentParser(prog="tools/mutate", description="Tries random changes of the sources and runs the tests.")
    parser.add_argument("count", type=int, metavar="N", help="how many mutants")
    parser.add_argument("--seed", type=int, default=1, help="chooses the mutants (1)")
    parser.add_argument("--minutes", type=float, default=1e9, help="start no mutant after this time")
    parser.add_argument("--jobs", type=int, default=1, help="how many mutants at once, each in a tree of its own (1)")
    parser.add_argument("--wire", type=int, default=60,
                        help="how many groups of wire tests may run for a mutant, those that cover least first (60)")
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--again", action="store_true", help="only those that the last run of this seed left alive")
    again.add_argument("--resume", action="store_true", help="not those that a run of this seed has tried; count them")
    parser.add_argument("files", nargs="*", metavar="FILE", help="files below src/, or folders with them")
    args = parser.parse_args()

    folders = [pathlib.Path(name).resolve() for name in args.files] or [ROOT / "src" / layer for layer in LAYERS]
    files = sorted({str(file.relative_to(ROOT)) for folder in folders
                    for file in ([folder] if folder.is_file() else folder.rglob("*.c"))})
    everything = [mutant for file in files for mutant in mutants_of(file)]
    chosen = choose(everything, args.count, args.seed)
    WORK.mkdir(parents=True, exist_ok=True)
    record = WORK / f"results-{args.seed}.json"
    old = json.loads(record.read_text()) if record.exists() else {}
    if args.again:
        chosen = [mutant for mutant in everything if old.get(mutant.key(), [""])[0] == "alive"]
    print(f"# {len(chosen)} of {len(everything)} mutants of {len(files)} files, seed {args.seed}", flush=True)
    coverage = Coverage()
    idle = queue.Queue()
    for number in range(args.jobs):
        idle.put(Worker(number, coverage, args.wire))
    end = time.monotonic() + 60 * args.minutes
    results = {mutant.key(): old[mutant.key()] for mutant in chosen if args.resume and mutant.key() in old}
    chosen = [mutant for mutant in chosen if mutant.key() not in results]

    def try_next(mutant):
        if time.monotonic() > end:
            return
        worker = idle.get()
        try:
            result = worker.try_mutant(mutant)
        finally:
            idle.put(worker)
        results[mutant.key()] = result
        record.write_text(json.dumps({**old, **results}, indent=0))
        print(f"{result[0]:9} {mutant}" + (f"  ({result[1]})" if result[1] else ""), flush=True)

    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for job in [pool.submit(try_next, mutant) for mutant in chosen]:
            job.result()
    left = sum(mutant.key() not in results for mutant in chosen)
    if left:
        print(f"# {left} were not tried in {args.minutes:g} minutes")
    print(summary(list(results.values())))


if __name__ == "__main__":
    main()
