"""The programs that `virga env --client`, `virga why --as` and the console print run unchanged and get a FlowId, with each client that is
installed."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.request

import pytest
import suite
import test_java
import test_node

TCCLI = os.environ.get("VIRGA_TCCLI") or shutil.which("tccli")
FLOW = re.compile(r'"FlowId": ?[1-9]\d*')


# Every kind of value that a program must be able to contain.
CALL = {"InstanceId": "mssql-njj2mtpl", "Strategy": 1, "DBNames": ["db1", "db2"], "BackupName": "from_the_console"}
# Characters that end a text, or have a meaning in one, in some language.
ODD = {"InstanceId": "mssql-njj2mtpl", "Tags": [{"TagKey": """'"`$x${x}#{x}\\n\\\\%s{endpoint})json" R"json(""", "TagValue": "备份\u202e"}]}
STUB = suite.HERE / "stub"


def from_env(virga, client):
    command = [virga.binary, "env", "--client", client, "--endpoints-file", str(virga.endpoints_file), "--lang", "en"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=suite.RUN_SECONDS)
    assert done.returncode == 0, done.stderr
    return done.stdout


def from_console(virga, client, params=CALL):
    ask = {"client": client, "action": "CreateBackup", "params": json.dumps(params), "region": "ap-guangzhou", "lang": "zh"}
    request = urllib.request.Request(f"{virga.endpoint}/_virga/snippet", json.dumps(ask).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=suite.RUN_SECONDS) as answer:
        return json.load(answer)["text"]


def from_why(virga, client):
    """The program for a call whose signature was refused."""
    virga.call("CreateBackup", CALL, signature="0" * 64)
    command = [virga.binary, "why", "--as", client, "--endpoints-file", str(virga.endpoints_file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=suite.RUN_SECONDS)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(params=[from_env, from_console, from_why])
def program(virga, tmp_path, request):
    """Writes the program into a file, as a user would, and returns the file."""
    def write(client, file):
        path = tmp_path / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(request.param(virga, client))
        return path

    return write


def run(command, cwd, **env):
    clean = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    done = subprocess.run([str(word) for word in command], cwd=cwd, env={**clean, **env}, capture_output=True, text=True,
                          errors="replace", timeout=suite.RUN_SECONDS)
    assert done.returncode == 0, done.stderr
    assert FLOW.search(done.stdout), (done.stdout, done.stderr)


def test_curl(program, tmp_path):
    suite.need("curl", "openssl")
    run(["sh", program("curl", "call.sh")], tmp_path)


def test_python(program, tmp_path):
    run([sys.executable, program("python", "call.py")], tmp_path)


@pytest.mark.skipif(not TCCLI, reason="no tccli")
def test_tccli(program, tmp_path):
    folder = str(pathlib.Path(TCCLI).parent)
    run(["sh", program("tccli", "call.sh")], tmp_path, HOME=str(tmp_path), PATH=f"{folder}:{os.environ['PATH']}")


@pytest.mark.skipif(not TCCLI, reason="no tccli")
def test_tccli_over_tls(tmp_path):
    """Does what the comment about TLS says, word for word."""
    with suite.Served("https", "--limit", "off", "--flow-seconds", "backup=0") as virga:
        command = [virga.binary, "env", "--client", "tccli", "--endpoints-file", str(virga.endpoints_file), "--lang", "en"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        (line,) = [line for line in text.splitlines() if line.startswith("# Over TLS: ")]
        flag, prepare, start = re.findall("`([^`]+)`", line)
        program = re.sub("--endpoint [^ ]+", flag, text).replace("\ntccli ", f"\n{prepare}\n{start.removesuffix('...')}")
        (tmp_path / "call.sh").write_text(program)
        folder = str(pathlib.Path(TCCLI).parent)
        run(["sh", "call.sh"], tmp_path, HOME=str(tmp_path), PATH=f"{folder}:{os.environ['PATH']}")


def test_go(program, tmp_path):
    """Uses the modules of the typed suite, since the program imports the same packages."""
    suite.need("go")
    main = program("go", "typed/main.go")
    for name in ("typed/go.mod", "typed/go.sum", "steps"):
        source = suite.HERE / "go" / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    suite.execute(["go", "build", "-buildvcs=false", "-o", "call", "."], main.parent)
    run([main.parent / "call"], tmp_path)


def test_node_js(program, tmp_path):
    suite.need("node", "npm")
    installed = suite.build("node", test_node.FILES, ["node", "--version"], test_node.make)
    (tmp_path / "node_modules").symlink_to(installed / "node_modules")
    run(["node", program("node", "call.js")], tmp_path)


def test_java_source(program, tmp_path):
    suite.need("javac", "mvn")
    built = suite.build("java", list(test_java.JAVA.iterdir()), ["javac", "-version"], test_java.make)
    run(["java", "-XX:TieredStopAtLevel=1", "-cp", built / "lib" / "*", program("java", "Call.java")], tmp_path)


# --- clients whose registries are not among those that the tests use ------------------------------------------------


def check_parameters(virga, tmp_path, client, file, command, **env):
    """With a stub of the SDK the program parses, runs, and passes its parameters on unchanged."""
    program = tmp_path / file
    program.write_text(from_console(virga, client, ODD))
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, env={**os.environ, **env}, capture_output=True, text=True,
                          timeout=suite.RUN_SECONDS)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ODD


def test_php_with_a_stub(virga, tmp_path):
    suite.need("php")
    (tmp_path / "vendor").mkdir()
    shutil.copy(STUB / "autoload.php", tmp_path / "vendor")
    check_parameters(virga, tmp_path, "php", "call.php", "php -l call.php >/dev/null && php -d error_reporting=-1 call.php")


def test_ruby_with_a_stub(virga, tmp_path):
    suite.need("ruby")
    check_parameters(virga, tmp_path, "ruby", "call.rb", "ruby -w -c call.rb >/dev/null && ruby call.rb", RUBYLIB=str(STUB))


def test_cpp_with_a_stub(virga, tmp_path):
    suite.need("clang++")
    check_parameters(virga, tmp_path, "cpp", "call.cpp", f"clang++ -std=c++11 -Wall -Werror -I '{STUB}' call.cpp -o call && ./call")
