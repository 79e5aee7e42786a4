"""`virga env` finds the running server, prints what a shell or a client needs, and reports when no server runs."""
import ast
import json
import os
import shlex
import signal
import subprocess
import time

import harness
import pytest

NO_SERVER = 9
NEEDS_PROCESSES = pytest.mark.skipif(harness.POSIX_FORM, reason="this form of os.h does not know other processes")
NAMES = ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_REGION", "TENCENTCLOUD_PROTOCOL",
         "TENCENTCLOUD_DOMAIN")


class Home:
    """A state folder of a user. The servers write their endpoints file there, since they get no other path."""

    def __init__(self, folder):
        self.file = folder / "state" / "virga" / "endpoints.json"
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("VIRGA_", "LC_", "LANG"))}
        self.env = {**clean, "XDG_STATE_HOME": str(folder / "state")}
        self.servers = []

    def serve(self, *options):
        server = subprocess.Popen([harness.binary(), "serve", "--memory", "--port", "0", "--quiet", *options], env=self.env,
                                  stderr=subprocess.PIPE, text=True)
        self.servers.append(server)
        return server

    def wait(self, pid):
        deadline = time.monotonic() + harness.READY_SECONDS
        while not self.file.exists() or json.loads(self.file.read_text())["pid"] != pid:
            assert time.monotonic() < deadline, "the server does not write its file"
            time.sleep(0.02)

    def start(self, *options):
        server = self.serve(*options)
        self.wait(server.pid)
        return server

    def ask(self, *options, **env):
        return subprocess.run([harness.binary(), "env", *options], env={**self.env, **env}, capture_output=True, text=True,
                              timeout=harness.ANSWER_SECONDS)


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    yield home
    for server in home.servers:
        server.kill()
        server.communicate()


def end(server, how=signal.SIGTERM):
    server.send_signal(how)
    _, said = server.communicate(timeout=harness.READY_SECONDS)
    return said


def test_exports_are_read_by_a_shell(home):
    home.start()
    script = f'eval "$({shlex.quote(harness.binary())} env)" && printf "%s\\n" ' + " ".join(f'"${n}"' for n in NAMES)
    done = subprocess.run(["sh", "-c", script], env=home.env, capture_output=True, text=True)
    port = json.loads(home.file.read_text())["endpoint"].rpartition(":")[2]
    assert done.stdout.splitlines() == [harness.SECRET_ID, harness.SECRET_KEY, harness.REGION, "HTTP", f"localhost:{port}"]


def test_a_key_with_quotes_survives_the_shell(home, tmp_path):
    key = "it's $HOME `id` \"x\" \\ "
    file = tmp_path / "endpoints.json"
    file.write_text(json.dumps({"endpoint": "http://127.0.0.1:1", "secret_id": "a", "secret_key": key, "region": "r",
                                "instance": "i", "pid": os.getpid()}))
    exports = home.ask("--endpoints-file", str(file))
    done = subprocess.run(["sh", "-c", f'{exports.stdout}printf %s "$TENCENTCLOUD_SECRET_KEY"'], capture_output=True, text=True)
    assert done.stdout == key, exports


ODD = "it's $HOME \\ `x` \"q\" \u2019 #"
FORMATS = {
    "sh": ["export TENCENTCLOUD_SECRET_ID=a", "export TENCENTCLOUD_SECRET_KEY='it'\\''s $HOME \\ `x` \"q\" \u2019 #'"],
    "fish": ["set -gx TENCENTCLOUD_SECRET_ID 'a'", "set -gx TENCENTCLOUD_SECRET_KEY 'it\\'s $HOME \\\\ `x` \"q\" \u2019 #'"],
    "powershell": ["$env:TENCENTCLOUD_SECRET_ID = 'a'", "$env:TENCENTCLOUD_SECRET_KEY = 'it''s $HOME \\ `x` \"q\" \u2019\u2019 #'"],
    "dotenv": ["TENCENTCLOUD_SECRET_ID=a", 'TENCENTCLOUD_SECRET_KEY="it\'s \\$HOME \\\\ \\`x\\` \\"q\\" \u2019 #"'],
}
FORMATS["direnv"] = FORMATS["sh"]


@pytest.mark.parametrize("form", FORMATS)
def test_forms_of_other_shells(home, tmp_path, form):
    """A file for docker --env-file or GitHub Actions may have no quotes, so plain values have none there."""
    file = tmp_path / "endpoints.json"
    file.write_text(json.dumps({"endpoint": "http://127.0.0.1:1", "secret_id": "a", "secret_key": ODD, "region": "ap-x",
                                "instance": "i", "pid": os.getpid()}))
    lines = home.ask("--endpoints-file", str(file), "--format", form).stdout.splitlines()
    assert lines[:2] == FORMATS[form] and len(lines) == 5
    if form == "dotenv":
        assert lines[2:] == ["TENCENTCLOUD_REGION=ap-x", "TENCENTCLOUD_PROTOCOL=HTTP", "TENCENTCLOUD_DOMAIN=localhost:1"]


