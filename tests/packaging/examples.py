"""What the tests of the published helpers share: each builds a shape below build/ and runs an example project that uses it."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

import harness

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EXAMPLES = ROOT / "docs/examples"
sys.path += [str(HERE.parent / "sdk"), str(ROOT / "packaging")]

import project  # noqa: E402, F401
import suite  # noqa: E402


def program():
    """The program that a package carries. A release is a tenth of the size of a build with sanitizers."""
    return pathlib.Path(os.environ.get("VIRGA_RELEASE_BIN") or harness.binary()).resolve()


def server():
    """The program under test, for helpers that carry none."""
    return str(pathlib.Path(harness.binary()).resolve())


def files(*folders):
    """The files of a project, without what a tool leaves in it."""
    return [path for folder in folders for path in sorted(folder.rglob("*"))
            if path.is_file() and not {"__pycache__", "node_modules", "target"} & set(path.parts)]


def test_version(*folders):
    """A version that is different whenever the sources are, because the caches of Go and Maven keep a version for ever."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files(*folders)))
    return f"{project.version()}-test.h{digest.hexdigest()[:12]}"


def copy(source, target):
    """Replaces the files of a project, but nothing that a tool has added."""
    for path in files(source):
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)


def environment(**more):
    """Without virga's variables, and without a proxy, which two of the SDKs would use for this machine."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("VIRGA_") and not k.lower().endswith("_proxy")}
    return {**clean, **more}


def run(command, cwd, **more):
    """Runs one command to its end: (exit code, everything that it printed)."""
    done = subprocess.run(command, cwd=cwd, env=environment(**more), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=suite.RUN_SECONDS)
    return done.returncode, done.stdout


def check(command, cwd, **more):
    """Runs one command that must succeed. Returns what it printed."""
    code, printed = run(command, cwd, **more)
    assert code == 0, f"{command} ended with {code}:\n{printed}"
    return printed
