"""Volumes that hold data: named for good, kept whatever happens, owned by the user who writes them."""

from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.loader import give
from components.stage import Role, Stage, child_of, volume_labels
from components.tools import Tools


@dataclass(frozen=True, kw_only=True)
class DataVolumeArgs:
    """Whose data it is."""

    stage: Stage
    tools: Tools
    owner: str
    """Numeric `uid:gid` that gets the volume's root folder."""


class DataVolume(pulumi.ComponentResource):
    """Creates a volume that no destroy deletes, and a one-shot container without network that gives it to its owner.

    A stage made anew finds its own volume again, for the name holds the stage's instance id. Output: `volume`, the name on the engine.
    """

    volume: pulumi.Output[str]

    def __init__(self, name: str, args: DataVolumeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:DataVolume", name, None, opts)
        stage = args.stage
        keep = child_of(self, protect=stage.protect_data, retain_on_delete=True, ignore_changes=["labels", "driver", "driverOpts"])
        volume = docker.Volume(name, name=stage.volume_name(name), labels=volume_labels(stage.labels(name, Role.DATA)), opts=keep)
        owner = give(f"{name}-owner", stage, name, args.tools.image, volume.name, args.owner, opts=child_of(self))
        self.volume = pulumi.Output.all(volume.name, owner.id).apply(lambda made: str(made[0]))
        self.register_outputs({"volume": self.volume})
