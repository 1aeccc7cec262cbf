"""Files for containers that nothing may be written into: a volume per version of their content."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.loader import load
from components.stage import Role, Stage, child_of, volume_labels
from components.tools import Tools

TARGET = "/files"


@dataclass(frozen=True, kw_only=True)
class FilesArgs:
    """Contents and whom they are for."""

    stage: Stage
    tools: Tools
    service: str
    files: Mapping[str, pulumi.Input[str]]
    """Content by file name. Secret outputs stay secret: the state holds them encrypted, `docker inspect` not at all."""
    owner: str
    """Numeric `uid:gid`; files get mode 0400."""


class Files(pulumi.ComponentResource):
    """Creates a volume named by a keyed hash of its content, and a container that is never started and only puts the files there.

    A change makes a new volume and leaves the old one to the containers that still run with it; `berth up` and `berth down` remove what no container uses.
    (Pulumi must not delete it: going back to an earlier content makes a volume of the very same name.) Output: `volume`, the name on the engine.
    """

    volume: pulumi.Output[str]

    def __init__(self, name: str, args: FilesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:Files", name, None, opts)
        stage = args.stage
        volume = docker.Volume(
            name,
            name=_fingerprint(args).apply(lambda version: stage.volume_name(f"{name}-{version}")),
            labels=volume_labels(stage.labels(args.service, Role.FILES)),
            opts=child_of(self, delete_before_replace=False, retain_on_delete=True),
        )
        uid, gid = args.owner.split(":")
        uploads = [
            docker.ContainerUploadArgs(file=f"{TARGET}/{file}", content=content, owner=uid, group=gid, permissions="0400")
            for file, content in sorted(args.files.items())
        ]
        mount = docker.ContainerMountArgs(type="volume", source=volume.name, target=TARGET)
        loader = load(f"{name}-loader", stage, args.service, args.tools.image, mount, uploads, opts=child_of(self))
        self.volume = pulumi.Output.all(volume.name, loader.id).apply(lambda made: str(made[0]))
        self.register_outputs({"volume": self.volume})


def _fingerprint(args: FilesArgs) -> pulumi.Output[str]:
    """Name of this version. It may stand in the plan although the contents may not: it is a keyed hash."""
    names = sorted(args.files)
    contents = pulumi.Output.all(*(args.files[file] for file in names))
    return pulumi.Output.unsecret(
        contents.apply(lambda texts: args.stage.fingerprint(args.owner, *(f"{file}={text}" for file, text in zip(names, texts, strict=True))))
    )
