"""The console over HTTP: its files, its document, and the header by which a call asks at which step it was refused and why."""
import gzip
import http.client
import json

import pytest


def get(virga, path, **headers):
    connection = http.client.HTTPConnection(virga.host, virga.port, timeout=20)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers, body


def test_the_page_and_all_that_it_names(virga):
    status, headers, body = get(virga, "/_virga/")
    assert status == 200 and "unsafe-inline" not in headers["Content-Security-Policy"]
    for part in body.decode().split('"'):
        if part.startswith("/_virga/console/"):
            assert get(virga, part)[0] == 200, part


def test_the_document_is_the_schema(virga):
    status, headers, body = get(virga, "/_virga/schema.json", Accept_Encoding="gzip")
    assert (status, headers["Content-Encoding"], headers["Content-Type"]) == (200, "gzip", "application/json")
    product = json.loads(gzip.decompress(body))["products"][0]
    actions = {action["name"]: action for action in product["actions"]}
    backup = actions["CreateBackup"]
    assert product["name"] == "sqlserver" and len(actions) > 100 and backup["emulated"]
    fields = {field["name"]: field for field in backup["in"]}
    assert fields["DBNames"]["list"] and fields["Strategy"]["default"] == 0
    assert fields["BackupName"]["rules"][0]["provenance"] == "documented"
    known = {row["id"] for row in json.loads(gzip.decompress(body))["errors"]}
    assert all(error["id"] in known for action in actions.values() for error in action["errors"])
    assert get(virga, "/_virga/schema.json", If_None_Match=headers["ETag"], Accept_Encoding="gzip")[0] == 304


def test_the_document_and_the_routes_are_described(virga):
    paths = json.loads(get(virga, "/_virga/openapi.json")[2])["paths"]
    assert {"/_virga/schema.json", "/_virga/credentials", "/_virga/pipeline", "/_virga/snippet"} <= paths.keys()


@pytest.mark.parametrize("change, step, why", [
    ({"signature": "0" * 64}, "signature", "sig.unknown"), ({"region": "nowhere"}, "region", None),
    ({}, "handle", "instance.not-found")])
def test_a_call_that_asks_gets_its_step(virga, change, step, why):
    answer = virga.call("CreateBackup", {"InstanceId": "mssql-nowhere1"}, headers={"X-Virga-Explain": "1"}, **change)
    assert answer.headers["x-virga-step"] == step
    assert answer.headers.get("x-virga-why") == why


def test_a_call_that_does_not_ask_sees_nothing_new(virga):
    plain = virga.call("CreateBackup", {"InstanceId": "mssql-nowhere1"}, signature="0" * 64)
    assert not [name for name in plain.headers if name.lower().startswith("x-virga")]
    done = virga.call("DescribeRegions", headers={"X-Virga-Explain": "1"})
    assert done.code is None and not [name for name in done.headers if name.lower().startswith("x-virga")]
