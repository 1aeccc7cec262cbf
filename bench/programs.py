"""How long a program takes in Python alone, each time in a process of its own (see `bench.graph`)."""

import itertools
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.measure import ROUNDS, Ratio, compare, seconds
from tests.engine.project import CHECKOUT

SIZES = (6, 33, 100)
SWITCHED = {
    "as it is: berth without Python's garbage collector, the bare resources with it": ((), ()),
    "both without the collector": ((), ("no-gc",)),
    "both with it": (("gc",), ()),
    "as it is, without the SDK's stack traces": (("no-traces",), ("no-traces",)),
    "as it is, without its debug messages": (("no-messages",), ("no-messages",)),
}
"""What is switched for the profile of a service more, in berth's program and in the one of bare resources (see `bench.graph`)."""


def run(*arguments: str) -> float:
    """One run of a program."""
    return seconds(sys.executable, "-m", "bench.graph", *arguments, folder=CHECKOUT)


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
            against="its resources without components (and with Python's garbage collector)",
            goal=1.25,
            pairs=pairs,
        )


def switched() -> dict[str, tuple[float, float]]:
    """What a service more takes, of 33 to 100, by berth and as bare resources, in units of the bare ones as they are."""
    less, more = SIZES[1:]
    with tempfile.TemporaryDirectory() as name:
        files = {size: Path(name) / f"{size}.json" for size in (less, more)}
        for size, file in files.items():
            run("keep", str(size), str(file))

        def growth(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[float, float]:
            taken = {size: (run("services", str(size), *ours), run("flat", str(file), *theirs)) for size, file in files.items()}
            return taken[more][0] - taken[less][0], taken[more][1] - taken[less][1]

        rounds = [{what: growth(*switches) for what, switches in SWITCHED.items()} for _ in range(ROUNDS)]
    middle = {what: tuple(statistics.median(one[what][side] for one in rounds) for side in (0, 1)) for what in SWITCHED}
    unit = next(iter(middle.values()))[1]
    return {what: (ours / unit, theirs / unit) for what, (ours, theirs) in middle.items()}


def _round(files: dict[int, Path]) -> dict[int, tuple[float, float]]:
    """Seconds of berth and of flat resources, by the number of services: of three runs in turn the middle one, for differences of single runs are noise."""
    taken = [{size: (run("services", str(size)), run("flat", str(file))) for size, file in files.items()} for _ in range(3)]
    return {size: (statistics.median(one[size][0] for one in taken), statistics.median(one[size][1] for one in taken)) for size in files}
