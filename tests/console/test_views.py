"""World, Faults, Coverage and rate limits: what is inside can be seen, moved and forced, and each says what to do while it is empty."""
import json

import harness
import pytest
from pages import NARROW

INSTANCE = "mssql-njj2mtpl"
BACKUP = {"InstanceId": INSTANCE}
SECONDS = 600


@pytest.fixture
def virga():
    """A flow that takes ten minutes of a frozen clock."""
    options = ("--seed", "1", "--flow-seconds", f"backup={SECONDS}", "--quiet")
    with harness.Virga(*options, clock="2026-01-01T00:00:00+08:00") as server:
        yield server


def state_of(virga, flow):
    return virga.call("DescribeFlowStatus", {"FlowId": flow}).response["Status"]


# --- World ----------------------------------------------------------------------------------------------------------


def test_the_clock_is_moved_until_a_flow_is_done(visit, virga):
    v = visit()
    page = v.go("#/resources")
    page.get_by_text("No flows yet").first.wait_for()
    flow = virga.call("CreateBackup", BACKUP).response["FlowId"]
    lane = page.locator(f"[data-flow='{flow}']")
    assert lane.get_by_role("progressbar").get_attribute("aria-valuenow") == "0"
    page.get_by_role("button", name="+1 min").click()
    page.wait_for_function("() => document.querySelector('[role=progressbar]').ariaValueNow === '10'")
    for _ in range(4):
        page.get_by_role("button", name="+1 min").click()
    page.wait_for_function("() => document.querySelector('[role=progressbar]').ariaValueNow === '50'")
    v.shot("world")
    page.get_by_role("button", name="+1 h", exact=True).click()
    page.wait_for_function("flow => document.querySelector(`[data-flow='${flow}']`).dataset.state === 'success'", arg=flow)
    assert state_of(virga, flow) == 0


@pytest.fixture
def slow():
    """A server whose backups take long. A test names it before `visit`, so that it ends after the pages."""
    with harness.Virga("--seed", "1", "--flow-seconds", "backup=20", "--quiet") as server:
        yield server


def test_the_bar_of_a_running_flow_moves(slow, visit):
    slow.call("CreateBackup", BACKUP)
    page = visit(slow).go("#/resources")
    bar = page.locator(".flow-done").first
    before = bar.bounding_box()["width"]
    page.wait_for_function("before => document.querySelector('.flow-done').getBoundingClientRect().width > before + 5", arg=before)


@pytest.mark.parametrize("button, state, status", [("succeed", "success", 0), ("fail", "failure", 1)])
def test_an_outcome_is_forced(visit, virga, button, state, status):
    flow = virga.call("CreateBackup", BACKUP).response["FlowId"]
    page = visit().go("#/resources")
    page.get_by_role("button", name=f"Let flow {flow} {button}").click()
    page.wait_for_function("([flow, state]) => document.querySelector(`[data-flow='${flow}']`).dataset.state === state", arg=[flow, state])
    assert state_of(virga, flow) == status


def test_modes_of_the_clock(visit, virga):
    page = visit().go("#/resources")
    page.get_by_text("frozen", exact=True).wait_for()
    page.get_by_role("button", name="60 times as fast").click()
    page.locator(".badge").filter(has_text="60 times as fast").wait_for()
    page.get_by_role("button", name="Real").click()
    page.get_by_text("the machine's time").wait_for()
    page.get_by_role("button", name="Freeze").click()
    page.get_by_text("frozen", exact=True).wait_for()


def test_a_state_is_saved_and_comes_back(visit, virga):
    flow = virga.call("CreateBackup", BACKUP).response["FlowId"]
    page = visit().go("#/resources")
    lane = page.locator(f"[data-flow='{flow}']")
    lane.wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save to a file").click()
    kept = download.value.path().read_bytes()
    assert json.loads(kept)["format"] == "virga-state"
    page.get_by_role("button", name="Reset").click()
    lane.wait_for(state="detached")
    page.locator("input[type=file]").set_input_files({"name": "state.json", "mimeType": "application/json", "buffer": kept})
    lane.wait_for()
    assert state_of(virga, flow) == 2


def test_a_file_that_is_no_state_is_rejected_with_the_reason(visit, virga):
    v = visit()
    page = v.go("#/resources")
    page.locator("[data-instance]").first.wait_for()
    page.locator("input[type=file]").set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": b'{"format":"other"}'})
    assert page.get_by_role("alert").inner_text()
    v.complaints.clear()  # the browser reports the refusal itself


def test_an_instance_is_found(visit, virga):
    page = visit().go("#/resources")
    page.locator("[name=find]").fill("SHOP")
    page.wait_for_function("n => document.querySelectorAll('[data-instance]').length === n", arg=1)
    page.locator("[name=find]").fill("nothing like it")
    page.get_by_text("No instances").wait_for()


# --- Faults ---------------------------------------------------------------------------------------------------------


