"""While Pulumi is at work: what has failed. The provider waits for health until its timeout, but gives up at once when the container is gone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ops.culprits import LINES
from ops.engine import TROUBLE, Engine
from ops.news import News
from ops.objects import Container
from ops.project import Stage

CRASHES = 7
"""Ends of a service, the last one soon after its start, that make a crash loop. The engine waits 0.1 s before it starts it again, and each next time twice as
long: by then it has had seven starts and 6.3 s beside. One that ends at once is given up after 7.5 s, one that takes two seconds after 22 s (measured)."""
SOON_S = 10
"""A service that ran for longer may have waited that long for something, and is left its whole health budget. The engine draws the line there too: it begins
anew with 0.1 s."""


@dataclass
class Watch:
    """Ends the wait for what has failed in this run, a job or a service in a crash loop: takes its last words and removes its container."""

    stage: Stage
    engine: Engine
    news: News | None = None
    """Who says meanwhile how it goes; nobody where Pulumi shows that itself."""
    failed: list[tuple[Container, list[str]]] = field(default_factory=list)
    """What failed in this run, with the last lines of its log."""

    def __post_init__(self) -> None:
        there = self._containers()
        self._settled = {container.id for container in there}
        if self.news:
            self.news.tell(there)

    def look(self) -> None:
        """Called now and then. An engine that does not answer is for Pulumi to say."""
        try:
            there = self._containers()
            if self.news:
                self.news.tell(there)
            self._settled |= {container.id for container in there if container.role == "service" and container.health == "healthy"}
            for container in given_up([one for one in there if one.id not in self._settled], there):
                self._settled.add(container.id)
                self.failed.append((container, self.engine.last_logs(container.id, LINES)))
                self.engine.remove_containers([container])
        except TROUBLE:
            return

    def _containers(self) -> Sequence[Container]:
        return self.engine.objects(self.stage).containers


def given_up(new: Sequence[Container], there: Sequence[Container]) -> list[Container]:
    """Which of those that are new and were never well need not be waited for any longer.

    A crash loop is spared while anything else of the stage is still on its way: it may be what the service waits for, and Pulumi waits for that anyway.
    """
    failed = [one for one in new if one.role == "job" and one.status == "exited" and one.exit_code]
    loops = [one for one in new if crash_loop(one)]
    return failed if any(on_its_way(one) for one in there) else [*failed, *loops]


def on_its_way(container: Container) -> bool:
    """Whether a service is starting, not for the umpteenth time, or a job is at work."""
    starting = container.health == "starting" and container.restarts < CRASHES
    return starting or (container.role != "service" and container.status == "running")


def crash_loop(container: Container) -> bool:
    """Whether a service that somebody waits for ends again and again, whatever its exit code."""
    ends = container.role == "service" and container.health is not None and container.status == "restarting"
    return ends and container.restarts >= CRASHES and container.last_run_s < SOON_S
