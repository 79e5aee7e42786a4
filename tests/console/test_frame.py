"""The frame of the console: both languages, light and dark, narrow screens, the keyboard, and assistive software."""
import harness
import pytest
from pages import NARROW

PLACES = ["#/overview", "#/explorer", "#/explorer/CreateBackup", "#/explorer/RestoreInstance", "#/requests", "#/resources", "#/faults", "#/coverage", "#/limits"]
READY = ".connect, .calls .vt, .result, .domains, .instances > *, .armed > *, .covered > *, .counters > *"


def test_chinese_by_the_browser_and_by_choice(visit):
    page = visit(locale="zh-CN").go("#/explorer/CreateBackup")
    page.wait_for_selector(".result")
    assert page.get_by_role("button", name="发送").is_visible()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page = visit().go("#/explorer/CreateBackup")
    page.locator("[name=lang]").select_option("zh")
    page.get_by_role("button", name="发送").wait_for()
    page.reload()
    page.get_by_role("button", name="发送").wait_for()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"


def test_a_form_survives_another_language(visit):
    v = visit()
    page = v.go("#/explorer/CreateBackup")
    v.fill("InstanceId", "mssql-njj2mtpl")
    page.locator("[name=lang]").select_option("zh")
    page.get_by_role("button", name="发送").wait_for()
    assert page.locator("[name=InstanceId]").input_value() == "mssql-njj2mtpl"
    v.shot("chinese")


def background(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_dark_by_the_system_and_by_choice(visit):
    light, v = background(visit(color_scheme="light").go()), visit(color_scheme="dark")
    page = v.go("#/explorer/CreateBackup")
    page.wait_for_selector(".result")
    dark = background(page)
    v.shot("dark")
    assert light != dark
    page.locator("[name=theme]").select_option("light")
    assert background(page) == light
    page.reload()
    page.wait_for_selector(".result")
    assert background(page) == light


@pytest.mark.parametrize("place", PLACES)
def test_no_violation_of_wcag(visit, place):
    """In light and dark; and on a narrow screen the page needs no horizontal scrolling."""
    v = visit()
    page = v.go(place)
    page.wait_for_selector(READY)
    assert v.violations_in_both_schemes() == []
    page.set_viewport_size(NARROW)
    assert v.overflow() <= 0
    if place == "#/explorer/CreateBackup":
        v.shot("narrow")


def test_no_violation_in_what_came_back(visit):
    v = visit()
    v.go("#/explorer/CreateBackup?params=" + '{"InstanceId":"mssql-nowhere1"}')
    v.send()
    v.answer()
    for tab in ("Response", "Steps", "Signature", "Bytes", "Copy as"):
        v.tab(tab)
        assert v.violations_in_both_schemes() == [], tab


def test_focus_is_seen(visit):
    page = visit().go("#/explorer/CreateBackup")
    page.wait_for_selector(".result")
    for _ in range(12):
        page.keyboard.press("Tab")
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2, page.evaluate("document.activeElement.outerHTML.slice(0, 100)")


def test_the_answer_moves_nothing_of_the_form(visit):
    v = visit()
    page = v.go("#/explorer/CreateBackup?params=" + '{"InstanceId":"mssql-njj2mtpl"}')
    page.wait_for_selector(".result")
    before = page.locator("[name=InstanceId]").bounding_box()
    v.send()
    v.answer()
    assert page.locator("[name=InstanceId]").bounding_box() == before


def test_a_server_that_has_ended_disables_all_until_it_is_back(visit):
    with harness.Virga("--quiet") as server:
        v = visit(server)
        page = v.go("#/explorer/DescribeRegions")
        page.wait_for_selector(".result")
        send = page.get_by_role("button", name="Send")
        server.command[server.command.index("--port") + 1] = str(server.port)
        server.terminate()
        page.get_by_text("The server does not answer").wait_for()
        assert send.is_disabled() and page.locator("[data-pill=connection]").inner_text() == "Connection lost"
        server.restart()
        page.get_by_text("Connected", exact=True).wait_for()
        assert send.is_enabled() and page.get_by_role("alert").count() == 0
        v.send()
        v.answer()
        v.complaints.clear()  # the browser's own words on the connection
        v.context.close()
