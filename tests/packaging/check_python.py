#!/usr/bin/env python3
"""Runs the example of the wheel with several versions of Python: check_python.py PROGRAM FOLDER [PYTHON...]

Without a PYTHON it takes every python3.N on the PATH that runs, from 3.8 on; else the first one should be the oldest.
Each Python gets an environment below FOLDER with the newest pytest that it can have, and the oldest Python also one with
the oldest pytest that the plugin promises. This takes minutes and needs the package registry, so it is no part of the
test command; test_python.py has what can be read from the text.
"""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs/examples/python"
OLDEST_PYTEST = "pytest==7.0.0"  # requires-python and the extra pytest of packaging/python/pyproject.toml
FIRST, LAST = 8, 30
SDK = re.findall(r"^tencentcloud-sdk-python-(?:common|sqlserver)==\S+", (ROOT / "tests/requirements.txt").read_text(), re.M)


def version_of(path):
    """Empty when it does not run: a name on the PATH may lead to none."""
    code = "import sys, venv; print(sys.version.split()[0])"
    return subprocess.run([path, "-c", code], capture_output=True, text=True, check=False).stdout.strip()


def installed():
    for minor in range(FIRST, LAST):
        path = shutil.which(f"python3.{minor}")
        if path and version_of(path):
            yield path


def check(version, path, pytest, wheel, folder):
    """Returns whether the tests of the example passed, and prints a line."""
    place = folder / f"{version}-{pytest.replace('==', '-')}"
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run([path, "-m", "venv", place], check=True)
    subprocess.run([place / "bin/pip", "install", "-q", "--disable-pip-version-check", "--no-compile", f"{wheel}[pytest]", pytest,
                    "pytest-xdist", *SDK], check=True)
    example = shutil.copytree(EXAMPLE, place / "example")
    words = [place / "bin/python", "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "-W", "error::DeprecationWarning:virga"]
    done = subprocess.run(words, cwd=example, capture_output=True, text=True, check=False)
    used = subprocess.run([place / "bin/python", "-c", "import pytest; print(pytest.__version__)"], capture_output=True, text=True,
                          check=True).stdout.strip()
    print(f"Python {version}, pytest {used}: {done.stdout.strip().splitlines()[-1:] or done.stderr}", flush=True)
    if done.returncode != 0:
        print(done.stdout, done.stderr, sep="\n", flush=True)
    return done.returncode == 0


def main(program, folder, *paths):
    folder = pathlib.Path(folder).resolve()
    wheel = subprocess.run([sys.executable, ROOT / "packaging/python/build.py", "--program", program, "--out", folder], check=True,
                           capture_output=True, text=True).stdout.strip()
    pythons = [(version_of(path), path) for path in paths or installed()]
    runs = [(*python, "pytest") for python in pythons]
    runs += [(*pythons[0], OLDEST_PYTEST)] if pythons else []
    passed = [check(*run, wheel, folder) for run in runs]
    print(f"{sum(passed)} passed, {len(passed) - sum(passed)} failed")
    return 0 if passed and all(passed) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
