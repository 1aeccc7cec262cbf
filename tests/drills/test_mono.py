"""Everything in one container, whose main process is killed while it is written to: it comes back by itself, with every row that was acknowledged."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drills.figures import Drill, Figure, record, size
from tests.drills.load import Clients, Tally, load
from tests.drills.stages import kill, recovered, starts
from tests.engine.project import Project, said_in
from tests.engine.test_mono import described
from tests.engine.visitor import eventually

CLIENTS = Clients(fast=8)
CALM_S = 11
"""A container that ends within 10 s of its start is started again later each time: the engine's own patience is not what is measured."""
ROWS = "PGPASSWORD=$(cat /run/secrets/db-password) exec psql -h 127.0.0.1 -U db -XqAtc 'SELECT said FROM rows'"


@pytest.fixture
def mono(tmp_path: Path) -> Iterator[Project]:
    made = described(tmp_path / "mono")
    made.introduce()
    made.berth("up")
    yield made
    made.remove()


def test_it_comes_back_every_time_with_every_row(mono: Project) -> None:
    container, kills = mono.one("mono"), size(1, 100)
    away: list[float] = []
    with load(mono.http, CLIENTS, seed=12, under="/api", most=10_000_000) as tally:
        for number in range(kills):
            time.sleep(max(0, CALM_S - sum(away[-1:])))
            written_since(tally, len(tally.written))
            kill(container)
            away.append(recovered(container, number))
        written_since(tally, len(tally.written))
    lost, doubled = tally.journal(said_in(container, "sh", "-c", ROWS).split())
    back = starts(container)
    record(
        Figure(
            drill=Drill.MONO_KILLED,
            load=f"{kills} x SIGKILL to the main process by the host's pid, {CLIENTS} that read and write meanwhile",
            goal=f"back by itself and healthy {kills} of {kills} times; 0 acknowledged rows lost, 0 doubled",
            measured=f"{back} of {kills} times, at most {max(away):.1f} s until healthy; {len(tally.written):,} acknowledged, {lost} lost, {doubled} doubled; {tally.failed.total():,} of {tally.requests:,} requests failed while it was away",
            met=back == kills and len(tally.written) > 0 and (lost, doubled) == (0, 0),
        )
    )


def written_since(tally: Tally, before: int) -> None:
    """Wait until more was acknowledged than what was on its way."""
    eventually(lambda: len(tally.written) > before + CLIENTS.fast)
