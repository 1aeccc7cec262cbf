"""Measuring two things in turn, and what comes of it: ratios, never seconds."""

import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 5
"""Pairs of runs of each comparison."""
Timed = Callable[[], float]
"""Does something once and says how many seconds it took."""


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """A comparison: how long one thing takes in units of another."""

    what: str
    against: str
    goal: float
    """The most that it should be; with `at_least`, the least."""
    pairs: tuple[float, ...]
    at_least: bool = False

    @property
    def median(self) -> float:
        """The figure."""
        return statistics.median(self.pairs)

    @property
    def met(self) -> bool:
        """Whether it is where it should be."""
        return self.median >= self.goal if self.at_least else self.median <= self.goal

    @property
    def row(self) -> tuple[str, ...]:
        """What a person reads."""
        aim = f"{'at least' if self.at_least else 'at most'} {self.goal:g}"
        return self.what, self.against, f"{self.median:.2f}", f"{min(self.pairs):.2f} to {max(self.pairs):.2f}", aim, "yes" if self.met else "no"


def compare(what: str, one: Timed, against: str, other: Timed, goal: float, *, at_least: bool = False, rounds: int = ROUNDS, warm: bool = False) -> Ratio:
    """Do both in turn, after a round that does not count unless both are `warm`: what the machine does meanwhile meets both."""
    if not warm:
        one(), other()
    pairs = []
    for _ in range(rounds):
        mine, theirs = one(), other()
        pairs.append(theirs / mine if at_least else mine / theirs)
    return Ratio(what=what, against=against, goal=goal, pairs=tuple(pairs), at_least=at_least)


def seconds(*command: str, folder: Path | None = None, environment: Mapping[str, str] | None = None) -> float:
    """How long a command takes as a whole. It has to succeed."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # noqa: S603
    took = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return took


def processor_seconds(*command: str, folder: Path | None = None) -> float:
    """What a command takes of the processors, itself and what it waits for: steadier than time, of what waits for nothing. It has to succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds(*command, folder=folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
