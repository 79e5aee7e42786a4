"""`virga reset` and `virga state`: back to the beginning, or to a saved state."""
import json
import stat

import command
import control
import harness
import pytest
from command import REFUSED, USAGE

BACKUP = ["call", "CreateBackup", "InstanceId=mssql-njj2mtpl"]


@pytest.fixture
def server():
    with harness.Virga("--seed", "1", "--flow-seconds", "backup=manual", "--quiet") as server:
        yield server


@pytest.fixture
def ask(server):
    return command.of(server)


def flow(ask):
    return json.loads(ask(*BACKUP).stdout)["Response"]["FlowId"]


# --- reset ----------------------------------------------------------------------------------------------------------


def test_reset_says_what_is_gone(ask):
    first = flow(ask)
    ask("faults", "add", "--code", "InternalError")
    assert ask("reset").stdout == "removed: flows 1, backups 1, limiter 1, faults 1, journal 1\n"
    assert ask("reset").stdout == "removed: nothing\n"
    assert flow(ask) == first, "a seeded world gives the ids of its start again"


def test_reset_of_a_part(ask):
    flow(ask)
    ask("faults", "add", "--code", "InternalError")
    assert ask("reset", "--scope", "faults,limiter").stdout == "removed: limiter 1, faults 1\n"
    assert json.loads(ask("reset", "--scope", "journal", "--json").stdout)["removed"]["journal"] == 1
    # A forgotten variable must not turn a whole reset into a partial one.
    assert ask("reset", VIRGA_SCOPE="faults").stdout == "removed: flows 1, backups 1\n"


def test_reset_of_an_account(server, ask):
    made = control.done(server, "POST", "/_virga/accounts", {})
    own = ["--secret-id", made["secret_id"], "--secret-key", made["secret_key"]]
    flow(ask)
    ask(*BACKUP, *own)
    assert ask("reset", "--account", made["uin"], "--scope", "flows,backups").stdout == "removed: flows 1, backups 1\n"
    assert json.loads(ask("requests", "--json").stdout)["total"] == 2


@pytest.mark.parametrize("words, code, said", [(["--scope", "flow"], REFUSED, "there is no scope flow"), (["all"], USAGE, "all is not"),
                                               (["--account", "7"], REFUSED, "account")])
def test_reset_refuses(ask, words, code, said):
    assert said in ask("reset", *words, code=code).stderr


# --- state ----------------------------------------------------------------------------------------------------------


def test_what_was_saved_comes_back(ask, tmp_path):
    file = tmp_path / "state.json"
    number = flow(ask)
    assert ask("state", "save", str(file)).stdout == ""
    assert json.loads(ask("state", "save", str(file), "--json").stdout) == {"saved": str(file)}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600, "secret keys may be in it"
    ask("reset")
    assert "InvalidParameter" in ask("call", "DescribeFlowStatus", f"FlowId={number}", code=REFUSED).stdout
    assert ask("state", "load", str(file)).stdout.startswith("rows: ")
    ask("call", "DescribeFlowStatus", f"FlowId={number}")
    # The saved document is byte for byte the loaded one.
    assert ask("state", "save", "-").stdout == file.read_text()


def test_into_another_server_through_a_pipe(ask):
    number = flow(ask)
    document = ask("state", "save", "-").stdout
    with harness.Virga("--quiet") as other:
        there = command.of(other)
        assert json.loads(there("state", "load", "-", "--json", text=document).stdout)["rows"] > 10
        there("call", "DescribeFlowStatus", f"FlowId={number}")


def test_a_document_that_is_rejected_changes_nothing(ask, tmp_path):
    before = ask("state", "save", "-").stdout
    for changed, said in (({**json.loads(before), "version": 99}, "newer"), ({"format": "x"}, "format is not virga-state")):
        file = tmp_path / "bad.json"
        file.write_text(json.dumps(changed))
        assert said in ask("state", "load", str(file), code=REFUSED).stderr
    ask("state", "load", "-", text="{", code=REFUSED)
    assert ask("state", "save", "-").stdout == before


@pytest.mark.parametrize("words, said", [([], "missing"), (["save"], "missing"), (["keep", "x"], "expects save or load"),
                                         (["load", str(harness.IMPOSSIBLE)], "Not a directory"), (["save", "a", "b"], "too many")])
def test_state_that_makes_no_sense(ask, words, said):
    assert said in ask("state", *words, code=USAGE).stderr


def test_a_file_that_cannot_be_written(ask):
    assert str(harness.IMPOSSIBLE) in ask("state", "save", str(harness.IMPOSSIBLE), code=1).stderr
