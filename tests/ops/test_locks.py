"""A lock is broken only when its owner is proved dead."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops import locks
from ops.console import Stop
from ops.locks import Lock, Owner, Process, verdict

HERE = Path("/home/anna/shop")
SINCE = datetime(2026, 11, 21, 8, 23, 54, 125550, tzinfo=UTC)
LOCK = Lock(file=Path("x.json"), pid=16653, user="anna", host="box", since=SINCE)


def process(name: str = "pulumi", started_s: float = -1, folder: Path | None = HERE) -> Process:
    return Process(name=name, started=SINCE.timestamp() + started_s, folder=folder)


def write(folder: Path, host: str, pid: int, since: str = "2026-11-21T08:23:54.125550471Z") -> Path:
    """The form that Pulumi 3.259 writes."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "ab551de0-16a0-483a-ac74-b8ac6e0779a7.json"
    file.write_text(json.dumps({"pid": pid, "username": "anna", "hostname": host, "timestamp": since}))
    file.with_name(f"{file.name}.attrs").write_text("{}")
    return file


@pytest.mark.parametrize(
    ("host", "found", "expected"),
    [
        ("box", None, Owner.DEAD),
        ("box", process(), Owner.ALIVE),
        ("box", process("python3"), Owner.ALIVE),
        ("box", process("python3", started_s=1), Owner.DEAD),
        ("box", process(started_s=1), Owner.ALIVE),
        ("box", process(".pulumi-wrapped", started_s=1), Owner.ALIVE),
        ("box", process(started_s=1, folder=None), Owner.ALIVE),
        ("box", process(started_s=1, folder=Path("/home/anna/other")), Owner.DEAD),
        ("other", None, Owner.ELSEWHERE),
        ("other", process(), Owner.ELSEWHERE),
    ],
    ids=[
        "no such process",
        "the owner",
        "older than the lock, whatever its name",
        "the pid was given to another program",
        "the clock was set: a pulumi of this project",
        "the clock was set: its name is longer here",
        "the clock was set: its folder is not ours to see",
        "the pid was given to the pulumi of another project",
        "another host, same pid free here",
        "another host, same pid in use here",
    ],
)
def test_verdict(host: str, found: Process | None, expected: Owner) -> None:
    assert verdict(LOCK, host, found, [HERE]) is expected


def test_reads_what_pulumi_writes(tmp_path: Path) -> None:
    file = write(tmp_path / "locks", "box", 16653)
    (lock,) = locks.read(tmp_path / "locks")
    assert (lock.file, lock.pid, lock.user, lock.host) == (file, 16653, "anna", "box")
    assert abs((lock.since - SINCE).total_seconds()) < 0.001


def test_no_folder_is_no_lock(tmp_path: Path) -> None:
    assert locks.read(tmp_path / "locks") == []


def test_an_unreadable_lock_is_not_broken(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("")
    with pytest.raises(Stop, match=r"x\.json cannot be read \(JSONDecodeError\): if no other run is at work, remove that file"):
        locks.read(tmp_path)


def test_a_lock_of_another_host_is_refused_with_the_way_out(tmp_path: Path) -> None:
    write(tmp_path, "another-host", 1)
    with pytest.raises(Stop, match=r"locked by a run on another host \(pid 1 of anna on another-host, .*pulumi cancel -s dev"):
        locks.wait_for_living(tmp_path, [HERE], "dev")


def test_waits_for_the_living_and_gives_the_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "box")
    write(tmp_path, "box", 16653)
    answers = iter([process(), process(), None])
    look: Callable[[int], Process | None] = lambda _pid: next(answers)  # noqa: E731
    (dead,) = locks.wait_for_living(tmp_path, [HERE], "dev", look)
    assert dead.pid == 16653
    assert "another run is at work on stage dev (pid 16653 of anna on box, since 2026-11-21" in capsys.readouterr().out


def test_removes_the_lock_with_its_attributes(tmp_path: Path) -> None:
    write(tmp_path, "box", 1)
    (lock,) = locks.read(tmp_path)
    locks.remove(lock)
    locks.remove(lock)
    assert list(tmp_path.iterdir()) == []


def test_a_zombie_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert locks.process_of(child.pid) is None
    child.wait()
    assert locks.process_of(child.pid) is None


def test_this_process_lives() -> None:
    found = locks.process_of(os.getpid())
    assert found
    assert found.folder == Path.cwd()


@pytest.mark.parametrize(("name", "ends"), [("pulumi-resource-docker", True), ("pulumitious", False)])
def test_ends_only_plugins_without_a_pulumi(tmp_path: Path, name: str, ends: bool) -> None:
    plugin = subprocess.Popen([name, "60"], executable="/bin/sleep", cwd=tmp_path)
    try:
        locks.end_orphans([tmp_path / "other"])
        assert plugin.poll() is None, "of another project"
        locks.end_orphans([tmp_path])
        assert (plugin.poll() is not None) is ends
    finally:
        plugin.kill()
        plugin.wait()
