"""Requests to the control API of a server, which is JSON over HTTP under /_virga/."""
import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Dict, Optional

ANSWER_SECONDS = 30.0


class ControlError(Exception):
    """The control API refused a request. `code` is one word, `hint` says how to do it right and may be empty."""

    def __init__(self, status: int, code: str, message: str, hint: str) -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.status, self.code, self.message, self.hint = status, code, message, hint


class Control:
    """Sends requests to one server. `token` is that of `virga serve --control-token`."""

    def __init__(self, endpoint: str, token: Optional[str] = None) -> None:
        self._url = endpoint.rstrip("/") + "/_virga/"
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        # A proxy of the environment is for other machines.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def request(self, method: str, path: str, body: Optional[Dict[str, Any]] = None, **query: object) -> Any:
        """Sends one request and returns the JSON of the answer. A field or query that is None is left out."""
        data = None if body is None else json.dumps(_given(body)).encode()
        url = self._url + path + ("?" + urllib.parse.urlencode(_given(query)) if _given(query) else "")
        request = urllib.request.Request(url, data=data, method=method, headers=self._headers)
        try:
            with self._opener.open(request, timeout=ANSWER_SECONDS) as response:
                return json.load(response)
        except urllib.error.HTTPError as answer:
            with answer:
                text = answer.read()
            raise _error(answer.code, text) from None


def _given(fields: Dict[str, Any]) -> Dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _error(status: int, text: bytes) -> ControlError:
    try:
        error = json.loads(text)["error"]
    except (ValueError, LookupError, TypeError):  # not virga, but a proxy or another server
        return ControlError(status, "", f"HTTP {status}: {text[:200]!r}", "")
    return ControlError(status, error["code"], error["message"], error["hint"])
