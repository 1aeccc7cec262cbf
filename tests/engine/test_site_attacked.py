"""What visitors try at the proxy, to be believed, to get past its rules, or to take the site from others."""

import pytest

from tests.engine.examples.readers import BUSYBOX
from tests.engine.project import said_in
from tests.engine.visitor import Visitor


def test_another_host_in_the_request_line(site: Visitor) -> None:
    """It wins over the header (RFC 9112, 3.2.2), for the app too: else one could ask for the site and have it make links to a host of one's own."""
    said = site.sent("GET http://site.test/x HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n")
    assert b'"Host": "site.test"' in said
    assert b"evil.test" not in said
    assert b" 421 " in site.sent("GET http://evil.test/x HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n\r\n").partition(b"\r\n")[0]


@pytest.mark.parametrize("host", ["site.test:8443", "SITE.test", "site.test."])
def test_the_host_as_it_was_asked_for(site: Visitor, host: str) -> None:
    assert site.ask("/x", host=host, sni="site.test").json()["headers"]["Host"] == host


def test_nobody_is_believed_for_whom_or_how_he_asks(site: Visitor) -> None:
    told = {"Forwarded": "for=127.0.0.1;host=evil.test;proto=https", "X-Forwarded-Host": "evil.test", "X-Forwarded-Proto": "gopher"}
    told |= {f"X-Forwarded-{name}": "evil.test" for name in ("Port", "Protocol", "Scheme", "Ssl")}
    seen = site.ask("/x", headers=told).json()["headers"]
    assert not {"Forwarded", "X-Forwarded-Port", "X-Forwarded-Protocol", "X-Forwarded-Scheme", "X-Forwarded-Ssl"} & set(seen)
    assert (seen["X-Forwarded-Host"], seen["X-Forwarded-Proto"]) == ("site.test", "https")


def test_no_other_protocol_than_websocket(site: Visitor) -> None:
    """nginx would see no more requests of the connection, and none of its rules would hold."""
    headers = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__"}
    seen = site.ask("/ws/x", headers=headers).json()["headers"]
    assert "Upgrade" not in seen
    assert "upgrade" not in seen.get("Connection", "").lower()


def test_an_answer_with_large_headers_arrives(site: Visitor) -> None:
    """nginx would take the replica for a failed one, and everybody would be without it."""
    assert len(site.ask("/large").headers["link"]) == 12_000
    assert site.ask("/x").status_code == 200


def test_an_error_is_what_it_says(site: Visitor) -> None:
    answer = site.ask("/die.json")
    assert (answer.status_code, answer.headers["content-type"], answer.text) == (502, "text/plain", "502 Bad Gateway\n")


def test_health_and_version_are_for_the_container_alone(site: Visitor) -> None:
    assert "403" in said_in(site.project.one("web"), BUSYBOX, "wget", "-qO-", "http://proxy:8079/version")
    assert said_in(site.project.one("proxy"), BUSYBOX, "wget", "-qO-", "http://127.0.0.1:8079/") == "ok\n"
