"""What each topology starts from where it differs from the others: the first layer, below app.yaml. What all have in common is a default of its model."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from config.document import Document
from config.merge import Layer
from config.stage import Topology

PROFILES: Mapping[Topology, Mapping[str, Any]] = {  # Any: values of any section
    Topology.DEV: {"proxy": {"ports": {"address": "127.0.0.1", "http": 8080, "https": 8443}, "drain": "1s"}},
    # 0.0.0.0: a site is there to be reached
    Topology.PROD: {"proxy": {"ports": {"address": "0.0.0.0", "http": 80, "https": 443}, "drain": "20s"}},  # noqa: S104
    Topology.MONO: {"proxy": {"ports": {"address": "0.0.0.0", "http": 80, "https": 443}}},  # noqa: S104
}


def profile(topology: Topology) -> Layer:
    """The layer of a topology; `default of dev` is the origin of its values."""
    document = Document(name=f"default of {topology.value}", data={})
    return Layer(document=document, data=deepcopy(dict(PROFILES[topology])), locate=lambda path: path, built_in=True)
