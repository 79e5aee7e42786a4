"""The subcommands that ask a server and those that need none: what they print as text and with --json, and their exit codes."""
import json
import os
import pty
import re
import shutil
import socket
import subprocess
import threading
import time

import harness
import pytest

USAGE, WORLD, NO_SERVER, REFUSED = 2, 7, 9, 10


def clean_env():
    return {k: v for k, v in os.environ.items() if not k.startswith(("VIRGA_", "TENCENTCLOUD_", "LC_", "LANG", "NO_COLOR"))}


@pytest.fixture
def ask(virga):
    def ask(*words, code=0, text=None, **env):
        done = subprocess.run([harness.binary(), *words], input=text, capture_output=True, text=True,
                              timeout=harness.ANSWER_SECONDS,
                              env={**clean_env(), "VIRGA_ENDPOINTS_FILE": str(virga.endpoints_file), **env})
        assert done.returncode == code, done
        assert "Sanitizer" not in done.stderr, done
        return done
    return ask


def offline(*words, code=0, **env):
    done = subprocess.run([harness.binary(), *words], capture_output=True, text=True, timeout=harness.ANSWER_SECONDS,
                          env={**clean_env(), "XDG_STATE_HOME": str(harness.IMPOSSIBLE), **env})
    assert done.returncode == code, done
    return done


# --- health, wait ---------------------------------------------------------------------------------------------------


def test_health(ask, virga):
    assert ask("health").stdout == f"ok {virga.endpoint}\n"
    assert json.loads(ask("health", "--json").stdout) == {"status": "ok"}


def test_the_server_by_its_address(ask, virga):
    assert offline("health", "--endpoint", virga.endpoint + "/").stdout == f"ok {virga.endpoint}\n"
    assert offline("health", VIRGA_ENDPOINT=virga.endpoint).stdout == f"ok {virga.endpoint}\n"
    # The command line wins over the variable.
    ask("health", "--endpoint", "http://127.0.0.1:1", code=NO_SERVER)
    assert ask("health", "--endpoints-file", str(virga.endpoints_file), VIRGA_ENDPOINT="http://127.0.0.1:1").stdout


@pytest.mark.parametrize("command", ["health", "clock", "call DescribeRegions", "requests", "faults list", "coverage", "reset",
                                     "state save -", "verify", "env"])
def test_no_server(command):
    done = offline(*command.split(), code=NO_SERVER)
    assert done.stdout == "" and len(done.stderr.splitlines()) == 1 and "virga serve" in done.stderr


