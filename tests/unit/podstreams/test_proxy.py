"""Names of proxies, and what is rewritten on the way back."""

import pytest

from fakekube.endpoints.connection import Call
from fakekube.endpoints.podstreams.proxy import Location, _answer, _request, parse_target
from fakekube.sandbox.containers import HttpAnswer


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("web", ("", "web", "")),
        ("web:80", ("", "web", "80")),
        ("https:web:", ("https", "web", "")),
        ("http:web:http", ("http", "web", "http")),
        ("ftp:web:1", None),
        (":80", None),
        ("a:b:c:d", None),
        ("", None),
    ],
)
def test_names(text, target):
    assert parse_target(text) == target


async def no_body(limit):
    return b""


PREFIX = "/api/v1/namespaces/n/pods/web/proxy"
HEADERS = [("Host", "k:6443"), ("Connection", "keep-alive"), ("X-Own", "1")]
CALL = Call("GET", f"{PREFIX}/a/", "/a/", {}, "x=1", HEADERS, no_body, host="k:6443", remote="10.0.0.9")
PLACE = Location("http", "10.1.1.1", "80")


def test_what_is_sent():
    sent = _request(CALL, PLACE, b"")
    headers = dict(sent.headers)
    assert (sent.method, sent.path, sent.port) == ("GET", "/a/?x=1", 80)
    assert "Connection" not in headers
    assert (headers["X-Own"], headers["X-Forwarded-For"], headers["X-Forwarded-Uri"]) == (
        "1",
        "10.0.0.9",
        f"{PREFIX}/a/",
    )


@pytest.mark.parametrize(
    ("location", "rewritten"),
    [
        ("/b", f"{PREFIX}/b"),
        ("http://10.1.1.1:80/b?c#d", f"{PREFIX}/b?c#d"),
        (f"{PREFIX}/b", f"{PREFIX}/b"),
        ("https://k:6443/b", f"https://k:6443{PREFIX}/b"),
        ("http://elsewhere/b", "http://elsewhere/b"),
        ("b", "b"),
    ],
)
def test_redirections(location, rewritten):
    answer = _answer(CALL, PLACE, HttpAnswer(302, [("Location", location)]))
    assert answer.headers == [("Location", rewritten)]


def test_a_pod_does_not_speak_for_the_server():
    headers = [("Access-Control-Allow-Origin", "*"), ("Connection", "close"), ("X-Own", "1")]
    assert _answer(CALL, PLACE, HttpAnswer(200, headers)).headers == [("X-Own", "1")]


def test_links():
    page = HttpAnswer(200, [("Content-Type", "text/html; charset=utf-8")], b"<a href=\"/x\">x</a><a href='y'>y</a>")
    assert _answer(CALL, PLACE, page).body == f"<a href=\"{PREFIX}/x\">x</a><a href='y'>y</a>".encode()
