"""Accessibility of every state of a view: axe-core finds nothing against WCAG 2.2 AA in either language, light or dark, wide or narrow; the
keyboard reaches everything and gets out again; nothing moves by itself."""
import json

import harness
import pytest
from pages import NARROW

INSTANCE = "mssql-njj2mtpl"
LOOKS = {"zh, dark": {"locale": "zh-CN", "color_scheme": "dark"},
         "narrow": {**NARROW, "color_scheme": "light"}}


@pytest.fixture(scope="module")
def virga():
    """A running flow, and three refused calls, one of them by a fault."""
    with harness.Virga("--seed", "1", "--flow-seconds", "backup=600", "--quiet", clock="2026-01-01T00:00:00+08:00") as server:
        server.call("CreateBackup", {"InstanceId": INSTANCE})
        server.call("CreateBackup", {"InstanceId": "mssql-nowhere1"})
        server.call("CreateBackup", {"InstanceId": INSTANCE}, secret_key="another")
        server.call("CreateBackup", {"InstanceId": "mssql-dberror0"})
        yield server


# --- the states: each brings a page there ---------------------------------------------------------------------------


def nested(v):
    """An object in a list in an object, with the context open and another credential."""
    params = {"InstanceId": INSTANCE, "DBs": [{"DBName": "a", "Accounts": [{"UserName": "b"}]}]}
    page = v.go("#/explorer/CreateDB?params=" + json.dumps(params))
    page.locator("fieldset fieldset").wait_for()
    v.settings(credential="other")
    page.locator("[name=secret_key]").wait_for()


def wrong(v):
    page = v.go("#/explorer/DescribeFlowStatus")
    v.fill("FlowId", "many")
    page.locator("[aria-invalid=true]").wait_for()


def not_json(v):
    page = v.go("#/explorer/CreateBackup")
    page.get_by_role("tab", name="JSON").click()
    page.locator("[name=json]").fill("{")
    page.locator("[name=json][aria-invalid=true]").wait_for()


def searching(v):
    page = v.go("#/explorer")
    page.locator("input[role=combobox]").fill("backup")
    page.locator(".search [role=option]").first.wait_for()


def nothing_found(v):
    page = v.go("#/explorer")
    page.locator("input[role=combobox]").fill("xyzzy plugh")
    page.locator(".search [aria-disabled]").wait_for()


def opened(text, tab):
    def state(v):
        page = v.go("#/requests")
        page.locator(".vt-space .vt-row").filter(has_text=text).last.click()
        page.locator(".opened .result .json").wait_for()
        page.locator(f".result [data-tab={tab}]").click()
    return state


def no_such_call(v):
    v.go("#/requests/none").locator(".opened [role=alert]").wait_for()
    v.complaints.clear()  # the browser reports the 404 itself


def no_call(v):
    v.go("#/requests?text=nothing").locator(".calls .empty").first.wait_for()


def token(v):
    shut = {"error": {"code": "forbidden", "message": "no", "hint": "X-Virga-Token"}}
    v.page.route("**/_virga/credentials", lambda route: route.fulfill(status=403, json=shut))
    v.page.goto(f"{v.server.endpoint}/_virga/")
    v.page.get_by_role("dialog").wait_for()
    v.complaints.clear()


def armed(v):
    rule = json.dumps({"action": "CreateBackup", "code": "InternalError.DBError", "params": {"InstanceId": "mssql-none"}})
    page = v.go(f"#/faults?rule={rule}")
    page.locator("form .primary").click()
    page.locator("[data-fault]").first.wait_for()


def refused_rule(v):
    page = v.go("#/faults")
    page.locator("form .primary").click()
    page.get_by_role("alert").wait_for()
    v.complaints.clear()


def all_actions(v):
    page = v.go("#/coverage")
    page.locator("[name=scope]").select_option("emulated")
    page.locator("[data-action=CreateDB]").wait_for()


def no_instance(v):
    page = v.go("#/resources")
    page.locator("[name=find]").fill("nothing like it")
    page.locator(".instances .empty").wait_for()


def shown(place, ready):
    return lambda v: v.go(place).locator(ready).first.wait_for()


STATES = {
    "overview": shown("#/overview", ".connect"), "start": shown("#/explorer", ".domains"), "nested form": nested, "wrong value": wrong, "no JSON": not_json, "search": searching,
    "nothing found": nothing_found, "refused call": opened("ResourceNotFound", "answer"), "grounds": opened("ResourceNotFound", "steps"),
    "bytes": opened("AuthFailure", "bytes"), "compare": opened("AuthFailure", "compare"), "as test": opened("ok", "test"),
    "program": opened("ok", "program"), "by a fault": opened("InternalError", "answer"), "no such call": no_such_call, "no call": no_call,
    "token": token, "armed": armed, "refused rule": refused_rule, "coverage": all_actions, "world": shown("#/resources", ".lane"),
    "no instance": no_instance, "limiter": shown("#/limits", ".counters > *"),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", STATES)
def test_no_violation_in_any_state(visit, state, look):
    v = visit(**LOOKS[look])
    STATES[state](v)
    assert v.violations() == []
    assert v.overflow() <= 0


# --- the keyboard, motion, languages --------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["#/overview", "#/explorer/CreateDB", "#/requests", "#/resources", "#/faults", "#/coverage", "#/limits"])
def test_the_keyboard_is_caught_nowhere(visit, place):
    """Tab visits all that can be reached, and out at the end."""
    page = visit().go(place)
    page.wait_for_selector(".connect, .calls .vt, .result, .lane, .armed > *, .covered > *, .counters > *")
    page.evaluate("document.activeElement.blur()")
    reachable = page.locator("a[href], button, input, select, textarea, summary, [tabindex='0']").count()
    for steps in range(reachable + 2):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
    assert 8 < steps <= reachable + 1


def test_the_focus_goes_where_a_link_leads(visit):
    page = visit().go("#/resources")
    page.locator("[data-instance]").first.wait_for()
    page.get_by_role("link", name="Explorer", exact=True).last.press("Enter")
    page.locator(".domains").wait_for()
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_language_keeps_the_focus(visit):
    page = visit().go("#/explorer")
    page.locator(".domains").wait_for()
    page.locator("[name=lang]").focus()
    page.locator("[name=lang]").select_option("zh")
    page.get_by_text("选择要调用的接口").wait_for()
    assert page.evaluate("document.activeElement.name") == "lang"


def test_nothing_moves_by_itself(visit):
    page = visit(reduced_motion="reduce").go("#/resources")
    page.locator(".lane").first.wait_for()
    assert page.evaluate("document.getAnimations().length") == 0


def test_english_in_a_chinese_page_is_marked(visit, virga):
    v = visit(locale="zh-CN")
    asked = []
    v.page.on("request", lambda request: asked.append(request.headers.get("accept-language")) if "/_virga/why" in request.url else None)
    page = v.go("#/explorer/CreateDB")
    page.get_by_text("接口和参数的说明目前只有英文。").wait_for()
    assert page.locator("header p [lang=en]").inner_text() == "Creates databases on an instance."
    assert page.locator("[data-field=InstanceId] .hint [lang=en]").inner_text() == "The instance"
    page.evaluate("location.hash = '#/explorer'")
    page.get_by_role("heading", name="备份", exact=True).wait_for()
    opened("ResourceNotFound", "steps")(v)
    assert asked == ["zh-CN"]