def test_a_fault_is_armed_hit_and_cleared(visit, virga):
    v = visit()
    page = v.go("#/faults")
    page.get_by_text("No fault rules").wait_for()
    page.locator("[name=action]").fill("CreateBackup")
    codes = page.locator("[name=code] optgroup").first.locator("option").all_inner_texts()
    assert "InternalError.DBError" in codes and "AuthFailure.SignatureFailure" not in codes
    page.locator("[name=code]").select_option("InternalError.DBError")
    page.get_by_role("button", name="Add the rule").click()
    rule = page.locator("[data-fault]")
    assert "applied to 0 of 0" in rule.inner_text()
    assert virga.call("CreateBackup", BACKUP).code == "InternalError.DBError"
    rule.get_by_text("applied to 1 of 1").wait_for()
    v.shot("faults")
    assert virga.call("CreateBackup", BACKUP).code is None  # it is applied at most once
    page.get_by_role("button", name="Remove all").click()
    page.get_by_text("No fault rules").wait_for()


def test_a_rule_that_does_nothing_is_rejected_with_the_reason(visit, virga):
    v = visit()
    page = v.go("#/faults")
    page.locator("[name=action]").fill("CreateBackup")
    page.get_by_role("button", name="Add the rule").click()
    assert page.get_by_role("alert").inner_text()
    v.complaints.clear()  # the browser reports the refusal itself


def test_a_fault_by_keyboard_alone(visit, virga):
    page = visit().go("#/faults")
    page.locator("[name=action]").focus()
    page.keyboard.type("CreateBackup")
    for _ in range(9):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "code":
            break
    page.keyboard.type("InternalError.G")
    page.keyboard.press("Enter")
    while page.evaluate("document.activeElement.className") != "primary":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("[data-fault]").wait_for()
    assert virga.call("CreateBackup", BACKUP).code == "InternalError.GcsError"


def test_magic_ids_are_named(visit, virga):
    page = visit().go("#/faults")
    row = page.locator("tr").filter(has_text="mssql-dropconn")
    assert "without an answer" in row.inner_text()


# --- Coverage, rate limits ----------------------------------------------------------------------------------------------


def test_a_code_that_was_never_met_is_met_by_a_click(visit, virga):
    v = visit()
    page = v.go("#/coverage")
    page.get_by_text("Nothing has been called yet").wait_for()
    virga.call("CreateBackup", BACKUP)
    page.get_by_role("button", name="InternalError.DBError").click()
    page.get_by_role("button", name="InternalError.DBError (waits for a call)").wait_for()
    assert virga.call("CreateBackup", BACKUP).code == "InternalError.DBError"
    page.locator(".badge.warn").filter(has_text="InternalError.DBError 1").wait_for()
    v.shot("coverage")
    page.get_by_role("button", name="Reset the counts").click()
    page.get_by_text("Nothing has been called yet").wait_for()


def test_all_actions_can_be_shown(visit, virga):
    page = visit().go("#/coverage")
    page.locator("[name=scope]").select_option("emulated")
    page.locator("[data-action=CreateBackup]").wait_for()
    page.locator("[data-action=CreateBackup] summary").click()
    page.locator("[data-action=CreateBackup] button").first.wait_for()


def test_counters_move_and_limits_are_set(visit, virga):
    v = visit()
    page = v.go("#/limits")
    page.get_by_text("Nothing has been counted yet").wait_for()
    page.locator("[name=action]").fill("CreateBackup")
    page.locator("[name=per_second]").fill("2")
    page.get_by_role("button", name="Set").click()
    page.get_by_text("1 of ").wait_for()
    codes = {virga.call("CreateBackup", BACKUP).code for _ in range(8)}
    assert "RequestLimitExceeded" in codes
    page.locator("td.mono", has_text="CreateBackup").first.wait_for()
    v.shot("limiter")
    page.get_by_role("button", name="None").click()
    page.get_by_text("no limit").first.wait_for()


@pytest.mark.parametrize("place", ["world", "faults", "coverage", "limiter"])
def test_no_violation_once_there_is_something(visit, virga, place):
    """In light and dark; and on a narrow screen the page needs no horizontal scrolling."""
    virga.call("CreateBackup", BACKUP)
    virga.call("CreateBackup", {"InstanceId": "mssql-nowhere1"})
    rule = json.dumps({"action": "CreateBackup", "code": "InternalError.DBError"})
    v = visit()
    page = v.go(f"#/{place}" + (f"?rule={rule}" if place == "faults" else ""))
    if place == "faults":
        page.get_by_role("button", name="Add the rule").click()
        page.locator("[data-fault]").wait_for()
    page.wait_for_selector(".lane, .rule, .covered .badge, .counters meter")
    assert v.violations_in_both_schemes() == []
    page.set_viewport_size(NARROW)
    assert v.overflow() <= 0
    if place == "world":
        v.shot("world-narrow")
