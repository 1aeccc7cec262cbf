"""While Pulumi is at work: jobs that failed. The provider waits for the health of a job until its timeout, but gives up at once when its container is gone."""

from dataclasses import dataclass, field

from ops.culprits import LINES
from ops.engine import TROUBLE, Engine
from ops.objects import Container
from ops.project import Stage


@dataclass
class Watch:
    """Ends the wait for a job that has failed: takes its last words and removes its container."""

    stage: Stage
    engine: Engine
    failed: list[tuple[Container, list[str]]] = field(default_factory=list)
    """Jobs that failed in this run, with the last lines of their logs."""

    def __post_init__(self) -> None:
        self._before = {container.id for container in self._jobs()}

    def look(self) -> None:
        """Called now and then. An engine that does not answer is for Pulumi to say."""
        try:
            for job in self._jobs():
                if job.id not in self._before and job.status == "exited" and job.exit_code:
                    self._before.add(job.id)
                    self.failed.append((job, self.engine.last_logs(job.id, LINES)))
                    self.engine.remove_containers([job])
        except TROUBLE:
            return

    def _jobs(self) -> list[Container]:
        return [container for container in self.engine.objects(self.stage).containers if container.role == "job"]
