"""A person's terminal, with a program in it."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\r")
"""What colours a text and moves the cursor."""
CTRL_C = b"\x03"


class Terminal:
    """Runs a program as a shell does that a person types into; `said` is what it has shown."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str], columns: int = 80) -> None:
        self._screen, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        given = {name: value for name, value in environment.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
        self._program = subprocess.Popen(
            command,
            cwd=folder,
            env={**given, "TERM": "xterm"},
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  # no thread of these tests holds a lock that it needs
        )
        os.close(inside)
        self._shown = b""

    @property
    def said(self) -> str:
        """All that was shown, as text."""
        return CONTROL.sub("", self._shown.decode(errors="replace"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        if self._program.poll() is None:
            self._program.terminate()
            self._program.wait(timeout=120)
        os.close(self._screen)

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._screen, keys)

    def takes_keys_for_signals(self) -> bool:
        """Whether Ctrl-C is a signal, and no key like others."""
        return bool(termios.tcgetattr(self._screen)[3] & termios.ISIG)

    def shows(self, pattern: str, seconds: float = 120) -> None:
        """Wait until something is shown."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.said):
            assert time.monotonic() < end, f"{pattern!r} is not shown in {seconds} s:\n{self.said}"
            assert self._read() or self._program.poll() is None, f"it has ended without showing {pattern!r}:\n{self.said}"

    def ended(self, seconds: float = 120) -> int:
        """Wait for its end; gives the exit code."""
        end = time.monotonic() + seconds
        while self._program.poll() is None:
            assert time.monotonic() < end, f"it does not end in {seconds} s:\n{self.said}"
            self._read()
        while self._read():
            pass
        return self._program.returncode

    def _read(self) -> bool:
        if not select.select([self._screen], [], [], 0.2)[0]:
            return False
        try:
            shown = os.read(self._screen, 65536)
        except OSError:  # nobody is there any more who could write
            return False
        self._shown += shown
        return bool(shown)
