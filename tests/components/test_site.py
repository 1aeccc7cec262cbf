"""From configuration to servers and places: who answers on which port and host."""

from typing import Any

import pytest

from components.proxy.config import RouteConfig
from components.proxy.nginx import Cors, Limit, Place, Server, Site
from components.proxy.site import ProxyPage, ProxyRoute, host_ports, hosts_of, site_url, volume_path
from tests.sites import configured, proxy_config, sample

TLS: dict[str, Any] = {"tls": {"self_signed": {}}}
DOMAINS: dict[str, Any] = {"domains": ["a.example"]}


def outline(site: Site) -> list[tuple[Any, ...]]:
    """Ports, TLS ports, names, and what is there: places, a redirect to HTTPS, or 421."""
    return [
        (server.ports, server.tls_ports, server.names, 421 if server.misdirected else server.https_port or [place.path or "/" for place in server.places])
        for server in site.servers
    ]


@pytest.mark.parametrize(
    ("config", "routes", "expected"),
    [
        ({}, {"/": {}, "/b": {}, "/b/c": {}}, [((8080,), (), (), ["/b/c", "/b", "/"])]),
        ({}, {"/": {}, "x.example/y": {}}, [((8080,), (), ("x.example",), ["/y"]), ((8080,), (), (), ["/"])]),
        (DOMAINS, {"/": {}}, [((8080,), (), ("a.example",), ["/"]), ((8080,), (), (), 421)]),
        (DOMAINS, {"a.example/": {}}, [((8080,), (), ("a.example",), ["/"]), ((8080,), (), (), 421)]),
        (TLS, {"/": {}}, [((8080,), (), (), 8443), ((), (8081,), (), ["/"])]),
        (TLS | {"redirect_http": False}, {"/": {}}, [((8080,), (8081,), (), ["/"])]),
        (
            TLS | DOMAINS,
            {"/": {}, "x.example/": {}},
            [
                ((8080,), (), ("a.example", "x.example"), 8443),
                ((8080,), (), (), 421),
                ((), (8081,), ("x.example",), ["/"]),
                ((), (8081,), ("a.example",), ["/"]),
                ((), (8081,), (), 421),
            ],
        ),
        ({}, {"/": {"listen": 9000}, "/x": {"listen": 9000}, "/y": {}}, [((8080,), (), (), ["/y"]), ((8081,), (), (), ["/x", "/"])]),
        (TLS, {"/": {"listen": 9000}}, [((8080,), (), (), 8443), ((), (8081,), (), []), ((), (8082,), (), ["/"])]),
    ],
)
def test_servers(config: dict[str, Any], routes: dict[str, Any], expected: list[Any]) -> None:
    assert outline(configured(config, {"web": routes})) == expected


@pytest.mark.parametrize(
    ("route", "place"),
    [
        ({}, Place(path="/x", upstream="web")),
        (
            {"strip": True, "websocket": True, "body_limit": "1KiB", "read_timeout": "90s", "rate_limit": "slow"},
            Place(path="/x", upstream="web", strip=True, websocket=True, body_limit=1024, read_timeout_ms=90_000, limit="slow"),
        ),
        ({"static": {"volume": "files"}}, Place(path="/x", folder="/srv/web/files", volume="/srv/web/files")),
        (
            {"static": {"volume": "files", "folder": "a/b/", "fallback": "i.html", "cache": "1h"}, "rate_limit": "slow"},
            Place(path="/x", folder="/srv/web/files/a/b", volume="/srv/web/files", fallback="i.html", cache_s=3600, limit="slow"),
        ),
        ({"redirect": {"to": "/y", "code": 302}}, Place(path="/x", target="/y", code=302)),
        (
            {"cors": {"origins": ["*", "*"], "methods": ["GET", "GET"]}},
            Place(
                path="/x",
                upstream="web",
                cors=Cors(origins=("*",), methods=("GET",), headers=("Authorization", "Content-Type"), credentials=False, max_age_s=600),
            ),
        ),
    ],
)
def test_places(route: dict[str, Any], place: Place) -> None:
    made = configured({}, {"web": {"/x/": route}})
    assert made.servers == (Server(ports=(8080,), places=(place,)),)


def test_only_apps_that_are_asked_are_upstreams() -> None:
    assert [upstream.name for upstream in configured({}, {"web": {"/": {}}, "files": {"/f": {"static": {"volume": "x"}}}}).upstreams] == ["web"]


def test_limits_and_headers() -> None:
    made = sample("other-origins-and-limits")
    assert made.limits == (
        Limit(name="api", per_second=10, burst=20, paths=(("", "/api"), ("v.example", "/x.y"))),
        Limit(name="login", per_second=1, burst=0),
    )
    assert dict(made.headers)["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("config", "url"),
    [
        ({}, "http://localhost:8080"),
        ({"ports": {"http": 80}}, "http://localhost"),
        (DOMAINS, "http://a.example:8080"),
        (TLS, "https://localhost:8443"),
        (TLS | DOMAINS | {"ports": {"https": 443}}, "https://a.example"),
    ],
)
def test_url(config: dict[str, Any], url: str) -> None:
    assert site_url(proxy_config(**config)) == url


def test_tls_elsewhere_is_the_domains_and_no_port_here() -> None:
    elsewhere: dict[str, Any] = {"tls": {"elsewhere": {}}}
    assert site_url(proxy_config(**elsewhere, **DOMAINS)) == "https://a.example"
    assert site_url(proxy_config(**elsewhere)) == "http://localhost:8080"
    assert host_ports(proxy_config(**elsewhere), [], []) == {8080: 8080}


def test_hosts() -> None:
    assert hosts_of(proxy_config(domains=["b.example", "a.example"]), ["/", "c.example/x", "a.example/"]) == ("b.example", "a.example", "c.example")


def test_ports_of_the_host_and_inside() -> None:
    routes = [ProxyRoute(pattern="/", app="web", config=RouteConfig(listen=port)) for port in (9001, 9000, 9001)]
    page = ProxyPage(service="mail", host_port=8025, port=8025)
    assert host_ports(proxy_config(**TLS), routes, [page]) == {8080: 8080, 8443: 8081, 8025: 8082, 9000: 8083, 9001: 8084}
    assert host_ports(proxy_config(), [], []) == {8080: 8080}


def test_volume_path() -> None:
    assert volume_path("web", "files") == "/srv/web/files"
