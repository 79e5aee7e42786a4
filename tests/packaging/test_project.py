"""The address of the project is one constant: packaging/project.json has it, and the shapes take it from there.

The names of the Go module and of the Maven group follow from the address, and the files in which these languages need them
must contain them. So these names are checked here: after a change of the address, a failure lists what is to be changed.
"""
import re
import subprocess

import examples
from examples import ROOT
from examples import project as packaging

HOST = packaging.PROJECT["repository"].split("/")[2]
# What may have one of the names, by the end of its own name.
NAMES = {"go.mod": packaging.go_module(), ".go": packaging.go_module() + "/virgatest", "pom.xml": packaging.maven_group()}


def tracked_files(*folders):
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z", *folders], cwd=ROOT, capture_output=True,
                           check=True).stdout.decode()
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def allowed(file):
    return [name for suffix, name in NAMES.items() if file.name.endswith(suffix)]


def test_no_other_file_has_the_address():
    found = []
    for file in tracked_files("packaging", "docs/examples"):
        text = file.read_text(errors="replace")
        for name in allowed(file):
            text = text.replace(name, "")
        if HOST in text and file.name != "project.json":
            found.append(str(file.relative_to(ROOT)))
    assert found == []


def test_the_go_module_has_the_name_of_its_place():
    assert re.search(r"^module (.*)$", (ROOT / "packaging/go/go.mod").read_text(), re.M)[1] == packaging.go_module()
    assert f"{packaging.go_module()} v{packaging.version()}\n" in (examples.EXAMPLES / "go/go.mod").read_text()


def test_the_maven_group_is_that_of_the_owner():
    for file in ("packaging/java/pom.xml", "docs/examples/java/pom.xml"):
        assert f"<groupId>{packaging.maven_group()}</groupId>" in (ROOT / file).read_text(), file


def test_examples_ask_for_this_version():
    version = packaging.version()
    assert f"<virga.version>{version}</virga.version>" in (examples.EXAMPLES / "java/pom.xml").read_text()
    for name in ("node", "typescript"):
        assert f'"virga": "{version}"' in (examples.EXAMPLES / name / "package.json").read_text()
