"""The only replica hangs, as a debugger would stop it: its probe finds out, and the engine starts it again."""

import time

import httpx
import pytest

from tests.drills.figures import LONG, Drill, Figure, record
from tests.drills.stages import Site, recovered, starts
from tests.engine.project import hang
from tests.engine.visitor import eventually


@pytest.mark.parametrize(
    ("drill", "service", "check", "goal_s"),
    [
        (Drill.HUNG, "watched", "health: { interval: 1s, timeout: 2s, retries: 3 }, stop_grace: 2s", 20),
        pytest.param(
            *(Drill.HUNG_BY_DEFAULT, "rows", "5 s between probes, 3 s for each, 3 in a row, 5 s to stop", 35),
            marks=pytest.mark.skipif(not LONG, reason="the same, but for its times"),
        ),
    ],
)
def test_what_hangs_serves_again(site: Site, drill: Drill, service: str, check: str, goal_s: float) -> None:
    container = site.project.one(service)
    before, began = starts(container), time.monotonic()
    hang(container)
    recovered(container, before)
    eventually(lambda: httpx.get(f"{site.project.url}/{service}/", timeout=5).status_code == 200)
    took = time.monotonic() - began
    record(
        Figure(
            drill=drill,
            load=f"SIGSTOP to all its processes; {check}",
            goal=f"healthy again within {goal_s} s",
            measured=f"{took:.1f} s",
            met=took <= goal_s,
            timed=True,
        )
    )
