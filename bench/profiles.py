"""Where the time goes: of an `up` from nothing by what is waited for, of one without a change by process, of the program by its steps."""

import json
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import docker
import psutil
from docker.models.containers import Container

from bench.measure import ROUNDS
from tests.engine.project import CHECKOUT

LOOK_S = 0.02
"""Time between two looks at processes that run."""


@dataclass(frozen=True, kw_only=True)
class Phases:
    """Seconds of one `up` from nothing, along the services that wait for each other: the data services, the app, the proxy."""

    before: float
    """Until the first of them is started: programs start, networks, volumes and files are made."""
    starting: float
    """From the start of each to the first probe that finds it well."""
    noticing: float
    """From there to the start of the next, but for what comes next."""
    checking: float
    """The proxy's configuration is written, as soon as the app's containers have names, and a job asks nginx about it; none where it was there before."""
    after: float
    """From the last one that is well to the end."""


def phases(began: float, ended: float, label: str, value: str, named: str) -> Phases:
    """Read from the engine when each service of a stage was started and was well. `label` and `value` tell its containers, the label `named` their service."""
    found = docker.from_env().containers.list(all=True, filters={"label": f"{label}={value}"})
    services = {str(one.labels[named]): one for one in found if one.labels.get("berth.role", "service") == "service"}
    made = {name: (_time(one.attrs["State"]["StartedAt"]), _well(one)) for name, one in services.items()}
    written = [_time(one.attrs["Created"]) for one in found if str(one.name).startswith("proxy-switch-loader")]
    checking = _time(services["proxy"].attrs["Created"]) - written[0] if written else 0.0
    waves = [[made["db"], made["cache"]], [made["web"]], [made["proxy"]]]
    created = [min(one[0] for one in wave) for wave in waves]
    well = [max(one[1] for one in wave) for wave in waves]
    return Phases(
        before=created[0] - began,
        starting=sum(end - start for start, end in zip(created, well, strict=True)),
        noticing=sum(start - end for start, end in zip(created[1:], well, strict=False)) - checking,
        checking=checking,
        after=ended - well[-1],
    )


def _well(container: Container) -> float:
    """When the first probe ended that found a container well; the engine remembers the last few."""
    return min(_time(probe["End"]) for probe in container.attrs["State"]["Health"]["Log"] if probe["ExitCode"] == 0)


def _time(text: str) -> float:
    """The engine's time, which has more digits than Python reads."""
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d*", r"\1", text).replace("Z", "+00:00")).timestamp()


def processes(command: list[str], folder: Path, environment: Mapping[str, str]) -> dict[str, float]:
    """Processor seconds of a command and what it starts, by what kind of process it is."""
    taken: dict[int, tuple[str, float]] = {}
    running = psutil.Popen(command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None:
        for one in (running, *running.children(recursive=True)):
            try:
                times = one.cpu_times()
                taken[one.pid] = _kind(one.cmdline()), times.user + times.system
            except psutil.Error:
                continue
        gone, _ = psutil.wait_procs([running], timeout=LOOK_S)
        if gone:
            break
    found: dict[str, float] = defaultdict(float)
    for kind, spent in taken.values():
        found[kind] += spent
    return dict(found)


def _kind(words: list[str]) -> str:
    line = " ".join(words)
    for part, kind in (("pip --version", "pip"), ("resource-docker", "provider"), ("language-python-exec", "program"), ("language-python", "language host")):
        if part in line:
            return kind
    return "pulumi" if "pulumi" in line else "others"


def steps() -> dict[str, float]:
    """What each step of the program takes, in units of the first (see `bench.graph`): of several runs, the middle."""
    command = [sys.executable, "-m", "bench.graph", "steps"]
    runs = [json.loads(subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout) for _ in range(ROUNDS)]  # noqa: S603
    return {what: statistics.median(run[what] for run in runs) for what in runs[0]}
