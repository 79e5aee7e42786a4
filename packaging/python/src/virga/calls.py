"""The calls that a server has received: the journal, verification, coverage, and fault rules for them."""
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Union

from virga.control import Control, ControlError
from virga.faults import Faults

JOURNAL_CALLS = 10000  # as many as a server keeps


@dataclass(frozen=True)
class Call:
    """A call of the journal. `code` is "ok" after a success and empty where a fault rule kept the API from answering;
    `http_status` is 0 where it closed the connection. `entry` is all that the control API says of the call."""

    action: str
    code: str
    message: str
    params: Any
    request_id: str
    http_status: int
    flow_id: Optional[int]
    why: Optional[str]
    injected: Optional[str]
    entry: Dict[str, Any]

    @classmethod
    def of(cls, entry: Dict[str, Any]) -> "Call":
        return cls(entry["action"], entry["code"], entry.get("message") or "", entry.get("params"), entry["request_id"],
                   entry["http_status"], entry.get("flow_id"), entry.get("why_text"), entry.get("injected"), entry)


class CallScope:
    """The calls of one credential or, where `secret_id` is None, all calls of the server."""

    def __init__(self, control: Control, secret_id: Optional[str] = None) -> None:
        self.control = control
        self.faults = Faults(control, secret_id)
        self._secret_id = secret_id

    def requests(self, action: Optional[str] = None, *, code: Optional[str] = None, trace: Optional[str] = None,
                 since: Optional[str] = None, limit: int = JOURNAL_CALLS) -> List[Call]:
        """Returns the newest calls, at most `limit`, the newest one last. `code` "ok" selects those that succeeded;
        `since` is a RequestId or a time."""
        page = self.control.request("GET", "requests", action=action, code=code, trace=trace, since=since, limit=limit,
                                    secret_id=self._secret_id)
        return [Call.of(entry) for entry in page["requests"]]

    def verify(self, action: Optional[str] = None, *, code: Optional[str] = None, trace: Optional[str] = None,
               params: Optional[Dict[str, Any]] = None, times: Optional[int] = None, at_least: Optional[int] = None,
               at_most: Optional[int] = None) -> None:
        """Raises AssertionError with the most similar call, unless such calls were made: `times` times, or at least
        `at_least` and at most `at_most` times, or else once or more. The calls may have more than these `params`."""
        __tracebackhide__ = True
        count = {"min": at_least, "max": at_most} if times is None else {"min": times, "max": times}
        given = {name: number for name, number in count.items() if number is not None}
        self._verify({"action": action, "code": code, "trace": trace, "params": params, "secret_id": self._secret_id,
                      "count": given or None})

    def verify_in_order(self, *calls: Union[str, Dict[str, Any]]) -> None:
        """Raises AssertionError, unless these calls followed one another; other calls may be between them. A call is the
        name of an action, or has some of action, code, trace and params."""
        __tracebackhide__ = True
        own = {} if self._secret_id is None else {"secret_id": self._secret_id}
        self._verify({"in_order": [{**own, **({"action": call} if isinstance(call, str) else call)} for call in calls]})

    def _verify(self, question: Dict[str, Any]) -> None:
        __tracebackhide__ = True
        try:
            self.control.request("POST", "verify", question)
        except ControlError as error:
            if error.code != "conflict":
                raise
            raise AssertionError(str(error)) from None

    def why(self, call: Union[Call, str] = "last") -> Dict[str, Any]:
        """Explains why a call, given itself or by its RequestId, was rejected; without one, the last rejected call."""
        request_id = call.request_id if isinstance(call, Call) else call
        explanation: Dict[str, Any] = self.control.request("GET", f"why/{request_id}")
        return explanation

    def coverage(self) -> List[Dict[str, Any]]:
        """Returns for each called action how often it returned each of its documented codes."""
        actions: List[Dict[str, Any]] = self.control.request("GET", "coverage", actions="called",
                                                             secret_id=self._secret_id)["actions"]
        return actions
