"""The script that installs virga for a job of continuous integration, run as GitHub, GitLab and Jenkins run it."""
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile

import pytest

import harness

ACTION = harness.ROOT / "packaging/action"
PROGRAM = os.environ.get("VIRGA_RELEASE_BIN") or harness.binary()
VERSION = "9.8.7"
NAME = f"virga-{VERSION}-linux-{os.uname().machine}"


class Job:
    """A job with folders of its own, and a release whose archive has the program under test."""

    def __init__(self, folder):
        self.folder, self.release, self.dir = folder, folder / "release", folder / "cache"
        self.release.mkdir()
        with tarfile.open(self.release / f"{NAME}.tar.gz", "w:gz", compresslevel=1) as tar:
            tar.add(PROGRAM, f"{NAME}/bin/virga")
        self.write_sum(hashlib.sha256((self.release / f"{NAME}.tar.gz").read_bytes()).hexdigest())
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("VIRGA_", "GITHUB_"))}
        self.env = {**clean, "VIRGA_VERSION": VERSION, "VIRGA_DOWNLOAD": self.release.as_uri(), "VIRGA_DIR": str(self.dir)}

    def write_sum(self, value):
        (self.release / "SHA256SUMS").write_text(f"{'0' * 64}  another.tar.gz\n{value}  {NAME}.tar.gz\n")

    def setup(self, **env):
        return subprocess.run(["sh", ACTION / "setup.sh"], env={**self.env, **env}, capture_output=True, text=True, timeout=60)

    def stop(self):
        for file in self.dir.glob("endpoints.json"):
            os.kill(json.loads(file.read_text())["pid"], signal.SIGTERM)


@pytest.fixture
def job(tmp_path):
    job = Job(tmp_path)
    yield job
    job.stop()


def test_a_shell_finds_the_program(job):
    assert job.setup().returncode == 0
    found = subprocess.run(["sh", "-c", f'. "{job.dir}/env"; command -v virga'], env=job.env, capture_output=True, text=True).stdout
    assert found == f"{job.dir}/{NAME}/bin/virga\n"


def test_a_second_job_downloads_nothing(job):
    assert job.setup().returncode == 0
    shutil.rmtree(job.release)
    assert job.setup().returncode == 0


def test_an_archive_with_another_sum_is_rejected(job):
    job.write_sum("0" * 64)
    run = job.setup()
    assert run.returncode == 1 and "does not have the sum" in run.stderr
    assert list(job.dir.iterdir()) == []


def test_an_archive_without_a_sum_is_rejected(job):
    (job.release / "SHA256SUMS").write_text("")
    run = job.setup()
    assert run.returncode == 1 and f"does not name {NAME}.tar.gz" in run.stderr


def test_a_release_that_is_absent_is_named(job):
    shutil.rmtree(job.release)
    run = job.setup()
    assert run.returncode == 1 and f"{NAME}.tar.gz cannot be downloaded" in run.stderr


def test_later_steps_of_github_find_the_server(job):
    files = {name: job.folder / name for name in ("GITHUB_PATH", "GITHUB_ENV", "GITHUB_OUTPUT")}
    run = job.setup(VIRGA_START="true", VIRGA_SEED="1", **{name: str(path) for name, path in files.items()})
    assert run.returncode == 0, run.stderr
    assert files["GITHUB_PATH"].read_text() == f"{job.dir}/{NAME}/bin\n"
    assert files["GITHUB_OUTPUT"].read_text() == files["GITHUB_ENV"].read_text()
    variables = dict(line.split("=", 1) for line in files["GITHUB_ENV"].read_text().splitlines())
    assert variables["TENCENTCLOUD_SECRET_ID"] == harness.SECRET_ID
    assert variables["VIRGA_CONTROL"].startswith(variables["VIRGA_ENDPOINT"])
    step = {**os.environ, **variables, "PATH": f"{job.dir}/{NAME}/bin:{os.environ['PATH']}"}
    made = subprocess.run(["virga", "call", "CreateBackup", "InstanceId=mssql-njj2mtpl"], env=step, capture_output=True, text=True)
    assert '"FlowId":5293' in made.stdout.replace(" ", ""), made.stderr  # the seed reached the server


def test_a_shell_reads_the_variables_of_the_server(job):
    assert job.setup(VIRGA_START="true").returncode == 0
    run = subprocess.run(["sh", "-c", f'. "{job.dir}/env"; virga health && echo "$TENCENTCLOUD_REGION"'], env=job.env,
                         capture_output=True, text=True)
    assert run.returncode == 0 and run.stdout.endswith(harness.REGION + "\n")


def test_the_version_is_that_of_the_checkout(job):
    version = re.search(r"^  version: '(.*)'", (harness.ROOT / "meson.build").read_text(), re.M).group(1)
    env = {name: value for name, value in job.env.items() if name != "VIRGA_VERSION"}
    shown = subprocess.run(["sh", ACTION / "setup.sh", "--version"], env=env, capture_output=True, text=True).stdout
    assert shown == version + "\n"


# --- what calls it --------------------------------------------------------------------------------------------------


def test_the_action_uses_what_it_declares():
    text = (ACTION / "action.yml").read_text()
    declared = re.findall(r"^  (\w+):$", text.partition("inputs:")[2].partition("outputs:")[0], re.M)
    assert sorted(declared) == sorted(set(re.findall(r"inputs\.(\w+)", text))) == ["download", "start", "version"]
    steps = set(re.findall(r"^    - id: (\w+)", text, re.M))
    assert set(re.findall(r"steps\.(\w+)\.", text)) == steps == {"version", "setup"}


@pytest.mark.parametrize("name", ["action.yml", "gitlab-ci.yml", "Jenkinsfile", "setup.sh"])
def test_every_variable_is_one_of_the_script(name):
    documented = set(re.findall(r"^#   (VIRGA_\w+)", (ACTION / "setup.sh").read_text(), re.M))
    served = {"VIRGA_SEED", "VIRGA_MEMORY", "VIRGA_PORT", "VIRGA_ENDPOINTS_FILE", "VIRGA_ENDPOINT", "VIRGA_CONTROL"}
    assert set(re.findall(r"VIRGA_\w+", (ACTION / name).read_text())) <= documented | served


def gitlab_script():
    return "\n".join(re.findall(r"^    - (.*)", (ACTION / "gitlab-ci.yml").read_text().partition("script:")[2], re.M))


def jenkins_script():
    return (ACTION / "Jenkinsfile").read_text().split("'''")[1]


@pytest.mark.parametrize("script, command", [(gitlab_script, "pytest"), (jenkins_script, "mvn")], ids=["gitlab", "jenkins"])
def test_the_script_of_the_job_gives_the_tests_a_server(job, script, command):
    """The checkout has a copy of setup.sh, and the command of the tests is one that shows what it was given."""
    checkout, tools = job.folder / "checkout", job.folder / "tools"
    (checkout / "ci").mkdir(parents=True)
    shutil.copy(ACTION / "setup.sh", checkout / "ci/virga.sh")
    tools.mkdir()
    (tools / command).write_text('#!/bin/sh\nvirga health >/dev/null && echo "tests at $VIRGA_ENDPOINT"\n')
    (tools / command).chmod(0o755)
    run = subprocess.run(["sh", "-ec", script()], cwd=checkout, env={**job.env, "PATH": f"{tools}:{job.env['PATH']}"},
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert re.search(r"^tests at http://127\.0\.0\.1:\d+$", run.stdout, re.M)
