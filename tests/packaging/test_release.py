"""The lists of tools/release are complete, and what is made of them is right. `tools/release --check` builds the programs
twice and runs them in other systems."""
import datetime
import importlib.util
import json
import pathlib
import re
import subprocess
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "packaging/release"
EPOCH = 1700000000

spec = importlib.util.spec_from_file_location("release", FOLDER / "release.py")
release = importlib.util.module_from_spec(spec)
spec.loader.exec_module(release)

SOURCES = json.loads((FOLDER / "sources.json").read_text())
TARGETS = json.loads((FOLDER / "targets.json").read_text())


@pytest.fixture(autouse=True)
def fixed_time(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))


@pytest.fixture
def parts_and_program(tmp_path):
    """Folders with an empty licence wherever the lists name one, and a program that prints its arguments."""
    for part in SOURCES["debian"] + SOURCES["ziglang"]:
        folder = tmp_path / "parts" / part["name"] if "files" in part else tmp_path / "zig"
        for name in part["licence_files"]:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(f"licence of {part['name']}")
    program = tmp_path / "virga"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    return tmp_path / "parts", tmp_path / "zig", program


def make_tarball(where, parts, zig, program, target=TARGETS[0]):
    where.mkdir()
    return release.tarball(target, release.contents(target, program, parts, zig, program), where)


@pytest.mark.parametrize("part", SOURCES["debian"], ids=lambda part: part["name"])
def test_a_source_is_named_by_version_and_hash(part):
    assert set(part) == {"name", "package", "version", "licence", "licence_files", "use", "files"}
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in part["files"].values())
    assert sum(name.endswith(".dsc") for name in part["files"]) == 1
    version = part["version"].split(":")[-1]
    assert f"{part['package']}_{version}.dsc" in part["files"]
    assert any(re.search(r"\.orig\.tar\.\w+$", name) for name in part["files"])
    assert not any("/" in name for name in part["files"]) # no address


def test_every_source_has_its_builder():
    built = re.findall(r"^build_(\w+)\(\)", (FOLDER / "libraries.sh").read_text(), re.M)
    assert sorted(built) == sorted(part["name"] for part in SOURCES["debian"])


def test_every_library_that_the_build_of_virga_links_is_a_part():
    linked = set(re.findall(r"dependency\('(?:lib)?(\w+)'\)", (ROOT / "src/meson.build").read_text())) - {"threads"}
    assert linked - {"microhttpd"} <= {part["name"] for part in SOURCES["debian"]}


def test_the_list_is_printed():
    printed = subprocess.run([ROOT / "tools/release", "--list"], capture_output=True, check=True).stdout.decode().split()
    assert printed[:len(TARGETS)] == [t["name"] for t in TARGETS]
    assert f"curl={next(p['version'] for p in SOURCES['debian'] if p['name'] == 'curl')}" in printed


def test_an_unknown_target_is_refused():
    done = subprocess.run([ROOT / "tools/release", "linux-vax"], capture_output=True, check=False)
    assert done.returncode == 1
    assert b"there is no target linux-vax; there are: linux-x86_64" in done.stderr


@pytest.mark.parametrize("version, own", [("2:6.2.1+dfsg1-1.1", "6.2.1"), ("3.7.9-2+deb12u7", "3.7.9"),
                                          ("7.88.1-10+deb12u15", "7.88.1")])
def test_the_version_of_a_project_within_that_of_debian(version, own):
    assert release.upstream(version) == own


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target["name"])
def test_the_sbom_names_every_part(target):
    """As the SPDX 2.3 specification demands: unique ids, an existing one at both ends of each relationship, a time."""
    document = release.sbom(target, EPOCH, "0" * 64)
    assert document["spdxVersion"] == "SPDX-2.3" and document["dataLicense"] == "CC0-1.0"
    datetime.datetime.strptime(document["creationInfo"]["created"], "%Y-%m-%dT%H:%M:%SZ")
    ids = [package["SPDXID"] for package in document["packages"]]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", value) for value in ids)
    for relationship in document["relationships"]:
        assert {relationship["spdxElementId"], relationship["relatedSpdxElement"]} <= {*ids, "SPDXRef-DOCUMENT"}
    linked = {r["relatedSpdxElement"] for r in document["relationships"] if r["relationshipType"] == "STATIC_LINK"}
    assert linked == {"SPDXRef-" + part["name"] for part in release.parts_of(target)}
    assert ("SPDXRef-musl" in linked) == (target["system"] == "linux")
    for package in document["packages"]:
        assert package["versionInfo"] and package["downloadLocation"] and package["licenseDeclared"]


def test_a_tarball_has_the_program_its_pages_and_every_licence(tmp_path, parts_and_program):
    path = make_tarball(tmp_path / "out", *parts_and_program)
    folder = path.name.removesuffix(".tar.gz")
    with tarfile.open(path) as tar:
        members = {m.name.removeprefix(folder + "/"): m for m in tar.getmembers()}
        assert tar.extractfile(members["share/man/man1/virga.1"]).read() == b"man\n"
        assert tar.extractfile(members["share/fish/vendor_completions.d/virga.fish"]).read() == b"completion fish\n"
        assert json.load(tar.extractfile(members["share/doc/virga/sbom.spdx.json"]))["name"] == folder
    assert members["bin/virga"].mode == 0o755
    assert {m.mtime for m in members.values()} == {EPOCH} and {m.uname for m in members.values()} == {"root"}
    assert list(members) == sorted(members)
    for part in release.parts_of(TARGETS[0]):
        assert any(name.startswith(f"share/doc/virga/licences/{part['name']}/") for name in members)


def test_the_same_contents_make_the_same_bytes(tmp_path, parts_and_program):
    one, other = (make_tarball(tmp_path / name, *parts_and_program) for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()


def test_a_source_with_another_hash_is_refused(tmp_path):
    for part in SOURCES["debian"]:
        for name in part["files"]:
            (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(SystemExit, match="is not the file that sources.json names"):
        release.unpack(tmp_path, tmp_path / "parts")
