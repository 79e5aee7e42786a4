"""Requests to the control API, for the tests of it."""
import json

from harness import Message


def ask(virga, method, path, body=None, headers=(), host=None):
    """Sends one request on a new connection and returns its Answer."""
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    message = Message(method, path, [("Host", host or f"{virga.host}:{virga.port}"), *headers], data)
    if data or method in ("PUT", "POST"):
        message.set("Content-Length", str(len(data)))
    return virga.send(message.to_bytes())


def done(virga, method, path, body=None, **more):
    """The same, for a request that must succeed. Returns the JSON of the answer."""
    answer = ask(virga, method, path, body, **more)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def refused(virga, method, path, body=None, **more):
    """The same, for a request that must be refused in the envelope of the control API. Returns (status, error)."""
    answer = ask(virga, method, path, body, **more)
    assert answer.status >= 400, answer.body
    assert list(answer.json) == ["error"] and set(answer.json["error"]) == {"code", "message", "hint"}, answer.body
    return answer.status, answer.json["error"]
