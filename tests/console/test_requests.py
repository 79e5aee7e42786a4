"""The Calls view: it shows the calls of all clients as they happen, and turns a call into a replay, a rule or a test."""
import json

import harness
import pytest

INSTANCE = "mssql-njj2mtpl"
ROWS = ".calls .vt-space .vt-row"
MANY = 10000


@pytest.fixture(scope="module")
def virga():
    with harness.Virga("--seed", "1", "--limit", "off", "--flow-seconds", "backup=0", "--quiet") as server:
        yield server


def open_call(page, text):
    page.locator(ROWS).filter(has_text=text).first.click()
    page.locator(".opened .result .json, .opened .result pre").first.wait_for()


def test_another_clients_call_appears_while_one_looks(visit, virga):
    page = visit().go("#/requests")
    page.get_by_text("Connected", exact=True).wait_for()
    assert virga.call("CreateBackup", {"InstanceId": INSTANCE}, headers={"X-TC-TraceId": "other-1"}).code is None
    page.locator(ROWS).filter(has_text="CreateBackup").first.wait_for()
    assert virga.call("DescribeFlowStatus", {"FlowId": 1}).code
    page.locator(ROWS).filter(has_text="DescribeFlowStatus").first.wait_for()


def test_a_rejected_call_opens_with_its_reasons(visit, virga):
    virga.call("CreateBackup", {"InstanceId": "mssql-nowhere1"})
    v = visit(width=1400)
    page = v.go("#/requests")
    open_call(page, "ResourceNotFound")
    assert "no instance of that id in this account and region" in page.get_by_role("alert").inner_text()
    v.tab("Steps")
    assert page.locator(".steps .failed").get_attribute("data-step") == "handle"
    assert "The instance does not exist" in page.locator(".grounds").inner_text()
    v.tab("Bytes")
    assert '{"InstanceId": "mssql-nowhere1"}' in page.locator(".result").inner_text().replace('":"', '": "')
    v.tab("Response")
    v.shot("calls")


def test_a_rejected_signature_is_laid_beside_the_clients_own(visit, virga):
    virga.call("CreateBackup", {"InstanceId": INSTANCE}, secret_key="another")
    v = visit()
    page = v.go("#/requests")
    open_call(page, "AuthFailure.Signature")
    assert "sig." in page.get_by_role("alert").inner_text() or "No known mistake" in page.get_by_role("alert").inner_text()
    assert "the canonical request is" not in page.locator(".result").inner_text()  # Compare shows it, line by line
    v.tab("Compare")
    own = page.locator(".result pre").first.inner_text().replace("\u23ce", "")
    page.locator("[name=theirs]").fill(own)
    page.get_by_text("Both texts are the same").wait_for()
    page.locator("[name=theirs]").fill(own.replace("content-type:", "Content-Type:"))
    page.get_by_text("First difference: line 4, byte 1 of the line, after 8 bytes.").wait_for()
    assert page.locator("mark.differs").all_inner_texts() == ["c", "C"]
    v.shot("compare")


def test_filters_and_their_address(visit, virga):
    virga.call("DescribeZones", {})
    virga.call("CreateBackup", {"InstanceId": "mssql-needle01"})
    page = visit().go("#/requests")
    page.locator("[name=filter]").fill("needle01")
    page.reload()  # at once: the address has the filter as soon as it is typed
    page.wait_for_function("n => document.querySelectorAll('.calls .vt-space .vt-row').length === n", arg=1)
    page.locator("[name=filter]").fill("needle01 action:zones")
    page.get_by_text("No calls").wait_for()


def test_a_call_that_the_journal_has_lost_is_reported(visit):
    v = visit()
    page = v.go("#/requests/no-such-call")
    assert "no call of that RequestId" in page.get_by_role("alert").inner_text()
    page.locator(ROWS).first.wait_for()  # the list appears and leaves the message about the call
    assert page.get_by_role("alert").count() == 1
    v.complaints.clear()  # the browser reports the 404 itself


