"""A page of the console in a browser, and what the tests ask of every page: no error, no request to another host, no barrier to use."""
import os
import pathlib
import shutil

import pytest

# The browser without a window is the same engine as the browser, and needs half the processor time.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]
WAIT_MS = int(os.environ.get("VIRGA_WAIT_MS", "15000"))  # generous: a sanitizer build on a busy machine
STRICTEST = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]  # the rules of axe-core that look at colours
SHOTS = os.environ.get("VIRGA_SHOTS")
AXE = os.environ.get("VIRGA_AXE")
WIDE, NARROW = {"width": 1200, "height": 820}, {"width": 320, "height": 640}


class Visit:
    """One page in a browser context of its own. It collects what the page must not do: report an error or ask another host."""

    def __init__(self, browser, server, width=WIDE["width"], height=WIDE["height"], **context):
        self.context = browser.new_context(viewport={"width": width, "height": height}, **{"locale": "en-US", "reduced_motion": "reduce", **context})
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

    def overflow(self):
        """How many pixels the page is wider than what is seen of it."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def violations(self, only=None):
        """What axe-core finds against WCAG 2.2 AA, in words; or against these of its rules alone."""
        if not AXE:
            pytest.skip("no axe-core")
        if not self.page.evaluate("typeof axe === 'object'"):
            # Through the debugger, since the page's own policy allows no script from elsewhere.
            self.page.evaluate(pathlib.Path(AXE).read_text())
        # The rules that load files again for themselves are about media, of which there are none.
        options = {"runOnly": only or STRICTEST, "resultTypes": ["violations"], "preload": False}
        result = self.page.evaluate("options => axe.run(options)", options)
        return [f"{v['id']}: {v['help']}: {[n['html'][:120] for n in v['nodes']]}" for v in result["violations"]]

    def violations_in_both_schemes(self):
        """The same in light, and in dark what depends on colours."""
        self.page.emulate_media(color_scheme="light")
        found = self.violations()
        self.page.emulate_media(color_scheme="dark")
        return found + self.violations(COLOURS)

    def close(self):
        self.context.close()
        assert self.complaints == [] and self.foreign == []
