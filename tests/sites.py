"""Sites to render: some to read, and as many as one likes that a user could have written."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from components.proxy.config import ProxyConfig, RouteConfig
from components.proxy.headers import SECURITY_HEADERS
from components.proxy.nginx import Site, Upstream
from components.proxy.site import ProxyPage, ProxyRoute, ProxyStream, site

OTHER = "https://other.example"
SAMPLES: dict[str, tuple[dict[str, Any], dict[str, dict[str, Any]]]] = {
    "one-app": ({}, {"web": {"/": {}}}),
    "nothing": ({"gzip": False, "headers": dict.fromkeys(SECURITY_HEADERS)}, {}),
    "several-apps": (
        {"body_limit": "100MiB", "read_timeout": "1500ms", "connect_timeout": "1s"},
        {
            "web": {"/": {}, "/ws": {"websocket": True}, "/api/v2": {"read_timeout": "5m"}},
            "api": {"/api/": {"strip": True, "body_limit": "1KiB"}, "/live": {"websocket": True, "strip": True, "read_timeout": "90s"}},
        },
    ),
    "files-and-redirects": (
        {},
        {
            "web": {
                "/media": {"static": {"volume": "files", "cache": "1h"}},
                "/": {"static": {"volume": "files", "folder": "dist/site", "fallback": "index.html"}},
                "/old": {"redirect": {"to": "/new/"}},
                "/sso": {"redirect": {"to": "https://sso.example/?from=here", "code": 302}},
            }
        },
    ),
    "other-origins-and-limits": (
        {"rate_limits": {"api": {"paths": ["/api/", "v.example/x.y"], "per_second": 10, "burst": 20}, "login": {"per_second": 1}}},
        {
            "web": {
                "/": {},
                "/login": {"rate_limit": "login"},
                "/open": {"cors": {"origins": ["*"], "methods": ["GET"], "headers": ["X-Own"]}},
                "/api": {"cors": {"origins": [OTHER, "http://localhost:5173"], "credentials": True, "max_age": "1m"}},
            }
        },
    ),
    "hosts-and-tls": (
        {"domains": ["a.example", "b.example"], "tls": {"files": {"certificate": "/c", "key": "/k"}}, "ports": {"https": 443}},
        {"web": {"/": {}}, "api": {"api.example/v1": {}, "/inner": {"listen": 9000}}, "old": {"b.example/": {"redirect": {"to": "https://a.example"}}}},
    ),
    "behind-a-balancer": (
        {
            "trusted_proxies": ["10.0.0.5", "192.168.0.0/16", "fd00::/8"],
            "connections": 200,
            "client_timeout": "1m",
            "drain": "70s",
            "rate_limits": {"all": {"paths": ["/"], "per_second": 5}},
        },
        {"web": {"/": {}}},
    ),
    "embedded": ({"tls": {"self_signed": {}}, "domains": ["a.example"]}, {"web": {"/": {}}, "api": {"/api": {"strip": True}}}),
    "tls-and-http": ({"tls": {"self_signed": {}}, "redirect_http": False, "headers": {"X-Text": 'a "b" \\n $c {}; #'}}, {"web": {"/only": {}}}),
}
PORTS = {"address": "127.0.0.1", "http": 8080, "https": 8443}
APPS = ("web", "api", "a_b-c")
VOLUME = "files"

_label = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
_hosts = st.lists(_label, min_size=1, max_size=4).map(".".join).filter(lambda host: len(host) <= 250)
_segments = st.from_regex(r"[A-Za-z0-9._~@-]{1,40}", fullmatch=True).filter(lambda part: part not in (".", ".."))
_paths = st.tuples(st.lists(_segments, max_size=3), st.sampled_from(["", "/"])).map(lambda made: "/" + "/".join(made[0]) + (made[1] if made[0] else ""))
_patterns = st.tuples(st.just("") | _hosts, _paths).map("".join)
_relative = st.lists(_segments, min_size=1, max_size=2).map("/".join)
_times = st.sampled_from(["1ms", "999ms", "1s", "90s", "5m", "8760h"])
_sizes = st.sampled_from(["1KiB", "3MiB", "2GiB", "1024GiB"])
_ports = st.integers(1, 65535)
_origins = st.tuples(st.sampled_from(["http", "https"]), _hosts, st.just("") | _ports.map(lambda port: f":{port}")).map(
    lambda made: f"{made[0]}://{made[1]}{made[2]}"
)
_words = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,30}", fullmatch=True)
_names = st.from_regex(r"[a-z][a-z0-9_-]{0,39}", fullmatch=True)
_texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=200).map(str.strip).filter(bool)
_targets = (
    st.tuples(st.just("") | _origins, _paths, st.just("") | st.from_regex(r"[?#][A-Za-z0-9._~!&'()*+,;=:@%/?#-]{0,60}", fullmatch=True))
    .map("".join)
    .filter(lambda target: not target.startswith("//"))
)


def _mapping(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


def _cors() -> st.SearchStrategy[dict[str, Any]]:
    methods = st.lists(st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]), min_size=1, max_size=7)
    more = _mapping(methods=methods, headers=st.lists(_words, max_size=3), max_age=_times)
    named = st.tuples(st.lists(_origins, min_size=1, max_size=3), st.booleans()).map(lambda made: {"origins": made[0], "credentials": made[1]})
    return st.tuples(named | st.just({"origins": ["*"]}), more).map(lambda made: made[0] | made[1])


def _routes(limits: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    everywhere = _mapping(cors=_cors(), listen=st.sampled_from([9001, 9002]))
    limited = _mapping(**({"rate_limit": st.sampled_from(limits)} if limits else {}))
    asked = _mapping(strip=st.booleans(), websocket=st.booleans(), body_limit=_sizes, read_timeout=_times)
    static = _mapping(folder=_relative, fallback=_relative, cache=_times).map(lambda made: {"static": {"volume": VOLUME} | made})
    redirect = st.tuples(_targets, st.sampled_from([301, 302, 303, 307, 308])).map(lambda made: {"redirect": {"to": made[0], "code": made[1]}})
    reached = st.tuples(asked | static, limited).map(lambda made: made[0] | made[1])
    return st.tuples(reached | redirect, everywhere).map(lambda made: made[0] | made[1])


def _configs() -> st.SearchStrategy[dict[str, Any]]:
    limit = st.tuples(_mapping(paths=st.lists(_patterns, max_size=3), burst=st.integers(0, 100_000)), st.integers(1, 100_000))
    headers = st.dictionaries(_words.map(lambda word: f"X-{word}"), st.none() | _texts, max_size=4).filter(
        lambda made: len({name.lower() for name in made}) == len(made)
    )
    return _mapping(
        domains=st.lists(_hosts, max_size=3),
        tls=st.just({"self_signed": {}}),
        redirect_http=st.booleans(),
        rate_limits=st.dictionaries(_names, limit.map(lambda made: made[0] | {"per_second": made[1]}), max_size=3),
        body_limit=_sizes,
        read_timeout=_times,
        connect_timeout=_times,
        gzip=st.booleans(),
        trusted_proxies=st.lists(st.ip_addresses().map(str).filter(lambda address: address != "255.255.255.255"), max_size=3),
        connections=st.integers(1, 4096),
        client_timeout=_times,
        headers=headers | st.just({"X-Frame-Options": None}) | st.just({"cross-origin-resource-policy": "same-origin"}),
    )


@st.composite
def sites(draw: st.DrawFn) -> Site:
    """Any site that is valid: what the models accept, and rules of config.routing."""
    config = draw(_configs())
    route = _routes(sorted(config.get("rate_limits", {})))
    apps: dict[str, dict[str, Any]] = {app: draw(st.dictionaries(_patterns, route, max_size=4)) for app in APPS}
    seen: set[tuple[object, str]] = set()
    for routes in apps.values():
        for pattern in list(routes):
            key = (routes[pattern].get("listen"), pattern.rstrip("/"))
            if key in seen:
                del routes[pattern]
            seen.add(key)
    pages = draw(st.booleans())
    return configured(config, apps, pages=pages, embedded=not pages and draw(st.booleans()))


def proxy_config(**values: Any) -> ProxyConfig:
    """What the file says of the proxy, and ports."""
    return ProxyConfig.model_validate({"drain": "1s", **values, "ports": PORTS | values.get("ports", {})})


def configured(config: Mapping[str, Any], apps: Mapping[str, Mapping[str, Any]], *, pages: bool = False, embedded: bool = False) -> Site:
    """A site as its application file would say it."""
    said = proxy_config(**config)
    made = site(
        said,
        [ProxyRoute(pattern=pattern, app=app, config=RouteConfig.model_validate(route)) for app, routes in apps.items() for pattern, route in routes.items()],
        [Upstream(name=app, servers=tuple(f"{app}-{number}-1234567:8000" for number in (1, 2))) for app in apps],
        [ProxyPage(service="mail", host_port=8025, port=8025)] if pages else [],
        [ProxyStream(service="db", host_port=5432, port=5432)] if pages else [],
        embedded=embedded,
    )
    return replace(made, kept_ms=0 if embedded else said.kept_ms)


def sample(name: str) -> Site:
    """One of the sites to read."""
    config, apps = SAMPLES[name]
    return configured(config, apps, pages=name == "one-app", embedded=name == "embedded")
