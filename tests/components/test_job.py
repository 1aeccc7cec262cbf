"""A job: runs once, is healthy when it has ended well, and never blocks the old release."""

from typing import Any

import pulumi
import pytest

from components.container import ContainerSpec, Mount, Resources
from components.job import run_job
from components.model import duration, size
from tests.recording import Registered, record, stage


def make(timeout: str = "5m", **changes: Any) -> Registered:
    facts: dict[str, Any] = {"image": "sha256:1", "command": ["migrate", "--now"], "user": "1:1", "resources": Resources(), "networks": (), "health": None}
    spec = ContainerSpec(**facts | changes)
    return record(lambda: run_job("web-migrate", spec, stage(), service="web", timeout=duration(timeout), opts=pulumi.ResourceOptions())).container(
        "web-migrate"
    )


def test_the_command_runs_under_the_wrapper() -> None:
    job = make().inputs
    assert (job["entrypoints"], job["command"]) == (["/.berth/busybox"], ["sh", "/.berth/job", "migrate", "--now"])


def test_its_success_is_its_health() -> None:
    job = make().inputs
    assert job["healthcheck"]["tests"] == ["CMD", "/.berth/busybox", "test", "-f", "/tmp/.berth-done"]
    assert (job["healthcheck"]["interval"], job["healthcheck"]["startInterval"]) == ("500ms", "500ms")
    assert (job["wait"], job["mustRun"], job["restart"]) == (True, False, "no")
    assert {"label": "berth.role", "value": "job"} in job["labels"]


@pytest.mark.parametrize(("timeout", "period", "wait"), [("5m", "5m0s", 305), ("90s", "1m30s", 95)])
def test_waits_as_long_as_it_may_take(timeout: str, period: str, wait: int) -> None:
    job = make(timeout).inputs
    assert (job["healthcheck"]["startPeriod"], job["waitTimeout"]) == (period, wait)


@pytest.mark.parametrize("mounts", [(), (Mount(source="v", path="/v", exclusive=True),)], ids=["alone", "with a volume of one writer"])
def test_a_new_release_migrates_before_the_old_one_stops(mounts: tuple[Mount, ...]) -> None:
    options = make(mounts=mounts).options
    assert options["delete_before_replace"] is False


def test_runs_again_for_a_new_release_alone() -> None:
    """Not for another limit. What is in files and secrets is in the name of a volume, and so among the mounts."""
    assert make().options["replace_on_changes"] == ["image", "entrypoints", "command", "user", "envs", "mounts", "#initerror"]


def test_its_processes_are_limited_too() -> None:
    assert {"label": "berth.pids", "value": "64"} in make(resources=Resources(pids=64)).inputs["labels"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"/tmp"}),
        ({"tmpfs": {"/cache": size("1MiB")}}, {"/cache", "/tmp"}),
        ({"tmpfs": {}, "mounts": (Mount(source="v", path="/tmp"),)}, set()),
    ],
    ids=["defaults", "an app without /tmp", "a volume on /tmp"],
)
def test_can_always_write_the_sign_of_its_success(changes: dict[str, Any], expected: set[str]) -> None:
    assert set(make(**changes).inputs.get("tmpfs", {})) == expected
