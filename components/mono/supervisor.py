"""The files by which supervisord knows its programs, rendered from plain values."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.mono.config import LOGS, RUN
from components.mono.program import Program, seconds
from components.templates import templates
from components.tools import script

LOG_MIB, OLD_LOGS = 1, 1
"""Size of a program's file of output, and how many old ones are kept beside it."""
SPARE_MIB = 1
LISTENER = "docker.logs"
"""Name of the program that hands all output to the engine: no service can be called so."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A program as supervisord wants it."""

    name: str
    command: str
    priority: int
    stop_signal: str
    grace_s: int


def settings(programs: Sequence[Program]) -> str:
    """Render supervisord.conf."""
    entries = [
        Entry(
            name=program.name,
            command=_words(script("program", "run", program.name)),
            priority=program.priority,
            stop_signal=signal(program.stop_signal),
            grace_s=program.grace_s,
        )
        for program in programs
    ]
    template = _templates.get_template("supervisord.conf.j2")
    return template.render(programs=entries, run=RUN, logs=LOGS, log_mib=LOG_MIB, old_logs=OLD_LOGS, listener=LISTENER, forward=_words(FORWARD))


FORWARD = ("python3", "/.berth/logs")


def log_space_mib(programs: Sequence[Program]) -> int:
    """What the output of all programs may take."""
    return len(programs) * LOG_MIB * (1 + OLD_LOGS) + SPARE_MIB


def description(program: Program, env: Mapping[str, str]) -> str:
    """The file that tells the tools (components/tools/image/program) what a program is. `env`: its variables, all of them known."""
    lines = [
        *(f"export {name}={shlex.quote(value)}" for name, value in sorted(env.items())),
        f"cd {shlex.quote(program.directory)}",
        f"check {seconds(program.health.times.timeout)} {shlex.join(program.health.test)}",
        *(f"after {name}" for name in program.after),
        *([f"once {program.once_s} {shlex.join(program.once)}"] if program.once else []),
        f"run {shlex.join(program.command)}",
    ]
    return "\n".join(lines) + "\n"


def signal(name: str) -> str:
    """A signal as supervisord knows it: those of real time by their number (Linux: SIGRTMIN is 34 for programs)."""
    _, real_time, more = name.partition("SIGRTMIN")
    return str(34 + int(more.strip("+") or 0)) if real_time else name.removeprefix("SIG")


def _words(command: Sequence[str]) -> str:
    """A command line for supervisord, which takes a percent sign for the beginning of an expression."""
    return shlex.join(command).replace("%", "%%")


_templates = templates(Path(__file__).parent)
