"""Measure everything, show it, and write docs/performance.md. Takes half an hour: Docker's own probes are slow."""

import os
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docker

from bench import builds, profiles, programs, stages
from bench.measure import ROUNDS, Ratio, table
from components.templates import templates
from ops.console import say, show_table
from tests.engine.project import CHECKOUT

PAGE = CHECKOUT / "docs" / "performance.md"
WORDS = {
    "before": "until the first service starts",
    "starting": "services start",
    "noticing": "noticing that one is healthy, starting the next",
    "after": "after the last is healthy",
}
HEAD = ("WHAT", "AGAINST", "RATIO", "PAIRS", "GOAL", "MET")


def ratios() -> Iterator[Ratio]:
    """Every comparison, the quick ones first."""
    for room in (programs, builds, stages):
        for ratio in room.ratios():
            say(f"{ratio.what} : {ratio.against} = {ratio.median:.2f}", style="dim")
            yield ratio


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


def of_processes() -> tuple[list[tuple[str, float, float]], int]:
    """Processor time of a run without changes, and how many resources the shop has."""
    environment = {**os.environ, "PULUMI_CONFIG_PASSPHRASE": ""}
    command = [*stages.PULUMI_UP]
    with stages.shops() as (berth, _, _), stages.smallest() as small:
        runs = [[profiles.processes(command, root, environment) for _ in range(ROUNDS)] for root in (berth.project.root, small)]
        resources = len(berth.resources())
    kinds = sorted({kind for of in runs for run in of for kind in run})
    middle = [{kind: statistics.median(run.get(kind, 0.0) for run in of) for kind in kinds} for of in runs]
    whole = sum(middle[1].values())
    return [(kind, middle[0][kind] / whole, middle[1][kind] / whole) for kind in kinds], resources


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603  # own commands


def main() -> None:
    """Measure, show and write."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored, as by a script's background job, it would cost Pulumi 5 s at each end
    began = time.monotonic()
    measured = list(ratios())
    show_table(HEAD, [one.row for one in measured], ["green" if one.met else "yellow" for one in measured])
    processes, resources = of_processes()
    values: dict[str, Any] = {
        "rounds": ROUNDS,
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "cores": os.cpu_count(),
        "engine": docker.from_env().version()["Version"],
        "compose": _said("docker", "compose", "version", "--short"),
        "pulumi": _said("pulumi", "version"),
        "table": table([one.row for one in measured]),
        "phases": of_phases(),
        "processes": processes,
        "resources": resources,
        "steps": profiles.steps().items(),
    }
    PAGE.write_text(templates(Path(__file__).parent).get_template("performance.md.j2").render(**values))
    say(f"Written: {PAGE.relative_to(CHECKOUT)}, after {(time.monotonic() - began) / 60:.0f} minutes")


if __name__ == "__main__":
    main()
