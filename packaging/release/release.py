#!/usr/bin/env python3
"""What tools/release does with its lists: checks sources, and writes the cross file, the SBOM and the tarball.

    release.py targets                     the names of the targets
    release.py default                     those that are built without being named
    release.py packages                    name=version of each source package
    release.py unpack FROM TO              checks the sources in the folder FROM and unpacks each part below TO
    release.py pin FROM                    writes the hashes of the newest sources in FROM into the list
    release.py value TARGET KEY            a value of the target
    release.py versions                    NAME VERSION of each library that is built
    release.py cross TARGET BIN PREFIX     the cross file of meson
    release.py tar TARGET PROGRAM OUT SOURCES ZIG NATIVE    the tarball; NATIVE is the program for this machine

All that depends on a time takes SOURCE_DATE_EPOCH from the environment.
"""
import datetime
import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SOURCES = HERE / "sources.json"

COMPLETIONS = {"bash": "share/bash-completion/completions/virga", "zsh": "share/zsh/site-functions/_virga",
               "fish": "share/fish/vendor_completions.d/virga.fish"}


def load(name):
    return json.loads((HERE / name).read_text())


def target(name):
    for t in load("targets.json"):
        if t["name"] == name:
            return t
    sys.exit(f"there is no target {name}; there are: {' '.join(t['name'] for t in load('targets.json'))}")


def project_version():
    return re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text())[1]


def upstream(version):
    """The project's own part of a version of Debian: 2:6.2.1+dfsg1-1.1 is 6.2.1."""
    return re.sub(r"^\d+:|-[^-]+$|\+dfsg.*$", "", re.sub(r"-[^-]+$", "", version))


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def parts_of(t):
    """The parts of a target's program."""
    lists = load("sources.json")
    return lists["debian"] + [p for p in lists["ziglang"] if t["system"] in p.get("systems", [t["system"]])]


# --- sources ---


def unpack(folder, to):
    for part in load("sources.json")["debian"]:
        for name, wanted in part["files"].items():
            if sha256(folder / name) != wanted:
                sys.exit(f"{name} is not the file that {SOURCES.name} names")
        where = to / part["name"]
        shutil.rmtree(where, ignore_errors=True)
        (dsc,) = [name for name in part["files"] if name.endswith(".dsc")]
        subprocess.run(["dpkg-source", "--no-check", "-x", folder / dsc, where], check=True, stdout=subprocess.DEVNULL)


def pin(folder):
    lists = load("sources.json")
    for part in lists["debian"]:
        newest = max(folder.glob(part["package"] + "_*.dsc"), key=lambda p: p.stat().st_mtime)
        text = newest.read_text()
        part["version"] = re.search(r"^Version: (\S+)", text, re.M)[1]
        names = re.findall(r"^ [0-9a-f]{64} \d+ (\S+)$", text, re.M) + [newest.name]
        part["files"] = {name: sha256(folder / name) for name in sorted(names)}
    SOURCES.write_text(json.dumps(lists, indent=2) + "\n")


# --- building ---


def cross(t, tools, prefix):
    link = ", ".join(f"'{word}'" for word in t["link"])
    return f"""[binaries]
c = '{tools}/cc'
ar = '{tools}/ar'
ranlib = '{tools}/ranlib'
pkg-config = 'pkg-config'
[properties]
pkg_config_libdir = ['{prefix}/lib/pkgconfig']
[built-in options]
c_args = {os.environ["CFLAGS"].split()}
c_link_args = [{link}]
[host_machine]
system = '{t["system"]}'
cpu_family = '{t["cpu"]}'
cpu = '{t["cpu"]}'
endian = 'little'
"""


# --- the tarball ---


def spdx_package(name, version, licence, **more):
    return {"SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name), "name": name, "versionInfo": version,
            "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": licence,
            "licenseDeclared": licence, "copyrightText": "NOASSERTION", **more}


