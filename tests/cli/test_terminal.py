"""What a client sends reaches no terminal unmasked: not by a subcommand, not by the log. JSON stays JSON with the same values."""
import json
import os
import pty
import re
import subprocess

import command
import control
import harness
import pytest
from command import NOT_SO, REFUSED

INSTANCE = "mssql-njj2mtpl"
# An escape that clears the screen, one that sets the title, C1's CSI, DEL, a return, a backspace, a right-to-left override.
HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\x7f\r\x08\u202eend-中文"
# What is sent in a header: the server rejects a return in one.
IN_HEADER = HOSTILE.replace("\r", "")
COLOURS = re.compile(rb"\x1b\[(?:34|31|2|0)m")
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def check(output):
    """Fails for anything that a terminal would execute. Colours are virga's own: a client's escape loses its first byte."""
    text = COLOURS.sub(b"", output.replace(b"\r\n", b"\n")).decode("utf-8")
    found = FORBIDDEN.search(text)
    assert not found, (found, text)
    return text


def on_terminal(server, *words, **env):
    """The bytes that a terminal gets from the command, on standard output and error."""
    master, slave = pty.openpty()
    process = subprocess.Popen([harness.binary(), *words], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
                               env=command.clean_env(TERM="xterm", VIRGA_ENDPOINTS_FILE=str(server.endpoints_file), **env))
    os.close(slave)
    output = b""
    try:
        while piece := os.read(master, 65536):
            output += piece
    except OSError:  # the other side has closed
        pass
    process.wait(timeout=harness.ANSWER_SECONDS)
    os.close(master)
    # The line of progress, which virga erases.
    return output.replace(b"\r\x1b[K", b"")


@pytest.fixture(scope="module")
def server():
    with harness.Virga("--limit", "off", "--log-level", "debug") as server:
        control.done(server, "POST", "/_virga/faults", {"action": "CreateBackup", "trace": "fault", "code": "InternalError", "message": HOSTILE})
        headers = {"X-TC-TraceId": IN_HEADER, "X-TC-RequestClient": IN_HEADER}
        server.call("DescribeRegions", headers=headers)
        server.call(IN_HEADER, headers=headers)
        server.call("CreateBackup", {"InstanceId": HOSTILE}, headers=headers)
        server.call("CreateBackup", {"InstanceId": INSTANCE, "BackupName": HOSTILE}, headers={"X-TC-TraceId": "fault"})
        server.call("CreateBackup", {HOSTILE: HOSTILE}, region=IN_HEADER, headers=headers)
        server.call("CreateBackup", {"InstanceId": HOSTILE}, secret_id=IN_HEADER, headers=headers)
        server.call("CreateBackup\nforged line\t" + HOSTILE, mode="v1post")
        server.call("CreateBackup", {"InstanceId": HOSTILE}, secret_key="wrong", headers=headers)
        yield server


def calls(server):
    return control.done(server, "GET", "/_virga/requests")["requests"]


def test_the_journal_has_what_was_sent(server):
    """Else the tests below would prove nothing."""
    assert calls(server)[1]["action"] == IN_HEADER and any(c["trace"] == IN_HEADER for c in calls(server))
    assert any("\n" in c["action"] for c in calls(server))


COMMANDS = [["requests"], ["why"], ["faults", "list"], ["coverage"], ["verify", "CreateBackup", "--code", HOSTILE],
            ["verify", "CreateBackup", f"InstanceId={HOSTILE}", "--max", "0"], ["verify", HOSTILE], ["requests", HOSTILE],
            ["requests", "--har"], ["call", HOSTILE.replace("\r", "")], ["call", "CreateBackup", f"InstanceId={HOSTILE}"],
            ["clock", "freeze", HOSTILE], ["actions", HOSTILE], ["explain", HOSTILE], ["reset", "--scope", HOSTILE],
            ["env", "--client", HOSTILE], ["state", "save", "-"], ["faults", "add", f"--message={HOSTILE}", "--code=InternalError", "--first=0"],
            [HOSTILE], ["health", HOSTILE], ["--" + HOSTILE], ["run", "--", HOSTILE], ["requests", "--since", HOSTILE]]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0] if words[0].isascii() and words[0].isalpha() else "hostile")
