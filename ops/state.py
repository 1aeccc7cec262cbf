"""What Pulumi knows of a stage: its resources, what a killed run had begun, and the state file that such a run may leave half-written."""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import checkpoints
from ops.console import Stop
from policies.resource import component_of

Deployment = Mapping[str, Any]  # Any: resources and pending operations, as Pulumi writes them down
VERSIONS = frozenset({3, 4})
"""Of the state files that are read here (sdk/go/common/apitype): 4 differs in naming the features that a state needs."""
STACK = "pulumi:pulumi:Stack"
CONTAINER = "docker:index/container:Container"
NETWORK = "docker:index/network:Network"
VOLUME = "docker:index/volume:Volume"
IMAGE = "docker:index/remoteImage:RemoteImage"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of the state."""

    name: str
    type: str
    id: str
    """Of containers and networks the engine's id, of volumes the name."""
    component: str
    """Name of the component that it is part of, as `Postgres`; empty for none."""
    inputs: Mapping[str, Any]  # Any: whatever its type says
    outputs: Mapping[str, Any]
    deleting: bool = False
    """Whether it was replaced and waits for its deletion."""

    @property
    def labels(self) -> dict[str, str]:
        """Labels of a container, a network or a volume."""
        return checkpoints.labels(self.inputs)


@dataclass(frozen=True, kw_only=True)
class State:
    """The state of one stack."""

    resources: tuple[Resource, ...] = ()
    pending: tuple[str, ...] = ()
    """Names of the resources that a killed run was at."""

    def ids(self, kind: str) -> frozenset[str]:
        """Ids of all resources of a type, with those that wait for their deletion."""
        return frozenset(resource.id for resource in self.resources if resource.type == kind and resource.id)

    @property
    def instance(self) -> str | None:
        """The instance id in the labels of its resources; None when it has none."""
        return next((found for resource in self.resources if not resource.deleting and (found := resource.labels.get(checkpoints.INSTANCE))), None)

    @property
    def images(self) -> dict[str, Mapping[str, Any]]:
        """What is known of each image, by its id."""
        return {str(image): one.outputs for one in self.resources if one.type == IMAGE and (image := one.outputs.get("imageId"))}

    @property
    def outputs(self) -> Mapping[str, Any]:
        """What the program exported."""
        return next((resource.outputs for resource in self.resources if resource.type == STACK), {})


def parse(deployment: Deployment) -> State:
    """Read what Pulumi knows of a stack."""
    pending = tuple(_name(entry["resource"]["urn"]) for entry in deployment.get("pending_operations") or ())
    return State(resources=resources(deployment.get("resources") or ()), pending=pending)


def resources(entries: Iterable[checkpoints.Entry]) -> tuple[Resource, ...]:
    """Read resources as Pulumi writes them down."""
    return tuple(
        Resource(
            name=_name(entry["urn"]),
            type=entry["type"],
            id=entry.get("id", ""),
            component=component_of(entry["urn"]),
            inputs=entry.get("inputs") or {},
            outputs=entry.get("outputs") or {},
            deleting=bool(entry.get("delete")),
        )
        for entry in entries
    )


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def state_file(folder: Path, project: str, stack: str) -> Path:
    """Where a file backend keeps the state of a stack."""
    return folder / "stacks" / project / f"{stack}.json"


def deployment_in(file: Path) -> Deployment | None:
    """What a state file says of its stack; None where it cannot be read so: it is not there, compressed, half-written or of another version."""
    try:
        written = json.loads(file.read_bytes())
        latest = written["checkpoint"].get("latest", {}) if written["version"] in VERSIONS else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return latest if isinstance(latest, dict) else None


def is_whole(file: Path) -> bool:
    """Whether a state file can be read to its end."""
    try:
        return isinstance(json.loads(file.read_bytes())["checkpoint"], dict)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def mend_file(folder: Path, project: str, stack: str) -> Path | None:
    """Put back the newest whole state when a run was killed in the middle of writing it; gives the file it came from.

    Pulumi renames the state to `.bak` and then writes the new one: a run killed in between leaves none, a power cut an empty one.
    A stack that was removed on purpose has a `.bak` too, but neither a history nor a lock.
    """
    file = state_file(folder, project, stack)
    traces = (folder / "history" / project / stack, folder / "locks" / "organization" / project / stack)
    if is_whole(file) or not (file.exists() or any(place.is_dir() and any(place.iterdir()) for place in traces)):
        return None
    backups = sorted((folder / "backups" / project / stack).glob("*.json"), key=lambda backup: backup.name, reverse=True)
    source = next((backup for backup in (file.with_name(f"{file.name}.bak"), *backups) if is_whole(backup)), None)
    if source is None:
        if file.exists():
            raise Stop(f"the state {file} cannot be read, and there is no whole backup of it: remove it to begin anew. Everything but data is then made again")
        return None
    draft = file.with_name(f"{file.name}.draft")
    shutil.copyfile(source, draft)
    # the attributes carry a checksum of the content: they would be those of the broken file
    file.with_name(f"{file.name}.attrs").unlink(missing_ok=True)
    draft.rename(file)
    return source
