"""An application: its image, its secrets, its data, one migration for each release, and the replicas that serve it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pulumi
from pydantic import Field, model_validator

from components.container import Attachment, ContainerSpec, HealthCheck, Mount, ProbeTimes, Resources, run
from components.files import Files, FilesArgs
from components.image import BuildArgs, built, pulled
from components.job import run_job
from components.model import Command, Duration, Model, Name, Port, Whole, duration, size
from components.paths import Folder, Path_
from components.secrets import FOLDER, Delivery, Secret, plain_variables, wrapped
from components.stage import Stage, child_of
from components.tools import PATH, Tools, script
from components.volume import DataVolume, DataVolumeArgs

Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
User = Annotated[str, Field(pattern=r"^[1-9]\d*:[1-9]\d*$")]


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


class RouteConfig(Model):
    """A path of the site that leads to the app."""

    websocket: bool = False
    """Whether connections here may be upgraded, and stay open while silent."""


class SecretUse(Model):
    """A secret that the app gets."""

    from_: Name = Field(alias="from")
    """Name of the secret in the section `secrets`."""

    delivery: Delivery = Field(default=Delivery.ENV, alias="as")
    """`env`: a variable, set from the file at the start; `file`: /run/secrets/NAME; `file_env`: the variable NAME_FILE holds the path."""


class Writers(StrEnum):
    """How many containers may write to a volume at once."""

    ONE = "one"
    MANY = "many"


class VolumeUse(Model):
    """A data volume inside the app."""

    path: Folder
    """Where it is mounted."""

    writers: Writers = Writers.ONE
    """`one`: the old container stops before the new one starts; `many`: the app can share it with its replicas."""


class HealthConfig(Model):
    """How to tell whether the app is well: by one of `path` and `command`; without either its port has to accept connections."""

    path: Path_ | None = None
    """Path that answers 2xx or 3xx when all is well."""

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:_-]+$")] | None = None
    """Host header of the request for `path`. None: 127.0.0.1."""

    command: Command | None = None
    """Command inside the container that ends 0 when all is well; no shell is involved."""

    times: ProbeTimes = ProbeTimes()
    """How often, how long, how patient."""

    @model_validator(mode="after")
    def _one_kind(self) -> "HealthConfig":
        if self.path and self.command:
            raise ValueError("has both path and command: keep one of them")
        return self


class AppConfig(Model):
    """One application."""

    build: BuildConfig | None = None
    """Build the image. One of `build` and `image` has to be there."""

    image: str | None = None
    """Use an image as it is, `name:tag` or `name@sha256:...`."""

    port: Port | None = None
    """Port the app listens on, inside. None: it serves nobody, and then it has no routes."""

    command: Command | None = None
    """Command line after the image's entry point. None: the image's own."""

    routes: dict[Path_, RouteConfig] = {}
    """Paths of the site that lead here: `/api` matches `/api` and `/api/x`, never `/apifoo`; the longest path wins. Empty: an internal service."""

    uses: tuple[Name, ...] = ()
    """Backing services that have to be healthy before it starts; their addresses and credentials are injected as variables."""

    env: dict[Variable, str] = {}
    """Variables; `${db.host}` and the like are replaced, `$${` is a literal. Values with a secret part travel as secrets."""

    secrets: dict[Variable, SecretUse] = {}
    """Secrets by the name under which the app sees them."""

    health: HealthConfig = HealthConfig()
    """How to tell whether it is well."""

    migrate: Command | None = None
    """Command that runs once for each release, before any replica of it starts."""

    migrate_timeout: Duration = duration("5m")
    """How long the migration may take."""

    volumes: dict[Name, VolumeUse] = {}
    """Data volumes by name."""

    tmpfs: tuple[Folder, ...] = ("/tmp",)  # noqa: S108  # a path inside the container
    """Writable folders in memory, 64 MiB each, empty after a restart."""

    user: User = "10001:10001"
    """Numeric user and group the processes run as; never root."""

    read_only: bool = True
    """Whether the image's files are read-only. Off: the app writes beside its code, and so could an intruder."""

    replicas: Annotated[Whole, Field(ge=1, le=100)] = 1
    """How many containers serve it."""

    egress: bool = True
    """Whether it may reach the world outside."""

    resources: Resources = Resources(memory=size("512MiB"), cpus="1.0")
    """Limits of each container."""

    stop_grace: Duration = duration("30s")
    """How long it may take to finish its work when it is told to stop."""

    @model_validator(mode="after")
    def _consistent(self) -> "AppConfig":
        if bool(self.build) == bool(self.image):
            raise ValueError("needs exactly one of build and image")
        if self.routes and self.port is None:
            raise ValueError("has routes and no port: write the port it listens on")
        if self.port is None and not self.health.command:
            raise ValueError("has neither port nor health.command: nothing would tell whether it is well")
        if self.replicas > 1 and any(volume.writers is Writers.ONE for volume in self.volumes.values()):
            raise ValueError("has several replicas and a volume with one writer: set replicas to 1, or writers to many if the app can share it")
        return self


