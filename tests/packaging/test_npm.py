"""The npm packages: the examples for node:test and vitest use them from files, and the helper does what its types say."""
import json
import re
import signal
import subprocess
import sys
import tarfile

import examples
import pytest
import suite

NPM = examples.ROOT / "packaging/npm"
NODE, TYPESCRIPT = examples.EXAMPLES / "node", examples.EXAMPLES / "typescript"
HELPER = examples.HERE / "npm"
TESTS = 6  # of each example


def host():
    """The platform of this machine, in the words of npm."""
    return subprocess.run(["node", "-p", "process.platform + '-' + process.arch"], capture_output=True, text=True,
                          check=True).stdout.strip()


def make(directory):
    """Packs the packages and installs them with what the examples need, once for both: that of Node.js needs less."""
    examples.check([sys.executable, str(NPM / "build.py"), "registry", f"{host()}={examples.program()}"], directory)
    for name in ("package.json", "package-lock.json"):
        (directory / name).write_bytes((TYPESCRIPT / name).read_bytes())
    tarballs = [str(path) for path in sorted((directory / "registry").glob(f"virga*-{examples.project.version()}.tgz"))]
    suite.execute(["npm", "install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", *tarballs], directory)


@pytest.fixture(scope="module")
def installed():
    suite.need("node", "npm")
    sources = [*examples.files(NPM), TYPESCRIPT / "package-lock.json", examples.program(), examples.ROOT / "meson.build",
               examples.ROOT / "packaging/project.json", examples.ROOT / "schema/faults.json",
               *examples.files(examples.ROOT / "schema/control")]
    return suite.build("npm", sources, ["node", "--version"], make)


def project(installed, name, source):
    """A copy of a project in a folder below the one with the installed packages, where Node.js finds them."""
    examples.copy(source, installed / name)
    return installed / name


def test_node_example(installed):
    printed = examples.check(["node", "--test", "--test-reporter=tap"], project(installed, "node", NODE))
    assert re.search(rf"^# pass {TESTS}$", printed, re.M), printed


def test_typescript_example(installed):
    folder, tools = project(installed, "typescript", TYPESCRIPT), installed / "node_modules/.bin"
    examples.check([str(tools / "tsc")], folder)
    printed = examples.check([str(tools / "vitest"), "run", "--reporter=json"], folder)
    report = json.loads(printed[printed.index("{"):])
    assert (report["numPassedTests"], report["numTotalTests"]) == (TESTS, TESTS), printed


def test_node_example_needs_nothing_else():
    """So what is installed for the example in TypeScript is enough for it."""
    node, typescript = (json.loads((folder / "package.json").read_text()) for folder in (NODE, TYPESCRIPT))
    assert node["dependencies"].items() <= typescript["dependencies"].items()
    assert node["devDependencies"].items() <= typescript["devDependencies"].items()


@pytest.mark.parametrize("file", ["helper.test.cjs", "exports.test.mjs", "jest.test.cjs"])
def test_helper(installed, file):
    folder = project(installed, "helper", HELPER)
    examples.check(["node", "--test", file], folder)


def test_command(installed):
    """`npx virga` runs the program that npm has installed, and passes signals on."""
    command = installed / "node_modules/.bin/virga"
    assert examples.check([str(command), "--version"], installed) == f"virga {examples.project.version()}\n"
    with subprocess.Popen([str(command), "serve", "--memory", "--port", "0", "--json", "--quiet"], env=examples.environment(),
                          stdout=subprocess.PIPE) as wrapper:
        assert json.loads(wrapper.stdout.readline())["pid"] != wrapper.pid
        wrapper.send_signal(signal.SIGTERM)
        assert wrapper.wait(timeout=suite.RUN_SECONDS) == 0


def test_command_ends_with_the_exit_code(installed):
    assert examples.run([str(installed / "node_modules/.bin/virga"), "serve", "--nonsense"], installed)[0] == 2


def test_packages(installed, tmp_path):
    """npm runs no script, and installs only the program of the machine. The same input gives the same bytes."""
    examples.check([sys.executable, str(NPM / "build.py"), str(tmp_path), f"{host()}={examples.program()}"], tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (installed / "registry" / path.name).read_bytes(), path.name
    version = examples.project.version()
    main, platform = manifest(tmp_path / f"virga-{version}.tgz"), manifest(tmp_path / f"virga-{host()}-{version}.tgz")
    assert "scripts" not in main and main["optionalDependencies"] == {f"@virga/{host()}": version}
    assert f"{platform['os'][0]}-{platform['cpu'][0]}" == host() and "scripts" not in platform


def manifest(path):
    with tarfile.open(path) as tar:
        return json.load(tar.extractfile("package/package.json"))
