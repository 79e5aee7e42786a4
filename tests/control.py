"""What the tests of the control API share: a request of any kind, and its answer as JSON."""
import json

from harness import Message


def ask(virga, method, path, body=None, headers=(), host=None):
    """One request on a connection of its own; the harness's Answer."""
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    message = Message(method, path, [("Host", host or f"{virga.host}:{virga.port}"), *headers], data)
    if data or method in ("PUT", "POST"):
        message.set("Content-Length", str(len(data)))
    return virga.send(message.to_bytes())


def done(virga, method, path, body=None, **more):
    """The same, which must be done; its JSON."""
    answer = ask(virga, method, path, body, **more)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def refused(virga, method, path, body=None, **more):
    """The same, which must be refused in the control API's own envelope: (status, error)."""
    answer = ask(virga, method, path, body, **more)
    assert answer.status >= 400, answer.body
    assert list(answer.json) == ["error"] and set(answer.json["error"]) == {"code", "message", "hint"}, answer.body
    return answer.status, answer.json["error"]
