"""Schedules, and the probe that says of one whether it is well, run for real by the busybox of this machine."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.components.conftest import Run, until


@pytest.fixture
def every(berth: Path, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts schedules, with the mark `ran` below `tmp_path`."""
    begun: list[subprocess.Popen[str]] = []

    def start(work: str, pause: int = 600, limit: int = 600, grace: int = 600) -> subprocess.Popen[str]:
        times = (str(pause), str(limit), str(grace))
        command = [str(berth / "busybox"), "sh", str(berth / "every"), *times, str(tmp_path / "ran"), "sh", "-c", work]
        begun.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        return begun[-1]

    yield start
    for loop in begun:
        loop.terminate()
        assert loop.wait(20) == 0
        assert loop.stderr
        loop.stderr.close()  # not read to its end: whoever the work has left behind may hold it open


@pytest.fixture
def well(run: Run, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """What the probe of a schedule says."""

    def probe(silence: int = 600) -> tuple[int, str]:
        ended = run("probe", "schedule", str(tmp_path / "ran"), str(silence))
        return ended.returncode, ended.stderr.decode()

    return probe


Every = Callable[..., subprocess.Popen[str]]
Well = Callable[..., tuple[int, str]]


def said(loop: subprocess.Popen[str]) -> str:
    """What the schedule says next; the shell's own word about a run that a signal has ended comes before."""
    assert loop.stderr
    return next(line for line in loop.stderr if line.startswith("every: "))


def test_every_runs_again(every: Every, well: Well, tmp_path: Path) -> None:
    every(f"echo x >>{tmp_path}/count", pause=0)
    until(lambda: (tmp_path / "count").exists() and len((tmp_path / "count").read_text().split()) > 2)
    assert [well(), well()] == [(0, ""), (0, "")]


def test_a_run_in_hand_is_well_however_long_it_takes(every: Every, well: Well, tmp_path: Path) -> None:
    every(f"echo x >{tmp_path}/begun; sleep 2; echo x >{tmp_path}/ended; sleep 30", pause=1)
    until((tmp_path / "ended").exists)
    assert [well(), well()] == [(0, ""), (0, "")]


def test_a_schedule_that_fails_is_unwell_until_it_succeeds(every: Every, well: Well, tmp_path: Path) -> None:
    """Also after a start: but for the first probe, which nobody has to wait for."""
    loop = every(f"[ -e {tmp_path}/mended ] || exit 7", pause=5)
    assert said(loop) == "every: sh ended with 7; next try in 5 s\n"
    assert well() == (0, "")
    assert said(loop) == "every: sh ended with 7; next try in 5 s\n"
    until(lambda: (tmp_path / "ran").read_text() == "2 ended with 7\n")
    assert well() == (100, "probe: the last run ended with 7, failure number 2 in a row: its log says more\n")
    (tmp_path / "mended").touch()
    until(lambda: well() == (0, ""))


def test_a_start_forgets_what_was_before(every: Every, well: Well, tmp_path: Path) -> None:
    (tmp_path / "ran").write_text("9 ended with 7\n")
    (tmp_path / "ran.seen").touch()
    loop = every("exit 8")
    said(loop)
    until(lambda: (tmp_path / "ran").read_text() == "1 ended with 8\n")
    assert [well()[0], well()[0]] == [0, 100]


@pytest.mark.parametrize("deaf", ["", "trap '' TERM; "], ids=["hears", "deaf"])
def test_a_run_that_takes_too_long_has_failed(deaf: str, every: Every, well: Well) -> None:
    loop = every(f"{deaf}while :; do sleep 0.1; done", limit=1, grace=1)
    assert said(loop) == "every: sh took more than 1 s; next try in 600 s\n"
    well()
    until(lambda: well() == (100, "probe: the last run took more than 1 s, failure number 1 in a row: its log says more\n"))


def test_a_schedule_that_hangs_is_no_more_well(every: Every, well: Well, tmp_path: Path) -> None:
    every("sleep 600")
    until((tmp_path / "ran").exists)
    os.utime(tmp_path / "ran", (time.time() - 700,) * 2)
    assert well() == (1, "probe: nothing was begun or ended in 600 s: the schedule hangs\n")


def test_a_schedule_that_has_not_begun_is_not_well(well: Well) -> None:
    assert well()[0] == 1


def test_every_lets_the_run_in_hand_end(every: Every, tmp_path: Path) -> None:
    begun, ended = tmp_path / "begun", tmp_path / "ended"
    loop = every(f"trap 'echo x >{ended}; exit 0' TERM; echo x >{begun}; while :; do sleep 0.05; done")
    until(begun.exists)
    loop.terminate()
    assert loop.wait(20) == 0
    assert ended.exists()
