"""What may be configured of the proxy and of the routes that lead through it."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from components.container import Logs, Resources
from components.model import Address, Duration, Model, Name, Port, Size, Whole, duration, size
from components.proxy.headers import Headers
from components.proxy.patterns import HeaderName, Host, Network, Origin, RelativePath, RoutePattern, Target
from components.proxy.tls import TlsConfig

LAST_WORD_MS = 2000
"""What old replicas outlive the connections by that may still lead to them."""
HSTS_DAYS = 365
"""What `hsts` is where it is not written and a certificate is given."""


class StaticConfig(Model):
    """Files that the proxy serves by itself; for a folder, written with its last slash, its index.html.

    They have to be readable for everybody; symbolic links lead only to files of the same owner."""

    volume: Name
    """One of the app's volumes; the proxy mounts it read-only."""

    folder: RelativePath = ""
    """Folder inside the volume. Empty: all of it."""

    fallback: RelativePath | None = None
    """File of the folder that answers for unknown paths, as a single-page application wants it. None: 404."""

    cache: Duration | None = None
    """How long browsers may keep a file without asking again; pages (text/html) are always asked for. None: the server says nothing of it."""


class RedirectConfig(Model):
    """An answer that sends the browser elsewhere, with the rest of the path and the query, unless `to` has a query or fragment of its own."""

    to: Target
    """Path or address that takes the place of the route's path."""

    code: Literal[301, 302, 303, 307, 308] = 308
    """Status of the answer. 307 and 308 keep the method, 301 and 308 are remembered by browsers."""


class Method(StrEnum):
    """Methods that pages of another origin may be allowed."""

    GET = "GET"
    HEAD = "HEAD"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


class CorsConfig(Model):
    """What pages of other origins may do here. The proxy answers for the app, preflights (OPTIONS) included."""

    origins: Annotated[tuple[Origin, ...], Field(min_length=1)]
    """Origins that may, or `"*"`."""

    methods: Annotated[tuple[Method, ...], Field(min_length=1)] = tuple(Method)
    """Methods they may use."""

    headers: tuple[HeaderName, ...] = ("Authorization", "Content-Type")
    """Request headers they may send."""

    credentials: bool = False
    """Whether cookies come along."""

    max_age: Duration = duration("10m")
    """How long a browser remembers the answer to a preflight."""

    @model_validator(mode="after")
    def _named_origins(self) -> "CorsConfig":
        if self.credentials and "*" in self.origins:
            raise ValueError('allows credentials to origin "*", which browsers refuse: name the origins')
        return self


class RouteConfig(Model):
    """A path of the site that leads to the app, to files or elsewhere."""

    strip: bool = False
    """Whether the app is asked without the route's path: `/x` for `/api/x`. It finds the path in X-Forwarded-Prefix."""

    websocket: bool = False
    """Whether connections here may be upgraded, and stay open while silent."""

    static: StaticConfig | None = None
    """Serve files of a volume instead of asking the app. None: ask the app."""

    redirect: RedirectConfig | None = None
    """Send the browser elsewhere instead of asking the app. None: ask the app."""

    listen: Port | None = None
    """A port of the host for this route alone, instead of the site's. None: the site's."""

    body_limit: Size | None = None
    """Largest request body. None: the proxy's."""

    read_timeout: Duration | None = None
    """How long the app may be silent before the answer is 504. None: the proxy's, and an hour for a websocket. No other replica is tried after that time, also
    where it was spent on connecting: one below `connect_timeout` is no time for a second try."""

    cors: CorsConfig | None = None
    """What pages of other origins may do. None: the app's matter."""

    rate_limit: Name | None = None
    """One of `proxy.rate_limits` for this route. None: only the limits whose paths match."""

    @property
    def asks_app(self) -> bool:
        """Whether requests reach the app."""
        return self.static is None and self.redirect is None

    @model_validator(mode="after")
    def _one_kind(self) -> "RouteConfig":
        if self.static and self.redirect:
            raise ValueError("has both static and redirect: keep one of them")
        kind = "static" if self.static else "redirect"
        idle = ["strip", "websocket", "body_limit", "read_timeout", *(["rate_limit"] if self.redirect else [])]
        for name in idle if not self.asks_app else ():
            if getattr(self, name):
                raise ValueError(f"has {kind}, for which {name} means nothing: take it away")
        return self


Routes = dict[RoutePattern, RouteConfig]
"""Routes of an app by their patterns."""


class ProxyPorts(Model):
    """Where the site is reached on the host."""

    address: Address
    """Address of the host that the ports of the site and of its routes are bound to. 0.0.0.0 is every network, and a firewall on the host does not see it
    (Docker bypasses UFW)."""

    http: Port
    """Port of the site."""

    https: Port
    """Port of the site by TLS; published where TLS ends here, by `tls`."""


