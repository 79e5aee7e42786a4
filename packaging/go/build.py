#!/usr/bin/env python3
"""Writes the Go module into a folder with the layout of a module proxy, so that GOPROXY=file://FOLDER serves it:

    build.py FOLDER [VERSION]

VERSION is that of meson.build; a test gives another one, because Go's cache keeps what a version once was. The public
proxy makes the same files from the tag `packaging/go/vVERSION` of the repository. The same input gives the same bytes.
"""
import json
import pathlib
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import project  # noqa: E402

TIME = "1980-01-01T00:00:00Z"  # the first one that a ZIP file can have


def main(folder, version=None):
    version = "v" + (version or project.version())
    versions = pathlib.Path(folder) / project.go_module() / "@v"
    versions.mkdir(parents=True, exist_ok=True)
    (versions / "list").write_text(version + "\n")
    (versions / f"{version}.info").write_text(json.dumps({"Version": version, "Time": TIME}))
    (versions / f"{version}.mod").write_bytes((HERE / "go.mod").read_bytes())
    files = [HERE / "go.mod", *sorted(HERE.glob("virgatest/*.go")), project.ROOT / "LICENSE"]
    with zipfile.ZipFile(versions / f"{version}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            name = file.relative_to(HERE).as_posix() if file.is_relative_to(HERE) else file.name
            archive.writestr(zipfile.ZipInfo(f"{project.go_module()}@{version}/{name}"), file.read_bytes(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main(*sys.argv[1:])
