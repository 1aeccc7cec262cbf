"""A real engine is wanted: without one these tests fail, unless BERTH_NO_ENGINE=1 says that this is known."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import docker.errors
import pytest

from tests.engine.project import CHECKOUT, Project, free_port
from tests.engine.visitor import Visitor

SITE = Path(__file__).parent / "site"


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


@pytest.fixture(scope="module")
def inner() -> int:
    """The port of one route alone."""
    return free_port()


@pytest.fixture(scope="module")
def site(make_project: Make, inner: int) -> Iterator[Visitor]:
    """A stage with everything that a proxy can be told, and somebody who visits it."""
    https = free_port()
    project = make_project("site")
    shutil.copytree(SITE, project.root / "web")
    (project.root / "app.yaml").write_text((SITE / "app.yaml").read_text().replace("HTTPS", str(https)).replace("INNER", str(inner)))
    project.berth("up")
    made = Visitor(project, "site.test", https)
    yield made
    made.client.close()
