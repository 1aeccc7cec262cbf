"""One order for everything: the profile of the topology, app.yaml, its overlay for the topology, the stage."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from config.document import Document, Where

WHOLE = frozenset({("apps", "*", "health"), ("workers", "*", "health"), ("proxy", "tls")})
"""Choices of kinds: the later one replaces the earlier one whole, for the keys of two kinds do not mix."""
RIVALS: dict[Where, str] = {("apps", "*", "build"): "image", ("apps", "*", "image"): "build"}
"""A later one takes the place of the earlier other one."""

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
    """Merge at least one layer, later over earlier: mappings key by key, null deletes, everything else replaces."""
    data: dict[str, Any] = {}
    origins: dict[Where, Layer] = {(): next((layer for layer in layers if not layer.built_in), layers[0])}
    for layer in layers:
        _over(data, layer.data, (), layer, origins)
    return Merged(data=data, origins=origins)


def _over(below: dict[str, Any], above: dict[str, Any], path: Where, layer: Layer, origins: dict[Where, Layer]) -> None:
    for key, value in above.items():
        here = (*path, key)
        rival = RIVALS.get(_kind(here))
        if rival and value is not None and rival not in above:
            below.pop(rival, None)
        if isinstance(value, dict) and isinstance(below.get(key), dict) and _kind(here) not in WHOLE:
            if origins[here].built_in:
                origins[here] = layer
            _over(below[key], value, here, layer, origins)
            continue
        for known in [known for known in origins if known[: len(here)] == here]:
            del origins[known]
        origins[here] = layer
        if value is None and path not in KEPT:
            below.pop(key, None)
            continue
        below[key] = {}
        if isinstance(value, dict):
            _over(below[key], value, here, layer, origins)
        else:
            below[key] = value


def _kind(path: Where) -> Where:
    """A path with its second step, the name of a service, left open: an app or a variable may well be called `health` or `image`."""
    return (path[0], "*", *path[2:]) if len(path) == 3 else path
