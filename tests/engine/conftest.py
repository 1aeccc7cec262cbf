"""A real engine is wanted: without one these tests fail, unless BERTH_NO_ENGINE=1 says that this is known."""

from collections.abc import Callable, Iterator

import docker
import docker.errors
import pytest

from tests.engine.project import CHECKOUT, Project


@pytest.fixture(scope="session")
def engine() -> docker.DockerClient:
    """The engine, reachable."""
    client = docker.from_env()
    assert client.ping()
    return client


Make = Callable[..., Project]


@pytest.fixture(scope="module")
def make_project(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Make projects; all of them are erased afterwards."""
    made: list[Project] = []

    def make(name: str, **settings: object) -> Project:
        project = Project(root=tmp_path_factory.mktemp(name) / name, name=name, **settings)  # type: ignore[arg-type]  # handed on as they are
        made.append(project)
        return project

    yield make
    for project in made:
        if project.root.exists():
            project.erase()


@pytest.fixture(scope="module")
def demo(make_project: Make) -> Project:
    """The demo, up, under ports of its own."""
    project = make_project("demo-test", application=str(CHECKOUT / "demo" / "app.yaml"))
    project.berth("up")
    return project
