"""One order for everything: the profile of the topology, app.yaml, its overlay for the topology, the stage.

`null` takes away what an earlier layer says, and nothing else: where nothing lies below it is refused, everywhere, also for a field that may be left out.
So `db:` without a value is no silent deletion, and the null of a misspelt key is seen.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from config.document import Document, Where

WHOLE = frozenset({("apps", "*", "health"), ("workers", "*", "health"), ("proxy", "tls"), ("postgres", "*", "external"), ("redis", "*", "external")})
"""Choices of kinds: the later one replaces the earlier one whole, for the keys of two kinds do not mix."""
RIVALS: dict[Where, str] = {
    (*section, one): other for section in (("apps", "*"), ("postgres", "*"), ("mono",)) for one, other in (("build", "image"), ("image", "build"))
}
"""A later one takes the place of the earlier other one."""
ALONE = frozenset({("postgres", "*", "external"), ("redis", "*", "external")})
"""A kind of its own: it takes the place of everything that earlier layers say beside it, and what a later one says takes its place."""
EMPTY = "is empty: write a value ({} where the defaults will do) or remove the key; null only takes away what an earlier layer says"

KEPT: frozenset[Where] = frozenset({("proxy", "headers")})
"""Mappings in which null is a value: it takes away what berth itself would put there."""


@dataclass(frozen=True, kw_only=True)
class Layer:
    """Values of one source, and where in its document each stands."""

    document: Document
    data: dict[str, Any]  # Any: not yet validated
    locate: Callable[[Where], Where]
    built_in: bool = False
    """Not a file: whoever reads a message cannot change anything there."""

    def place(self, path: Where) -> str:
        """`file:line` of a value."""
        return self.document.place(self.locate(path))


@dataclass(frozen=True, kw_only=True)
class Merged:
    """The result, and for every path the layer that has the last word there."""

    data: dict[str, Any]
    origins: dict[Where, Layer]
    problems: list[tuple[Where, str]] = field(default_factory=list)
    """What cannot be merged; it is left out of the data."""

    def place(self, path: Where) -> str:
        """`file:line` of the value at a path, or of the nearest one around it that a file states."""
        shorter = path
        while shorter and (shorter not in self.origins or self.origins[shorter].built_in):
            shorter = shorter[:-1]
        return self.origins[shorter].place(path)

    def origin(self, path: Where) -> str | None:
        """Where the value at a path comes from: `file:line`, a profile, or None: no layer states it."""
        current: Any = self.data
        for step in path:
            if not isinstance(current, dict) or step not in current:
                return None
            current = current[step]
        return self.origins[path].place(path) if path in self.origins else None


def merge(layers: list[Layer]) -> Merged:
    """Merge at least one layer, later over earlier: mappings key by key, null takes away, everything else replaces."""
    merged = Merged(data={}, origins={(): next((layer for layer in layers if not layer.built_in), layers[0])})
    for layer in layers:
        _over(merged.data, layer.data, (), layer, merged)
    return merged


def _over(below: dict[str, Any], above: dict[Any, Any], path: Where, layer: Layer, merged: Merged) -> None:
    _make_way(below, above, path, merged)
    for key, value in above.items():
        here = (*path, key)
        if not isinstance(key, str):
            merged.problems.append((path, odd_key(key)))
            continue
        rival = RIVALS.get(_kind(here))
        if rival and value is not None and rival not in above:
            below.pop(rival, None)
        if isinstance(value, dict) and isinstance(below.get(key), dict) and _kind(here) not in WHOLE:
            if merged.origins[here].built_in:
                merged.origins[here] = layer
            _over(below[key], value, here, layer, merged)
            continue
        _forget(merged, here)
        merged.origins[here] = layer
        _put(below, key, value, here, layer, merged)


def _make_way(below: dict[str, Any], above: dict[Any, Any], path: Where, merged: Merged) -> None:
    """A kind that stands alone takes the place of all that is there, and all that a later layer says takes its place."""
    for key in [key for key in (*below, *above) if isinstance(key, str) and _kind((*path, key)) in ALONE]:
        going = [other for other in below if other != key] if above.get(key) is not None else [key] if above and key not in above else []
        for other in going:
            below.pop(other, None)
            _forget(merged, (*path, other))


def _forget(merged: Merged, path: Where) -> None:
    """Nobody has the last word at a path and below it any more."""
    for known in [known for known in merged.origins if known[: len(path)] == path]:
        del merged.origins[known]


def _put(below: dict[str, Any], key: str, value: Any, here: Where, layer: Layer, merged: Merged) -> None:
    if value is None and here[:-1] not in KEPT:
        if key not in below:
            merged.problems.append((here, EMPTY))
        below.pop(key, None)
    elif isinstance(value, dict):
        below[key] = {}
        _over(below[key], value, here, layer, merged)
    else:
        below[key] = value


def odd_key(key: object) -> str:
    """What is told of a key that YAML takes for a number, a switch or nothing at all."""
    return f"has the key {'null' if key is None else str(key).lower()}, which is no text: quote it"


def _kind(path: Where) -> Where:
    """A path with its second step, the name of a service, left open: an app or a variable may well be called `health` or `image`."""
    return (path[0], "*", *path[2:]) if len(path) == 3 else path
