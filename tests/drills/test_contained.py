"""A service that takes all it can get: it gets what it was given, and the others do not notice."""

import threading
import time
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

import httpx
from docker.models.containers import Container

from tests.drills.figures import Drill, Figure, record, size
from tests.drills.load import Clients, load
from tests.drills.stages import Site, counted, health, recovered, starts
from tests.engine.visitor import eventually

PIDS = 64
PROBES = 16
"""Processes and threads of probes: the kernel refuses a new process beyond the limit, but not one that the engine brings in from outside."""
LOG_BYTES = 2 * 2**20
OTHERS = Clients(fast=8, slow=10)
PATIENCE_S = 180
LINE_BYTES = 1200
"""One line of the flood, as the engine writes it down: it looks at the size before each."""


def provoke(site: Site, path: str) -> threading.Thread:
    """Ask for trouble, whatever the answer, as soon as the proxy finds the service: after a start it may have another address."""
    eventually(lambda: httpx.get(f"{site.project.url}/bad/", timeout=30).status_code == HTTPStatus.OK)

    def ask() -> None:
        with suppress(httpx.HTTPError):
            httpx.post(f"{site.project.url}/bad/{path}", timeout=30)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    return thread


def processes(container: Container) -> int:
    """Processes and threads that the engine counts."""
    stats = container.stats(stream=False, one_shot=True)
    assert isinstance(stats, dict)
    return int(stats["pids_stats"].get("current", 0))


def test_a_memory_hog_is_ended_alone(site: Site) -> None:
    bad, times, since = site.project.one("bad"), size(1, 3), int(time.time())
    with load(site.project.http, OTHERS, seed=6) as tally:
        for _ in range(times):
            count = starts(bad)
            provoke(site, "hog")
            recovered(bad, count)
    events = site.project.engine.events(since=since, until=int(time.time()) + 1, filters={"container": bad.id, "event": "oom"}, decode=True)
    killed = len(list(events))
    ids = site.journal()
    record(
        Figure(
            drill=Drill.MEMORY,
            load=f"a service of 128 MiB takes all it can get, {times} x, beside {OTHERS} of another one",
            goal="ended for its memory and started again each time; 0 requests of the other one failed",
            measured=f"ended {killed} x for its memory, started again {times} x; {counted(tally, ids)}",
            met=killed >= times and not tally.failed and tally.journal(ids) == (0, 0),
        )
    )


def test_a_fork_bomb_stays_small_and_is_ended(site: Site) -> None:
    bad = site.project.one("bad")
    count, began, most = starts(bad), time.monotonic(), 0
    with load(site.project.http, OTHERS, seed=7) as tally:
        provoke(site, "bomb")
        while not (starts(bad) > count and health(bad) == "healthy") and time.monotonic() < began + PATIENCE_S:
            most = max(most, processes(bad))
            time.sleep(0.1)
        took = time.monotonic() - began
    ids = site.journal()
    record(
        Figure(
            drill=Drill.PROCESSES,
            load=f"a service of {PIDS} processes and half a core starts others without end, beside {OTHERS} of another one",
            goal=f"never more than {PIDS}, and up to {PROBES} of the engine's probes, which enter from outside; well again by itself; 0 requests of the other one failed",
            measured=f"at most {most} processes and threads; well again by itself after {took:.0f} s; {counted(tally, ids)}",
            met=PIDS // 2 < most <= PIDS + PROBES and took < PATIENCE_S and not tally.failed and tally.journal(ids) == (0, 0),
        )
    )


def test_a_flood_of_logs_is_capped(site: Site) -> None:
    bad, mib = site.project.one("bad"), size(8, 300)
    httpx.post(f"{site.project.url}/bad/flood/{mib}", timeout=300).raise_for_status()
    log = Path(bad.attrs["LogPath"])
    kept = sum(file.stat().st_size for file in log.parent.glob(f"{log.name}*"))
    record(
        Figure(
            drill=Drill.LOGS,
            load=f"{mib} MiB of output, `logs: {{ size: 1MiB, files: 2 }}`",
            goal="at most 2 MiB and a line for each file on the disk",
            measured=f"{kept:,} bytes",
            met=0 < kept <= LOG_BYTES + 2 * LINE_BYTES,
        )
    )


def test_nothing_of_it_is_drift(site: Site) -> None:
    site.project.berth("preview", "--", "--expect-no-changes", "--refresh")