class RateLimitConfig(Model):
    """How often one address may ask; more is answered 429."""

    paths: tuple[RoutePattern, ...] = ()
    """Paths it holds for: `/api` is `/api` and `/api/x`, on every host unless one is written before it. Routes join by `rate_limit`."""

    per_second: Annotated[Whole, Field(ge=1, le=100_000)]
    """Requests per second in the long run."""

    burst: Annotated[Whole, Field(ge=0, le=100_000)] = 0
    """Requests that may come early, at once."""


class SiteConfig(Model):
    """How the site is served, wherever nginx runs."""

    ports: ProxyPorts
    """Where the site is reached on the host."""

    domains: tuple[Host, ...] = ()
    """Hosts of the site, the main one first; others are answered 421, except those that a route names. Empty: every host."""

    tls: TlsConfig | None = None
    """Certificate of the site. None: no TLS, which a stage that serves people has to say: `elsewhere`."""

    redirect_http: bool = True
    """Whether HTTP only leads to HTTPS (308), where TLS ends here."""

    hsts: Annotated[Whole, Field(ge=0, le=3650)] | None = None
    """Days for which browsers shall refuse plain HTTP for this host, not for those below it; wants `tls.files`. An app's own value wins, but for a self-signed
    certificate, where it is taken away. 0: they are not told to, and never for localhost. None: 365 with `tls.files`, else 0."""

    rate_limits: dict[Name, RateLimitConfig] = {}
    """Limits by name."""

    body_limit: Size = size("10MiB")
    """Largest request body; a larger one is answered 413."""

    trusted_proxies: tuple[Network, ...] = ()
    """Addresses or networks of what stands before this site, such as a load balancer: in dev and prod as the proxy's container sees them. It is believed for
    whom it asks (X-Forwarded-For, the last address that is not one of these) and how (X-Forwarded-Proto): so limits, logs and apps have the visitor's own.
    Other headers of this kind (Forwarded, X-Forwarded-Port and others) reach no app.
    Empty: nobody is, and who connects is the visitor."""

    connections: Annotated[Whole, Field(ge=1, le=4096)] = 1000
    """Requests of one address that may be served at once, open websockets among them; more are answered 429."""

    client_timeout: Duration = duration("15s")
    """How long a client may take for the head of a request, or be silent while it sends a body, before its connection is closed (408 in the log)."""

    read_timeout: Duration = duration("60s")
    """How long an app may be silent before the answer is 504."""

    connect_timeout: Duration = duration("1s")
    """How long it may take to reach an app."""

    gzip: bool = True
    """Whether text is compressed on the way."""

    headers: Headers = {}
    """Headers of every answer, over X-Content-Type-Options, X-Frame-Options, Referrer-Policy, Content-Security-Policy, Cross-Origin-Opener-Policy,
    Cross-Origin-Resource-Policy, Permissions-Policy and X-Permitted-Cross-Domain-Policies; an app's own value wins. None: not this one."""

    stop_grace: Duration = duration("30s")
    """How long requests may take to end when the proxy is told to stop."""

    @model_validator(mode="after")
    def _hsts_is_earned(self) -> "SiteConfig":
        if self.hsts and not (self.tls and self.tls.files):
            raise ValueError("has hsts without tls.files: browsers would refuse the site for that long")
        return self

    @property
    def hsts_days(self) -> int:
        """Days for which browsers shall refuse plain HTTP; 0: they are not told to."""
        given = bool(self.tls and self.tls.files)
        return (HSTS_DAYS if given else 0) if self.hsts is None else self.hsts

    @property
    def serves_tls(self) -> bool:
        """Whether the site has a certificate and a port for TLS here."""
        return bool(self.tls and self.tls.ends_here)


class ProxyConfig(SiteConfig):
    """How the site is served."""

    version: str = "1.28"
    """Release line of nginx, quoted, 1.27.4 or later: a tag of the official image."""

    image: str | None = None
    """Another image of the same contract. None: the official one of `version`."""

    drain: Duration
    """How long old replicas of apps run on after the proxy has turned to new ones: until two seconds before, they give visitors who kept a connection one
    more answer. A connection that was idle for longer is closed at the turn. `70s` leaves a balancer that keeps connections for a minute none of those.
    A proxy that is replaced waits for kept connections as well, `stop_grace` at most."""

    resources: Resources = Resources(memory=size("128MiB"), cpus="1.0")
    """Limits of the container."""

    logs: Logs = Logs()
    """How much of its log is kept."""

    @property
    def kept_ms(self) -> int:
        """How long a connection that a visitor keeps idle lasts at least, also where a worker of nginx is about to end."""
        return max(0, self.drain.amount - LAST_WORD_MS)

    @property
    def reference(self) -> str:
        """The image."""
        return self.image or f"nginx:{self.version}"


class ServedSiteConfig(SiteConfig):
    """How the site is served to people, wherever nginx runs: never in plain without saying so."""

    tls: TlsConfig
    """Certificate of the site, or who has it."""


class ServedProxyConfig(ServedSiteConfig, ProxyConfig):
    """How the site is served to people."""
