"""The seam between what to run and how this engine runs it: a plain `ContainerSpec`, rendered to one hardened container."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import pulumi
import pulumi_docker as docker
from pydantic import AfterValidator, Field, field_validator, model_validator

from components.connection import joined
from components.model import MINIMUM_MEMORY, Cpus, Model, Size, Unit, Whole, size
from components.probe import HealthCheck, healing, health_arguments
from components.stage import LABEL, Role, Stage

REPLACED_BY = ["*", "#initerror"]
"""What makes a container anew: every change. The provider reports changes of health check, tmpfs, init, mounts and others as done without doing them.
`#initerror`: one that never became healthy is made anew, not forgiven, which would delete the healthy old one."""
HUNG_S = 5
"""Seconds that a service which visitors wait for has to stop, when it hangs: it answers nobody, so there is little left to end well."""
PIDS = "berth.pids"
"""Label that holds the limit of processes: no resource can show it, and a change of it has to make the container anew."""
MIB = 1024**2


class Resources(Model):
    """Limits of one container."""

    memory: Size = size("256MiB")
    """Memory limit; swap is not added to it."""

    memory_reservation: Size | None = None
    """Memory that the engine tries to leave to the container when the host runs short. None: nothing is reserved."""

    cpus: Cpus = "1.0"
    """CPU limit in cores. (A plain engine cannot reserve any.)"""

    pids: Annotated[Whole, Field(ge=16, le=32768)] = 512
    """Processes and threads that it may have at once."""

    @field_validator("memory", "memory_reservation")
    @classmethod
    def _enough(cls, memory: Unit | None) -> Unit | None:
        if memory and (memory.amount < MINIMUM_MEMORY or memory.amount % MIB):
            raise ValueError("is no memory limit: the engine takes whole MiB from 6MiB on")
        return memory

    @model_validator(mode="after")
    def _reserved_is_allowed(self) -> "Resources":
        if self.memory_reservation and self.memory_reservation.amount > self.memory.amount:
            raise ValueError("has a memory_reservation above its memory: lower it, or raise memory")
        return self


class Logs(Model):
    """How much of its output the engine keeps; the oldest goes first."""

    size: Size = size("10MiB")
    """Size of one file."""

    files: Annotated[Whole, Field(ge=1, le=100)] = 3
    """Number of files."""


def _label(value: str) -> str:
    if value.startswith(LABEL):
        raise ValueError(f"begins with {LABEL}, as berth's own labels do: choose another name")
    return value


Labels = dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$"), AfterValidator(_label)], str]
"""Labels of containers; those that begin with `berth.` are berth's own."""


def least_memory(least: str, who: str) -> AfterValidator:
    """Refuse resources with which a service would not even start."""

    def enough(resources: Resources) -> Resources:
        if resources.memory.amount < size(least).amount:
            raise ValueError(f"gives too little memory: {who} starts with {least} or more")
        return resources

    return AfterValidator(enough)


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A volume or a folder of the host inside the container."""

    source: pulumi.Input[str]
    """Name of the volume, or absolute path on the host when `bind` is set."""
    path: str
    read_only: bool = False
    bind: bool = False
    exclusive: bool = False
    """One container at a time may have it: the old one must be gone before the new one starts."""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A network the container joins, and the names it answers to there."""

    network: pulumi.Input[str]
    aliases: tuple[str, ...] = ()
    address: str | None = None
    """A fixed address there; None lets the engine choose."""


@dataclass(frozen=True, kw_only=True)
class PublishedPort:
    """A port of the host that leads into the container."""

    address: str
    host: int
    container: int


@dataclass(frozen=True, kw_only=True)
class ContainerSpec:
    """What to run. Defaults are the hardened ones; a component loosens them by name."""

    image: pulumi.Input[str]
    """Image id: a tag could move."""
    command: pulumi.Input[Sequence[str]]
    """The whole command line: the image's own entry point does not run unless it stands here."""
    user: str
    """Numeric `uid:gid`."""
    resources: Resources
    networks: tuple[Attachment, ...]
    health: HealthCheck | None
    env: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    ports: tuple[PublishedPort, ...] = ()
    tmpfs: Mapping[str, Unit] = field(default_factory=lambda: {"/tmp": size("64MiB")})  # noqa: S108  # a path inside the container
    read_only: bool = True
    capabilities: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    logs: Logs = Logs()
    grace_s: int = 30
    """Seconds between the stop signal and SIGKILL."""
    stop_signal: str | None = None
    """None keeps the image's own."""
    restart: str = "unless-stopped"
    shm_mib: int | None = None
    heals: bool = True
    """Whether a service that is unhealthy is ended, for the engine to start it again."""
    serves: bool = False
    """Whether visitors wait for it: one that hangs has `HUNG_S` then, and not all of its grace."""

    @property
    def hung_s(self) -> int:
        """Seconds between the stop signal and SIGKILL for one that hangs."""
        return min(self.grace_s, HUNG_S) if self.serves else self.grace_s

    @property
    def stop_first(self) -> bool:
        """Whether the old container must go before the new one starts: it owns something that only one can have."""
        return bool(self.ports) or any(mount.exclusive for mount in self.mounts) or any(network.address for network in self.networks)


