"""Jobs that failed and services in a crash loop, while Pulumi is at work."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import docker.errors
import pytest

from ops.engine import Engine
from ops.objects import Container, Objects
from ops.project import Stage
from ops.watch import CRASHES, Watch, crash_loop
from tests.ops.samples import container


class Changing:
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


def watched(engine: Changing, looks: int = 1) -> Watch:
    watch = Watch(cast(Stage, None), cast(Engine, engine))
    for _ in range(looks):
        watch.look()
    return watch


def job(id_: str, status: str = "exited", code: int = 0) -> Container:
    return container(id_, role="job", Status=status, ExitCode=code)


def loop(id_: str = "loop", *, restarts: int = CRASHES, ran_s: float = 0.4, health: str | None = "unhealthy", **more: Any) -> Container:
    ended = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=ran_s)
    state = {"Status": "restarting", "ExitCode": 1, "StartedAt": "2026-01-01T00:00:00.000000000Z", "FinishedAt": ended.isoformat()} | more
    return container(id_, health=health, restarts=restarts, probes=[], **state)


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
    engine = Changing([job("old", code=1)], [found])
    watch = watched(engine)
    assert engine.removed == failed
    assert [(one.id, words) for one, words in watch.failed] == [(id_, [f"last words of {id_}"]) for id_ in failed]


def test_nobody_is_told_twice_and_a_silent_engine_is_no_matter_of_this() -> None:
    engine = Changing([], [job("a", code=1)], docker.errors.DockerException("silent"), [job("a", code=1), job("b", code=2)])
    assert [one.id for one, _ in watched(engine, looks=3).failed] == ["a", "b"]


@pytest.mark.parametrize(
    ("found", "is_one"),
    [
        (loop(), True),
        (loop(ExitCode=0), True),
        (loop(restarts=CRASHES - 1), False),
        (loop(ran_s=10), False),
        (loop(Status="running"), False),
        (loop(health=None), False),
        (loop(role="job"), False),
    ],
    ids=["crash loop", "ends well again and again", "few crashes", "ran for long", "runs", "nobody waits for its health", "no service"],
)
def test_what_a_crash_loop_is(found: Container, is_one: bool) -> None:
    assert crash_loop(found) is is_one


@pytest.mark.parametrize(
    ("looks", "gone"),
    [
        ([[], [loop()]], ["loop"]),
        ([[], [loop("a"), loop("b")]], ["a", "b"]),
        ([[loop()], [loop()]], []),
        ([[], [container("loop")], [loop()]], []),
        ([[], [loop(), container("slow", health="starting")]], []),
        ([[], [loop(), container("job", role="job", health="starting")]], []),
        ([[], [loop(), container("loader", role="loader", health=None)]], []),
        ([[], [loop(), container("slow", health="starting")], [loop(), container("slow")]], ["loop"]),
        ([[], [loop(), loop("b", Status="running", health="starting")]], ["loop"]),
        ([[], [loop(), job("job", code=1), container("slow", health="starting")]], ["job"]),
    ],
    ids=[
        "given up", "two that wait for each other", "there before", "was well", "may wait for a service", "may wait for a migration", "may wait for a volume",
        "what it may have waited for is there", "waits for another loop", "a failed job waits for nobody",
    ],
)  # fmt: skip
def test_which_crash_loops_are_given_up(looks: list[list[Container] | Exception], gone: list[str]) -> None:
    engine = Changing(*looks)
    watched(engine, looks=len(looks) - 1)
    assert engine.removed == gone
