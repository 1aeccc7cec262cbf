"""Keys that somebody may well write and berth refuses, each with the reason: what a topology may not do, and what no plain engine can."""

from dataclasses import dataclass

from config.document import Where
from config.stage import Topology
from config.unused import UNUSED

ANY = "*"
"""Stands for one step of a path."""
ANYWHERE = "**"
"""Stands for any steps, at the beginning of a path."""


@dataclass(frozen=True, kw_only=True)
class Forbidden:
    """A key that is refused where the model of the topology does not know it."""

    path: str
    text: str
    """The reason, and what to do."""
    only: Topology | None = None
    """None: in every topology."""


_UNPUBLISHED = "is not for prod: only the proxy is reached from outside; for a look into the data use docker exec, or a dev stage"


def _no_catcher(topology: Topology) -> Forbidden:
    return Forbidden(only=topology, path="mail.mailhog", text=f"is not for {topology}: people wait for their mail there; name a real server under mail.smtp")


def _no_sources(topology: Topology) -> Forbidden:
    text = f"is not for {topology}: what runs there is the image alone; copy the files in its Dockerfile"
    return Forbidden(only=topology, path="apps.*.mounts", text=text)


def _no_mono(topology: Topology) -> Forbidden:
    return Forbidden(only=topology, path="mono", text="is for the topology mono alone: in app.yaml it belongs under topologies.mono")


FORBIDDEN = (
    _no_catcher(Topology.PROD),
    _no_catcher(Topology.MONO),
    Forbidden(
        only=Topology.DEV, path="mail.smtp", text="is not for dev: every mail is caught there, and nobody gets one by mistake; it belongs under topologies.prod"
    ),
    Forbidden(only=Topology.PROD, path="postgres.*.publish", text=_UNPUBLISHED),
    Forbidden(only=Topology.PROD, path="redis.*.publish", text=_UNPUBLISHED),
    Forbidden(only=Topology.PROD, path="apps.*.publish", text="is not for prod: people come by its routes; a route may have a port of its own, listen"),
    _no_sources(Topology.PROD),
    _no_sources(Topology.MONO),
    _no_mono(Topology.DEV),
    _no_mono(Topology.PROD),
    *(Forbidden(only=topology, path=path, text=text) for topology, paths in UNUSED.items() for path, text in paths.items()),
    Forbidden(path="**.resources.cpus_reservation", text="is not to be had: a plain engine reserves no CPU; cpus is the limit, and memory_reservation is kept"),
    Forbidden(path="proxy.tls.acme", text="is not built yet: berth asks no authority for certificates; name yours under tls.files"),
    Forbidden(path="apps.*.ports", text="is not for apps: only the proxy owns ports of the host; give the app its port and routes"),
    Forbidden(path="apps.*.depends_on", text="is called uses here: it waits for health and brings addresses and credentials too"),
    Forbidden(path="apps.*.environment", text="is called env here"),
    Forbidden(path="apps.*.healthcheck", text="is called health here"),
    Forbidden(path="apps.*.restart", text="is not asked: every service is restarted until it is stopped"),
)


_PLAIN = (
    "is missing, and people would reach the site in plain: write tls: { files: { certificate: FILE, key: FILE } }, "
    "tls: { self_signed: {} } to try it out, or tls: { elsewhere: {} } where a load balancer before it ends TLS"
)
NEEDED = {
    (Topology.PROD, "proxy.tls"): _PLAIN,
    (Topology.MONO, "proxy.tls"): _PLAIN,
    (Topology.MONO, "apps.*.command"): "is missing: one image holds all programs, and none is this app's by itself; write the command line that serves it",
    (Topology.MONO, "mono"): "is missing: name the image with everything in it, mono.build or mono.image",
}
"""Keys that a topology cannot do without, and why."""


def lack(topology: Topology, path: Where) -> str:
    """What is told of a missing key."""
    return next((text for (one, known), text in NEEDED.items() if one is topology and _matches(known.split("."), path)), "is missing: write it")


def reason(topology: Topology, path: Where) -> str | None:
    """Why a key is refused, if that is known."""
    return next((one.text for one in FORBIDDEN if one.only in (None, topology) and _matches(one.path.split("."), path)), None)


def _matches(pattern: list[str], path: Where) -> bool:
    if pattern[0] == ANYWHERE:
        pattern, path = pattern[1:], path[-len(pattern) + 1 :]
    return len(pattern) == len(path) and all(step in (ANY, found) for step, found in zip(pattern, path, strict=True))
