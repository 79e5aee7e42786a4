"""Builds and runs a client program of an official SDK, and checks the lines that it prints.

A program reads the endpoint and the credential from a JSON file and prints one JSON line for each step. What a step must have found is
written here, once for all languages, so that a client that checks nothing cannot pass.
"""
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import urllib.parse

import harness
import pytest

HERE = pathlib.Path(__file__).resolve().parent
BUILD_SECONDS = 600  # cold caches: every dependency is fetched and compiled
RUN_SECONDS = 120
REGION = "ap-guangzhou"
DATABASES = ["db1", "db2"]
UNKNOWN = "mssql-nosuchin"
SETTINGS = 22  # fields of a database in the answer of DescribeDBsNormal
INSTANCES = 12  # more than any program backs up
# Each has its own account, because the rate limit is per credential and a busy instance refuses a second backup.
SUITES = ("gotyped", "gocore", "nodejs", "java")

NOT_FOUND = "ResourceNotFound.InstanceNotFound"
SIGNATURE = "AuthFailure.SignatureFailure"
LIMITED = "RequestLimitExceeded"
TEXTS = {
    (NOT_FOUND, "en"): "The instance does not exist.",
    (NOT_FOUND, "zh"): "实例不存在。",
    (SIGNATURE, "en"): "The provided credentials could not be validated. Please check your signature is correct.",
    (SIGNATURE, "zh"): "请求签名验证失败，请检查您的签名计算是否正确。",
}
LIMIT_TEXT = re.compile(
    r"Your current request times equals to `(\d+)` in a second, which exceeds the frequency limit `20` for a second\. "
    r"Please reduce the frequency of calls\.")
REQUEST_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


# --- the world ------------------------------------------------------------------------------------------------------


def identity(name):
    """The credentials and instances of a suite's account."""
    number = SUITES.index(name) + 1
    return {
        "secret_id": f"AKIDsuite{number}00000000000000000000000", "secret_key": f"suite{number}SecretKeyOfTheSdkTests0000",
        "burst_id": f"AKIDburst{number}00000000000000000000000", "burst_key": f"burst{number}SecretKeyOfTheSdkTests0000",
        "instances": [f"mssql-sdk{number}a{i:03}" for i in range(INSTANCES)],
    }


def world():
    """The world file of the server that all suites share."""
    return {"version": 1, "accounts": [_account(name) for name in SUITES]}


def _account(name):
    mine = identity(name)
    instances = [{"instance_id": i, "name": name, "databases": [{"name": d} for d in DATABASES]} for i in mine["instances"]]
    return {
        "uin": f"10000000000{SUITES.index(name) + 1}",
        "credentials": [{"secret_id": mine["secret_id"], "secret_key": mine["secret_key"]},
                        {"secret_id": mine["burst_id"], "secret_key": mine["burst_key"]}],
        "regions": [{"region": REGION, "instances": instances}],
    }


# --- the server -----------------------------------------------------------------------------------------------------

SCHEMES = ("http", "https")


class Served(harness.Virga):
    """A server whose endpoint, for the clients, is that of the scheme. The calls of the harness still use the plain port."""

    def __init__(self, scheme, *options, **more):
        super().__init__(*options, **more)
        self.scheme = scheme
        if scheme == "https":
            self.command += ["--tls-port", "0", "--ca-dir", str(self.directory / "ca")]

    def start(self):
        super().start()
        if self.scheme == "https":
            self.endpoint = self.endpoints["tls_endpoint"]
        return self

    @property
    def address(self):
        return urllib.parse.urlsplit(self.endpoint).netloc


# --- building and running -------------------------------------------------------------------------------------------


def need(*tools):
    """Skips the test without this tool. In CI it fails, since there the tool must be installed."""
    for tool in tools:
        if shutil.which(tool) is None:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{tool} is not installed")


def build_root():
    return pathlib.Path(os.environ.get("VIRGA_TEST_BUILD") or HERE.parent.parent / "build" / "sdk")


@contextlib.contextmanager
def locked(path):
    """Makes a second test process wait that would build in the same folder."""
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build(name, sources, tool, make):
    """Calls `make(directory)`, unless it has already built the same sources with the same tool. Returns the directory."""
    directory = build_root() / name
    directory.mkdir(parents=True, exist_ok=True)
    with locked(build_root() / f"{name}.lock"):
        digest = hashlib.sha256(subprocess.run(tool, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True).stdout)
        for source in sorted(sources):
            digest.update(source.name.encode() + source.read_bytes())
        stamp = directory / "stamp"
        if not stamp.exists() or stamp.read_text() != digest.hexdigest():
            stamp.unlink(missing_ok=True)
            make(directory)
            stamp.write_text(digest.hexdigest())
    return directory


