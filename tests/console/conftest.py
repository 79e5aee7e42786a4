"""A browser beside a server: Debian's chromium, driven by playwright, with a page that must stay without a fault.

VIRGA_AXE names axe.js. VIRGA_SHOTS names a folder to put the screenshots of docs/console into.
"""
import os
import pathlib
import shutil

import harness
import pytest

sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]
WAIT_MS = 15000  # generous: a sanitizer build on a busy machine
STRICTEST = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SHOTS = os.environ.get("VIRGA_SHOTS")
AXE = os.environ.get("VIRGA_AXE")


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM:
        pytest.skip("no chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """A page of the console, and what it must not have done: complained, or asked another host."""

    def __init__(self, browser, server, width=1200, height=820, **context):
        self.context = browser.new_context(viewport={"width": width, "height": height}, **{"locale": "en-US", **context})
        self.page = self.context.new_page()
        self.page.set_default_timeout(WAIT_MS)
        self.server = server
        self.complaints, self.foreign = [], []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on("request", lambda r: self._note(r.url))

    def _note(self, url):
        if not url.startswith((self.server.endpoint + "/", "data:")):
            self.foreign.append(url)

    def go(self, hash_=""):
        self.page.goto(f"{self.server.endpoint}/_virga/{hash_}")
        self.page.wait_for_selector("vg-app main > *")
        return self.page

    def fill(self, name, value):
        self.page.locator(f"[data-field={name}] input").fill(value)

    def send(self):
        self.page.get_by_role("button", name="Send").click()

    def answer(self):
        return self.page.locator(".result .json").inner_text(timeout=WAIT_MS)

    def tab(self, name):
        self.page.locator(".result").get_by_role("tab", name=name).click()

    def settings(self, **values):
        self.page.locator("details.context").evaluate("each => { each.open = true; }")
        for name, value in values.items():
            self.page.locator(f"[name={name}]").select_option(value)

    def shot(self, name):
        if SHOTS:
            self.page.screenshot(path=pathlib.Path(SHOTS) / f"{name}.png")

    def violations(self):
        """What axe-core finds against WCAG 2.2 AA, in words."""
        if not AXE:
            pytest.skip("no axe-core")
        # Through the debugger, since the page's own policy allows no script from elsewhere.
        self.page.evaluate(pathlib.Path(AXE).read_text())
        result = self.page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", STRICTEST)
        return [f"{v['id']}: {v['help']}: {[n['html'][:120] for n in v['nodes']]}" for v in result["violations"]]

    def close(self):
        self.context.close()
        assert self.complaints == [] and self.foreign == []


@pytest.fixture
def visit(browser, virga, request):
    """Opens visits; each must end without a complaint of the page and without a request to elsewhere."""
    visits = []

    def visit(server=virga, **options):
        visits.append(Visit(browser, server, **options))
        return visits[-1]

    yield visit
    for each in visits:
        each.close()


@pytest.fixture(scope="module")
def virga():
    """A flow that takes no time, so that a test may back up as often as it likes."""
    with harness.Virga("--seed", "1", "--limit", "off", "--flow-seconds", "backup=0", "--quiet") as server:
        yield server