def spdx_part(part):
    """A source package of Debian has the hash of its upstream's archive, and an address of its kind."""
    more = {"primaryPackagePurpose": "LIBRARY", "comment": part["use"]}
    if "files" in part:
        more["checksums"] = [{"algorithm": "SHA256", "checksumValue": value} for name, value in part["files"].items()
                             if re.search(r"\.orig\.tar\.\w+$", name)]
        version = part["version"].replace(":", "%3A").replace("+", "%2B")
        more["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                 "referenceLocator": f"pkg:deb/debian/{part['package']}@{version}?arch=source"}]
    return spdx_package(part["name"], part["version"], part["licence"], **more)


def sbom(t, epoch, program_sha256):
    """SPDX 2.3 in JSON."""
    project = json.loads((HERE.parent / "project.json").read_text())
    version = project_version()
    virga = spdx_package(project["name"], version, project["licence"], primaryPackagePurpose="APPLICATION",
                         checksums=[{"algorithm": "SHA256", "checksumValue": program_sha256}])
    parts = [spdx_part(part) for part in parts_of(t)]
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"virga-{version}-{t['name']}",
        "documentNamespace": f"{project['repository']}/spdx/virga-{version}-{t['name']}-{program_sha256[:16]}",
        "creationInfo": {"created": created, "creators": ["Tool: virga tools/release"]},
        "packages": [virga, *parts],
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": virga["SPDXID"]},
            *({"spdxElementId": virga["SPDXID"], "relationshipType": "STATIC_LINK", "relatedSpdxElement": p["SPDXID"]}
              for p in parts)],
    }


def licences(t, sources, zig):
    """{path in the tarball: bytes}"""
    found = {"share/doc/virga/LICENSE": (ROOT / "LICENSE").read_bytes()}
    for part in parts_of(t):
        folder = sources / part["name"] if "files" in part else zig
        for name in part["licence_files"]:
            found[f"share/doc/virga/licences/{part['name']}/{name.replace('/', '-')}"] = (folder / name).read_bytes()
    return found


def contents(t, program, sources, zig, native):
    """{path: (mode, bytes)}. The texts come from the program itself: from a build for this machine."""
    def text(*words):
        return subprocess.run([native, *words], check=True, stdout=subprocess.PIPE).stdout
    files = {"bin/virga": (0o755, program.read_bytes())}
    texts = {"share/man/man1/virga.1": text("man"), **{p: text("completion", s) for s, p in COMPLETIONS.items()},
             **licences(t, sources, zig), "share/doc/virga/CHANGELOG.md": (ROOT / "CHANGELOG.md").read_bytes()}
    document = sbom(t, int(os.environ["SOURCE_DATE_EPOCH"]), hashlib.sha256(files["bin/virga"][1]).hexdigest())
    texts["share/doc/virga/sbom.spdx.json"] = (json.dumps(document, indent=1) + "\n").encode()
    return files | {path: (0o644, data) for path, data in texts.items()}


def tarball(t, files, out):
    """Sorted, owned by root, all of one time. Returns its path."""
    folder = f"virga-{project_version()}-{t['name']}"
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    path = out / f"{folder}.tar.gz"
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=epoch) as packed, \
            tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files):
            mode, data = files[name]
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size, info.mode, info.mtime, info.uname, info.gname = len(data), mode, epoch, "root", "root"
            tar.addfile(info, io.BytesIO(data))
    return path


def main(argv):
    command, *words = argv
    paths = [pathlib.Path(word) for word in words]
    if command == "targets":
        print("\n".join(t["name"] for t in load("targets.json")))
    elif command == "default":
        print("\n".join(t["name"] for t in load("targets.json") if not t.get("untried")))
    elif command == "packages":
        print("\n".join(f"{p['package']}={p['version']}" for p in load("sources.json")["debian"]))
    elif command == "versions":
        print("\n".join(f"{p['name']} {upstream(p['version'])}" for p in load("sources.json")["debian"]))
    elif command == "value":
        print(target(words[0])[words[1]])
    elif command == "unpack":
        unpack(*paths)
    elif command == "pin":
        pin(*paths)
    elif command == "cross":
        print(cross(target(words[0]), *words[1:]), end="")
    elif command == "tar":
        t = target(words[0])
        print(tarball(t, contents(t, paths[1], *paths[3:]), paths[2]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
