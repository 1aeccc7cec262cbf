"""What nginx is told so that one visitor takes the site from nobody, and gets nothing by asking strangely."""

import re

import pytest

from components.proxy.nginx import render
from tests.components.test_nginx import http
from tests.nginx_syntax import parse
from tests.sites import SAMPLES, sample


def test_who_is_asked_in_vain_is_not_asked_twice() -> None:
    """An app that does not answer in time may be at work on it: wherever that time is said, it is said how long others may be tried, too."""
    for name in SAMPLES:
        for _, one in parse(render(sample(name))).walk():
            times = {directive: [found.args for found in one.all(directive)] for directive in ("proxy_read_timeout", "proxy_next_upstream_timeout")}
            if one.name in ("http", "location") and not any(passed.args[0].startswith("http://page.") for passed in one.all("proxy_pass")):
                assert times["proxy_read_timeout"] == times["proxy_next_upstream_timeout"], (name, one.args)


@pytest.mark.parametrize(
    ("host", "header", "asked"),
    [
        ("a.test", "a.test", "a.test"),
        ("a.test", "A.test:8443", "A.test:8443"),
        ("a.test", "a.test.", "a.test."),
        ("[::1]", "[::1]:80", "[::1]:80"),
        ("a.test", "evil.test", None),
        ("a.test", "a.test.evil.test", None),
        ("a.test", "a.test:80@evil.test", None),
        ("a.test", "", None),
    ],
)
def test_the_host_is_the_one_that_chose_the_server(host: str, header: str, asked: str | None) -> None:
    """Which of two that a request names (RFC 9112, 3.2.2): `$host`, and the header's form of the same."""
    [asked_host] = (one for one in http(sample("one-app")).all("map") if one.args[-1] == "$asked_host")
    rules = {one.name: one.args[0] for one in asked_host.inner}
    assert rules.pop("default") == "$host"
    [(rule, value)] = rules.items()
    assert value == "$http_host"
    found = re.search(rule.removeprefix("~*").replace("(?<", "(?P<").replace(r"\k<asked_name>", "(?P=asked_name)"), f"{host} {header}", re.IGNORECASE)
    assert (header if found else None) == asked


@pytest.mark.parametrize(
    ("status_and_type", "expires"), [("200 text/html; charset=utf-8", "-1"), ("200 text/css", "3600s"), ("304 ", "off"), ("404 text/html", "-1")]
)
def test_how_long_files_are_kept(status_and_type: str, expires: str) -> None:
    maps = [one for one in http(sample("files-and-redirects")).all("map") if one.args[-1].startswith("$expires_")]
    rules = {one.name: one.args[0] for one in maps[0].inner}
    default = rules.pop("default")
    assert next((value for rule, value in rules.items() if re.search(rule.removeprefix("~"), status_and_type)), default) == expires


def test_a_zone_that_is_kept_has_the_key_that_it_had() -> None:
    """nginx refuses, while it serves, a zone with another key than before (ngx_http_limit_req_init_zone), and its own test does not see that."""
    keys = [(one.args[1].partition(":")[0], one.args[0]) for one in http(sample("other-origins-and-limits")).all("limit_req_zone")]
    assert keys
    assert all(zone.removeprefix("zone=limit.").partition(".")[0] == key.removeprefix("$limited_") for zone, key in keys)
