"""How long a program takes in Python alone, each time in a process of its own (see `bench.graph`)."""

import itertools
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import ROUNDS, Ratio, compare, processor_seconds, seconds
from tests.engine.project import CHECKOUT

SIZES = (6, 33, 100)
GROWN = (100, 400)
"""Sizes for the profile: so far apart that what is between them is seconds, not noise."""
LOOKS = 5
"""Runs of each program and size for the profile, of which the middle one counts."""
SWITCHED = {
    "as it is: berth without Python's garbage collector, the bare resources with it": ((), ()),
    "both with it": (("gc",), ()),
    "both without it": ((), ("no-gc",)),
    "both without it, the bare resources in berth's components": ((), ("no-gc", "components")),
    "both without it, the bare ones in components, and waiting for each other": ((), ("no-gc", "components", "waits")),
    "both without it and without the SDK's stack traces": (("no-traces",), ("no-gc", "no-traces")),
    "both without it and without debug messages": (("no-messages",), ("no-gc", "no-messages")),
}
"""What is switched for the profile of a service more, in berth's program and in the one of bare resources (see `bench.graph`)."""


def run(*arguments: str) -> float:
    """Seconds of one run of a program."""
    return seconds(sys.executable, "-m", "bench.graph", *arguments, folder=CHECKOUT)


def spent(*arguments: str) -> float:
    """Processor seconds of one run of a program: differences of sizes are small, and nothing else that the machine does is in them."""
    return processor_seconds(sys.executable, "-m", "bench.graph", *arguments, folder=CHECKOUT)


def ratios() -> Iterator[Ratio]:
    """Imports and the shop's graph; and what a service more costs, beside its bare resources."""
    yield compare("Imports and graph of the shop", lambda: run("shop"), "importing pulumi, pulumi_docker and pydantic", lambda: run("base"), 1.25)
    with tempfile.TemporaryDirectory() as name:
        files = {size: Path(name) / f"{size}.json" for size in SIZES}
        for size, file in files.items():
            run("keep", str(size), str(file))
        taken = [_round(files) for _ in range(ROUNDS)]
    for less, more in itertools.pairwise(SIZES):
        pairs = tuple((one[more][0] - one[less][0]) / (one[more][1] - one[less][1]) for one in taken)
        yield Ratio(
            what=f"A service more, of {less} to {more}",
            against="its resources without components (and with Python's garbage collector), processor time",
            goal=1.25,
            pairs=pairs,
        )


def switched() -> dict[str, tuple[float, float]]:
    """What a service more takes, of 100 to 400, by berth and as bare resources, in units of the bare ones as they are."""
    with tempfile.TemporaryDirectory() as name:
        files = {size: Path(name) / f"{size}.json" for size in GROWN}
        for size, file in files.items():
            run("keep", str(size), str(file))

        def taken(ours: tuple[str, ...], theirs: tuple[str, ...]) -> list[float]:
            return [*(spent("services", str(size), *ours) for size in files), *(spent("flat", str(file), *theirs) for file in files.values())]

        rounds = [{what: taken(*switches) for what, switches in SWITCHED.items()} for _ in range(LOOKS)]
    growth = {}
    for what in SWITCHED:
        ours_less, ours_more, theirs_less, theirs_more = (statistics.median(one) for one in zip(*(taken[what] for taken in rounds), strict=True))
        growth[what] = ours_more - ours_less, theirs_more - theirs_less
    unit = next(iter(growth.values()))[1]
    return {what: (ours / unit, theirs / unit) for what, (ours, theirs) in growth.items()}


def _round(files: dict[int, Path]) -> dict[int, tuple[float, float]]:
    """Processor seconds of berth and of flat resources, by the number of services: of three runs in turn the middle one, for single runs are noise."""
    taken = [{size: (spent("services", str(size)), spent("flat", str(file))) for size, file in files.items()} for _ in range(3)]
    return {size: (statistics.median(one[size][0] for one in taken), statistics.median(one[size][1] for one in taken)) for size in files}
