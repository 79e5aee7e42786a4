"""The HTTP archive of the journal in a browser: a page gets its answers from the file after the server has ended."""
import json
import urllib.request

import har
import harness
import pytest
from pages import WAIT_MS

BACKUP = {"InstanceId": "mssql-njj2mtpl", "Strategy": 1, "DBNames": ["db1"]}
FETCH = ("async ([url, body]) => { const answer = await fetch(url, {method: 'POST', body, headers: {'Content-Type': 'application/json'}});"
         " return [answer.status, answer.headers.get('content-type'), await answer.text()]; }")


@pytest.fixture
def archive(tmp_path):
    """(file, entries) of the archive of a server that has ended."""
    with harness.Virga("--seed", "1", "--limit", "off", "--flow-seconds", "backup=0", "--quiet") as server:
        server.call("DescribeRegions", mode="v1")
        server.call("CreateBackup", BACKUP)
        server.call("CreateBackup", {"InstanceId": "mssql-absent00"})
        text = urllib.request.urlopen(f"{server.endpoint}/_virga/requests.har", timeout=harness.ANSWER_SECONDS).read()
    file = tmp_path / "virga.har"
    file.write_bytes(text)
    har.check(json.loads(text))
    return file, json.loads(text)["log"]["entries"]


def test_a_browser_plays_the_archive(browser, archive):
    file, (regions, backup, refused) = archive
    context = browser.new_context()
    try:
        context.route_from_har(file, not_found="abort")
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        answer = page.goto(regions["request"]["url"])
        assert (answer.status, answer.text()) == (200, regions["response"]["content"]["text"])
        for entry in (backup, refused):
            post = entry["request"]["postData"]
            answer = page.evaluate(FETCH, [entry["request"]["url"], post["text"]])
            assert answer == [200, post["mimeType"], entry["response"]["content"]["text"]]
        assert "FlowId" in backup["response"]["content"]["text"] and "InstanceNotFound" in refused["response"]["content"]["text"]
    finally:
        context.close()
