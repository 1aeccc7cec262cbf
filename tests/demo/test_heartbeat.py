"""The worker's sign of life, and `python -m demo alive`."""

import os
import time
from pathlib import Path

import pytest
from demo.heartbeat import Heartbeat, is_alive

from demo import __main__ as command


def test_touches_while_it_runs_and_removes_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    heartbeat = Heartbeat(file)
    heartbeat.start()
    deadline = time.monotonic() + 5
    while not is_alive(file) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert is_alive(file)
    heartbeat.stop()
    assert not file.exists()


def test_leaves_the_file_to_age_when_the_worker_is_stuck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.heartbeat.STUCK_AFTER_S", 0.0)
    file = tmp_path / "alive"
    heartbeat = Heartbeat(file)
    heartbeat.start()
    time.sleep(0.05)
    assert not file.exists()
    heartbeat.stop()


@pytest.mark.parametrize(("age_s", "alive"), [(0, True), (9, True), (11, False)])
def test_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age_s: int, alive: bool) -> None:
    file = tmp_path / "alive"
    file.touch()
    os.utime(file, (time.time() - age_s,) * 2)
    monkeypatch.setattr(command, "ALIVE_FILE", file)
    assert command.main(["alive"]) == (0 if alive else 1)


def test_not_alive_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "ALIVE_FILE", tmp_path / "alive")
    assert command.main(["alive"]) == 1
    assert capsys.readouterr().err == f"demo: alive: {tmp_path}/alive is missing or old\n"


@pytest.mark.parametrize("arguments", [[], ["serve"], ["alive", "now"]])
def test_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(arguments) == 2
    assert capsys.readouterr().err == "usage: python -m demo migrate | worker | alive\n"