def test_a_terminal_gets_no_escape(server, words):
    check(on_terminal(server, *words))
    done = subprocess.run([harness.binary(), *words], capture_output=True, timeout=harness.ANSWER_SECONDS,
                          env=command.clean_env(VIRGA_ENDPOINTS_FILE=str(server.endpoints_file)))
    assert b"\x1b" not in done.stdout + done.stderr
    check(done.stdout + done.stderr)


@pytest.mark.parametrize("words", [["requests"], ["requests", "--har"], ["faults", "list"], ["coverage"], ["state", "save", "-"]], ids=" ".join)
def test_json_is_whole(server, words):
    """With --json nothing is masked: values are escaped and stay the same."""
    out = subprocess.run([harness.binary(), *words, "--json"], capture_output=True, timeout=harness.ANSWER_SECONDS, check=True,
                         env=command.clean_env(VIRGA_ENDPOINTS_FILE=str(server.endpoints_file))).stdout
    parsed = json.loads(check(out))
    if words == ["requests"]:
        assert parsed["requests"] == calls(server)
    if words[0] == "faults":
        assert parsed["faults"][0]["message"] == HOSTILE


def test_every_call_alone(server):
    ask = command.of(server)
    for call in calls(server):
        assert json.loads(check(on_terminal(server, "requests", call["request_id"]))) == call
        why = check(on_terminal(server, "why", call["request_id"]))
        assert "\nforged" not in why
        shown = ask("why", call["request_id"], "--json").stdout
        assert json.loads(check(shown.encode()))["request_id"] == call["request_id"]


def test_a_newline_makes_no_line(server):
    lines = check(on_terminal(server, "requests")).splitlines()
    assert len(lines) == 1 + len(calls(server)) and not any(line.startswith("forged") for line in lines)


def test_chinese_stays_readable(server):
    assert "end-中文" in check(on_terminal(server, "requests"))
    assert "end-中文" in command.of(server)("requests").stdout


@pytest.mark.parametrize("client", ["curl", "python", "go", "java"])
def test_a_program_of_a_hostile_call(server, client):
    """The program sends the same parameters: what would be masked in it is escaped."""
    call = next(c for c in calls(server) if c["params"] == {"InstanceId": HOSTILE})
    program = check(on_terminal(server, "why", call["request_id"], "--as", client))
    assert "u009b31m" in program and "u202e" in program and "?" not in program.split("u009b")[1][:60]


def test_a_difference_of_signatures(server, tmp_path):
    (tmp_path / "theirs").write_text("POST\n/\n\n" + HOSTILE)
    check(on_terminal(server, "sig", "diff", str(tmp_path / "theirs")))
    done = command.of(server)("sig", "diff", str(tmp_path / "theirs"), "--json", code=NOT_SO)
    assert json.loads(check(done.stdout.encode()))["same"] is False


def test_the_log(server):
    check(server.stderr_file.read_bytes())
    with harness.Virga("--log-format", "json", "--log-level", "debug") as other:
        other.call("CreateBackup", {"InstanceId": HOSTILE}, headers={"X-TC-TraceId": IN_HEADER})
        other.call("CreateBackup", {"InstanceId": "x"}, service=IN_HEADER)
        control.done(other, "GET", "/_virga/health")
        other.terminate()
        for line in check(other.stderr_file.read_bytes()).splitlines():
            json.loads(line)


def test_a_server_that_is_none(tmp_path):
    """An answer that is no JSON, and an error of another server, are texts from outside as well."""
    import http.server
    import threading

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = HOSTILE.encode() + b"\xf8\xff\x9b\r\nline two\r\n"
            self.send_response(502)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        done = command.run("call", "DescribeRegions", "--endpoint", f"http://127.0.0.1:{listener.server_port}", code=REFUSED)
        listener.shutdown()
        thread.join()
    assert check(done.stdout.encode()).startswith("HTTP status 502\n?[2J") and done.stdout.endswith("\nline two\n\n")


def test_what_serve_prints(tmp_path):
    """A world file may come from someone else."""
    world = json.loads((harness.ROOT / "docs" / "examples" / "world.json").read_text())
    world["accounts"][0]["credentials"][0]["secret_id"] = "AKID" + HOSTILE
    with harness.Virga(world=world) as server:
        check((server.directory / "stdout").read_bytes())
        check(on_terminal(server, "env"))
        check(on_terminal(server, "env", "--client", "python"))
