"""Volumes that hold data: named for good, kept whatever happens, owned by the user who writes them."""

from dataclasses import dataclass
from typing import Annotated

import pulumi
import pulumi_docker as docker
from pydantic import Field

from components.allowed import allowing
from components.loader import give
from components.model import Model, User
from components.stage import Role, Stage, child_of, volume_labels
from components.tools import Tools


class VolumeConfig(Model):
    """A data volume that several services share: each mounts it under the name that it has here."""

    owner: User | None = None
    """Numeric user and group that get its root folder. None: those of the first app that mounts it."""

    folder: Annotated[str, Field(pattern=r"^[A-Za-z0-9._/@~-]+$")] | None = None
    """Existing folder of the engine's host that holds the data, relative to the file that says so (here already absolute); it counts when the volume is made.
    None: the engine keeps it."""


@dataclass(frozen=True, kw_only=True)
class DataVolumeArgs:
    """Whose data it is."""

    stage: Stage
    tools: Tools
    owner: str
    """Numeric `uid:gid` that gets the volume's root folder."""
    folder: str | None = None
    """Folder of the engine's host that holds the data; None: the engine keeps it."""


class DataVolume(pulumi.ComponentResource):
    """Creates a volume that no destroy deletes, and a one-shot container without network that gives it to its owner.

    A stage made anew finds its own volume again, for the name holds the stage's instance id. Output: `volume`, the name on the engine.
    """

    volume: pulumi.Output[str]

    def __init__(self, name: str, args: DataVolumeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:DataVolume", name, None, opts)
        stage = args.stage
        keep = child_of(self, protect=stage.protect_data, retain_on_delete=True, ignore_changes=["labels", "driver", "driverOpts"])
        volume = docker.Volume(
            name,
            name=stage.volume_name(name),
            labels=volume_labels({**stage.labels(name, Role.DATA), **allowing(folder=bool(args.folder))}),
            driver_opts={"type": "none", "o": "bind", "device": args.folder} if args.folder else None,
            opts=keep,
        )
        # A folder may hold what is not this stage's: only its root is given away.
        owner = give(f"{name}-owner", stage, name, args.tools.image, volume.name, args.owner, content=not args.folder, opts=child_of(self))
        self.volume = pulumi.Output.all(volume.name, owner.id).apply(lambda made: str(made[0]))
        self.register_outputs({"volume": self.volume})
