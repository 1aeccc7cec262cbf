"""What may be said of the proxy and its routes; exact refusals stand in tests/config/mistakes.py."""

from typing import Any

import pytest
from pydantic import ValidationError

from components.proxy.config import CorsConfig, Method, RateLimitConfig, RouteConfig
from tests.sites import proxy_config


@pytest.mark.parametrize(
    ("config", "days"),
    [
        ({}, 0),
        ({"tls": {"self_signed": {}}}, 0),
        ({"tls": {"files": {"certificate": "/c", "key": "/k"}}}, 365),
        ({"tls": {"files": {"certificate": "/c", "key": "/k"}}, "hsts": 0}, 0),
        ({"tls": {"files": {"certificate": "/c", "key": "/k"}}, "hsts": 30}, 30),
    ],
)
def test_hsts_holds_with_a_certificate_that_was_given(config: dict[str, Any], days: int) -> None:
    assert proxy_config(**config).hsts_days == days


@pytest.mark.parametrize(("drain", "kept_ms"), [("20s", 18_000), ("2500ms", 500), ("2s", 0), ("1s", 0)])
def test_old_replicas_outlive_the_connections_that_may_lead_to_them(drain: str, kept_ms: int) -> None:
    assert proxy_config(drain=drain).kept_ms == kept_ms


@pytest.mark.parametrize(("network", "kept"), [("10.0.0.5", "10.0.0.5/32"), ("10.0.0.0/8", "10.0.0.0/8"), ("fd00::/8", "fd00::/8")])
def test_who_is_believed(network: str, kept: str) -> None:
    assert proxy_config(trusted_proxies=[network]).trusted_proxies == (kept,)


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "10.0.0.1/8", "balancer.example", "", "10.0.0.0/8; 1", "fe80::1%eth0", "255.255.255.255"])
def test_nobody_believes_everybody(network: str) -> None:
    with pytest.raises(ValidationError, match=r"is everybody, who could|is no address or network|is nobody's address"):
        proxy_config(trusted_proxies=[network])


@pytest.mark.parametrize(
    ("route", "asks"),
    [({}, True), ({"websocket": True, "strip": True}, True), ({"static": {"volume": "x"}}, False), ({"redirect": {"to": "/x"}}, False)],
)
def test_who_asks_the_app(route: dict[str, Any], asks: bool) -> None:
    assert RouteConfig.model_validate(route).asks_app is asks


@pytest.mark.parametrize("name", ["strip", "websocket", "body_limit", "read_timeout"])
@pytest.mark.parametrize("kind", [{"static": {"volume": "x"}}, {"redirect": {"to": "/x"}}])
def test_only_an_app_can_be_asked_in_some_way(name: str, kind: dict[str, Any]) -> None:
    value = {"body_limit": "1KiB", "read_timeout": "1s"}.get(name, True)
    with pytest.raises(ValidationError, match=f"has {next(iter(kind))}, for which {name} means nothing: take it away"):
        RouteConfig.model_validate(kind | {name: value})


@pytest.mark.parametrize(
    ("values", "methods", "headers", "credentials", "max_age"),
    [
        ({}, tuple(Method), ("Authorization", "Content-Type"), False, "10m"),
        ({"methods": ["GET"], "headers": [], "credentials": True, "max_age": "1s"}, (Method.GET,), (), True, "1s"),
    ],
    ids=["defaults", "explicit"],
)
def test_cors(values: dict[str, Any], methods: tuple[Method, ...], headers: tuple[str, ...], credentials: bool, max_age: str) -> None:
    cors = CorsConfig.model_validate({"origins": ["https://a.example"]} | values)
    assert (cors.methods, cors.headers, cors.credentials, cors.max_age) == (methods, headers, credentials, max_age)


@pytest.mark.parametrize("limit", [{"per_second": 0}, {"per_second": 1.5}, {"per_second": "1"}, {"per_second": 1, "burst": -1}, {}])
def test_rates_are_whole(limit: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"per_second|burst"):
        RateLimitConfig.model_validate(limit)
