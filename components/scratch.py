"""Volumes for what a service writes down for a moment: on the disk, for a tmpfs counts as memory, and gone with the stage."""

from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.loader import give
from components.stage import Role, Stage, child_of, volume_labels
from components.tools import Tools


@dataclass(frozen=True, kw_only=True)
class ScratchArgs:
    """Who writes there."""

    stage: Stage
    tools: Tools
    service: str
    owner: str
    """Numeric `uid:gid` that gets the volume's root folder."""


class Scratch(pulumi.ComponentResource):
    """Creates a volume that holds nothing anybody would miss, and a one-shot container without network that gives it to its owner.

    It goes with a destroy. Output: `volume`, the name on the engine.
    """

    volume: pulumi.Output[str]

    def __init__(self, name: str, args: ScratchArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:Scratch", name, None, opts)
        volume = docker.Volume(
            name,
            name=args.stage.volume_name(name),
            labels=volume_labels(args.stage.labels(args.service, Role.FILES)),
            opts=child_of(self, ignore_changes=["labels", "driver", "driverOpts"]),
        )
        owner = give(f"{name}-owner", args.stage, args.service, args.tools.image, volume.name, args.owner, opts=child_of(self))
        self.volume = pulumi.Output.all(volume.name, owner.id).apply(lambda made: str(made[0]))
        self.register_outputs({"volume": self.volume})
