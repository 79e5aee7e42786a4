"""Runs each file of tests/api/wire as one test, on a server of its own with a frozen clock and a seed.

A file is a list of steps. A line that starts with '#' is a comment. Indented lines belong to the line above them.

    serve --flow-seconds backup=0        options for this file's server
    world statuses.json                  a world of tests/api/worlds instead of the built-in one
    call tc3 CreateBackup                signs and sends a call: tc3 (JSON POST), tc3get, v1 (GET) or v1post
        with language=zh-CN              a field of harness.Call before signing; nothing after '=' leaves it out
        header X-Extra: text             a header before signing
        then Authorization: text         a header that replaces the signed one; without ':' the header is removed
        body {"InstanceId":"..."}        parameters as they are sent: JSON for tc3, else key=value&...
    send POST / HTTP/1.1                 sends lines unchanged, ended by CR LF; the headers follow indented,
        Content-Length: 1                and after `body` what comes after the empty line
    control POST /_virga/clock/advance {"seconds":2}
                                         a call of the control API: method, path, and its body, if any
    times 21                             sends the step above this many times; what follows is about the last answer
    answer {"Response":...}              the body of the answer to the step above, byte for byte; `<uuid>` means
                                         any RequestId, the same one everywhere, `<tail>` its last group,
                                         `<endpoint>` that of the server, `<address>` any download address of it
    status 200                           its status, where it is not 200
    says Allow: GET, POST                a header of the answer
"""
import pathlib
import re

import pytest

from harness import Virga

HERE = pathlib.Path(__file__).resolve().parent
FILES = sorted((HERE / "wire").glob("*.txt"))
CLOCK = "2022-06-19T11:41:24+08:00"  # the time in the documented example of a generated backup name
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
# Only the beginning of the signature: test_life_backups.py checks all of it.
ADDRESS = r"<endpoint>/[0-9]+%2fsqlserver%2fmssql-[0-9a-z]+%2f(?:backup|slow|xevent|export)%2f[0-9a-zA-Z_.-]+\?sign=[^\"]+&id=[0-9]+"


class Step:
    def __init__(self, number, kind, text):
        self.number, self.kind, self.text, self.lines = number, kind, text, []
        self.answer, self.status, self.says, self.times = None, 200, [], 1


def parse(path):
    """(options of the server, world or None, steps)."""
    options, world, steps = [], None, []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        word, _, rest = line.strip().partition(" ")
        if line[0] == " ":
            steps[-1].lines.append((word, rest, line.strip()))
        elif word in ("call", "send", "control"):
            steps.append(Step(number, word, rest))
        elif word == "serve":
            options += rest.split()
        elif word == "world":
            world = HERE / "worlds" / rest
        elif word == "says":
            steps[-1].says.append(rest)
        elif word in ("answer", "status", "times"):
            setattr(steps[-1], word, rest if word == "answer" else int(rest))
        else:
            raise ValueError(f"{path.name}:{number}: what is {word!r}?")
    return options, world, steps


def replace_header(text):
    name, colon, value = text.partition(":")
    return (lambda m: m.set(name, value.strip())) if colon else (lambda m: m.remove(name))


def prepare(virga, step):
    """The bytes of a `call` step."""
    mode, action = step.text.split()
    call = virga.prepare(action, mode=mode)
    for word, rest, _ in step.lines:
        if word == "with":
            name, _, value = rest.partition("=")
            assert hasattr(call, name), name
            setattr(call, name, value or (False if name in ("timestamp", "signature") else None))
        elif word == "header":
            name, _, value = rest.partition(":")
            call.headers[name] = value.strip()
        elif word == "then":
            call.after.append(replace_header(rest))
        elif word == "body":
            call.params = rest
        else:
            raise ValueError(f"line {step.number}: what is {word!r}?")
    return call.message().to_bytes()


def control(virga, step):
    """The bytes of a `control` step."""
    method, path, body = (step.text.split(" ", 2) + [""])[:3]
    length = len(body.encode())
    head = f"{method} {path} HTTP/1.1\r\nHost: {virga.host}:{virga.port}\r\nContent-Length: {length}\r\n\r\n"
    return (head + body).encode()


def to_bytes(virga, step):
    if step.kind == "call":
        return prepare(virga, step)
    if step.kind == "control":
        return control(virga, step)
    lines = [step.text] + [whole for word, _, whole in step.lines if word != "body"]
    body = "".join(rest for word, rest, _ in step.lines if word == "body")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def matches(virga, expected, got):
    first, *rest = re.escape(expected).split("<uuid>", 1)
    pattern = "".join([first] + [f"(?P<uuid>{UUID})" + r.replace("<uuid>", "(?P=uuid)") for r in rest])
    pattern = pattern.replace("<tail>", r"(?P<tail>[0-9a-f]{12})")
    pattern = pattern.replace("<address>", ADDRESS).replace("<endpoint>", re.escape(virga.endpoint))
    match = re.fullmatch(pattern, got)
    groups = match.groupdict() if match else {}
    return bool(match) and groups.get("uuid", "").endswith(groups.get("tail") or "")


def check(virga, path, step, answer):
    where = f"{path.name}:{step.number}"
    got = answer.body.decode()
    assert answer.status == step.status, f"{where}: {got}"
    if step.status == 200:  # SDKs expect errors in exactly this type
        assert answer.headers["content-type"] == "application/json", where
    if step.answer is not None:
        assert matches(virga, step.answer, got), f"{where}:\nexpected {step.answer}\n     got {got}"
    for header in step.says:
        name, _, value = header.partition(":")
        assert answer.headers.get(name.lower()) == value.strip(), f"{where}: {answer.headers}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_wire(path):
    options, world, steps = parse(path)
    assert steps and all(s.answer or s.says or s.status != 200 for s in steps), "a step without an expectation"
    with Virga("--seed", "1", "--quiet", *options, clock=CLOCK, world=world) as virga:
        for step in steps:
            for _ in range(step.times - 1):
                virga.send(to_bytes(virga, step))
            check(virga, path, step, virga.send(to_bytes(virga, step)))


def test_there_are_files():
    assert len(FILES) > 20
