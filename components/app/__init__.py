"""An application: its image, its secrets, its data, one migration for each release, and the replicas that serve it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pulumi
import pulumi_docker as docker

from components.allowed import allowing
from components.app.config import AppConfig, Process
from components.app.health import check
from components.build import service_image
from components.container import Attachment, ContainerSpec, Mount, run
from components.files import Files, FilesArgs
from components.job import run_job
from components.probe import HealthCheck
from components.secrets import FOLDER, Secret, plain_variables, wrapped
from components.stage import Stage, child_of
from components.tools import PATH, Tools
from components.volume import DataVolume, DataVolumeArgs


@dataclass(frozen=True, kw_only=True)
class AppArgs:
    """Wiring of one app."""

    stage: Stage
    tools: Tools
    config: AppConfig
    networks: tuple[pulumi.Input[str], ...]
    """Names of the networks; the app answers to its own name in each. Its fixed address is in the first."""
    env: Mapping[str, pulumi.Input[str]]
    """Plain variables, references resolved."""
    secrets: Mapping[str, Secret]
    files: Mapping[str, Mapping[str, pulumi.Input[str]]] = field(default_factory=dict)
    """Contents by folder and name, references resolved."""
    build_secrets: Mapping[str, pulumi.Output[str]] = field(default_factory=dict)
    """Values by id."""
    shared: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Names on the engine of the volumes that several services share, by name."""
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
    volumes: Mapping[str, pulumi.Output[str]]
    """Names on the engine of the app's data volumes, by name."""

    def spec(
        self, process: Process, command: tuple[str, ...] | None, *, health: HealthCheck | None, around: tuple[str, ...] = (), alias: str | None = None
    ) -> ContainerSpec:
        """A process of this release: its own command after the image's entry point; `around` is what runs both."""
        words = pulumi.Output.all(self.entrypoint, self.own_command).apply(
            lambda image: wrapped((*around, *image[0], *(command or image[1])), self.secrets),
        )
        return ContainerSpec(
            image=self.image,
            command=words,
            user=self.config.user,
            resources=process.resources,
            networks=tuple(Attachment(network=network, aliases=(alias,) if alias else ()) for network in self.networks),
            health=health.within(wrapped((), self.secrets)) if health else None,
            env=self.env,
            mounts=self.mounts,
            tmpfs=self.config.tmpfs,
            read_only=self.config.read_only,
            capabilities=self.config.capabilities,
            labels={**process.labels, **allowing(read_only=not self.config.read_only)},
            logs=process.logs,
            grace_s=max(1, process.stop_grace.amount // 1000),
            stop_signal=process.stop_signal,
        )


class App(pulumi.ComponentResource):
    """Creates the image, the files with secrets and settings, and data volumes, runs the migration, and then the replicas; done when all are healthy.

    Outputs: `hosts`, the name of each replica on its networks.
    """

    hosts: pulumi.Output[list[str]]
    release: Release

    def __init__(self, name: str, args: AppArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:App", name, None, opts)
        config = args.config
        self.release = self._release(name, args)
        ready = list(args.needs)
        if config.migrate:
            spec = self.release.spec(config, config.migrate, health=None)
            ready.append(run_job(f"{name}-migrate", spec, args.stage, service=name, timeout=config.migrate_timeout, opts=child_of(self, depends_on=ready)))
        spec = self.release.spec(config, config.command, health=check(config.health, config.port), alias=name)
        replicas = run_replicas(self, name, replace(at_address(spec, config), serves=True), args.stage, count=config.replicas, at_once=config.roll, needs=ready)
        self.hosts = pulumi.Output.all(*(replica.name for replica in replicas)).apply(lambda names: [str(name) for name in names])
        self.register_outputs({"hosts": self.hosts})

    def _release(self, name: str, args: AppArgs) -> Release:
        config, child = args.config, child_of(self)
        image = service_image(name, args.stage, build=config.build, reference=config.image or "", secrets=args.build_secrets, opts=child)
        own = image.image_id.apply(args.stage.engine.image_command)
        volumes = {volume: self._volume(name, volume, args) for volume in config.volumes}
        data = [Mount(source=volumes[volume], path=use.path, exclusive=use.exclusive, read_only=use.read_only) for volume, use in config.volumes.items()]
        return Release(
            image=image.image_id,
            entrypoint=own.apply(lambda image: image.entrypoint),
            own_command=own.apply(lambda image: image.command),
            config=config,
            networks=args.networks,
            env={**args.env, **plain_variables(args.secrets)},
            secrets=args.secrets,
            mounts=(Mount(source=args.tools.volume, path=PATH, read_only=True), *args.mounts, *data, *self._files(name, args)),
            volumes=volumes,
        )

    def _volume(self, name: str, volume: str, args: AppArgs) -> pulumi.Output[str]:
        if volume in args.shared:
            return pulumi.Output.from_input(args.shared[volume])
        own = DataVolumeArgs(stage=args.stage, tools=args.tools, owner=args.config.user)
        return DataVolume(f"{name}-{volume}", own, opts=child_of(self)).volume

    def _files(self, name: str, args: AppArgs) -> Iterator[Mount]:
        folders: dict[str, Mapping[str, pulumi.Input[str]]] = dict(args.files)
        if args.secrets:
            folders[FOLDER] = {key: secret.value for key, secret in args.secrets.items()}
        for folder, contents in folders.items():
            made = FilesArgs(stage=args.stage, tools=args.tools, service=name, files=contents, owner=args.config.user)
            files = Files(f"{name}-{files_name(folder)}", made, opts=child_of(self))
            yield Mount(source=files.volume, path=folder, read_only=True)


def run_replicas(
    parent: pulumi.Resource, name: str, spec: ContainerSpec, stage: Stage, *, count: int, at_once: int | None, needs: Sequence[pulumi.Resource]
) -> list[docker.Container]:
    """Create the containers `name-1` to `name-count`, at most `at_once` at a time: each batch waits for the health of the one before."""
    made: list[docker.Container] = []
    for number in range(1, count + 1):
        first = (number - 1) // at_once * at_once if at_once else 0
        before = made[first - at_once : first] if at_once and first else []
        made.append(run(f"{name}-{number}", spec, stage, service=name, opts=child_of(parent, depends_on=[*needs, *before])))
    return made


def at_address(spec: ContainerSpec, config: AppConfig) -> ContainerSpec:
    """Give the container its fixed address in the first of its networks."""
    if not config.address:
        return spec
    first, *others = spec.networks
    return replace(spec, networks=(replace(first, address=str(config.address)), *others))


def files_name(folder: str) -> str:
    """Name of the files in a folder, part of the names of their resources."""
    return "secrets" if folder == FOLDER else "files-" + folder.strip("/").replace("/", "-").lower()
