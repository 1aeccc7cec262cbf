"""Order of the tests, the event loop that Pulumi's SDK expects of its thread, and patience with properties on a busy host."""

import asyncio
import os
import warnings
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("berth", deadline=None)
settings.load_profile("berth")
ENGINE = Path(__file__).parent / "engine"
TOGETHER = (ENGINE / "examples", ENGINE.parent / "drills", ENGINE.parent / "offline")
"""Folders whose tests never run beside each other: their ports and networks are those of the descriptions, their stages or this machine's kit are shared."""


def needs_engine(item: pytest.Item) -> bool:
    """Whether a test talks to a real engine."""
    return ENGINE in item.path.parents or "engine" in getattr(item, "fixturenames", ())


def neighbours(item: pytest.Item) -> str:
    """Of two tests that say the same here, one waits for the other: they share a file, and what it prepares, or a folder."""
    return next((str(folder) for folder in TOGETHER if folder in item.path.parents), str(item.path))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs seconds before what needs a real engine, so that a mistake is shown early. First of all: xdist reads the groups after it."""
    items.sort(key=needs_engine)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(neighbours(item)))
    for item in filter(needs_engine, items):
        item.add_marker(pytest.mark.engine)
        if os.environ.get("BERTH_NO_ENGINE") == "1":
            item.add_marker(pytest.mark.skip(reason="BERTH_NO_ENGINE=1"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """`asyncio.run` and Playwright take the thread's loop with them when they end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            asyncio.get_event_loop()
        except RuntimeError:
            asyncio.set_event_loop(asyncio.new_event_loop())
