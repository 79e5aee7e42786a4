"""The snippets of docs/testing.md run unchanged, one after another, and the page names every column."""
import re
import sqlite3

import pytest

import harness

PAGE = (harness.ROOT / "docs" / "testing.md").read_text()
BACKUP = {"InstanceId": "mssql-njj2mtpl", "Strategy": 1, "DBNames": ["db1"]}


@pytest.fixture
def served(tmp_path):
    with harness.Virga("--limit", "off", "--journal", str(tmp_path / "journal.db"), db=tmp_path / "state.db") as virga:
        flow = virga.call("CreateBackup", BACKUP).response["FlowId"]
        virga.call("DescribeFlowStatus", {"FlowId": flow})
        yield virga, tmp_path


def test_the_snippets_run(served, monkeypatch, capsys):
    virga, folder = served
    monkeypatch.setenv("VIRGA_ENDPOINT", virga.endpoint)
    monkeypatch.setenv("VIRGA_JOURNAL", str(folder / "journal.db"))
    snippets = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    assert len(snippets) >= 6
    names = {}
    for snippet in snippets:
        exec(compile(snippet, "docs/testing.md", "exec"), names)
    out = capsys.readouterr().out
    assert "CreateBackup ok {'InstanceId': 'mssql-njj2mtpl'" in out and "of " in out and re.search(r"^CreateBackup ok \d+ running mssql-njj2mtpl_", out, re.M)


@pytest.mark.parametrize("file, view", [("journal.db", "v_requests"), ("state.db", "v_flows"), ("state.db", "v_backups"),
                                        ("journal.db", "v_flows"), ("journal.db", "v_backups")])
def test_the_columns_are_those_of_the_page(served, file, view):
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{view}` |"))
    text = re.sub(r"\([^)]*\)", "", row.split("|")[2])
    with sqlite3.connect(f"file:{served[1] / file}?mode=ro", uri=True) as db:
        columns = [c[0] for c in db.execute(f"SELECT * FROM {view}").description]
    assert re.findall(r"`(\w+)`", text) == columns
