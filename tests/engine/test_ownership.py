"""Sources that belong to somebody: what a container writes beside them is theirs, and what it wrote elsewhere goes along when they change hands."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.engine.conftest import Make
from tests.engine.person import person, place
from tests.engine.project import CHECKOUT, Project
from tests.engine.visitor import eventually

ANN, BEN = person(12345, 12346), person(23456, 23457)


@pytest.fixture(scope="module")
def sources() -> Iterator[Path]:
    """A copy of the demo that is Ann's."""
    with place() as folder:
        shutil.copytree(CHECKOUT / "demo", folder / "demo", ignore=shutil.ignore_patterns("__pycache__"))
        ANN.takes(folder / "demo")
        yield folder / "demo"


@pytest.fixture(scope="module")
def owned(sources: Path, make_project: Make) -> Project:
    project = make_project("owned", application=str(sources / "app.yaml"))
    project.berth("up")
    return project


def users(project: Project) -> dict[str, str]:
    """As whom each service runs."""
    return {one.labels["berth.service"]: one.attrs["Config"]["User"] for one in project.containers(role="service")}


def test_the_app_and_its_worker_run_as_the_owner(owned: Project) -> None:
    assert users(owned) == {"web": str(ANN), "jobs": str(ANN), "proxy": "101:101", "db": "999:999", "cache": "999:999", "mail": "1000:1000"}
    assert f"user: {json.dumps(str(ANN))}" in owned.berth("config")
    assert f"# owner of {Path(owned.application).parent}/web/src" in owned.berth("config")


def test_what_its_owner_edits_is_seen(owned: Project, sources: Path) -> None:
    file = sources / "web" / "src" / "demo" / "api.py"
    ANN.replaces(file, '"status": "ok"', '"status": "edited"')
    eventually(lambda: "edited" in httpx.get(f"{owned.url}/healthz").text)
    ANN.replaces(file, '"status": "edited"', '"status": "ok"')
    eventually(lambda: '"ok"' in httpx.get(f"{owned.url}/healthz").text)


@pytest.mark.parametrize("service", ["web", "jobs"])
def test_what_a_container_writes_is_the_owners(owned: Project, sources: Path, service: str) -> None:
    made = sources / "web" / "src" / f"made-by-{service}"
    owned.berth("exec", service, "sh", "-c", f"mkdir /app/src/{made.name} && echo made >/app/src/{made.name}/note.txt")
    assert [ANN.owns(path) for path in (made, made / "note.txt")] == [True, True]
    ANN.does("sh", "-c", f"echo edited >>{made}/note.txt")
    assert owned.berth("exec", service, "cat", f"/app/src/{made.name}/note.txt") == "made\nedited\n"
    ANN.does("rm", "-r", str(made))
    assert not made.exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives folders away")
def test_data_goes_along_when_the_sources_change_hands(owned: Project, sources: Path) -> None:
    owned.berth("exec", "web", "sh", "-c", "mkdir -m 0700 /app/media/closed && (umask 077; echo anns >/app/media/closed/note.txt)")
    BEN.takes(sources)
    owned.berth("up")
    assert (users(owned)["web"], users(owned)["jobs"]) == (str(BEN), str(BEN))
    said = owned.berth("exec", "jobs", "sh", "-c", "cd /app/media/closed && echo bens >>note.txt && cat note.txt && stat -c %u:%g . note.txt")
    assert said.split() == ["anns", "bens", str(BEN), str(BEN)]
    owned.berth("preview", "--", "--expect-no-changes", "--refresh")
