"""From what is configured to what nginx is told: servers by port and host, places by path."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from components.proxy import nginx
from components.proxy.config import CorsConfig, RouteConfig, SiteConfig
from components.proxy.headers import all_headers
from components.proxy.patterns import split

VOLUMES = "/srv"
"""Where volumes of files are mounted."""
LOOPBACK = "127.0.0.1"
"""Where the ports of single services are, `publish` and `ui_port`: no other machine sees them, whatever the address of the site."""
FIRST_INSIDE = 8080
"""Inside, the first published port and those after it: below 1024 a process would need a capability."""


@dataclass(frozen=True, kw_only=True)
class ProxyRoute:
    """A pattern, `[host]/path`, and what it leads to."""

    pattern: str
    app: str
    config: RouteConfig = RouteConfig()

    @property
    def host(self) -> str:
        """Empty: all that no route names."""
        return split(self.pattern)[0]

    @property
    def path(self) -> str:
        """Without its last slash."""
        return split(self.pattern)[1]


@dataclass(frozen=True, kw_only=True)
class ProxyPage:
    """A backing service's own page, on a port of its own (dev only)."""

    service: str
    host_port: int
    port: int


@dataclass(frozen=True, kw_only=True)
class ProxyStream:
    """A backing service's own port, bytes as they come (dev only)."""

    service: str
    host_port: int
    port: int


def site_url(config: SiteConfig) -> str:
    """Where a browser finds the site: on this host, unless it has a domain; there by TLS, where somebody before the stage ends it."""
    if config.domains and config.tls and config.tls.elsewhere:
        return f"https://{config.domains[0]}"
    scheme, port, usual = ("https", config.ports.https, 443) if config.serves_tls else ("http", config.ports.http, 80)
    return f"{scheme}://{config.domains[0] if config.domains else 'localhost'}{'' if port == usual else f':{port}'}"


def hosts_of(config: SiteConfig, patterns: Iterable[str]) -> tuple[str, ...]:
    """Every host that is served by name: domains, and hosts of routes."""
    return tuple(dict.fromkeys((*config.domains, *sorted(filter(None, (split(pattern)[0] for pattern in patterns))))))


def host_ports(config: SiteConfig, routes: Iterable[ProxyRoute], pages: Iterable[ProxyPage | ProxyStream]) -> dict[int, int]:
    """Ports of the host and those inside that they lead to."""
    site = [config.ports.http, *([config.ports.https] if config.serves_tls else [])]
    listens = sorted({route.config.listen for route in routes if route.config.listen})
    return {port: FIRST_INSIDE + place for place, port in enumerate(dict.fromkeys((*site, *(page.host_port for page in pages), *listens)))}


def volume_path(app: str, volume: str) -> str:
    """Where a volume of an app is mounted in the proxy."""
    return f"{VOLUMES}/{app}/{volume}"


def site(
    config: SiteConfig,
    routes: Sequence[ProxyRoute],
    upstreams: Sequence[nginx.Upstream],
    pages: Sequence[ProxyPage] = (),
    streams: Sequence[ProxyStream] = (),
    *,
    embedded: bool = False,
) -> nginx.Site:
    """Everything that the configuration depends on."""
    inside = host_ports(config, routes, (*pages, *streams))
    asked = {route.app for route in routes if route.config.asks_app}
    return nginx.Site(
        servers=_servers(config, routes, inside),
        upstreams=tuple(upstream for upstream in upstreams if upstream.name in asked),
        pages=tuple((inside[page.host_port], f"{page.service}:{page.port}") for page in pages),
        streams=tuple((inside[stream.host_port], f"{stream.service}:{stream.port}") for stream in streams),
        limits=tuple(
            nginx.Limit(name=name, per_second=limit.per_second, burst=limit.burst, paths=tuple(split(path) for path in limit.paths))
            for name, limit in sorted(config.rate_limits.items())
        ),
        headers=tuple(all_headers(config.headers).items()),
        hidden=("X-Powered-By", *(["Strict-Transport-Security"] if config.tls and config.tls.self_signed else [])),
        hsts_s=config.hsts_days * 86400,
        trusted=tuple(dict.fromkeys(config.trusted_proxies)),
        connections=config.connections,
        client_timeout_ms=config.client_timeout.amount,
        body_limit=config.body_limit.amount,
        read_timeout_ms=config.read_timeout.amount,
        connect_timeout_ms=config.connect_timeout.amount,
        gzip=config.gzip,
        embedded=embedded,
    )


