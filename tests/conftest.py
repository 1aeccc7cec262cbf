"""Order of the tests, the event loop that Pulumi's SDK expects of its thread, and patience with properties on a busy host."""

import asyncio
import os
import warnings
from pathlib import Path

import pytest
from httpx._config import DEFAULT_TIMEOUT_CONFIG
from hypothesis import settings
from xdist.remote import Producer  # type: ignore[import-untyped]  # its package has no types
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # the same

for kind in ("connect", "read", "write", "pool"):
    setattr(DEFAULT_TIMEOUT_CONFIG, kind, 60)  # httpx waits 5 s, as if a busy host were a broken one
settings.register_profile("berth", deadline=None)
settings.load_profile("berth")
ENGINE = Path(__file__).parent / "engine"
TOGETHER = ("tests/drills", "tests/engine/examples", "tests/offline")
"""Folders whose tests never run beside each other: their ports and networks are those of the descriptions, their stages or this machine's kit are shared."""


class Neighbours(LoadScopeScheduling):  # type: ignore[misc]  # nor of its classes
    """Who runs what, where several run tests (`pytest -n`): a file, and what it prepares, is for one of them, and so is a folder that is named above."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return next((folder for folder in TOGETHER if path.startswith(f"{folder}/")), path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Neighbours:
    """Not xdist's own `loadgroup`: with pytest 9.2 it does not find the groups (3.8)."""
    return Neighbours(config, log)


def needs_engine(item: pytest.Item) -> bool:
    """Whether a test talks to a real engine."""
    return ENGINE in item.path.parents or "engine" in getattr(item, "fixturenames", ())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs seconds before what needs a real engine, so that a mistake is shown early."""
    items.sort(key=needs_engine)
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
