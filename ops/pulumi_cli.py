"""Calls of the Pulumi command line: quiet ones, and the long ones whose output is shown as it comes."""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO

from config import identity
from ops.console import OUT, Stop, say
from ops.project import CHECKOUT, Stage
from ops.state import Deployment, State, deployment_in, parse, state_file

NO_STACK = "no stack named"
PR_SET_PDEATHSIG = 1
KILLED = 128
LOOK_S = 1
"""How often somebody may look at what goes on meanwhile."""
KEYS_S = 0.1
"""How often the keys of the terminal are seen to."""
LOCAL_MODES, CHARACTERS = 3, 6
"""Places in what `termios` tells of a terminal."""


class Pulumi:
    """Pulumi for one stage."""

    def __init__(self, stage: Stage) -> None:
        program = shutil.which("pulumi")
        if not program:
            raise Stop(f"pulumi is not on the PATH: run `. {CHECKOUT}/.berth/env` first ({CHECKOUT}/offline/setup makes that file), or install Pulumi")
        self._program = program
        self._stage = stage
        self._environment = environment(stage, dict(os.environ), Path.cwd())
        _keep_private(stage)
        self.stopped = False
        """Whether somebody asked it to stop."""

    def make(self) -> None:
        """Make the stack if there is none; a plain `pulumi` in this folder means it then."""
        if not self.exists():
            self._quiet("stack", "select", "--create", self._stage.stack)

    def exists(self) -> bool:
        """Whether the stack exists."""
        return self._known() is not None

    def state(self) -> State:
        """What Pulumi knows; nothing for a stack that does not exist."""
        known = self._known()
        return State() if known is None else parse(known)

    def written(self) -> Deployment | None:
        """The stack as its file has it just now, in the middle of a run too; None where it lies in none, or is being written."""
        project = self._stage.project
        return deployment_in(state_file(project.state, project.name, self._stage.stack)) if project.state else None

    def refresh_pending(self) -> None:
        """Settle what a killed run had begun; creations are forgotten, for what they made has been removed."""
        with tempfile.TemporaryFile("w+") as output:
            code = self._act("refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--non-interactive", output=output)
            if code:
                output.seek(0)
                raise Stop(f"`pulumi refresh` failed with exit code {code}:\n{output.read().strip()}", code)

    def forget(self) -> None:
        """Remove the empty stack with its backups; the stage file stays."""
        self._quiet("stack", "rm", self._stage.stack, "--yes", "--preserve-config", "--remove-backups")

    def stream(self, *arguments: str, look: Callable[[], None] | None = None) -> int:
        """Run with the output shown as it comes; gives the exit code. `look` is called every second meanwhile, and may say lines of its own."""
        terminal = interactive()
        output = OUT.file if OUT.stderr else None
        quiet = ["--suppress-progress"] if look else []  # the dots would stand before whatever is said meanwhile
        return self._act(*arguments, *([] if terminal else ["--non-interactive", *quiet]), interactive=terminal, output=output, look=look)

    def _act(self, command: str, *arguments: str, interactive: bool = False, output: IO[str] | None = None, look: Callable[[], None] | None = None) -> int:
        """Run something that changes the stage. Whoever stops this process lets Pulumi finish its step."""
        with _Grace(interactive=interactive) as grace:
            child = subprocess.Popen(  # noqa: S603  # the user's own arguments
                [self._program, command, "-s", self._stage.stack, *arguments],
                cwd=self._stage.project.root,
                env=self._environment,
                stdin=None if interactive else subprocess.DEVNULL,
                stdout=output,
                stderr=None if output is None else subprocess.STDOUT,
                # apart from the group, so that a signal to all of it reaches Pulumi once: twice means "terminate now"
                process_group=None if interactive else 0,
                preexec_fn=_end_with_parent,  # noqa: PLW1509  # no thread runs here
            )
            grace.started(child)
            code = _wait(child, look, interactive=interactive)
            self.stopped = grace.asked
        return KILLED - code if code < 0 else code

    def _known(self) -> Deployment | None:
        """The stack as Pulumi writes it down, read from its file where it lies in one, which spares a fifth of a second each time."""
        if (known := self.written()) is not None:
            return known
        export = self._run("stack", "export", "-s", self._stage.stack)
        if export.returncode and NO_STACK not in export.stderr:
            raise Stop(_failure("pulumi stack export", export))
        return None if export.returncode else json.loads(export.stdout).get("deployment") or {}

    def _quiet(self, *arguments: str) -> None:
        done = self._run(*arguments)
        if done.returncode:
            raise Stop(_failure(f"pulumi {' '.join(arguments)}", done))

    def _run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [self._program, *arguments, "--non-interactive"]
        return subprocess.run(  # noqa: S603  # own arguments only
            command,
            cwd=self._stage.project.root,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=_end_with_parent,
        )


