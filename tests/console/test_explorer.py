"""The Call view: it finds an action, fills in its parameters, sends it, and explains the answer."""
import json
import re
import subprocess

import harness
import pytest

INSTANCE = "mssql-njj2mtpl"
FLOW = re.compile(r'"FlowId": [1-9]\d*')
SEARCH = "Search for an action"


def search(page, text):
    page.get_by_role("combobox", name=SEARCH).fill(text)
    return page.locator(".search [role=option]")


# --- the way through ------------------------------------------------------------------------------------------------


def test_search_fill_send_and_see_the_flow(visit):
    v = visit()
    page = v.go("#/explorer")
    v.shot("start")
    search(page, "CreateBackup").first.click()
    v.fill("InstanceId", INSTANCE)
    v.send()
    assert FLOW.search(v.answer())
    v.shot("call")


FOUND = {"CreateB": "CreateBackup", "newdbname": "ModifyDBName", "BackupNameIsIllegal": "CreateBackup", "flow succeeded": "DescribeFlowStatus",
         "describedbins": "DescribeDBInstances"}


def test_everything_leads_to_an_action(visit):
    """A name, a parameter, an error code, words of a description; and a search that finds nothing says so."""
    page = visit().go("#/explorer")
    for text, action in FOUND.items():
        hits = search(page, text)
        hits.filter(has_text=action).first.wait_for()
        assert any(hit.startswith(action) for hit in hits.all_inner_texts()[:6]), text
    search(page, "xyzzy plugh").filter(has_text="No action found; try fewer words").wait_for()
    assert search(page, "xyzzy plugh").count() == 1


def test_keyboard_alone(visit):
    v = visit()
    page = v.go("#/explorer/DescribeZones")
    page.wait_for_selector(".result")
    page.keyboard.press("/")
    page.keyboard.type("CreateBackup")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-field=InstanceId]")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "InstanceId":
            break
    page.keyboard.type(INSTANCE)
    page.keyboard.press("Control+Enter")
    assert FLOW.search(v.answer())
    page.locator(".result").get_by_role("tab", name="Response").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("tab", name="Steps").get_attribute("aria-selected") == "true"


# --- the form -------------------------------------------------------------------------------------------------------


def options_of(page, name):
    field = page.locator(f"[data-field={name}] input").first
    field.focus()
    page.wait_for_function("name => document.querySelectorAll(`[data-field=${name}] datalist option`).length > 0", arg=name)
    return page.locator(f"[data-field={name}] datalist option").evaluate_all("all => all.map(each => each.value)")


def test_values_of_the_world_can_be_picked(visit):
    v = visit()
    page = v.go("#/explorer/CreateBackup")
    page.wait_for_selector("[data-field=InstanceId]")
    assert sorted(options_of(page, "InstanceId")) == ["mssql-i1z41iwd", INSTANCE]
    v.fill("InstanceId", INSTANCE)
    page.get_by_role("button", name="Add to DBNames").click()
    assert sorted(options_of(page, "DBNames")) == ["db1", "db2"]


def test_a_flow_seen_in_an_answer_can_be_picked(visit):
    v = visit()
    page = v.go("#/explorer/CreateBackup")
    v.fill("InstanceId", INSTANCE)
    v.send()
    flow = FLOW.search(v.answer()).group().split()[1]
    page.evaluate("location.hash = '#/explorer/DescribeFlowStatus'")
    page.wait_for_selector("[data-field=FlowId]")
    assert flow in options_of(page, "FlowId")


def json_of(page):
    page.get_by_role("tab", name="JSON").click()
    return json.loads(page.locator("[name=json]").input_value())


def test_form_and_json_are_the_same(visit):
    v = visit()
    page = v.go("#/explorer/RestoreInstance")
    v.fill("InstanceId", INSTANCE)
    v.fill("BackupId", "12")
    page.get_by_role("button", name="Add to RenameRestore").click()
    page.locator("[name=OldName]").fill("db1")
    page.locator("[name=NewName]").fill("db1_copy")
    want = {"InstanceId": INSTANCE, "BackupId": 12, "RenameRestore": [{"OldName": "db1", "NewName": "db1_copy"}]}
    assert json_of(page) == want
    page.locator("[name=json]").fill(json.dumps(want | {"BackupId": 13}))
    page.get_by_role("tab", name="Form").click()
    assert page.locator("[name=BackupId]").input_value() == "13" and page.locator("[name=NewName]").input_value() == "db1_copy"
    page.get_by_role("button", name="Remove RenameRestore 1").click()
    assert json_of(page) == {"InstanceId": INSTANCE, "BackupId": 13}


def test_json_that_is_no_object_is_marked(visit):
    page = visit().go("#/explorer/CreateBackup")
    assert json_of(page) == {}
    for text in ("{", "[]", "null", '"x"'):
        page.locator("[name=json]").fill(text)
        assert page.locator("[name=json]").get_attribute("aria-invalid") == "true", text
        page.locator("[name=json]").fill("{}")
        assert page.locator("[name=json]").get_attribute("aria-invalid") != "true", text


def test_an_example_fills_the_form(visit):
    page = visit().go("#/explorer/CreateBackup")
    page.get_by_role("button", name="Back up two databases").click()
    assert page.locator("[data-field=DBNames] .item input").count() == 2


