"""The form of an HTTP archive after the HAR 1.2 specification: the members of every object, which of them are required, and how their
values depend on each other."""
import datetime
import urllib.parse


class Optional:
    def __init__(self, kind):
        self.kind = kind


class ListOf:
    def __init__(self, kind):
        self.kind = kind


def millis(value):
    return type(value) in (int, float) and value >= 0


def millis_or_unknown(value):
    return type(value) in (int, float) and (value >= 0 or value == -1)


def size(value):
    return type(value) is int and value >= -1


def moment(value):
    return datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).tzinfo is not None


def address(value):
    parts = urllib.parse.urlsplit(value)
    return parts.scheme in ("http", "https") and parts.hostname and not parts.fragment


PAIR = {"name": str, "value": str, "comment": Optional(str)}
COOKIE = {"name": str, "value": str, "path": Optional(str), "domain": Optional(str), "expires": Optional(moment), "httpOnly": Optional(bool),
          "secure": Optional(bool), "comment": Optional(str)}
PRODUCT = {"name": str, "version": str, "comment": Optional(str)}
POST_DATA = {"mimeType": str, "params": Optional(ListOf({"name": str, "value": Optional(str), "fileName": Optional(str),
                                                         "contentType": Optional(str), "comment": Optional(str)})),
             "text": Optional(str), "comment": Optional(str)}
REQUEST = {"method": str, "url": address, "httpVersion": str, "cookies": ListOf(COOKIE), "headers": ListOf(PAIR), "queryString": ListOf(PAIR),
           "postData": Optional(POST_DATA), "headersSize": size, "bodySize": size, "comment": Optional(str)}
CONTENT = {"size": size, "compression": Optional(int), "mimeType": str, "text": Optional(str), "encoding": Optional(str),
           "comment": Optional(str)}
RESPONSE = {"status": int, "statusText": str, "httpVersion": str, "cookies": ListOf(COOKIE), "headers": ListOf(PAIR), "content": CONTENT,
            "redirectURL": str, "headersSize": size, "bodySize": size, "comment": Optional(str)}
TIMINGS = {**{name: Optional(millis_or_unknown) for name in ("blocked", "dns", "connect", "ssl")},
           **{name: millis for name in ("send", "wait", "receive")}, "comment": Optional(str)}
ENTRY = {"pageref": Optional(str), "startedDateTime": moment, "time": millis, "request": REQUEST, "response": RESPONSE, "cache": {},
         "timings": TIMINGS, "serverIPAddress": Optional(str), "connection": Optional(str), "comment": Optional(str)}
PAGE = {"startedDateTime": moment, "id": str, "title": str, "pageTimings": {}, "comment": Optional(str)}
ARCHIVE = {"log": {"version": str, "creator": PRODUCT, "browser": Optional(PRODUCT), "pages": Optional(ListOf(PAGE)), "entries": ListOf(ENTRY),
                   "comment": Optional(str)}}


def check(value, kind=ARCHIVE, where="archive"):
    """Asserts the form. The name of a member that is not in the specification begins with an underscore."""
    if isinstance(kind, ListOf):
        assert isinstance(value, list), where
        for i, each in enumerate(value):
            check(each, kind.kind, f"{where}[{i}]")
    elif isinstance(kind, dict):
        assert isinstance(value, dict), where
        missing = {name for name, k in kind.items() if not isinstance(k, Optional)} - set(value)
        unknown = {name for name in value if not name.startswith("_")} - set(kind)
        assert (missing, unknown) == (set(), set()), where
        for name in set(value) & set(kind):
            k = kind[name]
            check(value[name], k.kind if isinstance(k, Optional) else k, f"{where}.{name}")
    elif isinstance(kind, type):
        assert type(value) is kind, (where, value)
    else:
        assert kind(value), (where, value)


def check_entry(entry):
    """Asserts how the values of one entry depend on each other."""
    request, response, timings = entry["request"], entry["response"], entry["timings"]
    parts = [timings[name] for name in ("blocked", "dns", "connect", "send", "wait", "receive") if timings.get(name, -1) >= 0]
    assert abs(sum(parts) - entry["time"]) < 0.01, entry
    post = request.get("postData")
    assert post is None or len({"text", "params"} & set(post)) == 1, "text and params exclude each other"
    query = urllib.parse.urlsplit(request["url"]).query
    assert len(request["queryString"]) == len([part for part in query.split("&") if part]), request
    assert response["status"] == 0 or response["content"]["size"] == response["bodySize"], response
