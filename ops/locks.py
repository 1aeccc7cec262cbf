"""Pulumi's locks in a file backend: who holds one, and whether that run is proved dead."""

import json
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import psutil

from ops.console import Stop, say
from ops.waiting import Progress

PULUMI = "pulumi"
"""Part of the name of its process: some systems wrap it (`.pulumi-wrapped`)."""
PLUGIN = "pulumi-"


@dataclass(frozen=True, kw_only=True)
class Lock:
    """One lock file."""

    file: Path
    pid: int
    user: str
    host: str
    since: datetime

    def __str__(self) -> str:
        return f"pid {self.pid} of {self.user} on {self.host}, since {self.since.astimezone():%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True, kw_only=True)
class Process:
    """A living process, as far as a verdict needs it."""

    name: str
    started: float
    """Seconds since the epoch. Setting the clock moves it, so alone it proves nothing about a pulumi."""
    folder: Path | None
    """Current folder; None when it may not be looked at."""


class Owner(StrEnum):
    """What can be said about the run that took a lock."""

    ALIVE = "alive"
    DEAD = "dead"
    ELSEWHERE = "elsewhere"
    """On another host: nothing can be proved from here."""


def folder_of(state: Path, project: str, stack: str) -> Path:
    """Folder with the locks of a stack."""
    return state / "locks" / "organization" / project / stack


def read(folder: Path) -> list[Lock]:
    """Every lock of a stack. One that vanishes meanwhile is none; one that cannot be read is an error, for its owner may live."""
    return [lock for file in sorted(folder.glob("*.json")) if (lock := _read(file))]


def _read(file: Path) -> Lock | None:
    try:
        content = json.loads(file.read_text())
        since = datetime.fromisoformat(content["timestamp"])
        return Lock(file=file, pid=int(content["pid"]), user=str(content["username"]), host=str(content["hostname"]), since=since)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise Stop(f"the lock {file} cannot be read ({type(problem).__name__}): if no other run is at work, remove that file and run this again") from None


def verdict(lock: Lock, host: str, process: Process | None, folders: Sequence[Path]) -> Owner:
    """Judge the owner of a lock by the process that has its pid now; `folders` are those of the project."""
    if lock.host != host:
        return Owner.ELSEWHERE
    if process is None:
        return Owner.DEAD
    later = process.started > lock.since.timestamp()
    elsewhere = process.folder is not None and process.folder not in folders
    return Owner.DEAD if later and (PULUMI not in process.name or elsewhere) else Owner.ALIVE


def process_of(pid: int) -> Process | None:
    """The living process with this pid; a zombie is dead."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return Process(name=process.name(), started=process.create_time(), folder=_folder(process))
    except psutil.NoSuchProcess:
        return None


def _folder(process: psutil.Process) -> Path | None:
    try:
        return Path(process.cwd())
    except (psutil.AccessDenied, OSError):
        return None


def wait_for_living(folder: Path, folders: Sequence[Path], stack: str, look: Callable[[int], Process | None] = process_of) -> list[Lock]:
    """Wait until every lock is gone or its owner dead; gives the locks of dead owners. Refuses a lock of another host."""
    host = socket.gethostname()
    waiting: Progress | None = None
    while True:
        judged = [(lock, verdict(lock, host, look(lock.pid), folders)) for lock in read(folder)]
        foreign = [lock for lock, owner in judged if owner is Owner.ELSEWHERE]
        if foreign:
            raise Stop(
                f"stage {stack} is locked by a run on another host ({foreign[0]}), and whether it lives cannot be seen from here. Wait for it; "
                f"if you know that it is dead: pulumi cancel -s {stack}, then run this again"
            )
        living = [lock for lock, owner in judged if owner is Owner.ALIVE]
        if not living:
            return [lock for lock, _ in judged]
        waiting = waiting or Progress(f"another run is at work on stage {stack} ({living[0]}): waiting for it, Ctrl-C leaves it alone")
        waiting.step()


def remove(lock: Lock) -> None:
    """Remove a lock file, with its attributes."""
    lock.file.unlink(missing_ok=True)
    lock.file.with_name(f"{lock.file.name}.attrs").unlink(missing_ok=True)


def end_orphans(folders: Sequence[Path]) -> None:
    """End the plugins that a killed pulumi left: they go on creating things that nobody will record."""
    orphans = [process for process in psutil.process_iter() if _is_orphan(process, folders)]
    family = {child for orphan in orphans for child in orphan.children(recursive=True)} | set(orphans)
    for process in family:
        _quietly(process.terminate)
    _, stubborn = psutil.wait_procs(family, timeout=5, callback=None)
    for process in stubborn:
        _quietly(process.kill)
    if orphans:
        say(f"repair: ended {len(orphans)} plugin(s) of a killed run (pid {', '.join(str(process.pid) for process in orphans)})")


def _is_orphan(process: psutil.Process, folders: Sequence[Path]) -> bool:
    """Whether it is a plugin of this project whose pulumi is dead."""
    try:
        program = Path((process.cmdline() or [""])[0]).name
        if not program.startswith(PLUGIN) or process.status() == psutil.STATUS_ZOMBIE:
            return False
        parent = process.parent()
        return (parent is None or PULUMI not in parent.name()) and _folder(process) in folders
    except psutil.Error:
        return False


def _quietly(act: Callable[[], None]) -> None:
    with suppress(psutil.NoSuchProcess):  # it ended by itself
        act()
