"""Worker: the app's release with another command, after the app."""

from typing import Any

import pulumi
import pytest
from pydantic import ValidationError

from components.app import App, AppArgs
from components.app.config import AppConfig, VolumeUse, Writers
from components.app.health import HealthConfig
from components.container import Resources
from components.model import duration, size
from components.probe import HEAL
from components.secrets import Secret
from components.worker import Schedule, Worker, WorkerArgs, WorkerConfig
from tests.recording import Recording, record, stage, tools

START = ("/.berth/busybox", "sh", "/.berth/start", "KEY", "--")
DEFAULT = WorkerConfig(app="web", command=("work",), health=HealthConfig(command=("alive",)))
EXPLICIT = WorkerConfig(
    app="web",
    command=("work", "--hard"),
    health=HealthConfig(command=("alive", "-q"), interval=duration("30s"), start_period=duration("2m")),
    replicas=2,
    resources=Resources(memory=size("1GiB"), cpus="2"),
    stop_grace=duration("5m"),
)


def make(config: WorkerConfig = DEFAULT, writers: Writers = Writers.MANY) -> Recording:
    def build() -> None:
        of = stage()
        app = AppConfig(image="shop:1", port=80, user="1000:1001", volumes={"media": VolumeUse(path="/media", writers=writers)})
        secrets = {"KEY": Secret(value=pulumi.Output.secret("s3cret"))}
        web = App("web", AppArgs(stage=of, tools=tools(of), config=app, networks=("data-1",), env={"A": "1"}, secrets=secrets))
        Worker("jobs", WorkerArgs(stage=of, config=config, release=web.release, needs=[web]))

    return record(build)


@pytest.fixture(scope="module")
def worker() -> Recording:
    return make()


@pytest.mark.parametrize(("config", "names"), [(DEFAULT, ["jobs-1"]), (EXPLICIT, ["jobs-1", "jobs-2"])], ids=["defaults", "explicit"])
def test_creates_exactly_its_containers(config: WorkerConfig, names: list[str]) -> None:
    assert make(config).tree("berth:index:Worker::jobs") == [f"docker:index/container:Container {name}" for name in names]


def test_shares_the_release_of_its_app(worker: Recording) -> None:
    jobs, web = worker.container("jobs-1").inputs, worker.container("web-1").inputs
    for same in ("image", "envs", "mounts", "user", "tmpfs", "readOnly"):
        assert jobs[same] == web[same]
    assert jobs["networksAdvanced"] == [{"name": "data-1", "aliases": []}], "nobody calls a worker"
    assert jobs["command"] == ["sh", "/.berth/start", "KEY", "--", "entrypoint", "work"]
    assert {"label": "berth.service", "value": "jobs"} in jobs["labels"]


def test_starts_after_its_app(worker: Recording) -> None:
    assert worker.container("jobs-1").after == ("web-1",)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (
            DEFAULT,
            {"memory": 256, "cpus": "1.0", "stopTimeout": 60, "waitTimeout": 89, "health": ["CMD", *HEAL, "3", "3", "SIGTERM", "60", "--", *START, "alive"]},
        ),
        (
            EXPLICIT,
            {
                "memory": 1024,
                "cpus": "2.0",
                "stopTimeout": 300,
                "waitTimeout": 120 + 3 * 33 + 5,
                "health": ["CMD", *HEAL, "3", "3", "SIGTERM", "300", "--", *START, "alive", "-q"],
            },
        ),
    ],
    ids=["defaults", "explicit"],
)
def test_configuration_reaches_the_container(config: WorkerConfig, expected: dict[str, Any]) -> None:
    inputs = make(config).container("jobs-1").inputs
    assert {**inputs, "health": inputs["healthcheck"]["tests"]} | expected == {**inputs, "health": inputs["healthcheck"]["tests"]}


@pytest.mark.parametrize(
    ("schedule", "times", "silence"),
    [
        (Schedule(every=duration("15m")), ["900", "3600", "60"], "3720"),
        (Schedule(every=duration("24h")), ["86400", "86400", "60"], "86520"),
        (Schedule(every=duration("1m"), timeout=duration("5m")), ["60", "300", "60"], "420"),
        (Schedule(every=duration("1h"), timeout=duration("5m")), ["3600", "300", "60"], "3660"),
    ],
    ids=["defaults", "rarely", "runs that take longer than the pause", "explicit"],
)
def test_a_scheduled_worker_runs_its_command_again_and_again(schedule: Schedule, times: list[str], silence: str) -> None:
    inputs = make(WorkerConfig(app="web", command=("clean", "up"), schedule=schedule)).container("jobs-1").inputs
    shell, mark = ["/.berth/busybox", "sh"], "/tmp/.berth-ran"
    assert inputs["command"] == ["sh", "/.berth/start", "KEY", "--", *shell, "/.berth/every", *times, mark, "entrypoint", "clean", "up"]
    assert inputs["healthcheck"]["tests"] == ["CMD", *HEAL, "3", "3", "SIGTERM", "60", "--", *shell, "/.berth/probe", "schedule", mark, silence]


def test_a_scheduled_worker_may_have_a_health_of_its_own() -> None:
    config = WorkerConfig(app="web", command=("clean",), schedule=Schedule(every=duration("1h")), health=HealthConfig(command=("alive",)))
    assert make(config).container("jobs-1").inputs["healthcheck"]["tests"] == ["CMD", *HEAL, "3", "3", "SIGTERM", "60", "--", *START, "alive"]


@pytest.mark.parametrize(("writers", "stop_first"), [(Writers.ONE, True), (Writers.MANY, False)])
def test_replace_order(writers: Writers, stop_first: bool) -> None:
    options = make(writers=writers).container("jobs-1").options
    assert options["delete_before_replace"] is stop_first
    assert options["replace_on_changes"] == ["*", "#initerror"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"app": "web", "command": ["work"]}, r"has no health: write health\.command, health\.file or health\.tcp"),
        ({"app": "web", "command": ["work"], "health": {}}, r"has a health that asks no port: write health\.command"),
        ({"app": "web", "command": ["work"], "health": {"path": "/up"}}, r"has a health that asks no port: write health\.command"),
        ({"app": "web", "command": ["work"], "health": {"path": "/up", "command": ["x"]}}, "has path and command: keep one of them"),
    ],
)
def test_what_its_configuration_refuses(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        WorkerConfig.model_validate(values)
