"""The image of a service: built from a folder, with secrets that no image keeps, or pulled by name."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pulumi
import pulumi_docker as docker
from pydantic import Field

from components.image import BuildArgs, built, pulled
from components.model import Model, Name, Variable
from components.stage import Stage


class BuildSecret(Model):
    """A secret that a build may read and no image keeps."""

    from_: Name = Field(alias="from")
    """Name of the secret in the section `secrets`."""


class BuildConfig(Model):
    """An image built from a folder."""

    context: str
    """Folder that is sent to the engine, relative to the file that says so (here already absolute); .dockerignore counts."""

    dockerfile: str = "Dockerfile"
    """Dockerfile, relative to the context."""

    target: str | None = None
    """Stage of the Dockerfile. None: the last one."""

    args: dict[Variable, str] = {}
    """Build arguments. No secrets: they stay in the image's history."""

    secrets: dict[Name, BuildSecret] = {}
    """Secrets for `RUN --mount=type=secret,id=...`, by id. A changed one alone builds nothing anew."""


def service_image(
    service: str, stage: Stage, *, build: BuildConfig | None, reference: str, secrets: Mapping[str, pulumi.Output[str]], opts: pulumi.ResourceOptions
) -> docker.RemoteImage:
    """Create the image of a service: built where there is something to build, otherwise pulled. `secrets`: values that the build may read, by id."""
    if build is None:
        return pulled(f"{service}-image", stage.images, reference, opts=opts)
    return built(f"{service}-image", build_args(service, build, stage, secrets), opts=opts)


def build_args(service: str, build: BuildConfig, stage: Stage, secrets: Mapping[str, pulumi.Output[str]]) -> BuildArgs:
    """What to build."""
    return BuildArgs(
        repository=f"{stage.application}-{service}",
        context=Path(build.context),
        dockerfile=build.dockerfile,
        target=build.target,
        arguments=build.args,
        secrets=written(stage.instance, secrets),
        labels=stage.image_labels(service),
    )


def written(instance: str, secrets: Mapping[str, pulumi.Output[str]]) -> dict[str, pulumi.Output[str]]:
    """Write each secret to a file that only this user can read; they go when the program ends, which is after the builds.

    The provider takes the secrets of a build as files of this host. Returns the paths, the same in every run.
    """
    return {id_: pulumi.Output.unsecret(value.apply(partial(_write, folder_of(instance), id_))) for id_, value in secrets.items()}


def folder_of(instance: str) -> Path:
    """Where the secrets of a stage lie."""
    return Path(tempfile.gettempdir()) / f"berth-{os.getuid()}-{instance}"


def _write(folder: Path, name: str, text: str) -> str:
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.getuid() or folder.is_symlink() or status.st_mode & 0o077:
        raise pulumi.RunError(f"{folder} belongs to somebody else, who could read the secrets of the build there: remove it")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / name
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(text)
    return str(file)
