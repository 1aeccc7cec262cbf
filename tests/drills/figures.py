"""What a drill yields: a row of docs/reliability.md, which `make drills` writes and nobody else."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from components.templates import templates
from tests.golden import CHECKOUT

LONG = os.environ.get("BERTH_DRILLS") == "long"
"""Whether the drills take their time, judge times too, and write down what they found."""
PAGE = CHECKOUT / "docs" / "reliability.md"
KEPT = CHECKOUT / "docs" / "figures" / "reliability"
"""Figures that were measured, a file for each drill: they can be run one by one."""
Size = TypeVar("Size")


class Drill(StrEnum):
    """All there are, in the order of the page."""

    ROLL_ONE = "updates, one replica"
    ROLL_THREE = "updates, three replicas"
    REPLICA_KILLED = "one of three replicas killed"
    REPLICA_CUT_OFF = "one of three replicas cut off"
    HUNG = "the only replica hangs"
    HUNG_BY_DEFAULT = "the same with the default health check"
    BROKEN_IMAGE = "a release that is broken"
    BROKEN_PROXY = "a proxy configuration that is broken"
    DATABASE_KILLED = "Postgres killed under writes"
    MONO_KILLED = "the one container killed under writes"
    MEMORY = "memory hog"
    PROCESSES = "fork bomb"
    LOGS = "log flood"
    AUDIT_INTERNAL = "audit, internal containers"
    AUDIT_PROXY = "audit, the proxy"
    TLS = "TLS by sslyze"
    RATE_LIMIT = "rate limit"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What one drill found."""

    drill: Drill
    load: str
    """What was done."""
    goal: str
    measured: str
    met: bool
    timed: bool = False
    """Whether a time decides: then it is judged in the long form alone, for nobody knows what else a host has to do."""
    why: str = ""
    """Why the goal is not met, and cannot be."""


def size(short: Size, long: Size) -> Size:
    """How much of something this run does."""
    return long if LONG else short


def keep(name: str, facts: Mapping[str, object], folder: Path = KEPT) -> None:
    """Keep what the page will say."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps({"day": f"{datetime.now(UTC):%Y-%m-%d}", **facts}, indent=1) + "\n")


def record(figure: Figure, *evidence: str) -> None:
    """Keep a figure of the long form, then judge it; `evidence` is shown where the goal is not met."""
    if LONG:
        keep(figure.drill.name, asdict(figure))
    assert figure.met or figure.why or (figure.timed and not LONG), f"{figure.drill}: {figure.measured}; goal: {figure.goal}\n" + "\n".join(evidence)


def page(found: Mapping[str, Mapping[str, object]]) -> str:
    """The page of what was kept, by name; `about` is the host and its versions."""
    rows = [(drill, found.get(drill.name)) for drill in Drill]
    return templates(Path(__file__).parent).get_template("reliability.md.j2").render(rows=rows, about=found.get("about", {}))


def kept() -> dict[str, dict[str, object]]:
    """All that was kept, by name."""
    return {file.stem: json.loads(file.read_text()) for file in sorted(KEPT.glob("*.json"))}


def write() -> None:
    """Write the page anew."""
    PAGE.write_text(page(kept()))
