"""A browser beside a server: Debian's chromium, driven by playwright.

VIRGA_AXE names axe.js. VIRGA_SHOTS names a folder for the screenshots of docs/console.
"""
import harness
import pytest
from pages import CHROMIUM, FLAGS, Visit

sync_api = pytest.importorskip("playwright.sync_api")


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM:
        pytest.skip("no chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, virga, request):
    """Opens visits. Each must end without an error of the page and without a request to another host."""
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