def test_wait_for_a_server_that_comes(tmp_path):
    file = tmp_path / "endpoints.json"
    waiting = subprocess.Popen([harness.binary(), "wait", "--endpoints-file", str(file)], env=clean_env(),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(0.2)
    assert waiting.poll() is None
    server = subprocess.Popen([harness.binary(), "serve", "--memory", "--port", "0", "--quiet", "--endpoints-file", str(file)],
                              env=clean_env())
    try:
        said, complaint = waiting.communicate(timeout=harness.READY_SECONDS)
        # Progress is shown only on terminals.
        assert (waiting.returncode, complaint) == (0, "") and said.startswith("ok http://")
    finally:
        server.terminate()
        server.wait()


def test_wait_asks_with_the_token():
    with harness.Virga("--control-token", "secret", "--quiet") as server:
        file = ["--endpoints-file", str(server.endpoints_file)]
        began = time.monotonic()
        done = offline("wait", *file, code=REFUSED)
        # Waiting would not help.
        assert time.monotonic() - began < 10 and "needs its token" in done.stderr and done.stdout == ""
        assert offline("wait", *file, "--control-token", "secret").stdout.startswith("ok ")
        assert json.loads(offline("wait", *file, "--json", VIRGA_CONTROL_TOKEN="secret").stdout) == {"status": "ready"}


def test_wait_gives_up():
    began = time.monotonic()
    done = offline("wait", "--timeout", "1", code=NO_SERVER)
    assert 1 <= time.monotonic() - began < harness.READY_SECONDS and "virga serve" in done.stderr


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", b"220 smtp\r\n", b"HTTP/1.1 200 OK\r\nA: b\r\n",
                                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"])
def test_an_answer_that_is_none(answer):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            peer, _ = listener.accept()
            peer.recv(4096)
            peer.sendall(answer)
            peer.close()
        thread = threading.Thread(target=serve)
        thread.start()
        done = offline("health", "--endpoint", f"http://127.0.0.1:{listener.getsockname()[1]}", code=NO_SERVER)
        thread.join()
    assert done.stdout == "" and ("answer" in done.stderr), done


def test_a_server_that_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = offline("health", "--timeout", "1", "--endpoint", f"http://127.0.0.1:{listener.getsockname()[1]}", code=NO_SERVER)
    assert "in time" in done.stderr


def test_a_unix_socket(tmp_path):
    with harness.Virga("--unix-socket", str(tmp_path / "s"), "--quiet"):
        assert offline("health", "--endpoint", f"unix:{tmp_path / 's'}").stdout == f"ok unix:{tmp_path / 's'}\n"
        assert "FlowId" in offline("call", "CreateBackup", "InstanceId=mssql-njj2mtpl", "--endpoint", f"unix:{tmp_path / 's'}").stdout


# --- call -----------------------------------------------------------------------------------------------------------


def test_call(ask):
    answer = json.loads(ask("call", "CreateBackup", "InstanceId=mssql-njj2mtpl", "Strategy=1", "DBNames=db1,db2").stdout)
    flow = answer["Response"]["FlowId"]
    answer = json.loads(ask("call", "DescribeFlowStatus", f"FlowId={flow}", "--json").stdout)
    assert answer["Response"]["Status"] == 0


def test_a_call_that_is_rejected(ask):
    done = ask("call", "CreateBackup", "InstanceId=mssql-absent00", code=REFUSED)
    assert json.loads(done.stdout)["Response"]["Error"]["Code"] == "ResourceNotFound.InstanceNotFound" and done.stderr == ""


@pytest.mark.parametrize("words, code", [(["--secret-id", "AKIDunknown"], "AuthFailure.SecretIdNotFound"),
                                         (["--secret-key", "wrong"], "AuthFailure.SignatureFailure"),
                                         (["--region", "ap-beijing-fsi"], "UnsupportedRegion"), (["Colour=1"], "UnknownParameter"),
                                         (["InstanceId:=1"], "InvalidParameter")])
def test_each_part_of_a_call_can_be_wrong(ask, words, code):
    done = ask("call", "CreateBackup", *words, code=REFUSED)
    assert json.loads(done.stdout)["Response"]["Error"]["Code"].startswith(code)


def test_parameters_from_a_file(ask, tmp_path):
    file = tmp_path / "params.json"
    file.write_text('{"InstanceId":"mssql-njj2mtpl"}')
    assert "FlowId" in ask("call", "CreateBackup", "--params", str(file)).stdout
    assert "FlowId" in ask("call", "CreateBackup", "--params", "-", text=file.read_text()).stdout
    ask("call", "CreateBackup", "InstanceId=x", "--params", str(file), code=USAGE)
    ask("call", "CreateBackup", "--params", str(tmp_path / "none"), code=USAGE)


def test_chinese(ask):
    assert "实例" in ask("call", "CreateBackup", "InstanceId=x", "--language", "zh-CN", code=REFUSED).stdout


# --- clock ----------------------------------------------------------------------------------------------------------


def test_clock(ask):
    assert ask("clock", "freeze", "2026-01-01T00:00:00+08:00").stdout == "2026-01-01T00:00:00+08:00 frozen\n"
    assert ask("clock", "advance", "1d").stdout == "2026-01-02T00:00:00+08:00 frozen\n"
    assert ask("clock", "advance", "90").stdout == "2026-01-02T00:01:30+08:00 frozen\n"
    assert json.loads(ask("clock", "--json").stdout)["mode"] == "frozen"
    assert ask("clock", "move", "2030-01-01T00:00:00Z").stdout.endswith(" moved\n")
    assert ask("clock", "scale", "1000", "2026-01-01T00:00:00+08:00").stdout == "2026-01-01T00:00:00+08:00 scaled 1000\n"
    assert json.loads(ask("clock", "scale", "0.5", "--json").stdout)["scale"] == 0.5
    assert ask("clock").stdout.startswith("2026-01-01T") and ask("clock").stdout.endswith(" scaled 0.5\n")
    assert ask("clock", "real").stdout.endswith(" real\n")


@pytest.mark.parametrize("words, code, said", [(["advance"], USAGE, "missing"), (["advance", "-1"], USAGE, "-1"),
                                               (["advance", "1w"], USAGE, "is not a duration"), (["stop"], USAGE, "freeze, move"),
                                               (["scale"], USAGE, "missing"), (["scale", "0"], REFUSED, "above 0"),
                                               (["scale", "fast"], USAGE, "scale fast: expects a number"),
                                               (["scale", "2", "soon"], USAGE, "time soon: expects a time such as"),
                                               (["move", "soon"], USAGE, "expects a time"),
                                               (["freeze", "yesterday"], USAGE, "time yesterday: expects a time such as 2026-"),
                                               (["move", "2026-01-01"], USAGE, "expects a time"), (["real", "x"], USAGE, "too many")])
def test_clock_refuses(ask, words, code, said):
    done = ask("clock", *words, code=code)
    assert done.stdout == "" and said in done.stderr, done


def test_a_refusal_is_json_too(ask):
    assert json.loads(ask("clock", "scale", "0", "--json", code=REFUSED).stdout)["error"]["code"] == "bad_request"


def test_a_client_that_is_not_there():
    """It is the command line that is wrong, whether or not a server runs."""
    for words in (["call", "DescribeRegions", "--as", "fortran"], ["why", "--as", "fortran"]):
        assert "--as fortran: expects curl, python, " in offline(*words, code=USAGE).stderr


def test_a_state_in_memory_and_in_a_file(tmp_path):
    """Both on the command line contradict each other; a variable is for other commands."""
    db = tmp_path / "x.db"
    for words in (["--memory", "--db", str(db)], [f"--db={db}", "--memory"]):
        done = offline("serve", "--port", "0", *words, code=USAGE)
        assert done.stdout == "" and "--memory and --db exclude each other" in done.stderr and not db.exists()
    with harness.Virga("--quiet", env={"VIRGA_DB": str(db)}) as virga:
        assert virga.endpoints["db"] is None and not db.exists()


# --- without a server -----------------------------------------------------------------------------------------------


def test_actions():
    names = offline("actions", "--names").stdout.split()
    emulated = json.loads(offline("actions", "--emulated", "--json").stdout)
    assert "CreateBackup" in names and len(set(names)) == len(names)
    every = json.loads(offline("actions", "--json").stdout)
    assert emulated and [a["action"] for a in emulated] == [a["action"] for a in every if a["emulated"]]
    shown = json.loads(offline("actions", "CreateBackup", "--json").stdout)
    assert {"name": "DBNames", "type": "list<string>", "required": False} in shown["in"]
    assert "cause" in shown["errors"][0]
    assert "DBNames" in offline("actions", "CreateBackup").stdout
    assert "there is no action createbakup; did you mean CreateBackup?" in offline("actions", "createbakup", code=USAGE).stderr
    assert "virga actions lists them" in offline("actions", "Nonsense", code=USAGE).stderr


def test_names_as_json():
    for command in ("actions", "explain"):
        assert json.loads(offline(command, "--names", "--json").stdout) == offline(command, "--names").stdout.split()


def test_a_program_as_json(ask):
    shown = json.loads(ask("env", "--client", "go", "--json").stdout)
    assert shown == {"client": "go", "text": ask("env", "--client", "go").stdout}


def test_a_subcommand_that_is_not_there():
    assert "there is no subcommand rest; did you mean reset?" in offline("rest", code=USAGE).stderr
    assert "virga --help lists them" in offline("nonsense", code=USAGE).stderr


def test_what_a_user_asks_for_in_other_words():
    version = offline("--version").stdout
    assert re.fullmatch(r"virga \d+\.\d+\.\d+\n", version)
    assert offline("version").stdout == offline("-V").stdout == version
    assert offline("help").stdout == offline("--help").stdout
    assert offline("help", "faults").stdout == offline("faults", "--help").stdout
    assert "did you mean faults?" in offline("help", "fault", code=USAGE).stderr
    assert "--prot is not an option; did you mean --port?" in offline("serve", "--prot", "1", code=USAGE).stderr
    assert "did you mean CreateBackup?" in offline("serve", "--limit", "CreateBackupp=1", code=USAGE).stderr


# --- world ----------------------------------------------------------------------------------------------------------


def test_the_example_of_a_world_is_the_built_in_one(tmp_path):
    text = offline("world", "example").stdout
    assert text == (harness.ROOT / "docs" / "examples" / "world.json").read_text()
    file = tmp_path / "world.json"
    file.write_text(text)
    assert offline("world", "check", str(file)).stdout == f"{file} is a valid world file\n"
    assert json.loads(offline("world", "check", str(file), "--json").stdout) == {"valid": True}


@pytest.mark.parametrize("old,new,words", [
    ('"ap-guangzhou"', '"ap-guangzhuo"', "accounts.0.regions.0.region: there is no region ap-guangzhuo; did you mean ap-guangzhou?"),
    ('"version": 1', '"version": 2', "version must be 1"),
    ('"secret_id"', '"secret"', "unknown key accounts.0.credentials.0.secret"),
    ('"version": 1,', '"version": 1', "not JSON at line 3"),
])
def test_a_wrong_world_names_the_place(tmp_path, old, new, words):
    file = tmp_path / "world.json"
    file.write_text(offline("world", "example").stdout.replace(old, new, 1))
    done = offline("world", "check", str(file), code=WORLD)
    assert done.stderr.startswith(f"virga: error: world file {file}: {words}") and done.stdout == ""


def test_a_world_needs_its_words():
    assert "which file?" in offline("world", "check", code=USAGE).stderr
    offline("world", "example", "x", code=USAGE)
    offline("world", "make", code=USAGE)
    assert f"{harness.IMPOSSIBLE}: Not a directory" in offline("world", "check", str(harness.IMPOSSIBLE), code=WORLD).stderr


def test_every_code_is_explained():
    names = offline("explain", "--names").stdout.split()
    assert len(names) > 100 and names == sorted(names)
    for name in [*names[::9], "InternalError", "InvalidAction", "InvalidParameter"]:
        explanation = json.loads(offline("explain", name, "--json").stdout)
        assert explanation["code"] == name and explanation["meaning"] and explanation["how"]
        assert "{" not in explanation["meaning"], explanation
    assert len({json.dumps(json.loads(offline("explain", "InternalError", "--json", "--lang", lang).stdout))
                for lang in ("en", "zh")}) == 2


@pytest.mark.parametrize("code, lang, lines", [
    ("ResourceNotFound.InstanceNotFound", "en", ["CreateBackup: no instance of that id", "Try again: no"]),
    ("RequestLimitExceeded", "zh", ["含义", "是否重试: 可以"]),
    ("UnauthorizedOperation.PermissionDenied", "en",
     ["fault injection only", "virga faults add --code UnauthorizedOperation.PermissionDenied --action "]),
    ("InternalError", "en", ["Try again: yes"])])
def test_explain(code, lang, lines):
    explanation = offline("explain", code, "--lang", lang).stdout
    assert explanation.startswith(code + "\n") and all(line in explanation for line in lines), explanation


def test_a_code_that_is_not_there():
    assert "ResourceNotFound.DBNotFound" in offline("explain", "dbnotf", code=USAGE).stderr
    assert "did you mean InternalError.DBError?" in offline("explain", "InternalErorr.DBErorr", code=USAGE).stderr
    assert "--names" in offline("explain", "Nonsense", code=USAGE).stderr


def test_the_ways_to_provoke_a_common_code_do(ask):
    """Runs the command that explain prints for a code, if it is a single one."""
    done = 0
    for name in offline("explain", "--names").stdout.split():
        explanation = json.loads(offline("explain", name, "--json").stdout)
        if explanation["how"].startswith("virga call ") and "," not in explanation["how"]:
            answer = ask(*explanation["how"].split()[1:], code=REFUSED).stdout
            assert json.loads(answer)["Response"]["Error"]["Code"].startswith(name), (explanation, answer)
            done += 1
    assert done >= 8


# --- the console ----------------------------------------------------------------------------------------------------


def opener(folder):
    """Makes an xdg-open that writes the address that it gets into a file, and returns the file."""
    script = folder / "xdg-open"
    script.write_text(f'#!/bin/sh\necho "$1" >"{folder}/.opened" && mv "{folder}/.opened" "{folder}/opened"\n')
    script.chmod(0o755)
    return folder / "opened"


def test_console_opens_the_browser(ask, virga, tmp_path):
    opened = opener(tmp_path)
    url = f"{virga.endpoint}/_virga/\n"
    assert ask("console", PATH=f"{tmp_path}:{os.environ['PATH']}").stdout == url
    deadline = time.monotonic() + harness.ANSWER_SECONDS
    while not opened.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert opened.read_text() == url


def test_console_without_a_browser_is_an_address(ask, virga, tmp_path):
    opened = opener(tmp_path)
    url = f"{virga.endpoint}/_virga/\n"
    assert ask("console", "--print", PATH=str(tmp_path)).stdout == url and not opened.exists()
    assert ask("console", PATH=str(tmp_path / "nothing")).stdout == url


def test_one_value_as_json(ask, virga, tmp_path):
    assert json.loads(ask("console", "--print", "--json").stdout) == {"console": f"{virga.endpoint}/_virga/"}
    folder = tmp_path / "ca"
    path = offline("ca", "--ca-dir", str(folder)).stdout.rstrip("\n")
    assert json.loads(offline("ca", "--json", VIRGA_CA_DIR=str(folder)).stdout) == {"ca_file": path}


@pytest.mark.parametrize("options, state", [(["--memory"], "state in memory, forgotten at the end"), (["--db", "my.db"], "state in my.db")])
def test_start_up_names_the_console_before_it_is_ready(tmp_path, options, state):
    server = subprocess.Popen([harness.binary(), "serve", "--port", "0", "--endpoints-file", "e.json", *options], cwd=tmp_path,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=clean_env())
    lines = [server.stdout.readline().rstrip("\n") for _ in range(6)]
    server.terminate()
    assert server.wait(timeout=harness.ANSWER_SECONDS) == 0
    address = json.loads((tmp_path / "e.json").read_text())["endpoint"] if (tmp_path / "e.json").exists() else lines[1].split()[-1]
    assert lines[0].endswith(state) and lines[4:] == [f"Console: {address}/_virga/", "Ready."]


def start_up(tmp_path, *options):
    """The first line of output, and the endpoints file."""
    server = subprocess.Popen([harness.binary(), "serve", "--port", "0", "--memory", "--endpoints-file", "e.json", *options],
                              cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=clean_env())
    line = server.stdout.readline()
    file = json.loads((tmp_path / "e.json").read_text())  # removed at the end
    server.terminate()
    assert server.stdout.read() == "" and server.wait(timeout=harness.ANSWER_SECONDS) == 0
    return json.loads(line), file


def test_start_up_as_json(tmp_path):
    said, file = start_up(tmp_path, "--json")
    assert said == file and said["secret_key"] == harness.SECRET_KEY and said["pid"] > 0


def test_start_up_as_json_keeps_the_key_of_a_users_own_world(tmp_path):
    world = (harness.ROOT / "tests/api/worlds/access.json").read_text()
    (tmp_path / "w.json").write_text(world)
    said, file = start_up(tmp_path, "--json", "--world", "w.json")
    assert file["secret_key"] == "key" and said == {**file, "secret_key": None}


# --- the tables' own texts ------------------------------------------------------------------------------------------


def subcommands():
    listed = offline("--help").stdout.partition("Subcommands:\n")[2].partition("\n\n")[0]
    return [line.split()[0] for line in listed.splitlines()]


def test_every_subcommand_has_help():
    for name in subcommands():
        text = offline(name, "--help").stdout
        assert text.startswith(f"Usage: virga {name}"), text
        assert max(map(len, text.splitlines())) <= 104, text


def test_docs_follow_the_tables():
    assert (harness.ROOT / "docs" / "cli.md").read_text() == offline("man", "--markdown").stdout, \
        "run: virga man --markdown > docs/cli.md"


def test_the_manual_names_everything():
    page = offline("man").stdout
    for name in subcommands():
        assert f".SS virga {name}" in page
    assert ".TH VIRGA 1" in page and "\\-\\-json" in page and not re.search(r"^\.[^A-Z\\]", page, re.M)


def manual():
    return json.loads(offline("man", "--json").stdout)


def test_every_subcommand_has_json():
    """Its option, and the manual as data has all that the page has."""
    description = manual()
    assert [c["name"] for c in description["subcommands"]] == subcommands()
    for command in description["subcommands"]:
        options = {o["name"]: o for o in command["options"]}
        assert len(options) == len(command["options"]), command
        assert options["--json"]["value"] is None and command["help"] and command["about"], command
        assert command["usage"].startswith(f"virga {command['name']}") and "--json" in offline(command["name"], "--help").stdout
    serve = {o["name"]: o for c in description["subcommands"] if c["name"] == "serve" for o in c["options"]}
    assert serve["--limit"] == {"name": "--limit", "value": "off|ACTION=N", "help": serve["--limit"]["help"],
                                "variable": "VIRGA_LIMIT", "repeats": True}
    assert {"code": REFUSED, "meaning": "the server answered with an error"} in description["exit_codes"]
    assert "VIRGA_ENDPOINT" in [v["name"] for v in description["run_variables"]]


def test_the_manual_has_one_form_at_a_time():
    assert "two forms" in offline("man", "--markdown", "--json", code=USAGE).stderr


def shell_of(name):
    return pytest.param(name, marks=pytest.mark.skipif(not shutil.which(name), reason=f"no {name}"))


def sourced(tmp_path, shell, script, *words):
    """Runs a script of the shell after it has loaded the completion. virga is the program under test."""
    (tmp_path / "virga").symlink_to(os.path.abspath(harness.binary()))
    (tmp_path / "completion").write_text(offline("completion", shell).stdout)
    (tmp_path / "script").write_text(f"source {tmp_path}/completion\n{script}\n")
    options = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run([shell, *options, str(tmp_path / "script"), *words], capture_output=True, text=True,
                          env={**clean_env(), "HOME": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_as_json(shell):
    script = offline("completion", shell).stdout
    assert json.loads(offline("completion", shell, "--json").stdout) == {"shell": shell, "script": script}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_names_everything(shell):
    script = offline("completion", shell).stdout
    for name in subcommands():
        assert name in script
    assert "fail-under" in script and "advance" in script
    assert "sh" in offline("completion", "sh", code=USAGE).stderr


@pytest.mark.parametrize("shell", [shell_of("bash"), shell_of("zsh"), shell_of("fish")])
def test_completion_of_one_who_wants_json(tmp_path, shell):
    """VIRGA_JSON is also an option of the commands that the completion runs."""
    asked = {"bash": "COMP_WORDS=(virga call CreateBackupM); COMP_CWORD=2; _virga; echo ${COMPREPLY[@]}",
             "zsh": 'compadd() { print -l -- "$@" }\n_files() { }\nwords=(virga call CreateBackupM); CURRENT=3; _virga',
             "fish": 'complete -C "virga call CreateBackupM"'}[shell]
    assert "CreateBackupMigration" in sourced(tmp_path, shell, f"export VIRGA_JSON=1\n{asked}").split()


@pytest.mark.parametrize("words, offered", [(["cl"], {"clock"}), (["clock", "a"], {"advance"}),
                                            (["faults", "--http"], {"--http-status"}), (["run", "--se"], {"--seed"}),
                                            (["call", "CreateBackupM"], {"CreateBackupMigration"}),
                                            (["faults", "add", "--code", "InternalError.DBE"], {"InternalError.DBError"}),
                                            (["faults", "add", "--close", "be"], {"before"})])
def test_bash_completes(tmp_path, words, offered):
    (tmp_path / "virga").symlink_to(os.path.abspath(harness.binary()))
    script = ('source <(virga completion bash); COMP_WORDS=(virga "$@"); COMP_CWORD=$#; _virga; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True,
                          env={**clean_env(), "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert set(done.stdout.split()) == offered, done


@pytest.mark.parametrize("shell", [shell_of("bash"), shell_of("zsh"), shell_of("fish")])
def test_completion_is_sourced_without_a_word(tmp_path, shell):
    assert sourced(tmp_path, shell, "true") == ""


COMPLETED = [(["cl"], "clock"), (["clock", "a"], "advance"), (["run", "--se"], "--seed"), (["call", "CreateBackupM"], "CreateBackupMigration"),
             (["faults", "--code", "InternalError.DBE"], "InternalError.DBError"), (["faults", "--close", "be"], "before")]


@pytest.mark.parametrize("words, offered", COMPLETED)
@pytest.mark.skipif(not shutil.which("fish"), reason="no fish")
def test_fish_completes(tmp_path, words, offered):
    said = sourced(tmp_path, "fish", f'complete -C "virga {" ".join(words)}"')
    assert [line.split("\t")[0] for line in said.splitlines()] == [offered]


@pytest.mark.parametrize("words, offered", COMPLETED)
@pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh")
def test_zsh_completes(tmp_path, words, offered):
    """zsh itself selects the words that begin with what was typed."""
    script = 'compadd() { shift; print -l -- "$@" }\n_files() { }\nwords=(virga "$@"); CURRENT=$#words; _virga'
    said = sourced(tmp_path, "zsh", script, *words).split()
    assert [word for word in said if word.startswith(words[-1])] == [offered]


@pytest.mark.skipif(not shutil.which("mandoc"), reason="no mandoc")
def test_the_manual_is_good_roff():
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=offline("man").stdout, capture_output=True, text=True)
    # The page has no date: the same program prints the same page.
    assert [line for line in done.stdout.splitlines() if "missing date" not in line] == [], done


# --- colour ---------------------------------------------------------------------------------------------------------


def errors_on_terminal(*words, **env):
    """(standard output, standard error), where the latter is a terminal."""
    leader, follower = pty.openpty()
    process = subprocess.Popen([harness.binary(), *words], stdout=subprocess.PIPE, stderr=follower, text=True,
                               env={**clean_env(), "TERM": "xterm", **env})
    os.close(follower)
    shown = all_of(leader)
    return process.communicate()[0], shown


def on_terminal(*words, **env):
    """What the command prints when its output is a terminal."""
    leader, follower = pty.openpty()
    process = subprocess.Popen([harness.binary(), *words], stdout=follower, env={**clean_env(), "TERM": "xterm", **env})
    os.close(follower)
    said = all_of(leader)
    process.wait()
    return said


def all_of(leader):
    """Reads the other side of a terminal until its last writer has closed it."""
    said = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # how a terminal ends on Linux
            break
        if not piece:
            break
        said += piece
    os.close(leader)
    return said.decode()


def test_progress_is_for_terminals(tmp_path):
    """On a terminal a line that is erased again; in a pipe nothing; on standard output never."""
    words = ["run", "--", "printf", "said"]
    shown = errors_on_terminal(*words, XDG_STATE_HOME=str(tmp_path))
    assert shown[0] == "said" and "starting virga" in shown[1] and shown[1].endswith("\r\033[K"), shown
    done = offline(*words, XDG_STATE_HOME=str(tmp_path))
    assert (done.stdout, done.stderr) == ("said", "")
    assert errors_on_terminal(*words, XDG_STATE_HOME=str(tmp_path), TERM="dumb") == ("said", "")
    waited = errors_on_terminal("wait", "--timeout", "1", XDG_STATE_HOME=str(tmp_path))
    assert waited[0] == "" and "\r\033[K" in waited[1] and "virga serve" in waited[1].rpartition("\033[K")[2]


def test_colour_is_for_terminals_and_honours_no_color():
    words = ["explain", "InternalError"]
    assert "\033[" in on_terminal(*words)
    assert "\033[" in on_terminal(*words, NO_COLOR="")
    assert "\033[" not in on_terminal(*words, NO_COLOR="1")
    assert "\033[" not in on_terminal(*words, TERM="dumb")
    assert "\033[" not in offline(*words).stdout
    assert "\033[" not in on_terminal(*words, "--json")
