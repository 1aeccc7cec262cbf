"""Who is to blame for a failure, and what is said about them."""

from pathlib import Path
from typing import cast

import pytest

from ops.culprits import culprits, explain, report
from ops.engine import Engine
from ops.objects import Container, Objects
from ops.project import Project, Stage
from tests.ops.samples import container, project


@pytest.mark.parametrize(
    "suspect",
    [
        container("1", health="unhealthy"),
        container("1", health="starting"),
        container("1", Status="restarting"),
        container("1", Status="exited", ExitCode=0),
        container("1", role="job", Status="exited", ExitCode=7),
        container("1", role="job", health="starting"),
        container("1", role="loader", Status="created", Error="no such file"),
    ],
)
def test_culprits(suspect: Container) -> None:
    assert culprits([suspect]) == [suspect]


@pytest.mark.parametrize(
    "innocent",
    [
        container("1"),
        container("1", health=None),
        container("1", role="job", Status="exited", health="unhealthy"),
        container("1", role="loader", Status="created", health=None),
    ],
)
def test_innocents(innocent: Container) -> None:
    assert culprits([innocent]) == []


def test_report() -> None:
    probes = [{"ExitCode": 0, "Output": "ok"}, {"ExitCode": 1, "Output": "connection refused\nport 8000\n"}]
    suspect = container("1", health="unhealthy", restarts=3, ExitCode=137, probes=probes)
    assert report(suspect, ["boot", "KeyError: 'SITE'"]) == [
        "web: unhealthy, 3 restarts, last exit code 137; container web-1, image demo-web:0123456789ab",
        "  last health check, which ended with",
        "    exit code 1: connection refused",
        "    port 8000",
        "  last 2 lines of its log:",
        "    boot",
        "    KeyError: 'SITE'",
    ]


HINT = "  it ends by itself after each start; an app that can only start after another one names that under uses"


@pytest.mark.parametrize(
    ("killed", "more", "lines"),
    [(False, "", [HINT, "  its log is empty"]), (True, ", ended by the kernel for want of memory (resources.memory)", ["  its log is empty"])],
    ids=["by itself", "out of memory"],
)
def test_report_of_a_crash_loop(killed: bool, more: str, lines: list[str]) -> None:
    suspect = container("1", health="unhealthy", restarts=7, Status="restarting", ExitCode=0, OOMKilled=killed, probes=[])
    assert report(suspect, []) == [f"web: restarting, 7 restarts, last exit code 0{more}; container web-1, image demo-web:0123456789ab", *lines]


def test_report_of_a_container_that_never_ran() -> None:
    suspect = container("1", role="job", service="web", name="web-migrate", Status="created", ExitCode=127, Error="exec: not found", health=None, probes=[])
    assert report(suspect, []) == [
        "web (job): created, 0 restarts, last exit code 127; container web-migrate, image demo-web:0123456789ab",
        "  could not start: exec: not found",
        "  its log is empty",
    ]


class Told:
    """An engine with these containers and so many networks."""

    def __init__(self, *containers: Container, networks: int = 4) -> None:
        self.containers, self.networks = containers, networks

    def objects(self, stage: Stage) -> Objects:
        return Objects(containers=self.containers)

    def last_logs(self, container: str, lines: int) -> list[str]:
        return [f"words of {container}"]

    def network_count(self) -> int:
        return self.networks


def explained(root: Path, capsys: pytest.CaptureFixture[str], engine: Told, *failed: Container) -> str:
    explain(Project.find(project(root)).stage("dev"), cast(Engine, engine), 1, [(one, [f"last words of {one.id}"]) for one in failed])
    return capsys.readouterr().err


def test_all_that_are_not_well_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = explained(
        tmp_path, capsys, Told(container("1"), container("2", service="db", health="unhealthy")), container("3", role="job", Status="exited", ExitCode=1)
    )
    assert "Not well in stage dev:" in said
    assert ("words of 2" in said, "last words of 3" in said, "words of 1" in said) == (True, True, False)
    assert "a whole log: berth logs -s dev web-2 -n 1000" in said
    assert "Pulumi says `No such container` of what has failed" in said


@pytest.mark.parametrize(("networks", "hinted"), [(23, False), (24, True)])
def test_many_networks_may_be_the_cause_where_nobody_is_unwell(networks: int, hinted: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = explained(tmp_path, capsys, Told(container("1"), networks=networks))
    assert "No container of stage dev is unwell" in said
    assert ("default-address-pools in its daemon.json" in said) is hinted
