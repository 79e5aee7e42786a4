"""The token of the control API, which is needed beyond loopback: the console asks for it once, and only where it helps."""
import json

SHUT = {"error": {"code": "forbidden", "message": "the control API needs its token",
                  "hint": "Authorization: Bearer TOKEN, or X-Virga-Token: TOKEN"}}
FOREIGN = {"error": {"code": "forbidden", "message": "the Host is not a name of this server", "hint": "ask for localhost"}}


def guard(page, refusal, token="s3cret"):
    """Makes the browser answer requests as a server with a token does."""
    def judge(route):
        if route.request.headers.get("x-virga-token") == token:
            route.fallback()
        else:
            route.fulfill(status=403, content_type="application/json", body=json.dumps(refusal))

    for path in ("credentials", "pipeline", "snippet"):
        page.route(f"**/_virga/{path}", judge)


def test_the_token_is_asked_for_and_kept_in_the_tab(visit):
    v = visit()
    guard(v.page, SHUT)
    v.page.goto(f"{v.server.endpoint}/_virga/#/explorer/CreateBackup")
    dialog = v.page.get_by_role("dialog")
    dialog.get_by_label("Token").fill("s3cret")
    dialog.get_by_role("button", name="Use the token").click()
    v.page.wait_for_selector(".result")
    assert v.page.locator("[name=credential] option").count() == 2
    v.tab("Copy as")
    v.page.wait_for_selector(".result code")
    v.page.reload()
    v.page.wait_for_selector(".result")
    assert v.page.get_by_role("dialog").count() == 0
    v.complaints.clear()  # the browser reports each 403 itself


def test_without_the_token_a_credential_can_be_typed_in(visit):
    v = visit()
    guard(v.page, SHUT)
    v.page.goto(f"{v.server.endpoint}/_virga/#/explorer/CreateBackup")
    for _ in range(2):  # the credentials, then the pipeline
        v.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    v.page.wait_for_selector(".result")
    assert "needs its token" in v.page.get_by_role("alert").inner_text()
    assert v.page.locator("[name=credential]").input_value() == "other"
    v.complaints.clear()


def test_no_token_is_asked_for_where_none_would_help(visit):
    v = visit()
    guard(v.page, FOREIGN)
    v.page.goto(f"{v.server.endpoint}/_virga/#/explorer/CreateBackup")
    v.page.wait_for_selector(".result")
    assert v.page.get_by_role("dialog").count() == 0 and "not a name of this server" in v.page.get_by_role("alert").inner_text()
    v.complaints.clear()
