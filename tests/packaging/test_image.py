"""The container image: its layout, and a server in it, unpacked and run as a container runs it, but in a chroot."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request

import pytest

import harness

IMAGE = harness.ROOT / "packaging/image"
TOKEN = "a-token-of-this-test"
PROGRAM = os.environ.get("VIRGA_RELEASE_BIN") or harness.binary()


def make(out, *more):
    """The archive of the program, or, with more programs, the one of all."""
    subprocess.run([sys.executable, IMAGE / "archive.py", "--out", out, PROGRAM, *more], check=True,
                   env={**os.environ, "SOURCE_DATE_EPOCH": "86400"}, capture_output=True)
    return min(out.glob("virga-image-*.tar"), key=lambda path: len(path.name))


class Image:
    """An archive, unpacked."""

    def __init__(self, archive, folder):
        with tarfile.open(archive) as tar:
            tar.extractall(folder)
        self.archive, self.folder = archive, folder
        self.manifest = self.json(self.json("index.json")["manifests"][0])
        self.config = self.json(self.manifest["config"])["config"]

    def json(self, where):
        """The document of a file, or of a descriptor."""
        name = where if isinstance(where, str) else "blobs/" + where["digest"].replace(":", "/")
        return json.loads((self.folder / name).read_bytes())


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    folder = tmp_path_factory.mktemp("image")
    return Image(make(folder / "out"), folder / "unpacked")


def needs(*tools):
    """Skips the test where a tool is absent, but not in CI, where tools/test installs it."""
    absent = [tool for tool in tools if not shutil.which(tool)]
    return pytest.mark.skipif(bool(absent) and os.environ.get("CI") != "true", reason=f"absent: {', '.join(absent)}")


def test_every_blob_has_its_hash(image):
    blobs = list((image.folder / "blobs/sha256").iterdir())
    assert len(blobs) == 3 and all(hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name for blob in blobs)


def test_the_same_program_gives_the_same_bytes(image, tmp_path):
    assert make(tmp_path).read_bytes() == image.archive.read_bytes()


@needs("skopeo")
def test_two_programs_make_an_index(tmp_path):
    """The second program is the first with the number of another machine in its header."""
    content = pathlib.Path(PROGRAM).read_bytes()
    other = bytes([62 if content[18] == 183 else 183])
    (tmp_path / "other").write_bytes(content[:18] + other + content[19:])
    archive = make(tmp_path / "out", tmp_path / "other")
    for machine in ("amd64", "arm64"):
        shown = subprocess.run(["skopeo", "inspect", "--override-arch", machine, f"oci-archive:{archive}"], capture_output=True,
                               text=True)
        assert shown.returncode == 0, shown.stderr
        assert json.loads(shown.stdout)["Architecture"] == machine


def test_docker_reads_the_same_blobs(image):
    docker = image.json("manifest.json")[0]
    assert docker["Config"].rpartition("/")[2] in image.manifest["config"]["digest"]
    assert [name.rpartition("/")[2] for name in docker["Layers"]] == [part["digest"][7:] for part in image.manifest["layers"]]


def test_the_dockerfile_says_the_same(image):
    lines = re.sub(r" (?=--)", "\n", (IMAGE / "Dockerfile").read_text()).splitlines()
    word = {line.split(" ", 1)[0]: line.split(" ", 1)[1] for line in lines if re.match(r"[A-Z]+ ", line)}
    config = image.config
    assert (word["USER"], word["WORKDIR"], word["STOPSIGNAL"]) == (config["User"], config["WorkingDir"], config["StopSignal"])
    assert word["ENV"].split() == config["Env"]
    assert [json.loads(word[name]) for name in ("ENTRYPOINT", "CMD")] == [config["Entrypoint"], config["Cmd"]]
    assert {word["VOLUME"]: {}} == config["Volumes"] and {word["EXPOSE"] + "/tcp": {}} == config["ExposedPorts"]
    text, health = (IMAGE / "Dockerfile").read_text(), config["Healthcheck"]
    assert ["CMD", *json.loads(re.search(r"^HEALTHCHECK .* CMD (\[.*\])$", text, re.M).group(1))] == health["Test"]
    seconds = {name: int(value) for name, value in re.findall(r"--(interval|timeout|start-period)=(\d+)s", text)}
    assert seconds == {"interval": health["Interval"] // 10**9, "timeout": health["Timeout"] // 10**9,
                       "start-period": health["StartPeriod"] // 10**9}


@needs("skopeo", "umoci")
def test_other_tools_read_the_archive(image, tmp_path):
    shown = subprocess.run(["skopeo", "inspect", "--config", f"oci-archive:{image.archive}"], capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["config"]["User"] == "65532:65532"
    subprocess.run(["skopeo", "copy", "--quiet", f"docker-archive:{image.archive}", f"oci:{tmp_path}/layout:one"], check=True)
    subprocess.run(["umoci", "unpack", "--rootless", "--image", f"{tmp_path}/layout:one", tmp_path / "bundle"], check=True,
                   capture_output=True)
    assert (tmp_path / "bundle/rootfs/usr/bin/virga").read_bytes() == pathlib.Path(PROGRAM).read_bytes()


# --- a container ----------------------------------------------------------------------------------------------------


class Container:
    """The root of an image and what its configuration says, run by chroot. It listens on loopback and a free port."""

    def __init__(self, image, root):
        self.root, self.config, self.processes = root, image.config, []
        root.chmod(0o755)
        with tarfile.open(image.folder / "blobs" / image.manifest["layers"][0]["digest"].replace(":", "/")) as tar:
            tar.extractall(root, numeric_owner=True)
        self.add_libraries()
        self.env = dict(pair.split("=", 1) for pair in self.config["Env"])
        self.env.update(VIRGA_PORT="0", VIRGA_CONTROL_TOKEN=TOKEN)

    def add_libraries(self):
        """The program of a test is not static, as that of a release is, and loads libcurl when it is a client."""
        def listed(*command):
            return subprocess.run(command, capture_output=True, text=True).stdout
        paths = re.findall(r"(/\S+) \(0x", listed("ldd", PROGRAM))
        if paths:
            curl = re.search(r"libcurl-gnutls\.so\.4 .* => (\S+)", listed("/sbin/ldconfig", "-p")).group(1)
            paths += [curl, *re.findall(r"(/\S+) \(0x", listed("ldd", curl))]
        for path in paths:
            target = self.root / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)

    def enter(self):
        os.chroot(self.root)
        os.chdir(self.config["WorkingDir"])
        user, group = map(int, self.config["User"].split(":"))
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)

    def popen(self, command):
        process = subprocess.Popen(command, env=self.env, preexec_fn=self.enter, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.processes.append(process)
        return process

    def end(self):
        """Ends what still runs, as after a test that failed."""
        for process in self.processes:
            process.kill()
            process.communicate()

    def run(self, *arguments):
        process = self.popen([*self.config["Entrypoint"], *arguments])
        out, err = process.communicate(timeout=harness.READY_SECONDS)
        return process.returncode, out + err

    def serve(self):
        process = self.popen(self.config["Entrypoint"] + self.config["Cmd"])
        lines = iter(process.stdout.readline, "")
        assert "Ready.\n" in lines, process.stderr.read()
        return process

    def port(self):
        state = self.root / self.config["WorkingDir"].lstrip("/")
        return int(json.loads((state / "endpoints.json").read_text())["endpoint"].rpartition(":")[2])


@pytest.fixture(scope="module")
def container(image, tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("chroot needs root")
    container = Container(image, tmp_path_factory.mktemp("root"))
    yield container
    container.end()


def status(port, path, token=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"X-Virga-Token": token} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=harness.ANSWER_SECONDS) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_container_serves_and_keeps_its_state(container):
    server = container.serve()
    assert container.run(*container.config["Healthcheck"]["Test"][2:])[0] == 0
    port = container.port()
    assert status(port, "/_virga/info") == 403 and status(port, "/_virga/info", TOKEN) == 200
    code, out = container.run("call", "CreateBackup", "InstanceId=mssql-njj2mtpl")
    assert code == 0, out
    flow = re.search(r'"FlowId": *(\d+)', out).group(1)
    server.terminate()
    assert server.wait(timeout=harness.READY_SECONDS) == 0
    assert container.run(*container.config["Healthcheck"]["Test"][2:])[0] == 9

    server = container.serve()
    code, out = container.run("call", "DescribeFlowStatus", f"FlowId={flow}")
    server.terminate()
    assert server.wait(timeout=harness.READY_SECONDS) == 0
    assert code == 0, out
