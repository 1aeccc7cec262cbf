"""What every rule about a whole stage is told, and how it answers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from config.document import Where

Found = Iterator[tuple[Where, str]]
"""Where something is wrong, and what."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a stage is given beside its sections."""

    stack: str
    secrets: frozenset[str]
    """Names of the secrets whose values it holds."""
    runs: bool = True
    """Whether somebody is about to run it, not only to look at it."""


def listed(words: Iterable[str]) -> str:
    """Names for a message."""
    return ", ".join(sorted(words)) or "none"
