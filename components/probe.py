"""How the engine finds out whether a container is well, and what happens to one that is not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import pulumi_docker as docker
from pydantic import Field

from components.model import Duration, Model, Whole, duration, go_duration

POLL_S = 5
"""Spare time over the health budget: the provider looks once a second, and a start takes its time on a busy host."""
HEAL = ("/.berth/busybox", "sh", "/.berth/heal")
"""Runs a probe, and ends a service that was well and is not any more; by the tools that lie in every service."""
HEAL_SLACK = 2000
"""Milliseconds that the engine waits longer for a probe than `heal`, which has to do something about one that takes too long."""


class ProbeTimes(Model):
    """When health is probed: often while starting, calmly afterwards."""

    interval: Duration = duration("5s")
    """Time between two probes of a running service."""

    timeout: Duration = duration("3s")
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
    informed: bool = False
    """Whether it is the application's own command, which finds the variables that its processes have."""

    @property
    def budget_s(self) -> int:
        """Seconds until a container that is not healthy by then never will be."""
        return (self.times.start_period.amount + self.times.retries * (self.times.interval.amount + self.times.timeout.amount)) // 1000 + POLL_S

    def within(self, starter: Sequence[str]) -> "HealthCheck":
        """The same, an application's own command behind what sets its variables."""
        return replace(self, test=(*starter, *self.test)) if self.informed else self


def healing(health: HealthCheck, stop_signal: str | None, grace_s: int) -> HealthCheck:
    """The same probe, which also ends the service when it has failed as often as the engine minds: as it would be stopped, and after that time for good."""
    times = health.times
    told = (str(times.retries), str(-(-times.timeout.amount // 1000)), stop_signal or "SIGTERM", str(grace_s), "--")
    engines = times.model_copy(update={"timeout": duration(f"{times.timeout.amount + HEAL_SLACK}ms")})
    return replace(health, test=(*HEAL, *told, *health.test), times=engines)


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