def test_a_call_that_is_not_wholly_known_is_not_made_into_another(visit, virga):
    """The journal keeps 16 KB of a body."""
    virga.call("CreateBackup", {"InstanceId": "mssql-" + "x" * 32768})
    v = visit()
    page = v.go("#/requests")
    page.locator(ROWS).first.click()
    page.get_by_text("So the call cannot be sent again from here.").wait_for()
    assert page.get_by_role("button", name="Replay", exact=True).is_disabled()
    assert page.get_by_role("link", name="Open in Explorer").count() == 0
    assert "32,791 bytes sent" in page.locator(".opened .result").inner_text()
    v.tab("Copy as")
    page.locator(".opened .result .notice").wait_for()
    v.tab("Bytes")
    page.get_by_text("The journal has the first 16,384 of 32,791 bytes.").wait_for()


def test_an_answer_of_which_a_part_is_kept_is_still_done(visit, virga):
    """As the journal shows one that is longer than what it keeps."""
    asked = virga.call("DescribeZones", {}).response["RequestId"]
    v = visit()

    def cut(route):
        entry = route.fetch().json()
        route.fulfill(json={**entry, "answer": entry["answer"][:100], "answer_bytes": 20000})

    v.page.route(f"**/_virga/requests/{asked}", cut)
    page = v.go(f"#/requests/{asked}")
    page.get_by_text("The journal has the first 100 of 20,000 bytes.").wait_for()
    assert page.locator(".opened .result .badge.good").inner_text() == "done"


def test_a_fault_is_shown_as_the_cause(visit, virga):
    virga.call("CreateBackup", {"InstanceId": "mssql-dberror0"})
    page = visit().go("#/requests")
    open_call(page, "InternalError.DBError")
    assert "A fault rule returned this error in place of the service." in page.get_by_role("alert").inner_text()


def test_going_back_brings_the_filters_back(visit, virga):
    virga.call("CreateBackup", {"InstanceId": "mssql-needle02"})
    page = visit().go("#/requests?text=needle02")
    open_call(page, "CreateBackup")
    page.locator("[name=filter]").fill("no such thing")
    page.get_by_text("No calls").wait_for()
    page.go_back()
    page.locator(ROWS).first.wait_for()
    assert page.locator("[name=filter]").input_value() == "needle02"
    page.locator(".opened").wait_for(state="hidden")


def test_the_opened_call_stays_the_marked_one(visit, virga):
    virga.call("DescribeZones", {})
    virga.call("CreateBackup", {"InstanceId": "mssql-needle03"})
    page = visit().go("#/requests")
    open_call(page, "CreateBackup")
    page.locator("[name=filter]").fill("needle03")
    page.wait_for_function("n => document.querySelectorAll('.calls .vt-space .vt-row').length === n", arg=1)
    assert page.locator(ROWS).get_attribute("aria-selected") == "true"
    page.get_by_role("button", name="Replay", exact=True).click()
    page.wait_for_function("n => document.querySelectorAll('.calls .vt-space .vt-row').length === n", arg=2)
    page.wait_for_function("() => document.querySelectorAll('.calls .vt-space .vt-row')[0].ariaSelected === 'true'")


def test_a_call_is_replayed(visit, virga):
    virga.call("CreateBackup", {"InstanceId": "mssql-replay01"})
    page = visit().go("#/requests?text=replay01")
    open_call(page, "CreateBackup")
    page.get_by_role("button", name="Replay", exact=True).click()
    page.wait_for_function("n => document.querySelectorAll('.calls .vt-space .vt-row').length === n", arg=2)


def test_a_call_becomes_a_rule(visit, virga):
    virga.call("CreateBackup", {"InstanceId": "mssql-nowhere2"})
    page = visit().go("#/requests?text=nowhere2")
    open_call(page, "CreateBackup")
    page.get_by_role("link", name="Make this a fault rule").click()
    page.locator("vg-faults form").wait_for()
    assert page.locator("[name=action]").input_value() == "CreateBackup"
    assert page.locator("[name=code]").input_value() == "ResourceNotFound.InstanceNotFound"
    assert json.loads(page.locator("[name=params]").input_value()) == {"InstanceId": "mssql-nowhere2"}


