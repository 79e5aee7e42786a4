"""Late answers, answers in another order, and answers after their view has closed: the page shows what was requested last, and loses nothing."""
import harness
import pytest

INSTANCE = "mssql-njj2mtpl"
ROWS = ".calls .vt-space .vt-row"


class Held:
    """Holds back the requests of a path until let_go()."""

    def __init__(self, page, path):
        self.page, self.path, self.routes = page, path, []
        page.route(path, lambda route: self.routes.append(route))

    def wait(self):
        while not self.routes:
            self.page.wait_for_timeout(5)

    def let_go(self):
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
    held = Held(v.page, "**/_virga/pipeline")
    v.go("#/limiter")
    go_to(v.page, "#/calls")
    held.wait()
    go_to(v.page, f"#/calls/{first}")
    held.let_go()
    v.page.locator(".opened .result .json").get_by_text(first).wait_for()


@pytest.mark.parametrize("place", ["#/calls", "#/call"])
def test_a_view_that_is_left_before_it_is_drawn_listens_to_nothing(visit, place):
    v = visit()
    heard = []
    v.page.on("request", lambda request: heard.append(request.url) if request.url.endswith("/events") else None)
    v.go("#/limiter")
    held = Held(v.page, "**/_virga/pipeline")
    go_to(v.page, place)
    held.wait()
    go_to(v.page, "#/limiter")
    v.page.locator(".counters").wait_for()
    held.let_go()
    v.page.evaluate("new Promise(requestAnimationFrame)")
    assert heard == []
    v.page.keyboard.press("/")
    v.page.locator(".counters").wait_for()


def test_the_call_opened_last_is_shown(visit, virga):
    first, second = call(virga), call(virga, "DescribeRegions")
    v = visit()
    page = v.go("#/calls")
    page.locator(ROWS).first.wait_for()
    held = Held(page, f"**/_virga/why/{first}")
    go_to(page, f"#/calls/{first}")
    held.wait()
    go_to(page, f"#/calls/{second}")
    page.locator(".opened .result .json").get_by_text(second).wait_for()
    held.let_go()
    page.evaluate("new Promise(requestAnimationFrame)")
    assert second in page.locator(".opened .result .json").inner_text()


def test_an_answer_that_is_late_stays_with_its_form(visit):
    v = visit()
    page = v.go("#/call/DescribeZones")
    page.wait_for_selector(".result")
    held = Held(page, f"{v.server.endpoint}/")
    v.send()
    held.wait()
    assert page.get_by_role("button", name="Send").is_disabled()
    go_to(page, "#/call/DescribeRegions")
    page.locator(".title", has_text="DescribeRegions").wait_for()
    assert page.get_by_role("button", name="Send").is_enabled()
    held.let_go()
    page.evaluate("new Promise(requestAnimationFrame)")
    page.get_by_text("Nothing has been sent yet").wait_for()
    go_to(page, "#/call/DescribeZones")
    assert "ZoneSet" in v.answer()


def test_rows_stay_in_the_page_while_calls_come(visit, virga):
    """A row that is drawn again between the press and the release of a button would not be clicked."""
    call(virga)
    page = visit().go("#/calls")
    page.get_by_text("live", exact=True).wait_for()
    page.locator(ROWS).first.evaluate("row => { row.id = ''; row.dataset.pressed = 'yes'; }")
    call(virga, "DescribeRegions")
    page.locator(ROWS).filter(has_text="DescribeRegions").first.wait_for()
    assert page.locator(f"{ROWS}[data-pressed]").count() == 1


def test_the_language_chosen_last_counts(visit):
    v = visit()
    page = v.go("#/limiter")
    held = Held(page, "**/i18n/zh/limiter.json")
    page.locator("[name=lang]").select_option("zh")
    held.wait()
    page.locator("[name=lang]").select_option("en")
    page.evaluate("new Promise(requestAnimationFrame)")
    held.let_go()
    page.get_by_text("Nothing has been counted yet").wait_for()
    assert page.evaluate("document.documentElement.lang") == "en"


@pytest.fixture
def restarted():
    with harness.Virga("--seed", "1", "--limit", "off", "--quiet") as server:
        yield server


def test_calls_of_a_server_that_was_restarted_appear(restarted, visit):
    v = visit(restarted)
    page = v.go("#/calls")
    page.get_by_text("live", exact=True).wait_for()
    for _ in range(3):
        call(restarted)
    page.get_by_text("3 of 3 calls").wait_for()
    restarted.command[restarted.command.index("--port") + 1] = str(restarted.port)
    restarted.terminate()
    restarted.restart()
    call(restarted, "DescribeRegions")
    page.get_by_text("1 of 1 calls").wait_for()
    page.get_by_text("live", exact=True).wait_for()
    call(restarted, "DescribeRegions")
    page.get_by_text("2 of 2 calls").wait_for()
    v.complaints.clear()  # the browser reports the connection itself
