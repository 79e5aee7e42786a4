"""Fault rules: they make calls fail, wait or lose their response."""
from typing import Any, Dict, List, Optional

from virga.control import Control


class Fault:
    """A fault rule of the server. As a context manager, it removes the rule at the end of the block."""

    def __init__(self, control: Control, number: int) -> None:
        self._control, self.id = control, number

    @property
    def hits(self) -> int:
        """To how many calls the rule has applied."""
        return int(self.describe()["hits"])

    def describe(self) -> Dict[str, Any]:
        """Returns the rule as the control API shows it."""
        rule: Dict[str, Any] = self._control.request("GET", f"faults/{self.id}")
        return rule

    def remove(self) -> None:
        self._control.request("DELETE", f"faults/{self.id}")

    def __enter__(self) -> "Fault":
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class Faults:
    """The fault rules for the calls of one credential or, where `secret_id` is None, for all calls."""

    def __init__(self, control: Control, secret_id: Optional[str] = None) -> None:
        self._control, self._secret_id = control, secret_id

    def add(self, action: Optional[str] = None, *, region: Optional[str] = None, trace: Optional[str] = None,
            params: Optional[Dict[str, Any]] = None, code: Optional[str] = None,
            undocumented_code: Optional[str] = None, message: Optional[str] = None,
            delay_ms: Optional[int] = None, close: Optional[str] = None, truncate: Optional[int] = None,
            http_status: Optional[int] = None, request_id: Optional[str] = None, flow_outcome: Optional[str] = None,
            flow_seconds: Optional[int] = None, after: Optional[int] = None, first: Optional[int] = None,
            every: Optional[int] = None, count: Optional[int] = None, probability: Optional[float] = None) -> Fault:
        """Adds a rule.

        Which calls: those of `action`, to `region`, whose X-TC-TraceId begins with `trace`, with these `params`.
        What: the call fails with `code` (and `message`) or with a code that the documentation does not list
        (`undocumented_code`), or the answer is `http_status`; the connection closes "before"
        the call or "after_commit" (`close`), or after `truncate` bytes of the response; the response waits `delay_ms`;
        it has this `request_id`; the flow that the call starts takes `flow_seconds`, or ends as `flow_outcome`
        "failure".
        When: not for the calls `after` skips, then only for the `first`, for `every` Nth, at most `count` times, with a
        `probability`.
        """
        rule = {name: value for name, value in locals().items() if name != "self"}
        return Fault(self._control, self._control.request("POST", "faults", {**rule, "secret_id": self._secret_id})["id"])

    def list(self) -> List[Dict[str, Any]]:
        """Returns the rules as the control API shows them, in the order in which they are tried."""
        rules: List[Dict[str, Any]] = self._control.request("GET", "faults")["faults"]
        return [rule for rule in rules if self._secret_id is None or rule.get("secret_id") == self._secret_id]

    def clear(self) -> None:
        """Removes the rules."""
        for rule in self.list():
            Fault(self._control, rule["id"]).remove()
