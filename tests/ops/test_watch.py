"""Jobs that failed while Pulumi is at work."""

from collections.abc import Iterable
from typing import cast

import docker.errors
import pytest

from ops.engine import Engine
from ops.objects import Container, Objects
from ops.project import Stage
from ops.watch import Watch
from tests.ops.samples import container


class Jobs:
    """An engine whose containers change from look to look."""

    def __init__(self, *looks: list[Container] | Exception) -> None:
        self.looks = list(looks)
        self.removed: list[str] = []

    def objects(self, stage: Stage) -> Objects:
        look = self.looks.pop(0)
        if isinstance(look, Exception):
            raise look
        return Objects(containers=tuple(look))

    def last_logs(self, container: str, lines: int) -> list[str]:
        return [f"last words of {container}"]

    def remove_containers(self, containers: Iterable[Container]) -> None:
        self.removed += [one.id for one in containers]


def job(id_: str, status: str = "exited", code: int = 0) -> Container:
    return container(id_, role="job", Status=status, ExitCode=code)


@pytest.mark.parametrize(
    ("found", "failed"),
    [
        (job("new", code=1), ["new"]),
        (job("new", code=0), []),
        (job("new", status="running", code=1), []),
        (job("old", code=1), []),
        (container("new", Status="exited", ExitCode=1), []),
    ],
    ids=["failed", "done", "at work", "of an earlier run", "no job"],
)
def test_who_failed(found: Container, failed: list[str]) -> None:
    engine = Jobs([job("old", code=1)], [found])
    watch = Watch(cast(Stage, None), cast(Engine, engine))
    watch.look()
    assert engine.removed == failed
    assert [(one.id, words) for one, words in watch.failed] == [(id_, [f"last words of {id_}"]) for id_ in failed]


def test_nobody_is_told_twice_and_a_silent_engine_is_no_matter_of_this() -> None:
    engine = Jobs([], [job("a", code=1)], docker.errors.DockerException("silent"), [job("a", code=1), job("b", code=2)])
    watch = Watch(cast(Stage, None), cast(Engine, engine))
    for _ in range(3):
        watch.look()
    assert [one.id for one, _ in watch.failed] == ["a", "b"]
