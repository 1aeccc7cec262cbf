"""What somebody did to running containers by hand, and no refresh sees: another name, a network taken away, a pause. It is put back in place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ops.console import say
from ops.engine import Engine
from ops.objects import Container, Objects
from ops.project import Stage
from ops.state import CONTAINER, Resource, State


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

    def __str__(self) -> str:
        renamed = [f"was renamed to {self.container.name}"] if self.container.name != self.name else []
        paused = ["is paused"] if self.container.status == "paused" else []
        return f"container {self.name} {', '.join([*renamed, *paused, *(f'is not in network {network}' for network in self.cut_off)])}"


def words(there: Objects, state: State) -> dict[str, str]:
    """A word for each service that differs from what the state says, as far as the engine shows it without a refresh."""
    known = {resource.id for resource in state.resources if resource.type == CONTAINER}
    found = {one.container.service: one.word for one in astray(there, state)}
    found |= {container.service: "not berth's" for container in there.containers if container.role == "service" and container.id not in known}
    ids = {container.id for container in there.containers}
    gone = (resource.labels for resource in state.resources if resource.type == CONTAINER and not resource.deleting and resource.id not in ids)
    return found | {labels["berth.service"]: "removed" for labels in gone if labels.get("berth.role") == "service"}


def astray(there: Objects, state: State) -> list[Astray]:
    """Find them. A network that is gone itself is no matter of this: the next run makes another."""
    known = {resource.id: resource for resource in state.resources if resource.type == CONTAINER and not resource.deleting}
    networks = frozenset(there.networks.values())
    found = (_compare(container, known[container.id], networks) for container in there.containers if container.id in known)
    return [one for one in found if one.container.name != one.name or one.cut_off or one.container.status == "paused"]


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