def run(name: str, spec: ContainerSpec, stage: Stage, *, service: str, role: Role = Role.SERVICE, opts: pulumi.ResourceOptions) -> docker.Container:
    """Create the container, done when it is healthy. A replacement starts before the old one stops, unless `spec.stop_first`."""
    replacement = pulumi.ResourceOptions(delete_before_replace=spec.stop_first, replace_on_changes=REPLACED_BY, hooks=limits(spec.resources.pids, stage))
    return docker.Container(name, **arguments(spec, stage, service, role), opts=pulumi.ResourceOptions.merge(opts, replacement))


def limits(pids: int, stage: Stage) -> pulumi.ResourceHookBinding:
    """What the provider has no property for, set on the engine when the container is done. It was set at its start already, where nothing went wrong
    (`Engine.limit_new`): a service is done when it is healthy, and a job when it has ended. This makes sure."""

    def limit(made: pulumi.ResourceHookArgs) -> None:
        stage.engine.limit_pids(made.id, pids)

    return pulumi.ResourceHookBinding(after_create=[limit])


def arguments(spec: ContainerSpec, stage: Stage, service: str, role: Role) -> dict[str, Any]:  # Any: keyword arguments of docker.Container
    """Render a spec for a plain engine, in the normal forms that the provider reads back."""
    memory = spec.resources.memory.amount // MIB
    reservation = spec.resources.memory_reservation
    labels = {**spec.labels, **stage.labels(service, role), PIDS: str(spec.resources.pids)}
    rendered: dict[str, Any] = {
        "image": spec.image,
        "entrypoints": _part(spec.command, slice(1)),
        "command": _part(spec.command, slice(1, None)),
        "user": spec.user,
        "envs": _envs(spec.env),
        "labels": [docker.ContainerLabelArgs(label=key, value=value) for key, value in sorted(labels.items())],
        "networks_advanced": [_attachment(to) for to in spec.networks],
        "mounts": [_mount(mount) for mount in sorted(spec.mounts, key=lambda mount: mount.path)],
        "ports": [_port(port) for port in sorted(spec.ports, key=lambda port: port.container)] or None,
        "tmpfs": {path: _tmpfs(spec.user, space) for path, space in spec.tmpfs.items()} or None,
        "read_only": spec.read_only,
        "capabilities": docker.ContainerCapabilitiesArgs(drops=["ALL"], adds=sorted(spec.capabilities) or None),
        "security_opts": ["no-new-privileges:true"],
        "memory": memory,
        "memory_swap": memory,
        "memory_reservation": reservation.amount // MIB if reservation else None,
        "cpus": spec.resources.cpus,
        "shm_size": spec.shm_mib,
        "log_driver": "json-file",
        "log_opts": {"max-size": _short(spec.logs.size), "max-file": str(spec.logs.files)},
        "init": True,
        "restart": spec.restart,
        "stop_signal": spec.stop_signal,
        "stop_timeout": spec.grace_s,
        "destroy_grace_seconds": spec.grace_s,
        **({} if spec.networks else {"network_mode": "none"}),
    }
    if spec.health:
        health = healing(spec.health, spec.stop_signal, spec.hung_s) if role is Role.SERVICE and spec.heals else spec.health
        rendered |= {"healthcheck": health_arguments(health, stage.engine.start_interval), "wait": True, "wait_timeout": spec.health.budget_s}
    return rendered


def _part(command: pulumi.Input[Sequence[str]], part: slice) -> pulumi.Input[list[str]]:
    return list(command[part]) if isinstance(command, list | tuple) else pulumi.Output.from_input(command).apply(lambda words: list(words[part]))


def _envs(env: Mapping[str, pulumi.Input[str]]) -> list[pulumi.Input[str]]:
    return [joined(name, "=", value) for name, value in sorted(env.items())]


def _attachment(to: Attachment) -> docker.ContainerNetworksAdvancedArgs:
    return docker.ContainerNetworksAdvancedArgs(name=to.network, aliases=list(to.aliases), ipv4_address=to.address)


def _mount(mount: Mount) -> docker.ContainerMountArgs:
    if mount.bind:
        return docker.ContainerMountArgs(type="bind", source=mount.source, target=mount.path, read_only=mount.read_only)
    # no_copy: a volume keeps the owner that was prepared for it, not that of the image's folder
    return docker.ContainerMountArgs(
        type="volume", source=mount.source, target=mount.path, read_only=mount.read_only, volume_options=docker.ContainerMountVolumeOptionsArgs(no_copy=True)
    )


def _tmpfs(user: str, space: Unit) -> str:
    """Writable for the user: runc before 1.2 gives it the mode of the image's folder, whatever `mode` says, but always this owner."""
    uid, gid = user.split(":")
    return f"rw,noexec,nosuid,nodev,size={_short(space)},mode=1777,uid={uid},gid={gid}"


def _short(space: Unit) -> str:
    """A size as the engine writes it, `10m` or `512k`."""
    kib = space.amount // 1024
    return f"{kib}k" if kib % 1024 else f"{kib // 1024}m"


def _port(port: PublishedPort) -> docker.ContainerPortArgs:
    return docker.ContainerPortArgs(ip=port.address, external=port.host, internal=port.container, protocol="tcp")
