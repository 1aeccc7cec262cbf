"""What the engine has of a stage: containers, networks, volumes, images, as far as the command looks at them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

NANO = 1e9
NEVER = "0001-01-01T00:00:00Z"
"""The engine's word for a moment that has not come yet."""


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container of a stage."""

    id: str
    name: str
    service: str
    role: str
    image: str
    image_id: str
    """The image itself, whatever its name stands for by now."""
    command: tuple[str, ...]
    probe_command: tuple[str, ...]
    status: str
    """The engine's word: created, running, paused, restarting, removing, exited, dead."""
    health: str | None
    """starting, healthy, unhealthy; None without a health check."""
    restarts: int
    exit_code: int
    out_of_memory: bool
    """Whether the kernel ended it, for it wanted more memory than its limit."""
    last_run_s: float
    """How long it ran when it last ended; 0 while it runs for the first time."""
    error: str
    """Why it could not be started, if so."""
    probe: str
    """Exit code and output of the last health check; empty before the first."""
    patience_s: float
    """How long its health check may take to become final."""
    networks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Networks it is in, with the names it answers to there."""
    limits: tuple[int, int] = (0, 0)
    """Bytes of memory, and billionths of a core."""

    @property
    def well(self) -> bool:
        """Whether it does what it is there for, or did it."""
        if self.role != "service" and self.status in {"created", "exited"}:
            return self.exit_code == 0 and not self.error
        return self.status == "running" and self.health in {None, "healthy"}


@dataclass(frozen=True, kw_only=True)
class Volume:
    """One volume of a stage."""

    name: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image that was built for a service of an application."""

    id: str
    tags: tuple[str, ...]
    service: str
    made: int
    """Seconds since 1970."""
    size: int
    """Bytes."""


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose a container or a volume is."""

    project: str
    stack: str
    instance: str
    example: str
    """The object, as a person would name it."""


@dataclass(frozen=True, kw_only=True)
class Objects:
    """Everything on the engine that carries the label of one instance."""

    containers: tuple[Container, ...] = ()
    networks: Mapping[str, str] = field(default_factory=dict)
    """Names by id."""
    volumes: tuple[Volume, ...] = ()


def container_of(detail: Mapping[str, Any]) -> Container:
    """Read what the engine says about a container."""
    labels, state, config = detail["Config"].get("Labels") or {}, detail["State"], detail["Config"]
    health, host = state.get("Health") or {}, detail.get("HostConfig") or {}
    probes = [f"exit code {probe['ExitCode']}: {probe['Output'].strip() or 'no output'}" for probe in health.get("Log") or ()]
    return Container(
        id=detail["Id"],
        name=detail["Name"].lstrip("/"),
        service=labels.get("berth.service", ""),
        role=labels.get("berth.role", ""),
        image=config.get("Image", ""),
        image_id=detail.get("Image", ""),
        command=(*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ())),
        probe_command=tuple((config.get("Healthcheck") or {}).get("Test") or ()),
        status=state["Status"],
        health=health.get("Status") if health.get("Status") != "none" else None,
        restarts=detail.get("RestartCount", 0),
        exit_code=state.get("ExitCode", 0),
        out_of_memory=bool(state.get("OOMKilled")),
        last_run_s=_last_run_s(state),
        error=state.get("Error") or "",
        probe=probes[-1] if probes else "",
        patience_s=_patience_s(config.get("Healthcheck") or {}),
        networks={name: tuple(to.get("Aliases") or ()) for name, to in (detail.get("NetworkSettings", {}).get("Networks") or {}).items()},
        limits=(host.get("Memory") or 0, host.get("NanoCpus") or 0),
    )


def _last_run_s(state: Mapping[str, Any]) -> float:
    started, ended = (datetime.fromisoformat(state.get(key) or NEVER) for key in ("StartedAt", "FinishedAt"))
    return max(0.0, (ended - started).total_seconds())


def _patience_s(check: Mapping[str, Any]) -> float:
    once = (check.get("Interval") or 30 * NANO) + (check.get("Timeout") or 30 * NANO)
    return float((check.get("StartPeriod") or 0) + (check.get("Retries") or 3) * once) / NANO


def image_of(entry: Mapping[str, Any]) -> Image:
    """Read what the engine says about an image that berth built."""
    service = (entry.get("Labels") or {}).get("berth.service", "")
    return Image(id=entry["Id"], tags=tuple(entry["RepoTags"] or ()), service=service, made=entry["Created"], size=entry["Size"])
