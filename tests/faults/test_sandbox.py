"""virga in a sandbox as systemd makes one: all but its own folder is read-only, without capabilities, and after the start without any file
of the system. Needs root, for a mount namespace; nothing outside of it changes."""
import json
import os
import pathlib
import subprocess

import pytest

import harness
from control import ask, done
from harness import Call, Virga

OPTIONS = ("--limit", "off", "--flow-seconds", "backup=0", "--quiet", "--tls-port", "0")
CREATED = "mssql-njj2mtpl"
KEPT = {"proc", "dev", "sys", "tmp"}  # the folder of the server is below /tmp

# As ProtectSystem=strict, ReadWritePaths=, NoNewPrivileges=yes and CapabilityBoundingSet= do.
SANDBOX = 'mount --bind "$0" "$0" && mount -o remount,bind,ro / && exec setpriv --no-new-privs --bounding-set -all --inh-caps -all "$@"'


def can_make_namespaces():
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not can_make_namespaces(), reason="a mount namespace needs root")


@pytest.fixture
def virga():
    server = Virga(*OPTIONS)
    folder = server.directory
    server.command.remove("--memory")
    server.command += ["--db", str(folder / "virga.db"), "--journal", str(folder / "journal.db"), "--ca-dir", str(folder / "ca"),
                       "--unix-socket", str(folder / "virga.sock")]
    server.command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", SANDBOX, str(folder), *server.command]
    server.env["HOME"] = str(harness.IMPOSSIBLE)
    with server:
        yield server


def inside(virga, *command):
    return subprocess.run(["nsenter", "--mount", "--target", str(virga.process.pid), *command], capture_output=True, text=True, check=False)


def cover_the_system(virga):
    """Mounts an empty file system over each folder of the root but the server's own and the kernel's."""
    folders = [p for p in pathlib.Path("/").iterdir() if p.is_dir() and not p.is_symlink() and p.name not in KEPT]
    assert virga.directory.is_relative_to("/tmp") and any(p.name == "usr" for p in folders)
    mounts = "; ".join(f"mount -t tmpfs -o ro none {p}" for p in sorted(folders, key=lambda p: p.name == "usr"))
    hidden = inside(virga, "sh", "-c", mounts)
    assert hidden.returncode == 0, hidden.stderr
    assert inside(virga, "true").returncode != 0, "no program is left"


def use_all(virga):
    """Calls in each shape, right and wrong ones, and all that the control API reads."""
    for mode in Call.MODES:
        assert virga.call("CreateBackup", {"InstanceId": CREATED}, mode=mode).code is None
        # The signature doctor tries other encodings of such a text, for which the C library has files.
        chinese = {"InstanceId": CREATED, "BackupName": "备份"}
        assert virga.call("CreateBackup", chinese, mode=mode, secret_key="x").code == "AuthFailure.SignatureFailure"
    schema = json.loads(ask(virga, "GET", "/_virga/openapi.json").body)
    for path, methods in schema["paths"].items():
        if "get" in methods and "{" not in path and not path.endswith("/events"):
            assert ask(virga, "GET", path).status == 200, path
    state = done(virga, "GET", "/_virga/state")
    done(virga, "PUT", "/_virga/state", state)
    done(virga, "POST", "/_virga/reset")
    with open(virga.endpoints["ca_file"], encoding="ascii") as file:
        assert "CERTIFICATE" in file.read()


def test_it_runs_without_the_system(virga):
    own = f"/proc/{virga.process.pid}"
    with open(f"{own}/status", encoding="ascii") as status:
        fields = dict(line.split(":\t", 1) for line in status.read().splitlines() if ":\t" in line)
    assert fields["NoNewPrivs"] == "1" and int(fields["CapBnd"], 16) == 0
    assert "read-only" in inside(virga, "touch", "/usr/x").stderr.lower()
    use_all(virga)
    cover_the_system(virga)
    use_all(virga)
    code, _ = virga.terminate()
    assert code == 0, virga.stderr()
    assert sorted(os.listdir(virga.directory / "ca")) == ["ca.key", "ca.pem", "leaf.key", "leaf.pem", "lock"]
