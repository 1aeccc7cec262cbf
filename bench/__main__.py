"""Measure, show, and write docs/performance.md: `python -m bench [programs] [builds] [stages] [profiles]`, everything where none is named.

All of it takes half an hour: Docker's own probes are slow. What was measured is kept below docs/figures/, and the page written anew from all of it.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docker

from bench import builds, profiles, programs, stages
from bench.measure import ROUNDS, table
from components.templates import templates
from ops.console import Stop, complain, say, show_table
from tests.engine.project import CHECKOUT

PAGE = CHECKOUT / "docs" / "performance.md"
KEPT = CHECKOUT / "docs" / "figures" / "performance"
WORDS = {
    "before": "until the first service starts",
    "starting": "services start",
    "noticing": "noticing that one is healthy, starting the next",
    "checking": "the proxy's configuration is written, and checked by nginx",
    "after": "after the last is healthy",
}
HEAD = ("WHAT", "AGAINST", "RATIO", "PAIRS", "GOAL", "MET", "DAY")
Figures = dict[str, Any]
"""What one part measured, as it is kept: JSON."""


def compared(part: Any) -> Callable[[], Figures]:
    """A part that compares: rows of the table."""

    def measure() -> Figures:
        rows = []
        for ratio in part.ratios():
            say(f"{ratio.what} : {ratio.against} = {ratio.median:.2f}", style="dim")
            rows.append(ratio.row)
        return {"rows": rows}

    return measure


def profiled() -> Figures:
    """Where the time goes."""
    growth = [(what, ours, theirs, ours / theirs) for what, (ours, theirs) in programs.switched().items()]
    return {"phases": of_phases(), "steps": [*profiles.steps().items()], "growth": growth, **of_processes()}


def of_phases() -> list[tuple[str, float, float]]:
    """What an `up` from nothing waits for, by berth and by Compose."""
    mine, theirs = [], []
    with stages.shops() as (berth, quick, _):
        for _ in range(ROUNDS):
            mine.append(berth.phases())
            theirs.append(quick.phases())
    middle = [{name: statistics.median(getattr(one, name) for one in runs) for name in WORDS} for runs in (mine, theirs)]
    whole = sum(middle[1].values())
    return [(text, middle[0][name] / whole, middle[1][name] / whole) for name, text in WORDS.items()]


def of_processes() -> Figures:
    """Processor time of a run without changes, and how many resources the shop has."""
    environment = {**os.environ, "PULUMI_CONFIG_PASSPHRASE": ""}
    command = [*stages.PULUMI_UP]
    with stages.shops() as (berth, _, _), stages.smallest() as small:
        runs = [[profiles.processes(command, root, environment) for _ in range(ROUNDS)] for root in (berth.project.root, small)]
        resources = len(berth.resources())
    kinds = sorted({kind for of in runs for run in of for kind in run})
    middle = [{kind: statistics.median(run.get(kind, 0.0) for run in of) for kind in kinds} for of in runs]
    whole = sum(middle[1].values())
    return {"processes": [(kind, middle[0][kind] / whole, middle[1][kind] / whole) for kind in kinds], "resources": resources}


PARTS: Mapping[str, Callable[[], Figures]] = {"programs": compared(programs), "builds": compared(builds), "stages": compared(stages), "profiles": profiled}


def keep(name: str, figures: Figures) -> None:
    """Keep what a part measured."""
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n")


def kept() -> dict[str, Figures]:
    """What every part measured, now or earlier, and `about` where."""
    if missing := [name for name in (*PARTS, "about") if not (KEPT / f"{name}.json").exists()]:
        raise Stop(f"never measured: {', '.join(missing)}; the page wants all of it")
    return {name: json.loads((KEPT / f"{name}.json").read_text()) for name in (*PARTS, "about")}


def page(measured: Mapping[str, Figures]) -> str:
    """The page of it."""
    found = templates(Path(__file__).parent).get_template("performance.md.j2")
    return found.render(rounds=ROUNDS, table=table(rows(measured)), profiles=measured["profiles"], about=measured["about"])


def rows(measured: Mapping[str, Figures]) -> list[list[str]]:
    """Every comparison, with the day it was made."""
    return [[*row, figures["day"]] for figures in measured.values() for row in figures.get("rows", ())]


def about() -> Figures:
    """Where it is measured."""
    programs = {"compose": ("docker", "compose", "version", "--short"), "pulumi": ("pulumi", "version")}
    said = {name: subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() for name, command in programs.items()}  # noqa: S603
    return {"cores": os.cpu_count(), "engine": docker.from_env().version()["Version"], **said}


def main(*chosen: str) -> None:
    """Measure, show and write."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored, as by a script's background job, it would cost Pulumi 5 s at each end
    if strange := [name for name in chosen if name not in PARTS]:
        raise Stop(f"no part of the benchmark: {', '.join(strange)}; there are {', '.join(PARTS)}")
    here = about()
    if chosen and (elsewhere := kept()["about"]) != here:
        raise Stop(f"the other parts were measured with {elsewhere}, and here is {here}: measure everything")
    for name in chosen or PARTS:
        keep(name, {"day": f"{datetime.now(UTC):%Y-%m-%d}", **PARTS[name]()})
    keep("about", here)
    measured = kept()
    shown = rows(measured)
    show_table(HEAD, shown, ["green" if row[5] == "yes" else "yellow" for row in shown])
    PAGE.write_text(page(measured))
    say(f"Written: {PAGE.relative_to(CHECKOUT)}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Stop as stop:
        complain(str(stop))
        sys.exit(stop.code)
