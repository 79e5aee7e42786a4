"""A running server: its accounts, its clock, and the calls of all clients."""
import json
import os
import pathlib
from typing import Any, Dict, Optional, Union

from virga.account import Account
from virga.calls import CallScope
from virga.clock import Clock
from virga.control import Control
from virga.process import Process

WorldFile = Union[str, "os.PathLike[str]"]


class Server(CallScope):
    """A server that this process has started, or one that it only uses. As a context manager, it stops at the end of the
    block what it has started."""

    def __init__(self, endpoint: str, *, token: Optional[str] = None, process: Optional[Process] = None) -> None:
        super().__init__(Control(endpoint, token))
        self.endpoint, self._process = endpoint, process
        self.clock = Clock(self.control)
        self._first_clock = self.clock.describe()
        self._ready = process.ready if process else {}

    @property
    def is_shared(self) -> bool:
        """Whether others may use the server too: it was not started here."""
        return self._process is None

    @property
    def account(self) -> Account:
        """The first account of the world, with its first credential and its first instance."""
        shown = next(key for key in self._credentials() if key["is_default"])
        return self.credential(shown["secret_id"])

    def credential(self, secret_id: str, region: Optional[str] = None) -> Account:
        """Returns the account that has this credential; its region is the server's first one, unless it is given."""
        key = next(key for key in self._credentials() if key["secret_id"] == secret_id)
        return Account(self.control, self.endpoint, uin=key["account"], secret_id=secret_id, secret_key=key["secret_key"],
                       token=key.get("token") or None, region=region or self._ready.get("region") or "",
                       instance_id=self._ready.get("instance") or "")

    def _credentials(self) -> Any:
        return self.control.request("GET", "credentials")["credentials"]

    def new_account(self, world: Union[WorldFile, Dict[str, Any], None] = None) -> Account:
        """Creates a test account, which shares nothing with others. It has what the first account of the server's world
        has, or that of another world file, or what `world` describes: an account as in a world file."""
        if world is None:
            body: Dict[str, Any] = {}
        else:
            owner = world if isinstance(world, dict) else json.loads(pathlib.Path(world).read_text("utf-8"))["accounts"][0]
            body = {"world": {name: value for name, value in owner.items() if name not in ("uin", "credentials")}}
        return Account(self.control, self.endpoint, **self.control.request("POST", "accounts", body))

    def finish_flow(self, flow_id: int, outcome: str = "success") -> None:
        """Ends a running flow now, as "success" or "failure"."""
        self.control.request("POST", f"flows/{flow_id}/finish", {"outcome": outcome})

    def set_limit(self, action: str, per_second: Optional[int]) -> None:
        """Limits the calls of an action for each credential; None removes the limit."""
        limit = {"action": action} if per_second is None else {"action": action, "per_second": per_second}
        self.control.request("PUT", "limiter", {"limits": [limit]})

    def reset(self, scope: str = "all") -> None:
        """Resets the server to its start, or one of "flows", "backups", "limiter", "faults" and "journal". "all" removes
        test accounts too, and sets the clock to what it was when this object was made."""
        if scope == "all":
            clock = self._first_clock
            frozen = {"time": clock["time"]} if clock["mode"] == "frozen" else {}
            self.control.request("PUT", "clock", {"mode": "frozen" if frozen else "real", **frozen})
        self.control.request("POST", "reset", scope=scope)

    def log(self) -> str:
        """Returns the log of a server that was started here."""
        return self._process.log() if self._process else ""

    def stop(self) -> None:
        """Stops the server, if it was started here. Can be called again."""
        if self._process:
            self._process.stop()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(*options: str, world: Optional[WorldFile] = None) -> Server:
    """Starts a server on a free port, with a state in memory, and waits until it is ready. It ends with stop(), or with
    this process. `options` are those of `virga serve`, `world` is the path of a world file."""
    process = Process([*options, *(() if world is None else ("--world", os.fspath(world)))])
    return Server(process.ready["endpoint"], process=process)


def attach(endpoint: str, token: Optional[str] = None) -> Server:
    """Returns a server that runs already, such as one in a container, by its address."""
    return Server(endpoint, token=token)
