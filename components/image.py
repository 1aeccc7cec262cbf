"""Images: built from a folder and tagged by what went in, or pulled by name."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import pulumi
import pulumi_docker as docker
from docker.utils.build import exclude_paths
from pydantic import Field

from components.allowed import allowing
from components.model import Model
from components.rebuild import explained

DIGEST = r"@sha256:[0-9a-f]{64}$"


class ImagesConfig(Model):
    """Where images come from that are not built here."""

    mirror: Annotated[str, Field(pattern=r"^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*$")] | None = None
    """Registry that has the images of Docker Hub, `registry.example:5000` or with a path behind. None: Docker Hub. Builds pull what their Dockerfile says."""

    pins: dict[str, Annotated[str, Field(pattern=rf"^[a-z0-9][a-z0-9._/:-]*{DIGEST}")]] = {}
    """What runs instead of an image that is named by a tag, which may move: `"postgres:17": postgres@sha256:...`. `berth pin` writes them beside the stage."""

    moving_tags: bool = False
    """Whether a prod stage may pull images by tags without pins: the same description may then run something else tomorrow."""

    def resolve(self, reference: str) -> str:
        """What to pull for a reference."""
        pinned = self.pins.get(reference, reference)
        return f"{self.mirror}/{_on_hub(pinned)}" if self.mirror and is_of_hub(pinned) else pinned


def is_of_hub(reference: str) -> bool:
    """Whether a reference names no registry: then its first part is none that could be one."""
    first, slash, _ = reference.partition("/")
    return not slash or not (first == "localhost" or "." in first or ":" in first)


def _on_hub(reference: str) -> str:
    return reference if "/" in reference else f"library/{reference}"


def without_tag(reference: str) -> str:
    """The name alone: a colon before the last slash belongs to a registry's port."""
    head, slash, tail = reference.rpartition("/")
    return head + slash + tail.partition(":")[0]


@dataclass(frozen=True, kw_only=True)
class BuildArgs:
    """What to build, and from what."""

    repository: str
    """Name of the image; the tag is computed."""
    context: Path
    """Absolute path of the folder that is sent to the engine."""
    dockerfile: str = "Dockerfile"
    """Path below the context."""
    target: str | None = None
    """Stage of the Dockerfile; None means the last one."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Files of this host that the build may read, by id; no image keeps them."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels of the image, by which clean-up finds it."""


def built(name: str, build: BuildArgs, *, opts: pulumi.ResourceOptions) -> docker.RemoteImage:
    """Build an image unless one of this content exists. It stays on the engine when the stage moves on, for going back."""
    return docker.RemoteImage(
        name,
        name=f"{build.repository}:{content_hash(build)}",
        build=docker.RemoteImageBuildArgs(
            context=str(build.context),
            dockerfile=build.dockerfile,
            target=build.target,
            build_args=dict(build.arguments) or None,
            secrets=[docker.RemoteImageBuildSecretArgs(id=id_, src=path) for id_, path in sorted(build.secrets.items())] or None,
            label=dict(build.labels) or None,
        ),
        keep_locally=True,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(hooks=explained(name))),
    )


def pulled(name: str, images: ImagesConfig, reference: str, *, opts: pulumi.ResourceOptions) -> docker.RemoteImage:
    """Pull an image unless the engine has it. A tag that the configuration lets move is said to be one."""
    resolved = images.resolve(reference)
    moving = images.moving_tags and not re.search(DIGEST, resolved)
    return docker.RemoteImage(name, name=resolved, keep_locally=True, triggers=allowing(moving_tags=moving) or None, opts=opts)


def content_hash(build: BuildArgs) -> str:
    """Twelve hexadecimal digits over everything a build can see: files after .dockerignore, their modes, Dockerfile, target, arguments."""
    digest = hashlib.sha256()

    def add(*parts: bytes) -> None:
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)

    add(b"1", (build.target or "").encode(), *(f"{key}={value}".encode() for key, value in sorted(build.arguments.items())))
    add((build.context / build.dockerfile).read_bytes())
    for relative in sent_files(build):
        path = build.context / relative
        if path.is_symlink():
            add(relative.encode(), b"link", str(path.readlink()).encode())
        elif path.is_file():
            add(relative.encode(), f"{path.stat().st_mode & 0o777:o}".encode(), path.read_bytes())
    return digest.hexdigest()[:12]


def sent_files(build: BuildArgs) -> list[str]:
    """Paths below the context that a build sends to the engine: all but those that .dockerignore names."""
    return sorted(exclude_paths(str(build.context), _ignored(build.context), dockerfile=build.dockerfile))


def _ignored(context: Path) -> list[str]:
    file = context / ".dockerignore"
    lines = file.read_text().splitlines() if file.is_file() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
