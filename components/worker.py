"""A worker: another process of an app's release, with its own command and health."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

import pulumi
from pydantic import Field

from components.app import HealthConfig, Release
from components.container import HealthCheck, Resources, run
from components.model import Command, Duration, Model, Name, Whole, duration, size
from components.stage import Stage, child_of


class WorkerHealth(HealthConfig):
    """How to tell whether a worker is well: by a command, for it has no port."""

    command: Command
    """Command inside the container that ends 0 when all is well; no shell is involved."""


class WorkerConfig(Model):
    """A process that serves no requests: image, variables, secrets and volumes are its app's."""

    app: Name
    """The app whose release it runs."""

    command: Command
    """Command line after the image's entry point."""

    health: WorkerHealth
    """How to tell whether it is well."""

    replicas: Annotated[Whole, Field(ge=1, le=100)] = 1
    """How many containers work."""

    resources: Resources = Resources(memory=size("512MiB"), cpus="1.0")
    """Limits of each container."""

    stop_grace: Duration = duration("60s")
    """How long the job in hand may take when the worker is told to stop."""


@dataclass(frozen=True, kw_only=True)
class WorkerArgs:
    """Wiring of one worker."""

    stage: Stage
    config: WorkerConfig
    release: Release
    """What it shares with its app."""
    needs: Sequence[pulumi.Resource] = field(default_factory=tuple)
    """What has to be healthy first."""


class Worker(pulumi.ComponentResource):
    """Creates the worker's containers; done when all are healthy."""

    def __init__(self, name: str, args: WorkerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:Worker", name, None, opts)
        config = args.config
        check = HealthCheck(test=config.health.command, times=config.health.times)
        for number in range(1, config.replicas + 1):
            spec = args.release.spec(config.command, health=check, resources=config.resources, grace=config.stop_grace)
            run(f"{name}-{number}", spec, args.stage, service=name, opts=child_of(self, depends_on=list(args.needs)))
        self.register_outputs({})
