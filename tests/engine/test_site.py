"""What a site does for its users: one stage with everything that a proxy can be told, asked over HTTP."""

import json
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from websockets.sync.client import connect

from components.proxy.certificate import UNTIL
from tests.engine.site_client import BALANCED, OWN, SECURITY, SHARED, give, secured, site_sees
from tests.engine.visitor import Visitor, eventually

PREFLIGHT = {"Origin": "https://other.test", "Access-Control-Request-Method": "PUT"}


def test_a_second_up_changes_nothing(site: Visitor) -> None:
    site.project.berth("preview", "--", "--expect-no-changes", "--refresh")


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (200, {"path": "/"}),
        (404, {"path": "/files/none"}),
        (405, {"path": "/files/app.js", "method": "POST"}),
        (413, {"path": "/small", "method": "POST", "content": b"x" * 2000}),
        (421, {"path": "/", "host": "localhost"}),
        (431, {"path": "/", "headers": {"X-Long": "x" * 40000}}),
        (502, {"path": "/die"}),
        (504, {"path": "/slow"}),
        (308, {"path": "/old"}),
    ],
)
def test_headers_of_every_answer(site: Visitor, status: int, request_: dict[str, Any]) -> None:
    answer = site.ask(**request_)
    assert answer.status_code == status
    assert secured(answer, SHARED if request_["path"] == "/slow" else SECURITY)
    assert answer.headers["server"] == "nginx"
    if status >= 400:
        assert answer.text.startswith(f"{status} ")
        assert len(answer.text) < 40


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (400, "GET\r\n\r\n"),
        (400, "GET / HTTP/1.1\r\n\r\n"),
        (400, "GET /files/%00 HTTP/1.1\r\nHost: site.test\r\n\r\n"),
        (414, f"GET /{'x' * 40000} HTTP/1.1\r\nHost: site.test\r\n\r\n"),
        (505, "GET / HTTP/9.9\r\nHost: site.test\r\n\r\n"),
        (405, "TRACE / HTTP/1.1\r\nHost: site.test\r\n\r\n"),
    ],
)
def test_what_is_hardly_a_request(site: Visitor, status: int, request_: str) -> None:
    head, _, body = site.sent(request_).partition(b"\r\n\r\n")
    lines = head.decode().splitlines()
    assert lines[0].startswith(f"HTTP/1.1 {status} ")
    assert lines.count("X-Frame-Options: SAMEORIGIN") == 1
    assert "Server: nginx" in lines
    assert b"nginx/" not in body


def test_what_the_app_says_itself_is_not_said_twice(site: Visitor) -> None:
    assert secured(site.ask("/own"), OWN), "and nobody is bound to a certificate that is self-signed"
    assert secured(site.ask("/missing"))
    assert '"path"' in site.ask("/missing").text, "an app's own error page is not ours to replace"


@pytest.mark.parametrize(("path", "app", "seen"), [("/api", "api", "/"), ("/api/", "api", "/"), ("/api/x?y=1", "api", "/x?y=1"), ("/apifoo", "web", "/apifoo")])
def test_strip(site: Visitor, path: str, app: str, seen: str) -> None:
    said = site.ask(path, headers={"X-Forwarded-Prefix": "/forged", "X-Forwarded-For": "1.2.3.4"}).json()
    assert (said["app"], said["path"]) == (app, seen)
    assert said["headers"].get("X-Forwarded-Prefix") == ("/api" if app == "api" else None)
    assert said["headers"]["X-Forwarded-Proto"] == "https"
    assert said["headers"]["Host"] == said["headers"]["X-Forwarded-Host"] == "site.test"
    assert "1.2.3.4" not in said["headers"]["X-Forwarded-For"]


def test_hosts(site: Visitor) -> None:
    assert site.ask("/x", host="api.test").json()["app"] == "api"
    assert site.ask("/x").json()["app"] == "web"
    assert site.ask("/x", host="unknown.test", plain=True).status_code == 421
    answer = site.ask("/x//y?z=%2F", host="www.test")
    assert (answer.status_code, answer.headers["location"]) == (301, "https://site.test/x//y?z=%2F")


@pytest.mark.parametrize(
    ("path", "location"),
    [("/old", "/new"), ("/old?a=b", "/new?a=b"), ("/old/x%20y?a=b", "/new/x%20y?a=b"), ("/old//evil.test", "/new"), ("/older", None)],
)
def test_redirects(site: Visitor, path: str, location: str | None) -> None:
    assert site.ask(path).headers.get("location") == location


def test_http_leads_to_https(site: Visitor) -> None:
    answer = site.ask("/a?b=c", method="POST", plain=True)
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://site.test:{site.https}/a?b=c")
    answer = site.ask("/a?b=c", plain=True, port=site.https, host=f"site.test:{site.https}")
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://site.test:{site.https}/a?b=c")
    assert f"https://site.test:{site.https}" in site.project.pulumi("stack", "output", "url")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1")
