"""Postgres is killed while it is written to: no row that was acknowledged is lost."""

import time
from collections import Counter

from tests.drills.figures import Drill, Figure, record, size
from tests.drills.load import Clients, load
from tests.drills.stages import Site, kill, recovered, starts


def test_no_acknowledged_row_is_lost(site: Site) -> None:
    database, kills = site.project.one("db"), size(1, 8)
    with load(site.project.http, Clients(fast=8), seed=5, under="/rows") as tally:
        for _ in range(kills):
            time.sleep(size(1, 8))
            count = starts(database)
            kill(database)
            recovered(database, count)
        time.sleep(1)
    rows = Counter(site.project.berth("exec", "db", "psql", "-XqAtc", "SELECT id FROM ids").split())
    lost, doubled = tally.journal(list(rows.elements()))
    record(
        Figure(
            drill=Drill.DATABASE_KILLED,
            load=f"{kills} x SIGKILL by the host's pid, 8 fast clients",
            goal="0 acknowledged rows lost, 0 doubled",
            measured=f"{len(tally.written):,} acknowledged, {lost} lost, {doubled} doubled; {tally.failed.total():,} of {tally.requests:,} requests answered with an error while it was away",
            met=len(tally.written) > 0 and (lost, doubled) == (0, 0),
        )
    )
