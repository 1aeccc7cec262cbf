"""What somebody did to running containers by hand, and no refresh sees: another name, a network taken away, a pause. It is put back in place."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.console import say
from ops.engine import Engine
from ops.objects import NANO, Container, Objects
from ops.project import Stage
from ops.state import CONTAINER, Resource, State

SERVICE = "service"
REMOVED = "removed"
WORDS = (REMOVED, "not berth's", "stopped", "paused", "cut off", "renamed", "network gone", "image", "limits")
"""What a service is that is not as berth made it, the worst first."""
STOPPED = frozenset({"created", "exited", "dead"})


@dataclass(frozen=True, kw_only=True)
class Astray:
    """A container that differs from what the state says, and how."""

    container: Container
    name: str
    """The one it should have."""
    cut_off: Mapping[str, tuple[str, ...]]
    """Networks it should be in, with the names it should answer to there."""

    @property
    def word(self) -> str:
        """How, in a word."""
        return "renamed" if self.container.name != self.name else "paused" if self.container.status == "paused" else "cut off"

    def __bool__(self) -> bool:
        return self.container.name != self.name or bool(self.cut_off) or self.container.status == "paused"

    def __str__(self) -> str:
        renamed = [f"was renamed to {self.container.name}"] if self.container.name != self.name else []
        paused = ["is paused"] if self.container.status == "paused" else []
        return f"container {self.name} {', '.join([*renamed, *paused, *(f'is not in network {network}' for network in self.cut_off)])}"


def words(there: Objects, state: State, tags: Mapping[str, str]) -> dict[str, str]:
    """A word for each service that differs from what the state says, the worst; `tags`: what the engine has under the names of images."""
    known = {resource.id: resource for resource in state.resources if resource.type == CONTAINER}
    serving = [container for container in there.containers if container.role == SERVICE]
    said = [(word, one.service) for one in serving for word in _words(one, known.get(one.id), there, _moved(state, tags))]
    ids = {container.id for container in serving}
    gone = [resource.labels for resource in known.values() if not resource.deleting and resource.id not in ids]
    said += [(REMOVED, labels["berth.service"]) for labels in gone if labels.get("berth.role") == SERVICE]
    return {service: word for word, service in sorted(said, key=lambda one: WORDS.index(one[0]), reverse=True)}


def _words(container: Container, resource: Resource | None, there: Objects, moved: frozenset[str]) -> Iterator[str]:
    if resource is None:
        yield "not berth's"
    if resource is None or resource.deleting:
        return
    if container.status in STOPPED:
        yield "stopped"
    networks = frozenset(there.networks.values())
    found = _compare(container, resource, networks)
    if found:
        yield found.word
    if not networks >= {str(to["name"]) for to in _mappings(resource.inputs.get("networksAdvanced"))}:
        yield "network gone"
    if container.image_id in moved:
        yield "image"
    if container.limits != _limits(resource):
        yield "limits"


def _moved(state: State, tags: Mapping[str, str]) -> frozenset[str]:
    """Images whose name stands for another one by now, which the next run with a look at the engine takes."""
    return frozenset(image for image, known in state.images.items() if tags.get(str(known.get("name")), image) != image)


def _limits(resource: Resource) -> tuple[int, int]:
    """Bytes and billionths of a core, from MiB and cores."""
    return int(resource.inputs.get("memory") or 0) << 20, round(float(resource.inputs.get("cpus") or 0) * NANO)


def astray(there: Objects, state: State) -> list[Astray]:
    """Find them. A network that is gone itself is no matter of this: the next run makes another."""
    known = {resource.id: resource for resource in state.resources if resource.type == CONTAINER and not resource.deleting}
    networks = frozenset(there.networks.values())
    found = (_compare(container, known[container.id], networks) for container in there.containers if container.id in known)
    return [one for one in found if one]


def _compare(container: Container, resource: Resource, networks: frozenset[str]) -> Astray:
    wanted = {str(to["name"]): tuple(to.get("aliases") or ()) for to in _mappings(resource.inputs.get("networksAdvanced"))}
    cut_off = {network: aliases for network, aliases in wanted.items() if network in networks and not _answers(container, network, aliases)}
    return Astray(container=container, name=str(resource.outputs.get("name") or container.name), cut_off=cut_off)


def _answers(container: Container, network: str, aliases: Iterable[str]) -> bool:
    joined = container.networks.get(network)
    return joined is not None and set(aliases) <= set(joined)


def _mappings(value: Any) -> Iterable[Mapping[str, Any]]:  # Any: an input of the state
    return [one for one in value if isinstance(one, dict) and "name" in one] if isinstance(value, list) else []


def mend(stage: Stage, engine: Engine, state: State) -> None:
    """Put back names and networks, and end pauses."""
    for one in astray(engine.objects(stage), state):
        say(f"repair: {one}; putting that right")
        if one.container.name != one.name:
            engine.rename(one.container, one.name)
        for network, aliases in one.cut_off.items():
            engine.attach(one.container, network, aliases)
        if one.container.status == "paused":
            engine.unpause(one.container)
