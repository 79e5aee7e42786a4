#!/usr/bin/env python3
"""Writes the npm packages as files that `npm publish` and `npm install` take:

    build.py OUT [PLATFORM=PROGRAM]...

`virga` has the helpers, and each `@virga/PLATFORM` a program, such as linux-x64=build/release/src/virga. The optional
dependencies of `virga` are these platforms, so npm installs the program of the machine without running a script. The
same input gives the same bytes.
"""
import gzip
import io
import json
import pathlib
import sys
import tarfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent / "schema")]

import project  # noqa: E402
from gen import load  # noqa: E402
from generator import control  # noqa: E402

PACKED_TIME = 499162500  # 1985-10-26, the time that npm gives each file
SCALARS = {"integer": "number", "number": "number", "string": "string", "boolean": "boolean"}


# --- the types of the control API -----------------------------------------------------------------------------------


def type_of(schema):
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(map(json.dumps, schema["enum"]))
    if schema.get("type") == "array":
        return f"Array<{type_of(schema['items'])}>"
    return SCALARS.get(schema.get("type"), "unknown")


def interface(name, schema):
    lines = [f"export interface {name} {{"]
    for key, field in schema["properties"].items():
        if "description" in field:
            lines.append(f"  /** {field['description']} */")
        lines.append(f"  {key}{'' if key in schema.get('required', []) else '?'}: {type_of(field)};")
    return "\n".join([*lines, "}"])


def declarations():
    schemas = control.openapi(load(project.ROOT / "schema"))["components"]["schemas"]
    return "// The objects of the control API, made from its OpenAPI document.\n\n" + "\n\n".join(
        interface(name, schema) for name, schema in schemas.items()) + "\n"


# --- the packages ---------------------------------------------------------------------------------------------------


def shared():
    """What each package.json says of the project."""
    return {"version": project.version(), "description": project.PROJECT["summary"], "license": project.PROJECT["licence"],
            "repository": {"type": "git", "url": f"git+{project.PROJECT['repository']}.git"}}


def pack(path, files):
    """`files` maps a path in the package to its bytes; what is in bin/ can be executed."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in sorted(files.items()):
            member = tarfile.TarInfo(f"package/{name}")
            member.size, member.mtime = len(data), PACKED_TIME
            member.mode = 0o755 if name.startswith("bin/") else 0o644
            tar.addfile(member, io.BytesIO(data))
    path.write_bytes(gzip.compress(raw.getvalue(), 9, mtime=0))


def manifest(fields):
    return (json.dumps(fields, indent=2) + "\n").encode()


def main_package(platforms):
    own = json.loads((HERE / "package.json").read_text())
    own |= shared()
    own["optionalDependencies"] = {f"@virga/{p}": project.version() for p in platforms}
    paths = sorted({path for pattern in own["files"] for path in HERE.glob(pattern) if path.is_file()} | set(HERE.glob("bin/*")))
    files = {path.relative_to(HERE).as_posix(): path.read_bytes() for path in paths}
    licence = (project.ROOT / "LICENSE").read_bytes()
    return files | {"package.json": manifest(own), "control.d.ts": declarations().encode(), "LICENSE": licence}


def platform_package(platform, program):
    system, cpu = platform.split("-")
    fields = {"name": f"@virga/{platform}", **shared(), "os": [system], "cpu": [cpu]}
    licence = (project.ROOT / "LICENSE").read_bytes()
    return {"package.json": manifest(fields), "bin/virga": pathlib.Path(program).read_bytes(), "LICENSE": licence}


def main(out, *programs):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    platforms = dict(p.split("=", 1) for p in programs)
    pack(out / f"virga-{project.version()}.tgz", main_package(platforms))
    for platform, program in platforms.items():
        pack(out / f"virga-{platform}-{project.version()}.tgz", platform_package(platform, program))


if __name__ == "__main__":
    main(*sys.argv[1:])