def test_a_wrong_type_is_marked_and_can_be_sent(visit):
    v = visit()
    page = v.go("#/explorer/DescribeFlowStatus")
    v.fill("FlowId", "many")
    assert page.locator("[name=FlowId]").get_attribute("aria-invalid") == "true"
    v.send()
    assert "InvalidParameter" in v.answer()


def test_an_address_carries_parameters(visit):
    v = visit()
    v.go("#/explorer/CreateBackup?params=" + '{"InstanceId":"mssql-i1z41iwd"}')
    v.send()
    assert FLOW.search(v.answer())


# --- credentials, signatures ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method, stages", [("tc3", 4), ("tc3get", 4), ("sha1", 3), ("sha256", 3)])
def test_each_signature_is_accepted_and_shown(visit, method, stages):
    v = visit()
    page = v.go("#/explorer/CreateBackup?params=" + json.dumps({"InstanceId": INSTANCE, "Strategy": 1, "DBNames": ["db1", "db2"]}))
    v.settings(method=method)
    v.send()
    assert FLOW.search(v.answer())
    v.tab("Signature")
    assert page.locator(".stage").count() == stages
    assert harness.SECRET_KEY not in page.locator(".result").inner_text()
    if method == "tc3":
        v.shot("signature")


def test_a_wrong_key_is_explained(visit):
    v = visit()
    page = v.go("#/explorer/CreateBackup")
    v.settings(credential="other")
    page.locator("[name=secret_id]").fill(harness.SECRET_ID)
    page.locator("[name=secret_key]").fill(harness.SECRET_KEY + " ")
    v.fill("InstanceId", INSTANCE)
    v.send()
    assert "AuthFailure.SignatureFailure" in v.answer()
    alert = page.get_by_role("alert").inner_text()
    assert "sig.secret-space" in alert and "No: the same call would be rejected again." in alert
    v.shot("refused")
    v.tab("Steps")
    assert page.locator(".steps .failed").get_attribute("data-step") == "signature"
    assert page.locator(".steps .passed").count() == 10
    v.shot("steps")


def test_an_unlisted_instance_is_explained_by_the_action(visit):
    v = visit()
    page = v.go("#/explorer/CreateBackup")
    v.fill("InstanceId", "mssql-nowhere1")
    v.send()
    assert "ResourceNotFound.InstanceNotFound" in v.answer()
    assert "no instance of that id in this account and region" in page.get_by_role("alert").inner_text()
    v.tab("Steps")
    assert page.locator(".steps .failed").get_attribute("data-step") == "handle"


def test_invisible_characters_are_made_visible(visit):
    v = visit()
    page = v.go("#/explorer/CreateBackup?params=" + json.dumps({"InstanceId": "mssql-njj2mtpl\u200b", "BackupName": "a  b"}))
    v.settings(method="sha1")
    v.send()
    assert "Error" in v.answer()
    v.tab("Signature")
    marks = page.locator(".stage mark").all_inner_texts()
    assert "U+200B" in marks and "\u2420" in marks


def test_bytes_that_would_turn_the_line_round_are_named(visit):
    v = visit()
    page = v.go("#/explorer/CreateBackup?params=" + json.dumps({"InstanceId": INSTANCE, "BackupName": "a\u202eb\u2066c"}))
    v.send()
    v.answer()
    v.tab("Bytes")
    assert page.locator(".result .code mark").all_inner_texts() == ["U+202E", "U+2066"]


def test_bytes_are_shown(visit):
    v = visit()
    page = v.go("#/explorer/CreateBackup")
    v.fill("InstanceId", INSTANCE)
    v.send()
    v.answer()
    v.tab("Bytes")
    text = page.locator(".result").inner_text()
    assert f'{{"InstanceId":"{INSTANCE}"}}' in text and "HTTP/1.1 200" in text and "Authorization: TC3-HMAC-SHA256" in text


# --- programs -------------------------------------------------------------------------------------------------------


def test_a_program_follows_the_form_and_runs(visit):
    v = visit()
    page = v.go("#/explorer/CreateBackup")
    v.tab("Copy as")
    page.locator("[name=client]").select_option("curl")
    v.fill("InstanceId", INSTANCE)
    page.wait_for_function("id => document.querySelector('.result code')?.textContent.includes(id)", arg=INSTANCE)
    v.shot("program")
    program = page.locator(".result code").inner_text()
    done = subprocess.run(["sh", "-c", program], capture_output=True, text=True, timeout=harness.ANSWER_SECONDS)
    assert '"FlowId":' in done.stdout, done


def test_every_client_has_a_program(visit):
    page = visit().go("#/explorer/CreateBackup?params=" + json.dumps({"InstanceId": INSTANCE}))
    page.get_by_role("tab", name="Copy as").click()
    clients = page.locator("[name=client] option").all_inner_texts()
    assert clients == ["curl", "Python", "tccli", "Go", "Node.js", "Java", "PHP", ".NET", "C++", "Ruby"]
    for client in clients:
        page.locator("[name=client]").select_option(label=client)
        page.wait_for_function("id => document.querySelector('.result code')?.textContent.includes(id)", arg=INSTANCE)
