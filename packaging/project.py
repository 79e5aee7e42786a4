"""What the shapes know of the project: packaging/project.json, the version, the names that follow from the address, and the program."""
import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROJECT = json.loads((ROOT / "packaging/project.json").read_text(encoding="utf-8"))

# The machine of an ELF file (elf(5)) by the name that Debian, Go and the OCI give it.
MACHINES = {62: "amd64", 183: "arm64"}


def version():
    """The version of meson.build, which is the only place that has it."""
    return re.search(r"^  version: '([^']+)'", (ROOT / "meson.build").read_text(encoding="utf-8"), re.M).group(1)


def go_module():
    """The repository without its scheme, and the folder: `go get` finds a module by its path."""
    return PROJECT["repository"].split("://")[1] + "/packaging/go"


def maven_group():
    """The host of the repository backwards, and its owner: Maven Central gives a group to the owner of the name."""
    host, owner = PROJECT["repository"].split("/")[2:4]
    return ".".join([*reversed(host.split(".")), owner])


def source_time():
    """The time that all files get, in seconds since 1970: SOURCE_DATE_EPOCH, or that of the last commit."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    return int(subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, check=True).stdout)


def architecture(program):
    """amd64 or arm64, as the header of the program says. Ends with a sentence for any other file."""
    with open(program, "rb") as file:
        head = file.read(20)
    machine = int.from_bytes(head[18:20], "little") if head[:6] == b"\x7fELF\x02\x01" else None
    if machine not in MACHINES:
        raise SystemExit(f"{program}: not a Linux program for one of {', '.join(MACHINES.values())}")
    return MACHINES[machine]
