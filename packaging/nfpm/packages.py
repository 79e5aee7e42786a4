#!/usr/bin/python3
"""Makes packages of a program with nfpm: packages.py --nfpm PATH --program PATH --out DIR FORMAT...

FORMAT is deb, rpm, apk or archlinux. The files that the packages contain beside the program are written to DIR/stage-ARCH first,
all with one time, so that the same program gives the same packages.
"""
import argparse
import datetime
import gzip
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import project  # noqa: E402

# What an archive of tools/release has beside its program, in share/doc/virga: the licences and the list of what it contains.
RELEASE_DOC = ["licences", "sbom.spdx.json"]


def squeeze(text):
    """As `gzip -9n`, without a name and a time."""
    return gzip.compress(text.encode(), 9, mtime=0)


def moment(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def debian_changelog(values, seconds):
    day = moment(seconds).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (f"{values['name']} ({values['version']}-1) unstable; urgency=medium\n\n  * The changes are in changelog.gz.\n\n"
            f" -- {values['maintainer']}  {day}\n")


def copyright_text(values, seconds):
    return (f"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: {values['name']}\n"
            f"Source: {values['repository']}\n\nFiles: *\nCopyright: {moment(seconds).year} {values['maintainer'].split(' <')[0]}\n"
            f"License: {values['licence']}\n On Debian systems the full text is in /usr/share/common-licenses/{values['licence']}.\n"
            " The licences of the libraries that the program contains are beside this file.\n")


def stage(folder, program, values, seconds):
    """Writes the files of the packages that are not the program."""
    shutil.rmtree(folder, ignore_errors=True)
    doc = folder / "doc"
    doc.mkdir(parents=True)
    subprocess.run([sys.executable, project.ROOT / "schema/gen_cli.py", "--out", folder, "--version", values["version"]], check=True)
    (folder / "virga.1.gz").write_bytes(squeeze((folder / "virga.1").read_text(encoding="utf-8")))
    unit = (HERE / "virga.service.in").read_text(encoding="utf-8")
    (folder / "virga.service").write_text(unit.replace("@bindir@", "/usr/bin"), encoding="utf-8")
    for name in ("virga.env", "lintian-overrides"):
        shutil.copyfile(HERE / name, folder / name)
    (folder / "changelog.Debian.gz").write_bytes(squeeze(debian_changelog(values, seconds)))
    (doc / "changelog.gz").write_bytes(squeeze((project.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")))
    (doc / "copyright").write_text(copyright_text(values, seconds), encoding="utf-8")
    for name in RELEASE_DOC:
        found = program.parent.parent / "share/doc/virga" / name
        if found.is_dir():
            shutil.copytree(found, doc / name)
        elif found.exists():
            shutil.copyfile(found, doc / name)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (seconds, seconds))


def describe(program, folder, version):
    """The values of the template, by their names."""
    seconds = project.source_time()
    summary = project.PROJECT["summary"]
    return {**project.PROJECT, "version": version, "synopsis": re.sub(r"^(An?|The) ", "", summary), "arch": project.architecture(program), "program": str(program),
            "stage": str(folder), "here": str(HERE), "time": moment(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")}


def main(argv):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--nfpm", help="the program nfpm; without it only the files are written")
    p.add_argument("--program", type=pathlib.Path, required=True)
    p.add_argument("--out", type=pathlib.Path, required=True, metavar="DIR")
    p.add_argument("--version", default=project.version(), help="another version, to test an upgrade")
    p.add_argument("formats", nargs="*", metavar="FORMAT")
    args = p.parse_args(argv)
    program, out = args.program.resolve(), args.out.resolve()
    folder = out / f"stage-{project.architecture(program)}"
    values = describe(program, folder, args.version)
    stage(folder, program, values, project.source_time())
    text = (HERE / "nfpm.yaml.in").read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    (folder / "nfpm.yaml").write_text(text, encoding="utf-8")
    for name in args.formats if args.nfpm else []:
        subprocess.run([args.nfpm, "package", "--config", folder / "nfpm.yaml", "--packager", name, "--target", out], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
