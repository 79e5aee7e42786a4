"""Answers come late, in another order, or after their view was left: the page shows what was asked for last, and nothing is lost."""
import harness
import pytest

INSTANCE = "mssql-njj2mtpl"
ROWS = ".calls .vt-space .vt-row"


class DelayedRequests:
    """Requests of a path that wait until `release`."""

    def __init__(self, page, path):
        self.page, self.path, self.routes = page, path, []
        page.route(path, lambda route: self.routes.append(route))

    def wait(self):
        while not self.routes:
            self.page.wait_for_timeout(5)

    def release(self):
        for route in self.routes:
            with self.page.expect_response(route.request.url):
                route.continue_()
        self.page.unroute(self.path)


def go_to(page, hash_):
    page.evaluate("hash => { location.hash = hash; }", hash_)


def call(virga, action="DescribeZones", params=None):
    return virga.call(action, params or {}).response["RequestId"]


def test_an_address_that_changes_before_the_view_is_drawn(visit, virga):
    first = call(virga)
    v = visit()
    delayed = DelayedRequests(v.page, "**/_virga/pipeline")
    v.go("#/limits")
    go_to(v.page, "#/requests")
    delayed.wait()
    go_to(v.page, f"#/requests/{first}")
    delayed.release()
    v.page.locator(".opened .result .json").get_by_text(first).wait_for()


def test_one_stream_of_events_serves_all_views(visit):
    v = visit()
    heard = []
    v.page.on("request", lambda request: heard.append(request.url) if request.url.endswith("/events") else None)
    page = v.go("#/limits")
    for place in ("requests", "resources", "faults", "coverage", "overview"):
        go_to(page, f"#/{place}")
        page.locator(f"vg-{place} h2").wait_for()
    assert len(heard) == 1


def test_the_call_opened_last_is_shown(visit, virga):
    first, second = call(virga), call(virga, "DescribeRegions")
    v = visit()
    page = v.go("#/requests")
    page.locator(ROWS).first.wait_for()
    delayed = DelayedRequests(page, f"**/_virga/why/{first}")
    go_to(page, f"#/requests/{first}")
    delayed.wait()
    go_to(page, f"#/requests/{second}")
    page.locator(".opened .result .json").get_by_text(second).wait_for()
    delayed.release()
    page.evaluate("new Promise(requestAnimationFrame)")
    assert second in page.locator(".opened .result .json").inner_text()


def test_an_answer_that_is_late_stays_with_its_form(visit):
    v = visit()
    page = v.go("#/explorer/DescribeZones")
    page.wait_for_selector(".result")
    delayed = DelayedRequests(page, f"{v.server.endpoint}/")
    v.send()
    delayed.wait()
    assert page.get_by_role("button", name="Send").is_disabled()
    go_to(page, "#/explorer/DescribeRegions")
    page.locator(".title", has_text="DescribeRegions").wait_for()
    assert page.get_by_role("button", name="Send").is_enabled()
    delayed.release()
    page.evaluate("new Promise(requestAnimationFrame)")
    page.get_by_text("Nothing has been sent yet").wait_for()
    go_to(page, "#/explorer/DescribeZones")
    assert "ZoneSet" in v.answer()


def test_rows_stay_in_the_page_while_calls_come(visit, virga):
    """A row that is drawn again between a button's press and its release would not be clicked."""
    call(virga)
    page = visit().go("#/requests")
    page.get_by_text("Connected", exact=True).wait_for()
    page.locator(ROWS).first.evaluate("row => { row.id = ''; row.dataset.pressed = 'yes'; }")
    call(virga, "DescribeRegions")
    page.locator(ROWS).filter(has_text="DescribeRegions").first.wait_for()
    assert page.locator(f"{ROWS}[data-pressed]").count() == 1


def test_the_language_chosen_last_counts(visit):
    v = visit()
    page = v.go("#/limits")
    delayed = DelayedRequests(page, "**/i18n/zh.json")
    page.locator("[name=lang]").select_option("zh")
    delayed.wait()
    page.locator("[name=lang]").select_option("en")
    page.evaluate("new Promise(requestAnimationFrame)")
    delayed.release()
    page.get_by_text("Nothing has been counted yet").wait_for()
    assert page.evaluate("document.documentElement.lang") == "en"


@pytest.fixture
def restartable():
    with harness.Virga("--seed", "1", "--limit", "off", "--quiet") as server:
        yield server


def test_calls_of_a_server_that_was_restarted_appear(restartable, visit):
    v = visit(restartable)
    page = v.go("#/requests")
    page.get_by_text("Connected", exact=True).wait_for()
    for _ in range(3):
        call(restartable)
    page.get_by_text("3 of 3 requests").wait_for()
    restartable.command[restartable.command.index("--port") + 1] = str(restartable.port)
    restartable.terminate()
    restartable.restart()
    call(restartable, "DescribeRegions")
    page.get_by_text("1 of 1 requests").wait_for()
    page.get_by_text("Connected", exact=True).wait_for()
    call(restartable, "DescribeRegions")
    page.get_by_text("2 of 2 requests").wait_for()
    v.complaints.clear()  # the browser's own message on the connection
