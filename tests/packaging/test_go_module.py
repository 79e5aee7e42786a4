"""The Go module: the example gets it from a folder that is a module proxy, and its tests run in parallel."""
import json
import re
import subprocess
import sys

import examples
import pytest
import suite

GO = examples.ROOT / "packaging/go"
EXAMPLE = examples.EXAMPLES / "go"
FAILING = examples.HERE / "go"  # tests that fail, to see what virgatest says of them
TESTS = 6


def environment(directory):
    """The proxy of the test first. Only the module of the test is not in the public list of checksums."""
    usual = subprocess.run(["go", "env", "GOPROXY"], capture_output=True, text=True, check=True).stdout.strip()
    return {"GOPROXY": f"file://{directory}/proxy,{usual}", "GONOSUMDB": examples.project.go_module(), "GOFLAGS": "-mod=mod -buildvcs=false"}


def make(directory):
    version = examples.test_version(GO)
    suite.execute([sys.executable, str(GO / "build.py"), str(directory / "proxy"), version], directory)
    examples.copy(EXAMPLE, directory / "example")
    examples.copy(FAILING, directory / "example")
    examples.check(["go", "mod", "edit", f"-require={examples.project.go_module()}@v{version}"], directory / "example")
    examples.check(["go", "test", "-c", "-o", "tests", "."], directory / "example", **environment(directory))


@pytest.fixture(scope="module")
def built():
    suite.need("go")
    return suite.build("go-module", [*examples.files(GO, EXAMPLE, FAILING), examples.ROOT / "meson.build"], ["go", "version"], make)


def run(built, tests):
    return examples.run(["./tests", "-test.v", "-test.run", tests], built / "example", VIRGA_BIN=examples.server())


def test_example(built):
    code, printed = run(built, "^Test[A-Z]")
    assert code == 0 and len(re.findall(r"^--- PASS: ", printed, re.M)) == TESTS, printed


def test_what_a_failed_test_shows(built):
    """A rejected call with its reason, the call that is most similar to an expected one, and why a server did not start."""
    code, printed = run(built, "^Test_")
    assert code == 1 and len(re.findall(r"^--- FAIL: ", printed, re.M)) == 3, printed
    assert re.search(r"virga: CreateBackup => ResourceNotFound\.InstanceNotFound .* \(.*mssql-nosuchin.*\)", printed), printed
    assert 'params.InstanceId was "mssql-nosuchin", not "mssql-other"' in printed, printed
    assert re.search(r"virga did not start: EOF\n.*--nonsense", printed), printed


def test_proxy(built, tmp_path):
    """The folder has what a module proxy serves, and the same input gives the same bytes."""
    suite.need("go")
    version = examples.project.version()
    for name in ("one", "other"):
        suite.execute([sys.executable, str(GO / "build.py"), str(tmp_path / name)], tmp_path)
    one, other = (tmp_path / name / examples.project.go_module() / "@v" for name in ("one", "other"))
    assert json.loads((one / f"v{version}.info").read_text())["Version"] == f"v{version}"
    assert sorted(p.name for p in one.iterdir()) == ["list"] + [f"v{version}.{kind}" for kind in ("info", "mod", "zip")]
    assert all((other / path.name).read_bytes() == path.read_bytes() for path in one.iterdir())
