"""docs/fidelity.md lists every common error code with its cause, and names a test of the cause that mentions the code."""
import json
import re

from harness import ROOT

HEADING = "## What causes each common code"


def table():
    """{code: (cause, file of the test or None)} from the documentation."""
    section = (ROOT / "docs" / "fidelity.md").read_text().split(HEADING)[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([\w.]+)` \| (.+?) \| (?:`(.+?)`|-) \|$", section, re.M)
    codes = [code for code, _, _ in rows]
    assert len(codes) == len(set(codes)), "a code comes twice"
    assert len(rows) == section.count("\n| `"), "a row that does not read as one"
    return {code: (cause, proof) for code, cause, proof in rows}


def common_codes():
    rows = json.loads((ROOT / "schema" / "errors.json").read_text())
    return {row["code"] for row in rows if row["from"] == "gateway"}


def test_each_code_is_listed_once():
    listed = set(table())
    assert common_codes() - listed == set(), "a code of errors.json that the table lacks"
    assert listed - common_codes() == set(), "a code that errors.json does not have as the gateway's"


def test_each_cause_has_its_proof():
    for code, (cause, proof) in table().items():
        assert proof, f"{code}: a cause ({cause}) without a proof"
        assert f'"{code}"' in (ROOT / "tests" / proof).read_text().replace('\\"', '"'), f"{code} does not occur in {proof}"
