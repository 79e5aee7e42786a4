"""What the wheel takes from elsewhere: name and address of the project, its version, and the program.

VIRGA_WHEEL_PROGRAM is the path of the program; without it, the wheel carries none and fits every platform.
VIRGA_WHEEL_LICENCES is a folder with the licences of what is linked into the program.
"""
import email.utils
import json
import os
import pathlib
import re
import struct

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

ROOT = pathlib.Path(__file__).resolve().parents[2]
ELF_MACHINES = {62: "x86_64", 183: "aarch64"}
ELF_INTERPRETER = 3  # the segment that names the loader of a dynamic program
MACHO_MAGIC, MACHO_CPUS = 0xFEEDFACF, {0x01000007: "x86_64", 0x0100000C: "arm64"}
MACHO_VERSION_COMMANDS = {0x24: 8, 0x32: 12}  # LC_VERSION_MIN_MACOSX, LC_BUILD_VERSION: where the version is


def platform_of(program):
    """The platform tag for a program, by its header. A static program for Linux runs with every libc."""
    if program[:4] == b"\x7fELF":
        return linux_platform(program)
    if len(program) > 32 and struct.unpack_from("<I", program)[0] == MACHO_MAGIC:
        return macos_platform(program)
    raise ValueError("the program is neither ELF nor 64-bit Mach-O")


def linux_platform(program):
    machine = ELF_MACHINES[struct.unpack_from("<H", program, 18)[0]]
    start, = struct.unpack_from("<Q", program, 32)
    size, count = struct.unpack_from("<HH", program, 54)
    types = [struct.unpack_from("<I", program, start + i * size)[0] for i in range(count)]
    if ELF_INTERPRETER in types:
        return f"linux_{machine}"
    return ".".join(f"{libc}_{machine}" for libc in ("manylinux2014", "manylinux_2_17", "musllinux_1_1"))


def macos_platform(program):
    cpu, count = MACHO_CPUS[struct.unpack_from("<I", program, 4)[0]], struct.unpack_from("<I", program, 16)[0]
    offset = 32
    for _ in range(count):
        command, size = struct.unpack_from("<II", program, offset)
        if command in MACHO_VERSION_COMMANDS:
            version, = struct.unpack_from("<I", program, offset + MACHO_VERSION_COMMANDS[command])
            major, minor = version >> 16, version >> 8 & 255
            return f"macosx_{major}_{minor if major < 11 else 0}_{cpu}"
        offset += size
    raise ValueError("the program does not say for which macOS it is")


class ProjectMetadata(MetadataHookInterface):
    """Version, summary and address, which all packages have in common."""

    def update(self, metadata):
        project = json.loads((ROOT / "packaging/project.json").read_text())
        name, address = email.utils.parseaddr(project["maintainer"])
        metadata["version"] = re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text()).group(1)
        metadata["description"] = project["summary"]
        metadata["license"] = project["licence"]
        metadata["maintainers"] = [{"name": name, "email": address}]
        metadata["urls"] = {"Repository": project["repository"]}


class ProgramHook(BuildHookInterface):
    """The program as a script of the wheel, with its licences, and the tag of its platform."""

    def initialize(self, version, build_data):
        licences = {str(ROOT / "LICENSE"): "virga/licences/virga.txt"}
        program = os.environ.get("VIRGA_WHEEL_PROGRAM")
        if program:
            build_data["shared_scripts"][program] = "virga"
            build_data["pure_python"] = False
            build_data["tag"] = "py3-none-" + platform_of(pathlib.Path(program).read_bytes())
            folder = os.environ.get("VIRGA_WHEEL_LICENCES")
            for file in sorted(pathlib.Path(folder).iterdir()) if folder else []:
                licences[str(file)] = f"virga/licences/{file.name}"
        build_data["force_include"].update(licences)
