#!/usr/bin/env python3
"""Records the calls that the real provider makes for each object, in calls.json.

    record.py PROVIDER [OBJECT...]     PROVIDER: the folder with terraform-provider-tencentcloud

terraform is on the PATH, VIRGA_BIN names the server. An object is applied, planned, changed, planned and destroyed.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]
import harness  # noqa: E402
import objects  # noqa: E402
import recorded  # noqa: E402
from control import done  # noqa: E402

SECONDS = 300  # of one command of Terraform
SEEN = "upgrade=3"  # the provider waits until it has seen an upgrade run
NO_ID = ("start_backup_incremental_migration",)  # the provider sets an empty id, which is no resource for Terraform
UNCHANGED, CHANGED = 0, 2  # exit codes of plan


def response(entry):
    """The response of a call, or nothing of one that is longer than what the journal keeps."""
    try:
        return json.loads(entry["answer"])["Response"]
    except ValueError:
        return {}


class Object:
    """One object in a folder of its own, with an account of its own."""

    def __init__(self, virga, folder, kind, name, account, given):
        self.virga, self.folder, self.kind, self.name, self.account = virga, folder, kind, name, account
        self.given, self.calls, self.since = given, [], None
        self.env = {"PATH": os.environ["PATH"], "HOME": str(folder), "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": str(folder / "rc"),
                    "HTTP_PROXY": virga.endpoint, "NO_PROXY": "none"}

    def write(self, attributes):
        provider = {"secret_id": self.account["secret_id"], "secret_key": self.account["secret_key"], "region": harness.REGION,
                    "protocol": "HTTP", "domain": f"localhost:{self.virga.port}"}
        block = {"terraform": {"required_providers": {"tencentcloud": {"source": "tencentcloudstack/tencentcloud"}}},
                 "provider": {"tencentcloud": provider}, self.kind: {f"tencentcloud_sqlserver_{self.name}": {"it": attributes}}}
        (self.folder / "main.tf.json").write_text(json.dumps(block))

    def terraform(self, *words, codes=(0,)):
        ended = subprocess.run(["terraform", *words, "-no-color", "-input=false", "-lock=false"], cwd=self.folder, env=self.env,
                               capture_output=True, text=True, timeout=SECONDS)
        if ended.returncode not in codes:
            raise RuntimeError(f"{self.name}: terraform {words[0]} ended with {ended.returncode}\n{ended.stdout[-1500:]}{ended.stderr}")
        return ended.returncode

    def take(self, phase):
        """The calls since the last one that was taken."""
        query = f"requests?secret_id={self.account['secret_id']}&limit=1000" + (f"&since={self.since}" if self.since else "")
        for entry in done(self.virga, "GET", f"/_virga/{query}")["requests"]:
            self.since = entry["request_id"]
            self.calls.append({"phase": phase, "product": entry["product"], "action": entry["action"], "params": entry["params"],
                               "code": entry["code"], "answer": response(entry)})

    def record(self, change):
        notes = []
        self.take("before")
        self.write(self.given)
        if self.terraform("apply", "-auto-approve", codes=(0, 1) if self.name in NO_ID else (0,)) == 1:
            notes.append("the provider loses the resource")
        self.take("create")
        if self.terraform("plan", "-detailed-exitcode", codes=(UNCHANGED, CHANGED)) == CHANGED:
            notes.append("a plan after create has changes")
        self.take("read")
        if change:
            self.write({**self.given, **change})
            self.terraform("apply", "-auto-approve")
            self.take("update")
            if self.terraform("plan", "-detailed-exitcode", codes=(UNCHANGED, CHANGED)) == CHANGED:
                notes.append("a plan after update has changes")
            self.take("reread")
        if self.kind == "resource":
            self.terraform("destroy", "-auto-approve")
            self.take("delete")
        return notes


def record(virga, kind, name, provider):
    attributes, *rest = (objects.RESOURCES if kind == "resource" else objects.SOURCES)[name]
    change, before = (rest[0], rest[1:]) if kind == "resource" else (None, rest)
    account = done(virga, "POST", "/_virga/accounts", {"world": objects.WORLD})
    key = {"secret_id": account["secret_id"], "secret_key": account["secret_key"]}
    given = recorded.filled(attributes, recorded.before(virga, key, before))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "rc").write_text(f'provider_installation {{\n dev_overrides {{\n "tencentcloudstack/tencentcloud" = "{provider}"\n }}\n}}\n')
        one = Object(virga, folder, kind, name, account, given)
        notes = one.record(change)
    return notes, recorded.pack(one.calls, [attributes, change or {}, objects.WORLD], attributes,
                                {**attributes, **(change or {})})


def main():
    provider, *names = sys.argv[1:]
    path = pathlib.Path(os.environ.get("VIRGA_RECORDED") or HERE / "calls.json")
    known = json.loads(path.read_text()) if path.exists() else {}
    todo = [(k, n) for k, table in (("resource", objects.RESOURCES), ("data", objects.SOURCES)) for n in table
            if f"{k}.{n}" in names or (not names and f"{k}.{n}" not in known)]
    with harness.Virga("--seed", "1", "--limit", "off", "--quiet", *recorded.AT_ONCE, "--flow-seconds", SEEN) as virga:
        for kind, name in todo:
            try:
                notes, calls = record(virga, kind, name, os.path.abspath(provider))
            except (RuntimeError, AssertionError, subprocess.TimeoutExpired) as error:
                print(f"{kind}.{name} FAILED: {str(error)[:1500]}", flush=True)
                continue
            known[f"{kind}.{name}"] = {"notes": notes, "calls": calls}
            print(f"{kind}.{name}: {len(calls)} calls {notes}", flush=True)
            recorded.write(path, known)


if __name__ == "__main__":
    main()
