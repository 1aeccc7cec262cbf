"""The engine goes away in the middle of a run: one message that names the remedy, and the next run ends well.

The engine here serves others too, so it is not stopped: the stage talks to it through a socket of its own, which is closed.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.engine.conftest import Make
from tests.engine.gate import Gate
from tests.engine.project import CHECKOUT

ENGINE = "/var/run/docker.sock"


@pytest.fixture
def gate(engine: docker.DockerClient, tmp_path: Path) -> Iterator[Gate]:
    address = engine.api.base_url
    assert address.startswith("http+docker://"), f"this test wants an engine behind a local socket, not {address}"
    made = Gate(tmp_path / "engine.sock", ENGINE)
    yield made
    made.close()


def test_the_next_run_ends_well(make_project: Make, gate: Gate) -> None:
    project = make_project("stops", application=str(CHECKOUT / "demo" / "app.yaml"))
    project.environment["DOCKER_HOST"] = f"unix://{gate.address}"
    run = project.start("up")
    while len(project.known_containers()) < 3:  # in the middle: some are there, most are not
        assert run.poll() is None
        time.sleep(0.2)
    gate.close()
    said = run.communicate(timeout=300)[0]
    assert run.returncode != 0
    assert "the Docker engine does not answer any more: start it and run this again" in said.splitlines()[-1]
    assert "Traceback" not in said

    gate.open()
    project.berth("up")
    assert {str(one.labels["berth.service"]) for one in project.containers(role="service")} == {"proxy", "web", "jobs", "db", "cache", "mail"}
    known = project.pulumi("stack", "export")
    assert [one.name for one in project.containers(everything=True) if str(one.id) not in known] == []
    project.environment.clear()  # what cleans up afterwards goes to the engine straight
