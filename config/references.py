"""`${db.host}` and the like in values: parsed here, checked here, given their values by the topology."""

import re
from dataclasses import dataclass

_PATTERN = re.compile(r"\$\$\{|\$\{([^}]*)\}")
PARTS = {
    "postgres": ("host", "port", "username", "password", "database", "url"),
    "redis": ("host", "port", "password", "url"),
    "mail": ("host", "port", "username", "password", "from", "ui_url"),
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