def test_a_public_url_with_tls(home):
    home.start("--public-url", "https://virga.test")
    assert home.ask().stdout.splitlines()[3:] == ["export TENCENTCLOUD_PROTOCOL=HTTPS", "export TENCENTCLOUD_DOMAIN=virga.test"]


def test_json_holds_the_values(home):
    home.start()
    values = json.loads(home.ask("--json").stdout)
    port = values["port"]
    assert values["endpoint"] == f"http://127.0.0.1:{port}" and values["host_port"] == f"127.0.0.1:{port}"
    assert (values["scheme"], values["host"], values["domain"]) == ("http", "127.0.0.1", f"localhost:{port}")
    assert (values["region"], values["instance"]) == (harness.REGION, "mssql-njj2mtpl")
    assert values["tls_endpoint"] is None and "params" not in values


def test_no_server(home):
    done = home.ask()
    assert (done.returncode, done.stdout) == (NO_SERVER, "")
    assert len(done.stderr.splitlines()) == 1 and "virga serve" in done.stderr, done.stderr


def test_the_file_is_removed_with_its_server(home):
    server = home.start()
    assert home.file.stat().st_mode & 0o777 == 0o600
    end(server)
    assert not home.file.exists()
    assert home.ask().returncode == NO_SERVER


def test_a_killed_server_is_not_running(home):
    end(home.start(), signal.SIGKILL)
    assert home.file.exists()
    done = home.ask()
    assert (done.returncode, done.stdout) == (NO_SERVER, "")
    assert "no longer running" in done.stderr and len(done.stderr.splitlines()) == 1


@NEEDS_PROCESSES
def test_a_killed_server_that_is_still_in_the_process_table_is_not_running(home):
    server = home.start()
    server.kill()
    os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)  # ended, and still in the process table
    assert home.ask().returncode == NO_SERVER


def test_the_first_server_stays_found(home):
    """A second server does not change the file, reports this once, and does not remove the file at its end."""
    first = home.start()
    second = home.serve()
    line = second.stderr.readline()
    assert str(first.pid) in line and "--endpoints-file" in line and " virga: warning: " in line, line
    assert json.loads(home.file.read_text())["pid"] == first.pid
    assert end(second) == ""
    assert home.ask().returncode == 0
    end(first)
    assert home.ask().returncode == NO_SERVER


@pytest.mark.parametrize("whose", ["no process", pytest.param("another program", marks=NEEDS_PROCESSES)])
def test_a_file_of_an_ended_server_is_replaced(home, whose):
    """The process has ended, or its number belongs to another program now."""
    end(home.start(), signal.SIGKILL)
    if whose == "another program":
        home.file.write_text(json.dumps({**json.loads(home.file.read_text()), "pid": os.getpid()}))
    assert end(home.start()) == ""
    assert not home.file.exists()


