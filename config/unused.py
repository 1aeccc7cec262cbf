"""What belongs to a container of its own means nothing in one that all services share.

app.yaml may say it, for other topologies: there it is left out. Said for the topology itself, in its overlay or in the stage, it is a mistake and refused.
"""

from collections.abc import Mapping
from typing import Any

from config.document import Where
from config.stage import Topology

ANY = "*"
"""Stands for the name of a service."""


def _of_mono(key: str) -> str:
    return f"is not for mono: all programs are in one container; say it once, as mono.{key}"


_SEVERAL = "is not for mono: each program runs once there"
_IN_THE_IMAGE = "is not for mono: the image of the container brings the program"
_ONE_NETWORK = "is not for mono: one container has one network, networks.public"
_APP = {
    **{key: _of_mono(key) for key in ("build", "image", "resources", "logs", "labels", "user", "read_only", "tmpfs", "egress")},
    "replicas": _SEVERAL,
    "roll": _SEVERAL,
    "capabilities": "is not for mono: its programs keep no rights of root",
    "address": _ONE_NETWORK,
    "publish": "is not for mono: people come by its routes; a route may have a port of its own, listen",
}
_WORKER = {**{key: _of_mono(key) for key in ("resources", "logs", "labels")}, "replicas": _SEVERAL}
_SERVER = {
    **{key: _of_mono(key) for key in ("resources", "logs")},
    **dict.fromkeys(("version", "image", "build"), _IN_THE_IMAGE),
    "publish": "is not for mono: only the site is reached from outside; for a look into the data use docker exec, or a dev stage",
}
_PROXY = {
    **{key: _of_mono(key) for key in ("resources", "logs")},
    **dict.fromkeys(("version", "image"), _IN_THE_IMAGE),
    "drain": "is not for mono: its container stops before the next one starts, and no replica is left to serve on",
}
UNUSED: Mapping[Topology, Mapping[str, str]] = {
    Topology.MONO: {
        **{f"apps.*.{key}": text for key, text in _APP.items()},
        **{f"workers.*.{key}": text for key, text in _WORKER.items()},
        **{f"{section}.*.{key}": text for section in ("postgres", "redis") for key, text in _SERVER.items()},
        **{f"proxy.{key}": text for key, text in _PROXY.items()},
        **{f"networks.{key}": _ONE_NETWORK for key in ("front", "data", "egress")},
    }
}
"""Keys that a topology has no use for, by path, and what is told of them where they are refused."""


def without_unused(topology: Topology, data: Mapping[str, Any]) -> dict[str, Any]:  # Any: not yet validated
    """A layer that is meant for every topology, without what this one has no use for."""
    kept = dict(data)
    for path in UNUSED.get(topology, {}):
        kept = _without(kept, tuple(path.split(".")))
    return kept


def _without(data: dict[str, Any], path: Where) -> dict[str, Any]:
    first, *rest = path
    if not rest:
        return {key: value for key, value in data.items() if key != first}
    return {key: _without(value, tuple(rest)) if isinstance(value, dict) and first in (ANY, key) else value for key, value in data.items()}
