"""Waiting for somebody else, visibly; and the turn that one `berth` has at a stage."""

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from ops.console import say

PAUSE_S = 0.5
SAID_EVERY_S = 10


class Progress:
    """Says once what is waited for, and then now and then for how long."""

    def __init__(self, what: str, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._clock, self._sleep = clock, sleep
        self._began = self._said = clock()
        say(what)

    @property
    def seconds(self) -> float:
        """How long it has lasted."""
        return self._clock() - self._began

    def step(self) -> None:
        """Wait for a moment."""
        self._sleep(PAUSE_S)
        if self._clock() - self._said >= SAID_EVERY_S:
            self._said = self._clock()
            say(f"... still waiting ({self.seconds:.0f} s)")


@contextmanager
def turn(file: Path, stack: str) -> Iterator[None]:
    """Hold the stage for this run: of several `berth` one acts and the others wait. The kernel frees it when the process ends, however it ends."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    held = _take(file, stack)
    try:
        held.truncate(0)
        held.write(json.dumps({"pid": os.getpid(), "since": f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S}"}))
        held.flush()
        yield
    finally:
        file.unlink(missing_ok=True)  # while it is held: whoever waits finds that its file is no longer the one
        held.close()


def _take(file: Path, stack: str) -> IO[str]:
    waiting: Progress | None = None
    while True:
        held = open(file, "a+")  # noqa: SIM115  # it stays open as long as the turn lasts
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting = waiting or Progress(f"another berth is at work on stage {stack} ({_who(held)}): waiting for it, Ctrl-C leaves it alone")
            held.close()
            waiting.step()
            continue
        if _is_current(held, file):
            return held
        held.close()


def _is_current(held: IO[str], file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(held.fileno()), file.stat())
    except FileNotFoundError:
        return False


def _who(held: IO[str]) -> str:
    held.seek(0)
    try:
        owner = json.loads(held.read())
        return f"pid {owner['pid']}, since {owner['since']}"
    except (ValueError, KeyError, TypeError):
        return "just started"
