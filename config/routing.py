"""What routes, hosts and ports of a site have to agree on."""

from collections.abc import Iterator

from components.app.config import Application
from components.proxy.config import RouteConfig
from components.proxy.patterns import split
from components.proxy.site import LOOPBACK
from config.agreement import Found, Given, listed
from config.document import Where
from config.problems import suggestion
from config.stage import AnyStage, DevStage

APART = frozenset({"publish", "ui_port"})
"""Fields that publish a service by itself."""


def routes_of(stage: AnyStage) -> Iterator[tuple[Where, Application, str, RouteConfig]]:
    """Every route: where it stands, its app, its pattern, itself."""
    for name, app in stage.apps.items():
        for pattern, route in app.routes.items():
            yield ("apps", name, "routes", pattern), app, pattern, route


def host_ports(stage: AnyStage) -> dict[Where, int]:
    """Every port of the host that a stage asks for, by the path that configures it; routes may share one of their own, which stands here once."""
    ports: dict[Where, int] = {("proxy", "ports", "http"): stage.proxy.ports.http}
    if stage.proxy.serves_tls:
        ports["proxy", "ports", "https"] = stage.proxy.ports.https
    if isinstance(stage, DevStage) and stage.mail:
        ports["mail", "mailhog", "ui_port"] = stage.mail.mailhog.ui_port
    if isinstance(stage, DevStage):
        ports |= {("apps", name, "publish"): app.publish for name, app in stage.apps.items() if app.publish}
        ports |= {("postgres", name, "publish"): server.publish for name, server in stage.postgres.items() if server.publish}
        ports |= {("redis", name, "publish"): server.publish for name, server in stage.redis.items() if server.publish}
    listens: dict[int, Where] = {}
    for where, _, _, route in routes_of(stage):
        if route.listen:
            listens.setdefault(route.listen, (*where, "listen"))
    return ports | {where: port for port, where in listens.items()}


def address_of(stage: AnyStage, where: Where) -> str:
    """Where a port of the host is bound that is configured at a path."""
    return LOOPBACK if where[-1] in APART else stage.proxy.ports.address


def ports_are_unique(stage: AnyStage, given: Given) -> Found:
    """A port of the host leads to one thing."""
    seen: dict[int, str] = {}
    for where, port in host_ports(stage).items():
        if port in seen:
            yield where, f"is {port}, as {seen[port]} is: choose another"
        seen.setdefault(port, ".".join(str(step) for step in where))


def routes_are_unique(stage: AnyStage, given: Given) -> Found:
    """A path of a host and port leads to one thing."""
    seen: dict[tuple[int | None, str, str], str] = {}
    for where, _, pattern, route in routes_of(stage):
        key = (route.listen, *split(pattern))
        if key in seen:
            yield where, f"leads to {seen[key]} already: a path has one app"
        seen[key] = str(where[1])


def static_volumes_exist(stage: AnyStage, given: Given) -> Found:
    """Files are those of a volume of the app."""
    for where, app, _, route in routes_of(stage):
        if route.static and route.static.volume not in app.volumes:
            text = f"{route.static.volume!r} is no volume of {where[1]}; there are: {listed(app.volumes)}{suggestion(route.static.volume, app.volumes)}"
            yield (*where, "static", "volume"), text


def rate_limits_exist(stage: AnyStage, given: Given) -> Found:
    """A limit that is named is there, and one that is there limits something."""
    limits = stage.proxy.rate_limits
    for where, _, _, route in routes_of(stage):
        if route.rate_limit and route.rate_limit not in limits:
            text = f"{route.rate_limit!r} is no rate limit; there are: {listed(limits)}{suggestion(route.rate_limit, limits)}"
            yield (*where, "rate_limit"), text
    used = {route.rate_limit for _, _, _, route in routes_of(stage)}
    for name, limit in limits.items():
        if not limit.paths and name not in used:
            yield ("proxy", "rate_limits", name), "limits nothing: give it paths, or name it as rate_limit of a route"


RULES = (routes_are_unique, ports_are_unique, static_volumes_exist, rate_limits_exist)
