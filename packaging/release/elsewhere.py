#!/usr/bin/env python3
"""Runs a program of tools/release where nothing of this machine is: elsewhere.py TARGET PROGRAM FOLDER

Each root is made below FOLDER and entered with chroot, which takes root. In each the program serves HTTP and TLS with a
certificate that it makes, a client subcommand calls it, and curl of this machine checks the certificate. A program of
another processor runs with the static emulator of qemu. A program for macOS cannot be run here.
"""
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import time

# {name: how it is made}; the others are a folder with the program alone.
DEBIAN = {"debian 11": "bullseye", "debian 12": "bookworm", "debian 13": "trixie"}


def make_debian(suite, folder):
    """The base system of a suite, from this system's own source of packages."""
    if not (folder / "bin/sh").exists():
        subprocess.run(["mmdebstrap", "--variant=extract", "--include=base-files,libc6,dash,coreutils", suite, folder],
                       check=True, capture_output=True)


def make_busybox(folder):
    """What a small distribution with musl has: one static program of tools, no glibc, no /etc/hosts."""
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    shutil.copy("/bin/busybox", folder / "bin/busybox")
    if not (folder / "bin/sh").is_symlink():
        (folder / "bin/sh").symlink_to("busybox")


def make_empty(folder):
    folder.mkdir(parents=True, exist_ok=True)


class Elsewhere:
    """The program in one root."""

    def __init__(self, root, program, emulator):
        self.root = root
        shutil.copy(program, root / "virga")
        self.enter = ["/usr/sbin/chroot", root]
        if emulator:
            shutil.copy(emulator, root / "emulator")
            self.enter.append("/emulator")
        self.environment = {"HOME": "/", "PATH": "/", "VIRGA_ENDPOINTS_FILE": "/endpoints.json"}

    def run(self, *words):
        done = subprocess.run([*self.enter, "/virga", *words], env=self.environment, capture_output=True, timeout=120,
                              check=False)
        if done.returncode != 0:
            sys.exit(f"virga {' '.join(words)} ended with {done.returncode}\n{done.stderr.decode()}")
        return done.stdout.decode()

    def serve(self):
        shutil.rmtree(self.root / "state", ignore_errors=True)
        (self.root / "state").mkdir()
        return subprocess.Popen([*self.enter, "/virga", "serve", "--port", "0", "--tls-port", "0", "--db", "/state/v.db",
                                 "--endpoints-file", "/endpoints.json"], env=self.environment,
                                stdout=subprocess.DEVNULL, stderr=open(self.root / "log", "w", encoding="utf-8"))


    def refuse(self):
        """A start that cannot be, which ends with a sentence: on musl, freed memory is gone at once."""
        done = subprocess.run([*self.enter, "/virga", "serve", "--memory", "--port", "0", "--host", "192.0.2.1"],
                              env=self.environment, capture_output=True, timeout=120, check=False)
        assert done.returncode == 3 and b"cannot listen on 192.0.2.1" in done.stderr, done


def await_endpoints(place, server):
    path = place.root / "endpoints.json"
    for _ in range(1200):
        if path.exists():
            return json.loads(path.read_text())
        if server.poll() is not None:
            break
        time.sleep(0.05)
    sys.exit(f"the server is not ready\n{(place.root / 'log').read_text()}")


def call_all(place, endpoints):
    """HTTP and TLS, from inside and from outside. Returns the FlowId."""
    answer = json.loads(place.run("call", "CreateBackup", "InstanceId=mssql-njj2mtpl"))
    localhost = endpoints["endpoint"].replace("127.0.0.1", "localhost") # without a file of hosts
    assert json.loads(place.run("health", "--json", "--endpoint", localhost)), "health"
    authority = place.root / str(endpoints["ca_file"]).lstrip("/")
    over_tls = subprocess.run(["curl", "-sS", "--cacert", authority, endpoints["tls_endpoint"] + "/_virga/health"],
                              check=True, capture_output=True)
    assert json.loads(over_tls.stdout)["status"] == "ok", over_tls.stdout
    return answer["Response"]["FlowId"]


def check(name, root, program, emulator):
    place = Elsewhere(root, program, emulator)
    (root / "endpoints.json").unlink(missing_ok=True)
    place.refuse()
    server = place.serve()
    try:
        flow = call_all(place, await_endpoints(place, server))
    finally:
        server.terminate()
        code = server.wait(timeout=60)
    assert code == 0, f"the server ended with {code}"
    print(f"{name}: {place.run('--version').strip()}, FlowId {flow}, HTTP and TLS", flush=True)


def main(target, program, folder):
    system, cpu = target.split("-", 1)
    if system != "linux":
        print(f"{target}: built, not run: there is no such machine here")
        return
    emulator = None if cpu == platform.machine() else f"/usr/bin/qemu-{cpu}-static"
    folder = pathlib.Path(folder)
    os.umask(0o022)
    roots = {"an empty root": make_empty, "a root with busybox": make_busybox}
    if not emulator:
        roots |= {name: lambda to, suite=suite: make_debian(suite, to) for name, suite in DEBIAN.items()}
    for name, make in roots.items():
        root = (folder / f"{cpu}-{name.replace(' ', '-')}").absolute()
        make(root)
        check(f"{target} in {name}", root, program, emulator)


if __name__ == "__main__":
    main(*sys.argv[1:])