@dataclass(frozen=True, kw_only=True)
class AppArgs:
    """Wiring of one app."""

    stage: Stage
    tools: Tools
    config: AppConfig
    networks: tuple[pulumi.Input[str], ...]
    """Names of the networks; the app answers to its own name in each."""
    env: Mapping[str, pulumi.Input[str]]
    """Plain variables, references resolved."""
    secrets: Mapping[str, Secret]
    mounts: tuple[Mount, ...] = ()
    """Folders of the host (dev only)."""
    needs: Sequence[pulumi.Resource] = field(default_factory=tuple)
    """What has to be healthy first."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """What every process of an app shares: replicas, migration, workers."""

    image: pulumi.Output[str]
    entrypoint: pulumi.Output[tuple[str, ...]]
    own_command: pulumi.Output[tuple[str, ...]]
    config: AppConfig
    networks: tuple[pulumi.Input[str], ...]
    env: Mapping[str, pulumi.Input[str]]
    secrets: Mapping[str, Secret]
    mounts: tuple[Mount, ...]

    def spec(
        self, command: tuple[str, ...] | None, *, health: HealthCheck | None, resources: Resources, grace: Duration, alias: str | None = None
    ) -> ContainerSpec:
        """A process of this release: its own command after the image's entry point."""
        words = pulumi.Output.all(self.entrypoint, self.own_command).apply(lambda image: wrapped((*image[0], *(command or image[1])), self.secrets))
        return ContainerSpec(
            image=self.image,
            command=words,
            user=self.config.user,
            resources=resources,
            networks=tuple(Attachment(network=network, aliases=(alias,) if alias else ()) for network in self.networks),
            health=health,
            env=self.env,
            mounts=self.mounts,
            tmpfs=self.config.tmpfs,
            read_only=self.config.read_only,
            grace_s=max(1, grace.amount // 1000),
        )


class App(pulumi.ComponentResource):
    """Creates the image, the secret files and data volumes, runs the migration, and then the replicas; done when all are healthy.

    Outputs: `hosts`, the name of each replica on its networks.
    """

    hosts: pulumi.Output[list[str]]
    release: Release

    def __init__(self, name: str, args: AppArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:App", name, None, opts)
        stage, config = args.stage, args.config
        self.release = self._release(name, args)
        ready = list(args.needs)
        if config.migrate:
            spec = self.release.spec(config.migrate, health=None, resources=config.resources, grace=config.stop_grace)
            ready.append(run_job(f"{name}-migrate", spec, stage, service=name, timeout=config.migrate_timeout, opts=child_of(self, depends_on=ready)))
        replicas = [
            run(
                f"{name}-{number}",
                self.release.spec(config.command, health=health(config), resources=config.resources, grace=config.stop_grace, alias=name),
                stage,
                service=name,
                opts=child_of(self, depends_on=ready),
            )
            for number in range(1, config.replicas + 1)
        ]
        self.hosts = pulumi.Output.all(*(replica.name for replica in replicas)).apply(lambda names: [str(name) for name in names])
        self.register_outputs({"hosts": self.hosts})

    def _release(self, name: str, args: AppArgs) -> Release:
        config, child = args.config, child_of(self)
        if config.build:
            image = built(f"{name}-image", build_args(name, config.build, args), opts=child)
        else:
            image = pulled(f"{name}-image", config.image or "", opts=child)
        own = image.image_id.apply(args.stage.engine.image_command)
        mounts = [Mount(source=args.tools.volume, path=PATH, read_only=True), *args.mounts]
        for volume, use in config.volumes.items():
            data = DataVolume(f"{name}-{volume}", DataVolumeArgs(stage=args.stage, tools=args.tools, owner=config.user), opts=child)
            mounts.append(Mount(source=data.volume, path=use.path, exclusive=use.writers is Writers.ONE))
        if args.secrets:
            contents = {key: secret.value for key, secret in args.secrets.items()}
            files = Files(f"{name}-secrets", FilesArgs(stage=args.stage, tools=args.tools, service=name, files=contents, owner=config.user), opts=child)
            mounts.append(Mount(source=files.volume, path=FOLDER, read_only=True))
        return Release(
            image=image.image_id,
            entrypoint=own.apply(lambda image: image.entrypoint),
            own_command=own.apply(lambda image: image.command),
            config=config,
            networks=args.networks,
            env={**args.env, **plain_variables(args.secrets)},
            secrets=args.secrets,
            mounts=tuple(mounts),
        )


def build_args(name: str, build: BuildConfig, args: AppArgs) -> BuildArgs:
    """What to build."""
    return BuildArgs(
        repository=f"{args.stage.application}-{name}",
        context=Path(build.context),
        dockerfile=build.dockerfile,
        target=build.target,
        arguments=build.args,
        labels=args.stage.image_labels(name),
    )


def health(config: AppConfig) -> HealthCheck:
    """The probe of an app, by the tools that lie in every container."""
    check = config.health
    if check.command:
        return HealthCheck(test=check.command, times=check.times)
    if check.path:
        return HealthCheck(test=script("probe", "http", str(config.port), check.path, *([check.host] if check.host else [])), times=check.times)
    return HealthCheck(test=script("probe", "tcp", str(config.port)), times=check.times)
