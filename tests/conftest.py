"""Order: what needs seconds before what needs a real engine, so that a mistake is shown early."""

from pathlib import Path

import pytest

ENGINE = Path(__file__).parent / "engine"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: ENGINE in item.path.parents)