def test_tls(site: Visitor) -> None:
    site.context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", site.https)) as plain, site.context.wrap_socket(plain, server_hostname="api.test") as wrapped:
        assert (wrapped.version(), wrapped.selected_alpn_protocol()) == ("TLSv1.3", "h2")
    site.context.set_alpn_protocols(["http/1.1"])
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", site.https)) as plain, old.wrap_socket(plain) as wrapped:
        assert wrapped.version() == "TLSv1.2"
        assert wrapped.cipher()[0].startswith("ECDHE-ECDSA")  # type: ignore[index]  # it is connected
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", site.https)) as plain, pytest.raises(ssl.SSLError, match=r"(?i)protocol version|no protocols"):
        old.wrap_socket(plain)


def test_files(site: Visitor) -> None:
    answer = site.ask("/files/app.js")
    assert answer.text == "x" * 2000
    assert answer.headers["cache-control"] == "max-age=3600"
    page = site.ask("/files/")
    assert page.headers["cache-control"] == "no-cache"
    unchanged = site.ask("/files/", headers={"If-None-Match": page.headers["etag"]})
    assert (unchanged.status_code, unchanged.headers.get("cache-control")) == (304, None), "what the browser keeps stays as it was"
    assert site.ask("/files/app.mjs").headers["content-type"] == "text/javascript"
    assert site.ask("/files").headers["location"] == "/files/"
    assert site.ask("/files/docs/").text == "<p>docs"
    assert site.ask("/files/own").text == "x" * 2000
    assert site.ask("/files/app.js", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
    assert site.ask("/x", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"


def test_a_page_for_unknown_paths(site: Visitor) -> None:
    assert site.ask("/page/").text == site.ask("/page/any/thing").text == "<p>the page"
    assert site.ask("/page/any/thing").headers["cache-control"] == "no-cache"
    assert site.ask("/page/app.js").text == "x" * 2000


@pytest.mark.parametrize("path", ["/files/key", "/files/docs"])
def test_files_that_are_not_served(site: Visitor, path: str) -> None:
    assert site.ask(path).status_code in (403, 404)


@pytest.mark.parametrize(
    "target",
    [
        "/files../secret.txt", "/files/../secret.txt", "/files/%2e%2e/secret.txt", "/files/..%2fsecret.txt", "/files/docs/../../secret.txt", "/files//../secret.txt",
        "/page/../secret.txt", "/page/..%2f..%2f..%2fetc/berth/tls.key", "/../../../etc/berth/tls.key", "/files/%00", "/files/..%5csecret.txt",
    ],
)  # fmt: skip
def test_no_way_out_of_the_folder(site: Visitor, target: str) -> None:
    answer = site.raw(target)
    assert answer.startswith(b"HTTP/1.1 ")
    assert b"not for you" not in answer
    assert b"PRIVATE" not in answer


def test_preflight(site: Visitor) -> None:
    answer = site.ask("/cors", method="OPTIONS", headers=PREFLIGHT)
    allowed = {name: value for name, value in answer.headers.items() if name.startswith("access-control")}
    assert answer.status_code == 204
    assert allowed == {
        "access-control-allow-origin": "https://other.test",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "access-control-allow-headers": "Authorization, Content-Type",
        "access-control-max-age": "600",
    }
    assert "Origin" in answer.headers.get_list("vary")
    answer = site.ask("/cors", method="OPTIONS", headers={**PREFLIGHT, "Origin": "https://evil.test"})
    assert answer.status_code == 204
    assert not any(name.startswith("access-control") for name in answer.headers)
    assert "Origin" in answer.headers.get_list("vary")


def test_other_origins(site: Visitor) -> None:
    answer = site.ask("/cors/own", headers={"Origin": "https://other.test"})
    assert answer.headers.get_list("access-control-allow-origin") == ["https://other.test"]
    assert "access-control-allow-methods" not in answer.headers
    answer = site.ask("/open/own", headers={"Origin": "https://any.test"})
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert answer.headers.get_list("cross-origin-resource-policy") == ["same-origin"], "the app's own"
    assert "access-control-allow-credentials" not in answer.headers
    assert secured(site.ask("/open"), SHARED)
    assert site.ask("/x", method="OPTIONS", headers=PREFLIGHT).json()["app"] == "web"


@pytest.mark.parametrize(("status", "path"), [(413, "/cors"), (504, "/slow"), (502, "/cors/die")])
def test_errors_are_seen_by_other_origins_too(site: Visitor, status: int, path: str) -> None:
    answer = site.ask(path, method="POST", content=b"x" * (2000 if status == 413 else 10), headers={"Origin": "https://other.test"})
    assert answer.status_code == status
    assert answer.headers.get_list("access-control-allow-origin") == ["https://other.test"]
    assert secured(answer, SHARED)


def test_websocket(site: Visitor) -> None:
    with connect(f"wss://site.test:{site.https}/ws", ssl=site.context, sock=socket.create_connection(("127.0.0.1", site.https))) as socket_:
        assert socket_.recv() == "hello"


def test_no_upgrade_where_none_is_asked_for(site: Visitor) -> None:
    said = site.ask("/x", headers={"Connection": "Upgrade", "Upgrade": "websocket"}).json()["headers"]
    assert "Upgrade" not in said


@pytest.mark.parametrize(("path", "passed"), [("/limited", 4), ("/once", 1)])
def test_rate_limits(site: Visitor, path: str, passed: int) -> None:
    """One request and the burst pass; at one more each second, forty at once cannot all."""
    answers = [site.ask(f"{path}/{number}") for number in range(40)]
    codes = [answer.status_code for answer in answers]
    assert codes[:passed] == [200] * passed
    assert set(codes) == {200, 429}
    assert secured(next(answer for answer in answers if answer.status_code == 429))
    assert site.ask("/limitedfoo").status_code == 200


def test_a_port_of_its_own(site: Visitor, inner: int) -> None:
    assert site.ask("/inner/x", port=inner).json()["app"] == "api"
    assert site.ask("/x", port=inner).status_code == 404
    assert site.ask("/inner/x").json()["app"] == "web"


def test_another_certificate_from_files(site: Visitor) -> None:
    """It changes the site, for those that follow too."""
    app, chain, before = site.project.root / "app.yaml", give(site, b"f"), site.project.one("proxy").id
    app.write_text(app.read_text().replace("{ self_signed: {} }", "{ files: { certificate: site.crt, key: site.key } }"))
    site.project.berth("up")
    assert site.certificate() == chain
    other = Visitor(site.project, "site.test", site.https)
    assert other.ask("/x").headers.get_list("strict-transport-security") == ["max-age=31536000"]
    assert other.ask("/die").headers.get_list("strict-transport-security") == ["max-age=31536000"]
    assert other.ask("/own").headers.get_list("strict-transport-security") == ["max-age=1"]
    assert "strict-transport-security" not in other.ask("/x", plain=True).headers
    assert site_sees(other, "203.0.113.7") != "203.0.113.7", "nobody is believed who is not named"
    other.client.close()
    site.project.berth("preview", "--", "--expect-no-changes", "--refresh")
    assert site.project.one("proxy").id == before


def test_a_renewed_certificate_behind_a_balancer(site: Visitor) -> None:
    """The last test. Whoever asks from this host is believed for whom it asks; a renewed certificate serves in the same container."""
    app, chain, before = site.project.root / "app.yaml", give(site, b"g"), site.project.one("proxy")
    app.write_text(app.read_text().replace("  rate_limits: {", f"{BALANCED}  rate_limits: {{ another: {{ paths: [/another/], per_second: 1 }},"))
    site.project.berth("up")
    assert (site.certificate(), site.project.one("proxy").id) == (chain, before.id)
    assert "certificate for " in site.project.berth("status")
    [good_for] = [one["certificate_days"] for one in json.loads(site.project.berth("status", "--json"))["services"] if one["service"] == "proxy"]
    assert good_for == (UNTIL - datetime.now(UTC)).days
    behind = Visitor(site.project, "site.test", site.https)
    assert "strict-transport-security" not in behind.ask("/x").headers
    assert site_sees(behind, "203.0.113.7") == "203.0.113.7"
    assert site_sees(behind, "6.6.6.6, 203.0.113.8") == "203.0.113.8", "what a visitor says before the balancer does is not believed"
    eventually(lambda: "203.0.113.8 [" in before.logs(tail=50).decode(), 10)
    said = [behind.ask("/x", headers={"X-Forwarded-Proto": proto}).json()["headers"]["X-Forwarded-Proto"] for proto in ("http", "https", "gopher")]
    assert said == ["http", "https", "https"]
    assert behind.sent("POST /x HTTP/1.1\r\nHost: site.test\r\nContent-Length: 9\r\n\r\nabc") == b"", "silent for 2 s"
    eventually(lambda: '"POST /x HTTP/1.1" 408' in before.logs(tail=50).decode(), 10)
    one, another = (
        [behind.ask(f"/once/{number}", headers={"X-Forwarded-For": visitor}).status_code for number in range(9)] for visitor in ("198.51.100.1", "198.51.100.2")
    )
    assert (one[0], another[0]) == (200, 200), "each is counted by itself"
    assert {*one, *another} == {200, 429}, "as before, though there is another limit before it now"
    with ThreadPoolExecutor() as visitors:
        for _ in range(2):
            visitors.submit(holds, behind)
        refused = eventually(lambda: [one for one in [behind.ask("/x", headers={"X-Forwarded-For": "198.51.100.3"})] if one.status_code == 429], 9)
        assert behind.ask("/x", headers={"X-Forwarded-For": "198.51.100.4"}).status_code == 200
    assert secured(refused[0])
    behind.client.close()


def holds(behind: Visitor) -> None:
    """Have a request in hand that is not answered, as soon as there is room for it."""
    while behind.ask("/x/slow", headers={"X-Forwarded-For": "198.51.100.3"}, timeout=10).status_code == 429:
        time.sleep(0.05)
