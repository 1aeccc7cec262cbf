"""A worker: another process of an app's release, with its own command and health."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
from pydantic import model_validator

from components.app import Release, run_replicas
from components.app.config import Process, Program
from components.app.health import HealthConfig, check
from components.model import Command, Duration, Model, Name, Unit, duration
from components.probe import HealthCheck
from components.stage import Stage
from components.tools import script

MARK = "/tmp/.berth-ran"  # noqa: S108  # a path inside the container
SLACK_S = 60
"""Over the time in which a schedule has to begin or to end something: a busy host starts programs late."""
LEAST_LIMIT_S = 3600


class Schedule(Model):
    """When a command runs that ends."""

    every: Duration
    """Time from the end of one run to the beginning of the next; the first is at the start."""

    timeout: Duration | None = None
    """How long one run may take; then it is told to stop, has `stop_grace` for that, and counts as failed. None: as long as `every`, and at least an hour."""


class WorkerProgram(Program):
    """A process that serves no requests: image, variables, files, secrets and volumes are its app's."""

    app: Name
    """The app whose release it runs."""

    command: Command
    """Command line after the image's entry point."""

    schedule: Schedule | None = None
    """Run the command, which ends, again and again. None: the command runs for good."""

    health: HealthConfig | None = None
    """How to tell whether it is well, by `command`, `file` or `tcp`. None: only with a schedule; then it is unwell from a run that has failed to the next
    that ends well. It is not started again for that, and a run in hand is no reason to be unwell."""

    stop_grace: Duration = duration("60s")
    """How long the job in hand may take when the worker is told to stop."""

    @model_validator(mode="after")
    def _health_is_known(self) -> "WorkerProgram":
        if self.health is None and self.schedule is None:
            raise ValueError("has no health: write health.command, health.file or health.tcp, for it has no port that could be asked")
        if self.health and not self.health.kinds - {"path"}:
            raise ValueError("has a health that asks no port: write health.command, health.file or health.tcp")
        return self


class WorkerConfig(WorkerProgram, Process):
    """A process that serves no requests, in containers of its own: image, variables, files, secrets and volumes are its app's."""


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
        spec = args.release.spec(config, config.command, health=health(config), around=around(config))
        run_replicas(self, name, spec, args.stage, count=config.replicas, at_once=None, needs=args.needs)
        self.register_outputs({})


def around(config: WorkerProgram, mark: str = MARK) -> tuple[str, ...]:
    """What runs the command: a loop when there is a schedule, which keeps account in the file `mark`."""
    if not config.schedule:
        return ()
    times = (_seconds(config.schedule.every), _limit_s(config.schedule), _seconds(config.stop_grace))
    return script("every", *map(str, times), mark)


def health(config: WorkerProgram, mark: str = MARK) -> HealthCheck:
    """The probe of a worker."""
    if config.health or not config.schedule:
        return check(config.health or HealthConfig(), None)
    silence = max(_seconds(config.schedule.every), _limit_s(config.schedule) + _seconds(config.stop_grace)) + SLACK_S
    return HealthCheck(test=script("probe", "schedule", mark, str(silence)))


def _limit_s(schedule: Schedule) -> int:
    return _seconds(schedule.timeout) if schedule.timeout else max(LEAST_LIMIT_S, _seconds(schedule.every))


def _seconds(time: Unit) -> int:
    return max(1, time.amount // 1000)
