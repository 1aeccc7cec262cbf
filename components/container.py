"""The seam between what to run and how this engine runs it: a plain `ContainerSpec`, rendered to one hardened container."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import pulumi
import pulumi_docker as docker
from pydantic import AfterValidator, Field, field_validator

from components.model import MINIMUM_MEMORY, Cpus, Duration, Model, Size, Unit, Whole, duration, go_duration, size
from components.stage import Role, Stage

REPLACED_BY = ["*", "#initerror"]
"""What makes a container anew: every change. The provider reports changes of health check, tmpfs, init, mounts and others as done without doing them.
`#initerror`: one that never became healthy is made anew, not forgiven, which would delete the healthy old one."""
POLL_S = 5
"""Spare time over the health budget: the provider looks once a second, and a start takes its time on a busy host."""
LOGS = {"max-size": "10m", "max-file": "3"}
MIB = 1024**2


class Resources(Model):
    """Limits of one container."""

    memory: Size = size("256MiB")
    """Memory limit; swap is not added to it."""

    cpus: Cpus = "1.0"
    """CPU limit in cores."""

    @field_validator("memory")
    @classmethod
    def _enough(cls, memory: Unit) -> Unit:
        if memory.amount < MINIMUM_MEMORY or memory.amount % MIB:
            raise ValueError("is no memory limit: the engine takes whole MiB from 6MiB on")
        return memory


def least_memory(least: str, who: str) -> AfterValidator:
    """Refuse resources with which a service would not even start."""

    def enough(resources: Resources) -> Resources:
        if resources.memory.amount < size(least).amount:
            raise ValueError(f"gives too little memory: {who} starts with {least} or more")
        return resources

    return AfterValidator(enough)


class ProbeTimes(Model):
    """When health is probed: often while starting, calmly afterwards."""

    interval: Duration = duration("10s")
    """Time between two probes of a running service."""

    timeout: Duration = duration("5s")
    """How long one probe may take before it counts as failed."""

    retries: Annotated[Whole, Field(ge=1, le=1000)] = 3
    """Failed probes in a row after which the service is unhealthy."""

    start_period: Duration = duration("60s")
    """How long the slowest start may take; failures in this time do not count."""

    start_interval: Duration = duration("500ms")
    """Time between two probes while starting."""


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """A probe command inside the container, and its times."""

    test: tuple[str, ...]
    times: ProbeTimes = ProbeTimes()

    @property
    def budget_s(self) -> int:
        """Seconds until a container that is not healthy by then never will be."""
        times = self.times
        return (times.start_period.amount + times.retries * (times.interval.amount + times.timeout.amount)) // 1000 + POLL_S


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
    tmpfs: tuple[str, ...] = ("/tmp",)  # noqa: S108  # a path inside the container
    read_only: bool = True
    grace_s: int = 30
    """Seconds between the stop signal and SIGKILL."""
    stop_signal: str | None = None
    """None keeps the image's own."""
    restart: str = "unless-stopped"
    shm_mib: int | None = None

    @property
    def stop_first(self) -> bool:
        """Whether the old container must go before the new one starts: it owns something that only one can have."""
        return bool(self.ports) or any(mount.exclusive for mount in self.mounts)


def run(name: str, spec: ContainerSpec, stage: Stage, *, service: str, role: Role = Role.SERVICE, opts: pulumi.ResourceOptions) -> docker.Container:
    """Create the container, done when it is healthy. A replacement starts before the old one stops, unless `spec.stop_first`."""
    replacement = pulumi.ResourceOptions(delete_before_replace=spec.stop_first, replace_on_changes=REPLACED_BY)
    return docker.Container(name, **arguments(spec, stage, service, role), opts=pulumi.ResourceOptions.merge(opts, replacement))


def arguments(spec: ContainerSpec, stage: Stage, service: str, role: Role) -> dict[str, Any]:  # Any: keyword arguments of docker.Container
    """Render a spec for a plain engine, in the normal forms that the provider reads back."""
    memory = spec.resources.memory.amount // MIB
    rendered: dict[str, Any] = {
        "image": spec.image,
        "entrypoints": pulumi.Output.from_input(spec.command).apply(lambda words: list(words[:1])),
        "command": pulumi.Output.from_input(spec.command).apply(lambda words: list(words[1:])),
        "user": spec.user,
        "envs": _envs(spec.env),
        "labels": [docker.ContainerLabelArgs(label=key, value=value) for key, value in sorted(stage.labels(service, role).items())],
        "networks_advanced": [docker.ContainerNetworksAdvancedArgs(name=to.network, aliases=list(to.aliases)) for to in spec.networks],
        "mounts": [_mount(mount) for mount in sorted(spec.mounts, key=lambda mount: mount.path)],
        "ports": [_port(port) for port in sorted(spec.ports, key=lambda port: port.container)] or None,
        "tmpfs": dict.fromkeys(spec.tmpfs, _tmpfs(spec.user)) or None,
        "read_only": spec.read_only,
        "capabilities": docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        "security_opts": ["no-new-privileges:true"],
        "memory": memory,
        "memory_swap": memory,
        "cpus": spec.resources.cpus,
        "shm_size": spec.shm_mib,
        "log_driver": "json-file",
        "log_opts": LOGS,
        "init": True,
        "restart": spec.restart,
        "stop_signal": spec.stop_signal,
        "stop_timeout": spec.grace_s,
        "destroy_grace_seconds": spec.grace_s,
        **({} if spec.networks else {"network_mode": "none"}),
    }
    if spec.health:
        rendered |= {"healthcheck": health_arguments(spec.health, stage.engine.start_interval), "wait": True, "wait_timeout": spec.health.budget_s}
    return rendered


def health_arguments(health: HealthCheck, start_interval: bool) -> docker.ContainerHealthcheckArgs:
    """Render a health check. An engine without a start interval probes at the dense pace all the time: slow starts would cost too much otherwise."""
    times = health.times
    calm = times.interval if start_interval else min(times.interval, duration("2s"), key=lambda time: time.amount)
    return docker.ContainerHealthcheckArgs(
        tests=["CMD", *health.test],
        interval=go_duration(calm.amount),
        timeout=go_duration(times.timeout.amount),
        retries=times.retries,
        start_period=go_duration(times.start_period.amount),
        start_interval=go_duration(times.start_interval.amount) if start_interval else None,
    )


def _envs(env: Mapping[str, pulumi.Input[str]]) -> list[pulumi.Output[str]]:
    return [pulumi.Output.concat(name, "=", value) for name, value in sorted(env.items())]


def _mount(mount: Mount) -> docker.ContainerMountArgs:
    if mount.bind:
        return docker.ContainerMountArgs(type="bind", source=mount.source, target=mount.path, read_only=mount.read_only)
    # no_copy: a volume keeps the owner that was prepared for it, not that of the image's folder
    return docker.ContainerMountArgs(
        type="volume", source=mount.source, target=mount.path, read_only=mount.read_only, volume_options=docker.ContainerMountVolumeOptionsArgs(no_copy=True)
    )


def _tmpfs(user: str) -> str:
    """Writable for the user: runc before 1.2 gives it the mode of the image's folder, whatever `mode` says, but always this owner."""
    uid, gid = user.split(":")
    return f"rw,noexec,nosuid,nodev,size=64m,mode=1777,uid={uid},gid={gid}"


def _port(port: PublishedPort) -> docker.ContainerPortArgs:
    return docker.ContainerPortArgs(ip=port.address, external=port.host, internal=port.container, protocol="tcp")