def interactive() -> bool:
    """Whether a person at a terminal is shown what Pulumi does, on lines that it writes anew all the time."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not OUT.stderr


def _wait(child: "subprocess.Popen[bytes]", look: Callable[[], None] | None, *, interactive: bool) -> int:
    due = time.monotonic() + LOOK_S
    while look or interactive:
        try:
            return child.wait(timeout=KEYS_S)
        except subprocess.TimeoutExpired:
            if interactive:
                with suppress(OSError, termios.error):  # a terminal that is none of this session's sends no signals anyway
                    _share_ctrl_c(sys.stdin.fileno())
        if look and time.monotonic() >= due:
            look()
            due = time.monotonic() + LOOK_S
    return child.wait()


def _share_ctrl_c(terminal: int) -> None:
    """Have Ctrl-C stop berth too: Pulumi's display reads the keys of a terminal as they are, and keeps that one to itself. Other keys stay its own."""
    modes = termios.tcgetattr(terminal)
    if not modes[LOCAL_MODES] & termios.ISIG and os.tcgetpgrp(terminal) == os.getpgrp():
        modes[LOCAL_MODES] |= termios.ISIG
        modes[CHARACTERS][termios.VSUSP] = modes[CHARACTERS][termios.VQUIT] = bytes([os.fpathconf(terminal, "PC_VDISABLE")])
        termios.tcsetattr(terminal, termios.TCSANOW, modes)


def environment(stage: Stage, given: dict[str, str], folder: Path) -> dict[str, str]:
    """Variables for Pulumi, started from `folder`. A dev stage needs no passphrase, any other refuses an empty one before its stack is made with it."""
    if stage.engine_host:
        given = given | {"DOCKER_HOST": stage.engine_host}
    file = given.get(identity.PASSPHRASE_FILE)
    if file:  # Pulumi runs in the project's folder, and would take an empty passphrase before the file
        given = {name: value for name, value in given.items() if name != identity.PASSPHRASE or value} | {identity.PASSPHRASE_FILE: str(folder / file)}
    if stage.own_secrets:
        return given
    if stage.topology == "dev" and given.get(identity.PASSPHRASE) and identity.opens(stage.salt, ""):
        return given | {identity.PASSPHRASE: ""}  # the one in the shell is that of another stage
    if stage.topology == "dev":
        return given if identity.PASSPHRASE in given or file else given | {identity.PASSPHRASE: ""}
    if identity.no_passphrase(given, folder):
        raise Stop(
            f"stage {stage.stack} refuses an empty passphrase: anybody could read its secrets. "
            f"Set {identity.PASSPHRASE}, or {identity.PASSPHRASE_FILE} to a file that holds one"
        )
    return given


def _keep_private(stage: Stage) -> None:
    """Have the folder of states inside the project made for its owner alone: Pulumi would make it for everybody."""
    state = stage.project.state
    if state is None or state.parent != stage.project.root:
        return
    if not state.exists():
        with suppress(PermissionError):  # Pulumi says so
            state.mkdir(mode=0o700)
    elif stage.topology == "dev":
        identity.make_private(state)


def _failure(command: str, done: "subprocess.CompletedProcess[str]") -> str:
    return f"`{command}` failed with exit code {done.returncode}:\n{(done.stderr.strip() or done.stdout.strip())}"


class _Grace:
    """Turns the signals that end this process into one request to Pulumi: finish the running step, save, stop."""

    def __init__(self, *, interactive: bool) -> None:
        self._interactive = interactive
        self._child: subprocess.Popen[bytes] | None = None
        self.asked = self._told = False

    def __enter__(self) -> "_Grace":
        self._before = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        return self

    def __exit__(self, *_failure: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def started(self, child: "subprocess.Popen[bytes]") -> None:
        """Pulumi runs; it is told what was asked before."""
        self._child = child
        self._tell()

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        if not self.asked and not self._interactive:  # where its display is, Pulumi says so in it
            say("stopping: Pulumi finishes the step it is at")
        self.asked = True
        # Ctrl-C: the terminal has told Pulumi too, if it was there already
        self._told = self._told or (self._interactive and number == signal.SIGINT and self._child is not None)
        self._tell()

    def _tell(self) -> None:
        if self.asked and not self._told and self._child:
            self._told = True
            self._child.send_signal(signal.SIGINT)


def _end_with_parent() -> None:
    """In the child: outlive a closed terminal, and stop with grace if the parent is killed (Linux)."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored, it would cost Pulumi 5 s at its end
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