def test_a_call_becomes_a_test(visit, virga):
    virga.call("CreateBackup", {"InstanceId": "mssql-nowhere3"})
    v = visit()
    page = v.go("#/requests?text=nowhere3")
    open_call(page, "CreateBackup")
    v.tab("As test")
    body = json.loads(page.locator(".result code").inner_text())
    assert body["action"] == "CreateBackup" and body["params"] == {"InstanceId": "mssql-nowhere3"} and body["count"] == {"min": 1}
    page.get_by_role("button", name="Check now").click()
    page.get_by_text("Verified: 1 matching calls").wait_for()


def test_the_archive_is_downloaded(visit, virga):
    virga.call("DescribeZones", {})
    page = visit().go("#/requests")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download HAR").click()
    assert json.loads(download.value.path().read_text())["log"]["entries"]


def test_an_opened_call_moves_no_row(visit, virga):
    """The list becomes narrower, but the row that was clicked stays where it is."""
    virga.call("DescribeZones", {})
    page = visit().go("#/requests?action=DescribeZones")
    row = page.locator(ROWS).first
    row.wait_for()
    before = row.bounding_box()
    open_call(page, "DescribeZones")
    after = row.bounding_box()
    assert (after["x"], after["y"]) == (before["x"], before["y"])


def test_arrow_keys_open_and_escape_closes(visit, virga):
    ids = [virga.call("DescribeZones", {}).response["RequestId"] for _ in range(2)]
    page = visit().go("#/requests?action=DescribeZones")
    page.locator(ROWS).nth(1).wait_for()
    page.locator(".calls .vt").focus()
    page.keyboard.press("Home")
    page.locator(".opened").get_by_text(ids[1]).first.wait_for()
    page.keyboard.press("ArrowDown")
    page.locator(".opened").get_by_text(ids[0]).first.wait_for()
    page.keyboard.press("Escape")
    page.locator(".opened").wait_for(state="hidden")


def test_by_keyboard_alone(visit, virga):
    virga.call("DescribeZones", {})
    page = visit().go("#/requests?action=DescribeZones")
    page.locator(ROWS).first.wait_for()
    page.locator(".calls .vt").focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.locator(".opened .result .json").wait_for()


@pytest.fixture
def full():
    """A server whose journal is full. A test names it before `visit`, so that it ends after the pages."""
    with harness.Virga("--seed", "1", "--limit", "off", "--quiet") as server:
        call = server.prepare("DescribeFlowStatus", {"FlowId": 1}).message()
        client = harness.Client(server)
        for _ in range(MANY):
            client.send(call)
        yield server


def test_ten_thousand_calls_scroll(full, visit):
    """The page has only the visible rows. A row that becomes visible is there two frames later."""
    page = visit(full).go("#/requests")
    page.get_by_text("10,000 of 10,000 requests").wait_for()
    most, bare = page.evaluate("""async (rows) => {
        const table = document.querySelector('.calls .vt');
        let most = 0, bare = 0;
        for (let i = 0; i <= 60; i += 1) {
            table.scrollTop = table.scrollHeight * i / 60;
            await new Promise(requestAnimationFrame);
            await new Promise(requestAnimationFrame);
            const box = table.getBoundingClientRect();
            most = Math.max(most, document.querySelectorAll(rows).length);
            const seen = document.elementFromPoint(box.left + box.width / 2, box.bottom - box.height / 4);
            bare += seen.closest('.vt-row') ? 0 : 1;
        }
        return [most, bare];
    }""", ROWS)
    assert most < 100
    assert bare == 0


def test_no_violation_in_an_open_call(visit, virga):
    virga.call("CreateBackup", {"InstanceId": INSTANCE}, secret_key="another")
    v = visit()
    page = v.go("#/requests")
    open_call(page, "AuthFailure.Signature")
    for tab in ("Response", "Compare", "As test"):
        v.tab(tab)
        if tab == "Compare":
            page.locator("[name=theirs]").fill("POST\n")
        assert v.violations_in_both_schemes() == [], tab