def test_the_line_to_try_of_a_world_of_ones_own(home, tmp_path):
    """The line is left out where virga env would find another server."""
    world = tmp_path / "world.json"
    world.write_text(json.dumps({"version": 1, "accounts": [
        {"uin": "1", "credentials": [{"secret_id": "a", "secret_key": "b"}]}]}))
    command = [harness.binary(), "serve", "--memory", "--port", "0", "--world", str(world)]
    for wanted in (["Try: virga env --client tccli"], []):
        server = subprocess.Popen(command, env=home.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        home.servers.append(server)
        lines = list(iter(lambda: server.stdout.readline().rstrip(), "Ready."))
        assert [line for line in lines if line.startswith("Try: ")] == wanted, lines


def test_another_file_is_the_only_one(home, tmp_path):
    file = tmp_path / "elsewhere.json"
    server = home.serve("--endpoints-file", str(file))
    while not file.exists():
        assert server.poll() is None
        time.sleep(0.02)
    assert not home.file.exists() and home.ask().returncode == NO_SERVER
    assert home.ask("--endpoints-file", str(file)).returncode == 0
    assert home.ask(VIRGA_ENDPOINTS_FILE=str(file)).returncode == 0


def test_a_server_that_cannot_write_its_file_serves(home, tmp_path):
    (tmp_path / "state").write_text("a file where the folder should be")
    server = home.serve("--port", "0")
    line = server.stderr.readline()
    assert "virga env" in line and server.poll() is None, line


@pytest.mark.parametrize("text", ["", "[]", "{", '{"pid":1}', '{"endpoint":"http://127.0.0.1:1"}',
                                  '{"endpoint":"http://127.0.0.1:1","pid":0}', '{"endpoint":"http://127.0.0.1:1","pid":"1"}',
                                  '{"endpoint":"http://127.0.0.1:1","pid":1e99}', '{"endpoint":"nonsense","pid":1}'])
def test_a_file_that_is_not_ours(home, tmp_path, text):
    file = tmp_path / "bad.json"
    file.write_text(text)
    done = home.ask("--endpoints-file", str(file))
    assert done.returncode == NO_SERVER and str(file) in done.stderr, done


@pytest.mark.parametrize("options, said", [(["--client", "perl"], "python, tccli, go"), (["--lang", "fr"], "en or zh"),
                                           (["--nonsense"], "--help")])
def test_options_that_make_no_sense(home, options, said):
    done = home.ask(*options)
    assert (done.returncode, done.stdout) == (2, "") and said in done.stderr


@pytest.mark.parametrize("options, env, chinese", [
    ([], {}, False), ([], {"LANG": "zh_CN.UTF-8"}, True), ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
    ([], {"LANG": "C", "VIRGA_LANG": "zh"}, True), (["--lang", "en"], {"LANG": "zh_CN.UTF-8"}, False),
    (["--lang", "zh"], {}, True)])
def test_language(home, options, env, chinese):
    home.start()
    done = home.ask("--client", "python", *options, **env)
    assert ("安装" in done.stdout) == chinese and ("Install" in done.stdout) != chinese, done


@pytest.mark.parametrize("client", ["curl", "python", "tccli", "go", "node", "java", "php", "dotnet", "cpp", "ruby", "terraform"])
def test_the_words_are_comments_and_the_program_is_one(home, client):
    """Without its comments a program is the same in both languages and has the values of the server."""
    home.start()
    port = json.loads(home.file.read_text())["endpoint"].rpartition(":")[2]
    texts = [home.ask("--client", client, "--lang", lang).stdout for lang in ("en", "zh")]
    programs = [[line for line in t.splitlines() if not line.startswith(("# ", "// "))] for t in texts]
    assert texts[0] != texts[1] and programs[0] == programs[1]
    assert port in texts[0] and harness.SECRET_KEY in "\n".join(programs[0])


EVIL = r"""r$(touch X)`touch X`'"${HOME}\; touch X #"""


@pytest.fixture
def hostile_env(home, tmp_path):
    """Asks for a program with values of a world file that a shell could execute."""
    file = tmp_path / "hostile_env.json"
    file.write_text(json.dumps({"endpoint": "http://127.0.0.1:1", "secret_id": EVIL, "secret_key": EVIL, "region": EVIL,
                                "instance": EVIL, "ca_file": EVIL, "pid": os.getpid()}))
    return lambda client: home.ask("--client", client, "--endpoints-file", str(file)).stdout


@pytest.mark.parametrize("client, argument", [("tccli", EVIL), ("curl", f"X-TC-Region: {EVIL}")])
def test_values_stay_values_in_a_shell(hostile_env, tmp_path, client, argument):
    stub = tmp_path / client
    stub.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    stub.chmod(0o700)
    folder = tmp_path / "work"
    folder.mkdir()
    done = subprocess.run(["sh"], input=hostile_env(client), cwd=folder, env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
                          capture_output=True, text=True)
    assert done.returncode == 0 and argument in done.stdout.splitlines(), done
    assert not list(folder.iterdir())


def test_values_stay_values_in_python(hostile_env):
    texts = [n.value for n in ast.walk(ast.parse(hostile_env("python"))) if isinstance(n, ast.Constant)]
    assert texts.count(EVIL) == 3 and json.loads(next(t for t in texts if "Strategy" in t))["InstanceId"] == EVIL


@pytest.mark.parametrize("client, text", [
    ("php", r"""$who, "r\$(touch X)`touch X`'\"\${HOME}\\; touch X #", $profile"""),
    ("php", r"""new Credential('r$(touch X)`touch X`\'"${HOME}\\; touch X #',"""),
    ("ruby", r"""new(who, 'r$(touch X)`touch X`\'"${HOME}\\; touch X #', profile"""),
    ("go", r"""NewClient(who, "r$(touch X)`touch X`'\"${HOME}\\; touch X #", how)"""),
    ("node", r"""region: "r$(touch X)`touch X`'\"${HOME}\\; touch X #","""),
    ("terraform", r"""region     = "r$(touch X)`touch X`'\"$${HOME}\\; touch X #" """.rstrip()),
])
def test_values_are_escaped_by_the_languages_rules(hostile_env, client, text):
    assert text in hostile_env(client)


def test_the_line_to_try_may_be_copied(home, tmp_path):
    file, world = tmp_path / "it's; here.json", tmp_path / "world.json"
    world.write_text(json.dumps({"version": 1, "accounts": [
        {"uin": "1", "credentials": [{"secret_id": "a", "secret_key": "b"}]}]}))
    server = subprocess.Popen([harness.binary(), "serve", "--memory", "--port", "0", "--world", str(world), "--endpoints-file",
                               str(file)], env=home.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    home.servers.append(server)
    lines = list(iter(lambda: server.stdout.readline().rstrip(), "Ready."))
    line = next(line for line in lines if line.startswith("Try: "))
    assert shlex.split(line)[1:] == ["virga", "env", "--client", "tccli", "--endpoints-file", str(file)]


def test_options_of_env_are_known_to_serve(home):
    home.env["VIRGA_LANG"] = "zh"
    assert end(home.start()) == ""