def execute(command, cwd):
    """Runs one command of a build. Its output is shown only when it fails."""
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", timeout=BUILD_SECONDS)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}"


def configuration(virga, name):
    url = urllib.parse.urlsplit(virga.endpoint)
    return {"scheme": url.scheme, "endpoint": url.netloc, "region": REGION, "databases": DATABASES, "unknown": UNKNOWN,
            "backup_name": f"{name}_", "poll_ms": 200, "poll_limit_seconds": 20, **identity(name)}


def ca_file(virga):
    """The certificate to trust when the endpoint is https, else None."""
    return virga.endpoints.get("ca_file")


def run(virga, name, command, ca_variable=None):
    """Runs a program to its end. Returns {step: facts}, and under None what it wrote on stderr. `ca_variable` is the environment
    variable that names a further certificate authority for its runtime."""
    config = virga.directory / f"{name}.json"
    config.write_text(json.dumps(configuration(virga, name)))
    # Two of the SDKs would use a proxy of the environment for an address on this machine.
    env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    if ca_variable and ca_file(virga):
        env[ca_variable] = ca_file(virga)
    done = subprocess.run([*command, str(config)], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=RUN_SECONDS)
    complaint = done.stderr.decode(errors="replace")
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{complaint}"
    printed = {None: complaint}
    for line in done.stdout.decode().splitlines():
        facts = json.loads(line)
        printed[facts["step"]] = facts
    return printed


# --- judging --------------------------------------------------------------------------------------------------------


def check(printed, step, default_language):
    """Fails unless the program has run the step and has found what a client of the real service finds."""
    assert step in printed, f"the program has no step {step}; it has {sorted(k for k in printed if k)}\n{printed[None]}"
    facts = printed[step]
    assert facts["ok"], f"{step}: {facts.get('error')}\n{printed[None]}"
    kind, _, detail = step.partition(".")
    if kind == "create":
        check_create(facts)
    elif step == "flow.done":
        assert facts["statuses"][0] == 2 and facts["statuses"][-1] == 0, facts
    elif step == "databases.settings":
        check_settings(facts)
    elif step == "databases.remark":
        assert facts["remarks"] == {name: f"remark of {name}" for name in DATABASES}, facts
        assert REQUEST_ID.fullmatch(facts["request_id"]), facts
    elif step == "instance":
        check_instance(facts)
    elif step == "limit.refused":
        check_limit(facts)
    elif step == "limit.retried":
        assert facts.get("waits", 0) > 0 or facts.get("waited_ms", 0) > 0, facts
    else:
        language = {"default": default_language, "v1": "en"}.get(detail, detail)
        check_error(facts, {"not_found": NOT_FOUND, "signature": SIGNATURE}[kind], language)


def check_create(facts):
    assert isinstance(facts["flow_id"], int) and facts["flow_id"] > 0, facts
    assert facts["status"] in (0, 2), facts
    assert REQUEST_ID.fullmatch(facts["request_id"]), facts


def check_settings(facts):
    """All fields are present, and each is a text: programs would dereference the nil of a null."""
    assert facts["total"] == len(DATABASES) and sorted(d["Name"] for d in facts["databases"]) == DATABASES, facts
    for database in facts["databases"]:
        assert len(database) == SETTINGS and all(isinstance(value, str) for value in database.values()), facts
        assert database["IsEncrypted"] == "0" and database["StateDesc"] == "ONLINE", facts


def check_instance(facts):
    """An instance from its purchase to its end: what each call made is what the next one shows."""
    assert facts["status"] == 2 and len(facts["tags"]) == 1 and list(facts["tags"]) == ["made by"], facts
    assert facts["privilege"] == ["app", "shop", "ReadOnly"] and facts["backups"] == 1, facts
    assert sorted(facts["databases"]) == ["shop", "shop_back", "shop_copy"], facts
    assert (facts["isolated"], facts["deleted"]) == (4, 8), facts


def check_error(facts, code, language):
    assert (facts["code"], facts["message"]) == (code, TEXTS[code, language]), facts
    assert REQUEST_ID.fullmatch(facts["request_id"]), facts


def check_limit(facts):
    """The 21st call of a second is the first to be refused. The number is larger where several calls are in flight."""
    number = LIMIT_TEXT.fullmatch(facts["message"])
    assert facts["code"] == LIMITED and number, facts
    assert 21 <= int(number[1]) <= facts["calls"], facts
