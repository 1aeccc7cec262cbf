"""The configuration of nginx, rendered from plain values."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from components.proxy.headers import RESOURCE_POLICY
from components.templates import templates

HEALTH_PORT = 8079
"""Answers 200 inside the container and nowhere else."""
REASONS = {
    403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 411: "Length Required",
    412: "Precondition Failed", 413: "Content Too Large", 415: "Unsupported Media Type", 416: "Range Not Satisfiable",
    421: "Misdirected Request", 429: "Too Many Requests", 431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
}  # fmt: skip
"""Errors of nginx's own that it answers in our words; an app's answers are not touched. Not 400, 414 and 505: they may come before nginx knows the path of the
request, and without one it cannot go to a named location, but answers 500 (ngx_http_core_module.c, ngx_http_named_location)."""


UNHEARD = ("Forwarded", "X-Forwarded-Port", "X-Forwarded-Protocol", "X-Forwarded-Scheme", "X-Forwarded-Ssl")
"""What frameworks believe too when it comes from a proxy: ours says nothing of the kind, and visitors are not believed."""


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """An app's replicas, each as `host:port`."""

    name: str
    servers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Requests that one address may make to some paths, each a host (or none, for all) and a path without its last slash."""

    name: str
    per_second: int
    burst: int
    paths: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cors:
    """What pages of other origins may do."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    credentials: bool
    max_age_s: int

    @property
    def anybody(self) -> bool:
        """Whether every origin may."""
        return "*" in self.origins


@dataclass(frozen=True, kw_only=True)
class Place:
    """What is at a path and below it: an upstream, files, or a redirect."""

    path: str
    """Without its last slash; empty for the root."""
    upstream: str = ""
    strip: bool = False
    websocket: bool = False
    body_limit: int | None = None
    """Bytes; None: the site's."""
    read_timeout_ms: int | None = None
    folder: str = ""
    """Absolute path of the files inside the container."""
    volume: str = ""
    """Where the volume of the files is mounted: links in it are not trusted."""
    fallback: str | None = None
    cache_s: int | None = None
    target: str = ""
    code: int = 308
    cors: Cors | None = None
    limit: str = ""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A group of hosts on some ports."""

    ports: tuple[int, ...] = ()
    tls_ports: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    """Empty: whoever is not named in another."""
    places: tuple[Place, ...] = ()
    misdirected: bool = False
    """Answers 421 to everything."""
    https_port: int | None = None
    """Sends everything to this port of the host by TLS."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything that the configuration depends on."""

    servers: tuple[Server, ...]
    upstreams: tuple[Upstream, ...] = ()
    pages: tuple[tuple[int, str], ...] = ()
    """Port inside and `host:port` behind it, by HTTP."""
    streams: tuple[tuple[int, str], ...] = ()
    """Port inside and `host:port` behind it, by TCP."""
    limits: tuple[Limit, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    hidden: tuple[str, ...] = ()
    """Headers of apps that nobody gets."""
    hsts_s: int = 0
    trusted: tuple[str, ...] = ()
    """Addresses and networks that are believed for whom they ask."""
    connections: int
    """That one address may have at once."""
    client_timeout_ms: int
    body_limit: int
    """Bytes."""
    read_timeout_ms: int
    connect_timeout_ms: int
    gzip: bool
    kept_ms: int = 0
    """How long a connection that a visitor keeps idle lasts at least, whatever is reloaded."""
    embedded: bool = False
    """In one container with its apps: addresses are known, nothing is looked up, and nginx may be an older one (1.22)."""
    spool: str = "/tmp"  # noqa: S108  # a path inside the container
    """Folder for what is larger than nginx's buffers: bodies of requests until they are complete, answers while a slow client takes them."""
    version: str = ""
    """What it answers for its version; empty: nothing."""


@dataclass(frozen=True)
class _Numbers:
    """Numbers of places and of what they allow other origins: parts of names in the configuration."""

    places: dict[Place, int] = field(default_factory=dict)
    cors: dict[Cors, int] = field(default_factory=dict)


def _numbers(servers: Iterable[Server]) -> _Numbers:
    places = list(dict.fromkeys(place for server in servers for place in server.places))
    cors = dict.fromkeys(place.cors for place in places if place.cors)
    return _Numbers({place: number for number, place in enumerate(places)}, {one: number for number, one in enumerate(cors)})


def quoted(text: str) -> str:
    """A text as one word of nginx. There is no escape for `$`, so a variable that holds one takes its place."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "${dollar}") + '"'


def pattern(path: str) -> str:
    """A path or host in a regular expression: a dot is the only special character that either may have."""
    return path.replace(".", "[.]")


def milliseconds(amount: int) -> str:
    """A time as nginx writes it."""
    return f"{amount}ms" if amount % 1000 else f"{amount // 1000}s"


_templates = templates(Path(__file__).parent, {"quoted": quoted, "pattern": pattern, "ms": milliseconds})


def render(site: Site) -> str:
    """Render nginx.conf."""
    return _tidy(
        _templates.get_template("nginx.conf.j2").render(
            site=site, health_port=HEALTH_PORT, reasons=REASONS, resource_policy=RESOURCE_POLICY, unheard=UNHEARD, numbers=_numbers(site.servers)
        )
    )


def _tidy(text: str) -> str:
    """Indent by blocks, with a blank line before each: the template need not care."""
    lines: list[str] = []
    depth, fresh = 0, True
    for line in filter(None, map(str.strip, text.splitlines())):
        depth -= line == "}"
        opens, comment = line.endswith("{"), line.startswith("#")
        if (opens or comment) and not fresh:
            lines.append("")
        lines.append("    " * depth + line)
        depth += opens
        fresh = opens or comment
    return "\n".join(lines) + "\n"
