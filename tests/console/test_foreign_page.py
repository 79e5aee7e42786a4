"""A page of another site in a real browser: what it can send without permission changes nothing."""
import http.server
import threading

import pytest
from control import ask

LOAD = """url => new Promise(done => {
    const image = new Image();
    image.onload = image.onerror = done;
    image.src = url;
})"""
SUBMIT = """url => new Promise(done => {
    document.body.innerHTML = '<iframe name="to"></iframe><form method="post" target="to"><input name="a"></form>';
    const form = document.querySelector('form');
    form.action = url;
    document.querySelector('iframe').onload = event => event.target.src || done();
    form.submit();
})"""
GET = "url => fetch(url, {mode: 'no-cors'}).then(() => 0, () => 0)"
POST = "url => fetch(url, {mode: 'no-cors', method: 'POST', body: '{}'}).then(() => 0, () => 0)"


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>another site</title><body>")

    def log_message(self, *_):
        pass


@pytest.fixture(params=["localhost", "127.0.0.1"], ids=["another site", "another port"])
def page(browser, request):
    """virga is at 127.0.0.1."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://{request.param}:{server.server_port}/")
    yield page
    context.close()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("send", [LOAD, GET], ids=["image", "fetch"])
def test_a_signed_call(virga, page, send):
    """The page knows the credential of the built-in world."""
    before = ask(virga, "GET", "/_virga/state").body
    page.evaluate(send, virga.endpoint + virga.prepare("CreateBackup", {"InstanceId": "mssql-njj2mtpl"}, mode="v1").message().target)
    assert ask(virga, "GET", "/_virga/state").body == before


@pytest.mark.parametrize("send", [SUBMIT, POST], ids=["form", "fetch"])
def test_a_reset(virga, page, send):
    assert virga.call("CreateBackup", {"InstanceId": "mssql-njj2mtpl"}).code is None
    before = ask(virga, "GET", "/_virga/state").body
    page.evaluate(send, virga.endpoint + "/_virga/reset")
    assert ask(virga, "GET", "/_virga/state").body == before
