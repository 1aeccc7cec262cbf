"""The page of the drills: every drill has its row there, and its test."""

from dataclasses import asdict
from pathlib import Path

import pytest

from tests.drills import figures
from tests.drills.bench import CHECKS, failing
from tests.drills.figures import PAGE, Drill, Figure, keep, page, record

MET = Figure(drill=Drill.MEMORY, load="a load", goal="a goal", measured="what was measured", met=True)
TESTS = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py") if file.name != Path(__file__).name)


def kept(*found: Figure) -> dict[str, dict[str, object]]:
    return {one.drill.name: {"day": "2026-01-31", **asdict(one)} for one in found}


def test_a_figure_is_a_row() -> None:
    assert "| memory hog | a load | a goal | what was measured | yes | 2026-01-31 |" in page(kept(MET)).splitlines()


def test_what_was_missed_is_said_with_its_reason() -> None:
    missed = Figure(drill=Drill.TLS, load="l", goal="g", measured="m", met=False)
    explained = Figure(drill=Drill.LOGS, load="l", goal="g", measured="m", met=False, why="the reason")
    rows = page(kept(missed, explained)).splitlines()
    assert "| TLS by sslyze | l | g | m | **no** | 2026-01-31 |" in rows
    assert "| log flood | l | g | m | **no**: the reason | 2026-01-31 |" in rows


def test_what_was_not_measured_is_said() -> None:
    assert page({}).count("| not measured | **no** |") == len(Drill)


def test_the_host_and_its_versions() -> None:
    about = {"day": "2026-01-31", "host": "2 cores", "versions": "Docker 26"}
    assert "Measured on 2026-01-31: 2 cores; Docker 26.\n" in page({"about": about})


def test_a_goal_that_is_not_met_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "LONG", False)  # what is not measured is not kept
    with pytest.raises(AssertionError, match="memory hog: m; goal: g\nevidence"):
        record(Figure(drill=Drill.MEMORY, load="l", goal="g", measured="m", met=False), "evidence")


def test_a_time_is_judged_in_the_long_form_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    late = Figure(drill=Drill.HUNG, load="l", goal="g", measured="m", met=False, timed=True)
    monkeypatch.setattr(figures, "LONG", False)
    record(late)
    monkeypatch.setattr(figures, "LONG", True)
    monkeypatch.setattr(figures, "keep", lambda name, facts: keep(name, facts, tmp_path))
    with pytest.raises(AssertionError, match="the only replica hangs: m; goal: g"):
        record(late)
    assert [file.name for file in tmp_path.iterdir()] == ["HUNG.json"], "what was missed is on the page too"


WRITTEN = pytest.mark.skipif(figures.LONG, reason="it is being written")


@WRITTEN
@pytest.mark.parametrize("drill", Drill, ids=lambda drill: drill.name)
def test_every_drill_has_its_test_and_its_figure(drill: Drill) -> None:
    assert f"Drill.{drill.name}" in TESTS
    [row] = [line for line in PAGE.read_text().splitlines() if line.startswith(f"| {drill} |")]
    assert "| not measured |" not in row, "make drills measures it"


@WRITTEN
def test_the_page_is_of_what_was_measured() -> None:
    assert PAGE.read_text() == page(figures.kept()), "run make drills"


@WRITTEN
def test_the_page_has_no_other_rows() -> None:
    rows = [line.split(" | ")[0].removeprefix("| ") for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    assert rows == ["drill", *Drill]


BARE = {
    "Config": {"User": "", "Labels": {"com.docker.swarm.service.id": "x"}},
    "State": {},
    "Processes": [["root", "sshd"]],
    "Mounts": [{"Source": "/etc", "RW": True, "Propagation": "rshared"}, {"Source": "/var/run/docker.sock", "RW": True, "Propagation": ""}],
    "HostConfig": {
        "SecurityOpt": None,
        "CapAdd": ["SYS_ADMIN"],
        "Privileged": True,
        "PortBindings": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "80"}]},
        "NetworkMode": "host",
        "Memory": 0,
        "NanoCpus": 0,
        "CpuShares": 0,
        "ReadonlyRootfs": False,
        "RestartPolicy": {"MaximumRetryCount": 6},
        "PidMode": "host",
        "IpcMode": "host",
        "UTSMode": "host",
        "CgroupParent": "/x",
        "PidsLimit": None,
        "UsernsMode": "host",
    },
}


def test_the_bench_finds_everything_wrong() -> None:
    assert failing(BARE) == [number for number in CHECKS if number != "5.22"]
    assert "5.22" in failing({**BARE, "HostConfig": {**BARE["HostConfig"], "SecurityOpt": ["seccomp=unconfined"]}})  # type: ignore[dict-item]
