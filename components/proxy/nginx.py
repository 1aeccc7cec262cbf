"""The configuration of nginx, rendered from plain values."""

from dataclasses import dataclass
from pathlib import Path

import jinja2

HEALTH_PORT = 8079
"""Answers 200 inside the container and nowhere else."""
_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,  # noqa: S701  # nginx, not HTML
)


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """An app's replicas, each as `host:port`."""

    name: str
    servers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything that the configuration depends on."""

    port: int
    body_limit: int
    """Bytes."""
    read_timeout_s: int
    upstreams: tuple[Upstream, ...]
    routes: tuple[tuple[str, str, bool], ...]
    """Path without its last slash, upstream, websocket."""
    pages: tuple[tuple[int, str], ...]
    """Port inside and `host:port` behind it."""


def render(site: Site) -> str:
    """Render nginx.conf."""
    return _templates.get_template("nginx.conf.j2").render(site=site, health_port=HEALTH_PORT)
