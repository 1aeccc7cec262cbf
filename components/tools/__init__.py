"""berth's own tools inside every container: probes, variables from secret files, the start of Postgres and Redis.

An application's image is asked for nothing but to run, so they are one static busybox and a few scripts, in a volume mounted read-only.
"""

from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_docker as docker

from components.image import BuildArgs, built
from components.loader import BUSYBOX, load
from components.stage import Role, Stage, child_of, volume_labels

PATH = "/.berth"
CONTEXT = Path(__file__).parent / "image"


@dataclass(frozen=True, kw_only=True)
class ToolsArgs:
    """Whose tools they are."""

    stage: Stage


class Tools(pulumi.ComponentResource):
    """Builds the tools image and fills a volume from it (Docker copies an image's folder into an empty volume mounted there).

    Outputs: `image`, the image's id; `volume`, the name of the volume to mount at `/.berth`.
    """

    image: pulumi.Output[str]
    volume: pulumi.Output[str]

    def __init__(self, name: str, args: ToolsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:Tools", name, None, opts)
        stage = args.stage
        image = built(name, BuildArgs(repository="berth-tools", context=CONTEXT), opts=child_of(self))
        self.image = image.image_id
        volume = docker.Volume(
            name,
            name=self.image.apply(lambda image_id: stage.volume_name(f"{name}-{image_id.removeprefix('sha256:')[:12]}")),
            labels=volume_labels(stage.labels(name, Role.FILES)),
            opts=child_of(self, delete_before_replace=False, retain_on_delete=True),
        )
        mount = docker.ContainerMountArgs(type="volume", source=volume.name, target=PATH)
        loader = load(f"{name}-loader", stage, name, self.image, mount, opts=child_of(self))
        self.volume = pulumi.Output.all(volume.name, loader.id).apply(lambda made: str(made[0]))
        self.register_outputs({"image": self.image, "volume": self.volume})


def script(name: str, *arguments: str) -> tuple[str, ...]:
    """Command line of one of the scripts, which needs nothing of the image it runs in."""
    return (BUSYBOX, "sh", f"{PATH}/{name}", *arguments)
