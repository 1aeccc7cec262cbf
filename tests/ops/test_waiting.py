"""One `berth` at a time has a stage; the others wait, and a dead one holds nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops.waiting import Progress, turn

HOLD = "import sys, time; from pathlib import Path; from ops.waiting import turn\nwith turn(Path(sys.argv[1]), 'dev'): print('mine', flush=True); time.sleep(float(sys.argv[2]))"


def holder(file: Path, seconds: float) -> "subprocess.Popen[str]":
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(file), str(seconds)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert other.stdout
    assert other.stdout.readline() == "mine\n"
    return other


def test_a_turn_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / ".berth" / "dev.run"
    with turn(file, "dev"):
        assert json.loads(file.read_text())["pid"] == os.getpid()
    assert list(file.parent.iterdir()) == []


def test_waits_for_another_and_says_who(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    other, step = holder(tmp_path / "dev.run", 60), Progress.step

    def freed(progress: Progress) -> None:
        other.kill()
        step(progress)

    monkeypatch.setattr(Progress, "step", freed)
    with turn(tmp_path / "dev.run", "dev"):
        assert other.wait(60) == -signal.SIGKILL
    assert f"another berth is at work on stage dev (pid {other.pid}, since 20" in capsys.readouterr().out


def test_a_killed_one_holds_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = holder(tmp_path / "dev.run", 60)
    other.send_signal(signal.SIGKILL)
    other.wait()
    with turn(tmp_path / "dev.run", "dev"):
        pass
    assert "another" not in capsys.readouterr().out


def test_of_many_only_one_at_a_time(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    code = (
        "import sys, time; from pathlib import Path; from ops.waiting import turn\n"
        "with turn(Path(sys.argv[1]), 'dev'), open(sys.argv[2], 'a', buffering=1) as trace: trace.write('in\\n'); time.sleep(0.1); trace.write('out\\n')"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "dev.run"), str(trace)]
    runs = [subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [run.wait() for run in runs] == [0] * 4
    assert trace.read_text() == "in\nout\n" * 4


def test_progress_speaks_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    progress = Progress("waiting for X", clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
    for _ in range(45):
        progress.step()
    assert capsys.readouterr().out.splitlines() == ["waiting for X", "... still waiting (10 s)", "... still waiting (20 s)"]
    assert progress.seconds == 22.5


def test_the_clock_is_real_by_default() -> None:
    began = time.monotonic()
    Progress("waiting").step()
    assert time.monotonic() - began >= 0.4
