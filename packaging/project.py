"""What every shape takes from packaging/project.json and meson.build, and the names that follow from the address of the project."""
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROJECT = json.loads((ROOT / "packaging/project.json").read_text())


def version():
    return re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text())[1]


def go_module():
    """The repository without its scheme, and the folder: `go get` finds a module by its path."""
    return PROJECT["repository"].split("://")[1] + "/packaging/go"


def maven_group():
    """The host of the repository backwards, and its owner: Maven Central gives a group to the owner of the name."""
    host, owner = PROJECT["repository"].split("/")[2:4]
    return ".".join([*reversed(host.split(".")), owner])