def _servers(config: SiteConfig, routes: Sequence[ProxyRoute], inside: dict[int, int]) -> tuple[nginx.Server, ...]:
    http = inside[config.ports.http]
    found: list[nginx.Server] = []
    shared = [route for route in routes if route.config.listen is None]
    if config.serves_tls:
        hosts = hosts_of(config, (route.pattern for route in shared)) if config.domains else ()
        plain = () if config.redirect_http else (http,)
        if config.redirect_http:
            found += _limited(nginx.Server(ports=(http,), names=hosts, https_port=config.ports.https))
        found += _group(config, shared, plain, (inside[config.ports.https],))
    else:
        found += _group(config, shared, (http,), ())
    for listen in sorted({route.config.listen for route in routes if route.config.listen}):
        own = [route for route in routes if route.config.listen == listen]
        ports = (inside[listen],)
        found += _group(config, own, () if config.serves_tls else ports, ports if config.serves_tls else ())
    return tuple(found)


def _limited(server: nginx.Server) -> list[nginx.Server]:
    """A server, and where it has names, one that turns every other host away."""
    others = nginx.Server(ports=server.ports, tls_ports=server.tls_ports, misdirected=True)
    return [server, others] if server.names else [server]


def _group(config: SiteConfig, routes: Sequence[ProxyRoute], ports: tuple[int, ...], tls_ports: tuple[int, ...]) -> list[nginx.Server]:
    """The servers of some ports: one for each host that routes name, one for the others."""
    named = sorted({route.host for route in routes if route.host})
    found = [nginx.Server(ports=ports, tls_ports=tls_ports, names=(host,), places=_places(routes, host)) for host in named]
    rest = tuple(domain for domain in dict.fromkeys(config.domains) if domain not in named)
    general = nginx.Server(ports=ports, tls_ports=tls_ports, names=rest, places=_places(routes, ""))
    if config.domains and not rest:
        return [*found, nginx.Server(ports=ports, tls_ports=tls_ports, misdirected=True)]
    return [*found, *_limited(general)]


def _places(routes: Sequence[ProxyRoute], host: str) -> tuple[nginx.Place, ...]:
    return tuple(_place(route) for route in sorted(routes, key=lambda route: route.path, reverse=True) if route.host == host)


def _place(route: ProxyRoute) -> nginx.Place:
    config = route.config
    cors = _cors(config.cors) if config.cors else None
    if config.redirect:
        return nginx.Place(path=route.path, target=config.redirect.to, code=config.redirect.code, cors=cors, limit=config.rate_limit or "")
    if config.static:
        volume = volume_path(route.app, config.static.volume)
        return nginx.Place(
            path=route.path,
            volume=volume,
            folder=f"{volume}/{config.static.folder}".rstrip("/"),
            fallback=config.static.fallback,
            cache_s=config.static.cache.amount // 1000 if config.static.cache else None,
            cors=cors,
            limit=config.rate_limit or "",
        )
    return nginx.Place(
        path=route.path,
        upstream=route.app,
        strip=config.strip,
        websocket=config.websocket,
        body_limit=config.body_limit.amount if config.body_limit else None,
        read_timeout_ms=config.read_timeout.amount if config.read_timeout else None,
        cors=cors,
        limit=config.rate_limit or "",
    )


def _cors(config: CorsConfig) -> nginx.Cors:
    return nginx.Cors(
        origins=tuple(dict.fromkeys(config.origins)),
        methods=tuple(dict.fromkeys(method.value for method in config.methods)),
        headers=config.headers,
        credentials=config.credentials,
        max_age_s=config.max_age.amount // 1000,
    )
