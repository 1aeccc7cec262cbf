"""The two stages of the drills, each brought up once; and the page, written when the long form ends."""

from collections.abc import Iterator

import docker
import pytest

from tests.drills import figures
from tests.drills.stages import Site, prod
from tests.engine.conftest import engine

__all__ = ["engine"]


@pytest.fixture(scope="package")
def site(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An application with a database, three replicas and a service that misbehaves."""
    made = Site(prod(tmp_path_factory.mktemp("drills") / "drills", "drills"))
    made.release()
    if figures.LONG:
        made.describe()
    yield made
    made.project.remove()


def pytest_sessionfinish() -> None:
    if figures.LONG:
        figures.write()
