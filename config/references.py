"""`${db.host}` and the like in values, and the variables that `uses` brings: named here, given their values by the topology."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from config.stage import AnyStage

_PATTERN = re.compile(r"\$\$\{|\$\{([^}]*)\}")
PARTS = {
    "postgres": ("host", "port", "username", "password", "database", "url"),
    "redis": ("host", "port", "username", "password", "url"),
    "mail": ("host", "port", "username", "password", "security", "starttls", "tls", "url", "from", "ui_url"),
    "app": ("host", "port", "url"),
    "proxy": ("url",),
}
"""What can be asked of each kind of service."""


@dataclass(frozen=True)
class Reference:
    """A part of a value that stands for something of the stage: `db.host`, `secrets.name`."""

    name: str


def parse(text: str) -> list[str | Reference]:
    """Split a value into plain text and references; `$${` is a literal `${`."""
    parts: list[str | Reference] = []
    end = 0
    for match in _PATTERN.finditer(text):
        parts.append(text[end : match.start()])
        parts.append("${" if match[1] is None else Reference(match[1].strip()))
        end = match.end()
    parts.append(text[end:])
    return [part for part in parts if part != ""]


def names(text: str) -> list[str]:
    """The references in a value."""
    return [part.name for part in parse(text) if isinstance(part, Reference)]


def unfinished(text: str) -> bool:
    """Whether a reference is opened and not closed."""
    return any("${" in part for part in _PATTERN.split(text)[::2])


def injected(uses: Iterable[str], stage: AnyStage) -> Iterator[tuple[str, str]]:
    """Variables that `uses` brings, and the reference each stands for: `DB_HOST` by name, `DATABASE_URL` where there is just one."""
    for service in uses:
        if service in stage.apps:
            parts = PARTS["app"] if stage.apps[service].port else ()
            yield from ((f"{_prefix(service)}_{part.upper()}", f"apps.{service}.{part}") for part in parts)
            continue
        kind = "postgres" if service in stage.postgres else "redis" if service in stage.redis else "mail"
        if kind == "mail":
            yield from ((f"SMTP_{part.upper()}", f"mail.{part}") for part in ("host", "port", "username", "password", "security"))
            yield "MAIL_FROM", "mail.from"
            continue
        yield from ((f"{_prefix(service)}_{part.upper()}", f"{service}.{part}") for part in PARTS[kind])
        if len(getattr(stage, kind)) == 1:
            yield {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}[kind], f"{service}.url"


def authority(service: str) -> str:
    """Name of the file with which an app verifies a Postgres server outside: `DB_CA`."""
    return f"{_prefix(service)}_CA"


def _prefix(service: str) -> str:
    return service.upper().replace("-", "_")
