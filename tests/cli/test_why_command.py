"""`virga why`, `virga sig diff`, and calls printed as programs, which run."""
import json
import os
import shutil
import subprocess
import sys

import harness
import pytest
from schema_files import default_world

USAGE, REFUSED, NOT_SO = 2, 10, 11
INSTANCE = "mssql-njj2mtpl"
TOKEN = "tokenA-0123456789"
WORLD = default_world()
WORLD["accounts"][0]["credentials"].append({"secret_id": "AKIDtemporary", "secret_key": "key", "token": TOKEN})


@pytest.fixture(scope="module")
def virga():
    with harness.Virga("--limit", "off", "--flow-seconds", "backup=0", "--doctor-rate", "1000000", world=WORLD) as server:
        yield server


@pytest.fixture
def ask(virga):
    def ask(*words, code=0, text=None):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("VIRGA_", "LC_", "LANG"))}
        done = subprocess.run([harness.binary(), *words], input=text, capture_output=True, text=True,
                              timeout=harness.ANSWER_SECONDS, env={**env, "VIRGA_ENDPOINTS_FILE": str(virga.endpoints_file)})
        assert done.returncode == code, done
        assert "Sanitizer" not in done.stderr, done
        return done
    return ask


def test_in_words(ask, virga):
    first = virga.call("CreateBackup", {"InstanceID": "x"}).response["RequestId"]
    lines = ask("why").stdout.splitlines()
    assert lines[0] == "CreateBackup => UnknownParameter"
    assert "  why        parameter.unknown: InstanceID is similar to InstanceId" in lines
    assert "  failed     decode" in lines and "  next       permission, fault, available, rules, handle" in lines
    assert "    step: decode is checked before permission (observed: docs/fidelity.md)" in lines
    virga.call("DescribeBackup", {})
    assert ask("why", "last").stdout.startswith("DescribeBackup => InvalidAction\n")
    assert ask("why", first).stdout.splitlines() == lines
    assert json.loads(ask("why", first, "--json").stdout)["why"] == "parameter.unknown"


def test_in_chinese(ask, virga):
    virga.call("DescribeRegions", secret_key=harness.SECRET_KEY + "\n")
    lines = ask("why", "--lang", "zh").stdout.splitlines()
    assert "  why        sig.secret-line-end: 密钥末尾带有换行（LF、CR LF 或 CR）；从文件或变量读取 SecretKey 后去掉首尾空白" in lines
    assert any(line.startswith("    step: signature 的检查先于 mfa (") for line in lines)
    virga.call("CreateBackup", {"InstanceId": INSTANCE, "Strategy": 7})
    assert "    rule: Strategy 必须在 0 到 1 之间 (assumed: " in ask("why", "--lang", "zh").stdout
    virga.call("CreateBackup", {"InstanceID": "x"})
    assert "parameter.unknown: InstanceID is similar to InstanceId" in ask("why", "--lang", "zh").stdout


def test_of_a_call_that_was_done(ask, virga):
    done = virga.call("DescribeRegions", signed_host="sqlserver.tencentcloudapi.com").response["RequestId"]
    text = ask("why", done).stdout
    assert "unread" not in text
    half = virga.call("CreateBackup", {"InstanceId": INSTANCE, "Strategy": 0, "DBNames": ["db1"]}).response["RequestId"]
    assert "  unread     DBNames\n" in ask("why", half).stdout
    assert text.startswith("DescribeRegions => ok\n") and "  leniency   signed_host\n" in text and "failed" not in text


@pytest.mark.parametrize("words, code, said", [
    (["why", "00000000-0000-4000-8000-000000000000"], REFUSED, "no call"), (["why", "a", "b"], USAGE, "too many"),
    (["why", "--as", "cobol"], USAGE, "--as cobol: expects curl"), (["sig", "diff"], USAGE, "missing"), (["sig", "same", "x"], USAGE, "same"),
    (["call", "CreateBackup", "--as", "curl", "--secret-key", "x"], USAGE, "--secret-id"),
    (["call", "NoAction", "--as", "curl"], REFUSED, "NoAction")])
def test_what_makes_no_sense(ask, virga, words, code, said):
    virga.call("CreateBackup", {"InstanceId": "none"})
    done = ask(*words, code=code)
    assert done.stdout == "" and said in done.stderr, done


# --- the same text as a client --------------------------------------------------------------------------------------


def refuse(virga, **fields):
    """Sends a call whose signature is refused, and returns the canonical request of its client."""
    call = virga.prepare("DescribeRegions", signed_host="elsewhere.example", **fields)
    message = call.message()
    request_id = virga.send(message.to_bytes()).response["RequestId"]
    return request_id, call.canonical_request(message, "")


