"""One of three replicas is killed or cut off: nobody reads in vain, and of writes fail at most those that it had in hand."""

import re
import time
from collections.abc import Callable

from docker.models.containers import Container

from tests.drills.figures import Drill, Figure, record, size
from tests.drills.load import load
from tests.drills.stages import CLIENTS, Site, kill, recovered, starts

SENT = re.compile(r'\[error\].* while (reading response header from|sending request to|reading) upstream.*"POST ')
"""nginx had begun to send a write, or to read the answer, when its replica fell silent: whether it was done, nobody can know, so nobody may do it again."""
AWAY_S = 8
"""Longer than nginx goes by an address: it finds out that there is none while requests try it."""


def test_a_replica_that_is_killed_costs_no_request(site: Site) -> None:
    def killed(victim: Container) -> None:
        count = starts(victim)
        kill(victim)
        recovered(victim, count)

    harmed(site, Drill.REPLICA_KILLED, "SIGKILL by the host's pid", killed, seed=33)


def test_a_replica_that_is_cut_off_costs_no_request(site: Site) -> None:
    def cut_off(victim: Container) -> None:
        [(name, joined)] = [(name, joined) for name, joined in victim.attrs["NetworkSettings"]["Networks"].items() if "front" in name]
        network = site.project.engine.networks.get(name)
        network.disconnect(victim)
        try:
            time.sleep(AWAY_S)
        finally:
            network.connect(victim, aliases=joined["Aliases"])

    harmed(site, Drill.REPLICA_CUT_OFF, f"taken from its network for {AWAY_S} s", cut_off, seed=34)


def harmed(site: Site, drill: Drill, how: str, harm: Callable[[Container], None], *, seed: int) -> None:
    """Harm the replicas in turn, under load."""
    site.scaled(3)
    times = size(1, 10)
    began = time.time()
    with load(site.project.http, CLIENTS, seed=seed) as tally:
        time.sleep(2)
        for number in range(times):
            harm(site.project.containers("web", role="service")[number % 3])
            time.sleep(2)
    said = site.complaints(since=began)
    in_hand = sum(bool(SENT.search(line)) for line in said)
    reads, writes = (sum(count for what, count in tally.failed.items() if f" {method}: " in what) for method in ("GET", "POST"))
    lost, doubled = tally.journal(site.journal())
    explained = reads == 0 and writes <= in_hand and (lost, doubled) == (0, 0)
    record(
        Figure(
            drill=drill,
            load=f"{times} x {how}, each replica in turn; {CLIENTS}",
            goal="no request failed, lost or doubled",
            measured=f"{tally.requests:,} requests, {reads} reads failed, {writes} writes failed ({in_hand} in hand by nginx's log), {lost} lost, {doubled} doubled",
            met=explained and writes == 0,
            why="a write that it had in hand may have been done, so nobody may send it again" if explained else "",
        ),
        str(tally.failed),
        *said,
    )
