"""The program: where it is, and a process of `virga serve` that ends with this one."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sysconfig
import tempfile
import threading
import weakref
from typing import Any, Dict, Sequence

READY_SECONDS = 30.0
STOP_SECONDS = 10.0

# Ends the server when the standard input of the shell ends: also when this process is killed and can do nothing more.
# The arguments are a folder, which is removed then, and the command.
UNTIL_END_OF_INPUT = '''"$@" </dev/null & exec >/dev/null; read -r _; kill $! 2>/dev/null; wait $!; s=$?; rm -rf "$0"; exit $s'''


class StartError(Exception):
    """There is no program, or the server ended before it was ready."""


def find_program() -> str:
    """Returns the path of the program: that of VIRGA_BIN, else that of this package, else the first on PATH."""
    given = os.environ.get("VIRGA_BIN")
    if given:
        return given
    for scheme in (None, f"{os.name}_user"):
        folder = sysconfig.get_path("scripts") if scheme is None else sysconfig.get_path("scripts", scheme)
        packaged = shutil.which("virga", path=folder)
        if packaged:
            return packaged
    found = shutil.which("virga")
    if not found:
        raise StartError("no program: this package carries none for this platform; install virga, or set VIRGA_BIN to its path")
    return found


class Process:
    """A server with a state in memory and on a free port, unless the options say otherwise. `ready` has the addresses
    and the credential, as `virga serve --json` prints them."""

    def __init__(self, options: Sequence[str]) -> None:
        command = [find_program(), "serve", "--port", "0", "--json",
                   "--limit-clock", "service"]  # a test that moves the clock begins another second
        if not any(option.split("=")[0] == "--db" for option in options):
            command.append("--memory")
        # Each option is also a variable; one that is set for another server must not change this one.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("VIRGA_")}
        folder = tempfile.mkdtemp(prefix="virga-")
        command += ["--endpoints-file", os.path.join(folder, "endpoints.json"), *options]
        self._log = pathlib.Path(folder, "log")
        try:
            with open(self._log, "wb") as log:
                # In a session of its own: Ctrl-C at the terminal ends the tests first, which still use the server.
                self._process = subprocess.Popen(["/bin/sh", "-c", UNTIL_END_OF_INPUT, folder, *command], stdin=subprocess.PIPE,
                                                 stdout=subprocess.PIPE, stderr=log, env=environment, start_new_session=True)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise StartError(f"cannot start virga: {error}") from error
        self.stop = weakref.finalize(self, _end, self._process, folder, os.getpid())
        self.ready = self._wait_until_ready()

    def _wait_until_ready(self) -> Dict[str, Any]:
        assert self._process.stdout is not None
        timer = threading.Timer(READY_SECONDS, os.killpg, (self._process.pid, signal.SIGKILL))
        timer.start()
        line = self._process.stdout.readline()  # ends with the process, if it is never ready
        timer.cancel()
        if not line:
            log = self.log().strip()
            raise StartError(f"virga ended with status {self.stop()} before it was ready: {log}")
        ready: Dict[str, Any] = json.loads(line)
        return ready

    def log(self) -> str:
        """Returns what the server has written to standard error so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")


def _end(process: "subprocess.Popen[bytes]", folder: str, owner: int) -> int:
    """Ends the server, which removes its folder, and returns its status. Runs once: by stop(), or when the interpreter
    ends. Does nothing in a fork of the process that started the server."""
    if os.getpid() != owner:
        return 0
    try:
        process.communicate(b"\n", STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        shutil.rmtree(folder, ignore_errors=True)
    return process.returncode