def test_the_first_byte_that_differs(ask, virga, tmp_path):
    request_id, text = refuse(virga)
    file = tmp_path / "canonical"
    file.write_text(text)
    lines = ask("sig", "diff", str(file), code=NOT_SO).stdout.splitlines()
    assert lines[0] == f"line 5, column 6 (byte {text.index('elsewhere')}) differs"
    mark = lines[2].index("^")
    assert lines[1][mark:].startswith("elsewhere.example\\n") and lines[3][mark:].startswith(f"{virga.host}:{virga.port}\\n")
    virga.call("CreateBackup", {"InstanceId": "none"})  # sig diff takes the last refused signature, not the last refused call
    found = json.loads(ask("sig", "diff", "-", "--json", code=NOT_SO, text=text).stdout)
    assert (found["same"], found["line"], found["column"]) == (False, 5, 6)
    right = text.replace("elsewhere.example", f"{virga.host}:{virga.port}")
    assert "the same, byte for byte" in ask("sig", "diff", "-", request_id, text=right).stdout
    assert "line 8, column 65 " in ask("sig", "diff", "-", request_id, code=NOT_SO, text=right + "\n").stdout


def test_a_token_does_not_differ_and_is_not_shown(ask, virga):
    request_id, text = refuse(virga, secret_id="AKIDtemporary", secret_key="key", token=TOKEN, signed_headers="content-type;host;x-tc-token")
    done = ask("sig", "diff", "-", request_id, code=NOT_SO, text=text)
    assert "line 5, column 6" in done.stdout and "tokenA" not in done.stdout
    right = text.replace("elsewhere.example", f"{virga.host}:{virga.port}")
    assert "the same" in ask("sig", "diff", "-", request_id, text=right).stdout


def test_a_string_to_sign(ask, virga):
    request_id, _ = refuse(virga)
    string = json.loads(ask("why", request_id, "--json").stdout)["string_to_sign"]
    assert "the same" in ask("sig", "diff", "-", request_id, text=string).stdout
    assert "line 2, column 1 " in ask("sig", "diff", "-", request_id, code=NOT_SO, text=string.replace("\n1", "\n9", 1)).stdout


def test_nothing_to_compare_with(ask, virga):
    request_id = virga.call("DescribeRegions").response["RequestId"]
    assert "not known" in ask("sig", "diff", "-", request_id, code=REFUSED, text="x").stderr


# --- programs -------------------------------------------------------------------------------------------------------

PARAMS = {"InstanceId": INSTANCE, "Strategy": 1, "DBNames": ["db1", "db2"], "BackupName": "once_more"}
TCCLI = os.environ.get("VIRGA_TCCLI") or shutil.which("tccli")


def run(client, program, folder):
    if client == "tccli" and not TCCLI:
        pytest.skip("no tccli")
    path = folder / "program"
    path.write_text(program)
    env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    env.update(HOME=str(folder), PATH=f"{os.path.dirname(TCCLI or '')}:{os.environ['PATH']}")
    done = subprocess.run([sys.executable if client == "python" else "sh", str(path)], env=env, capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 0, done
    return json.loads(done.stdout)


def flow_of(answer):
    return answer.get("Response", answer)["FlowId"]


@pytest.mark.parametrize("mode", harness.Call.MODES)
@pytest.mark.parametrize("client", ["curl", "python", "tccli"])
def test_a_rejected_call_again_with_a_right_signature(ask, virga, tmp_path, client, mode):
    """In every form that a call can have, since in some of them a number comes as text."""
    virga.call("CreateBackup", PARAMS, mode=mode, signature="0" * 64)
    assert flow_of(run(client, ask("why", "--as", client).stdout, tmp_path)) > 0


@pytest.mark.parametrize("client", ["curl", "python", "tccli"])
def test_a_call_as_a_program(ask, tmp_path, client):
    words = ["InstanceId=" + INSTANCE, "Strategy=1", "DBNames=db1,db2"]
    assert flow_of(run(client, ask("call", "CreateBackup", *words, "--as", client).stdout, tmp_path)) > 0


def test_every_client_has_its_program(ask, virga):
    virga.call("CreateBackup", PARAMS, signature="0" * 64)
    for client in json.loads((harness.ROOT / "schema" / "clients" / "_clients.json").read_text())["order"]:
        program = ask("why", "--as", client).stdout
        assert harness.SECRET_KEY in program or client == "terraform", client
        assert "0" * 64 not in program


def test_what_a_program_cannot_have(ask, virga):
    virga.call("ResetAccountPassword", {"InstanceId": "none", "Accounts": [{"UserName": "u", "Password": "passwordB-0123"}]})
    done = ask("why", "--as", "curl")
    assert "put them in" in done.stderr and '"***"' in done.stdout and "passwordB" not in done.stdout
    for secret_id in ("AKIDunknown", "AKIDtemporary"):
        virga.call("DescribeRegions", secret_id=secret_id)
        done = ask("why", "--as", "curl")
        assert f"no lasting key for {secret_id}" in done.stderr and harness.SECRET_ID in done.stdout
    virga.call("DescribeRegions", "{")
    assert "cannot be read" in ask("why", "--as", "curl", code=REFUSED).stderr
