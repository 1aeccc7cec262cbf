"""What is outside of a stage."""

from collections.abc import Iterator

import pytest

from tests.engine.examples.wildid_outside import Outside
from tests.engine.examples.wildid_outside import outside as serving


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with serving(tmp_path_factory.mktemp("outside")) as world:
        yield world
