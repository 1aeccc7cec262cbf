"""Every value of a resolved stage, whether somebody wrote it or not, and where it comes from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.document import Where
from config.load import Resolved
from config.merge import Merged

DEFAULT = "default"
"""Origin of what no layer states: the model's own."""


@dataclass(frozen=True, kw_only=True)
class Value:
    """A value, or a mapping or list without anything in it, and its origin."""

    path: Where
    value: Any  # Any: whatever the models hold, as JSON would have it
    origin: str
    """`default`, `default of prod`, `demo/app.yaml:12`, `Pulumi.prod.yaml:7`."""


def values_of(resolved: Resolved) -> list[Value]:
    """Every value in the order of the models; a list is one value."""
    return list(_values(resolved.stage.model_dump(mode="json", by_alias=True), (), resolved.merged))


def secrets_of(resolved: Resolved) -> dict[str, str]:
    """Names of the secrets that the stage gives, and where."""
    return {name: resolved.file.place(("config", "berth:secrets", name)) for name in sorted(resolved.secrets)}


def nested(values: list[Value], *, origins: bool = False) -> dict[str, Any]:  # Any: values at any depth
    """Values, or their origins, as mappings in mappings."""
    found: dict[str, Any] = {}
    for one in values:
        inner = found
        for step in one.path[:-1]:
            inner = inner.setdefault(str(step), {})
        inner[str(one.path[-1])] = one.origin if origins else one.value
    return found


def _values(value: Any, path: Where, merged: Merged) -> Iterator[Value]:  # Any: see Value
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _values(inner, (*path, key), merged)
    else:
        yield Value(path=path, value=value, origin=merged.origin(path) or DEFAULT)
