"""A small application at a person's terminal: interrupted, looked at, changed behind berth's back, cleaned up."""

import json
import os
import re
import subprocess
from typing import Any

import docker.errors
import httpx
import pytest

from tests.engine.conftest import Make
from tests.engine.project import BERTH, Project
from tests.terminal import CTRL_C, Terminal

APP = """\
format: 1
name: byhand
apps:
  web:
    build: { context: web }
    port: 8000
    routes: { /: {} }
"""
DOCKERFILE = """\
FROM python:3.13-slim
COPY index.html /pages/
CMD ["python", "-m", "http.server", "--directory", "/pages", "8000"]
"""


@pytest.fixture(scope="module")
def project(make_project: Make) -> Project:
    project = make_project("byhand")
    (project.root / "app.yaml").write_text(APP)
    (project.root / "web").mkdir()
    (project.root / "web" / "Dockerfile").write_text(DOCKERFILE)
    page(project, "first")
    return project


def page(project: Project, text: str) -> None:
    (project.root / "web" / "index.html").write_text(text)


def typing(project: Project, *arguments: str) -> Terminal:
    """berth at a terminal of 80 columns."""
    return Terminal([str(BERTH), *arguments], project.root, os.environ)


def drift(project: Project) -> dict[str, str]:
    """What differs, by service."""
    return {one["service"]: one["drift"] for one in status(project) if one["drift"] != "none"}


def status(project: Project) -> list[dict[str, Any]]:
    return list(json.loads(project.berth("status", "--json"))["services"])


def test_ctrl_c_in_the_middle_and_the_next_run_goes_on(project: Project) -> None:
    with typing(project, "up") as terminal:
        terminal.shows(r"creating")
        terminal.type(CTRL_C)
        assert terminal.ended() == 1, terminal.said
    assert "Stopped with grace; the next run goes on from here." in terminal.said
    assert "Traceback" not in terminal.said
    said = project.berth("up")
    assert httpx.get(project.url).text == "first"
    assert re.search(r"^web-1 +healthy( after \d+ s)?$", said, re.MULTILINE), said
    project.berth("preview", "--", "--expect-no-changes", "--refresh")


def test_the_end_of_up_for_programs(project: Project) -> None:
    done = subprocess.run([BERTH, "up", "--json"], cwd=project.root, text=True, capture_output=True, check=False)
    assert (done.returncode, "unchanged" in done.stderr) == (0, True), done.stderr
    told = json.loads(done.stdout)
    assert {one["service"]: (one["well"], one["restarts"]) for one in told["services"]} == {"web": (True, 0), "proxy": (True, 0)}
    by_name = {one["service"]: one["containers"][0] for one in told["services"]}
    assert by_name["web"]["image_id"] == project.one("web").attrs["Image"]
    assert json.loads(project.berth("open", "--json")) == {"service": None, "url": f"http://localhost:{project.http}"}


def test_a_narrow_terminal_folds_no_address(project: Project) -> None:
    with typing(project, "status") as terminal:
        assert terminal.ended() == 0
    rows = [line for line in terminal.said.splitlines() if line.startswith(("web ", "proxy "))]
    assert [f"http://localhost:{project.http}" in row for row in rows] == [True, True], terminal.said
    assert max(len(line) for line in terminal.said.splitlines()) <= 80


def test_what_was_changed_by_hand_shows_in_a_word(project: Project) -> None:
    web = project.one("web")
    assert drift(project) == {}
    web.update(mem_limit="200m", memswap_limit="200m")
    assert drift(project) == {"web": "limits"}
    tag = next(tag for tag in project.engine.images.get(web.attrs["Image"]).tags if tag.startswith("byhand-web:"))
    project.engine.images.get("python:3.13-slim").tag(tag)
    web.update(mem_limit="512m", memswap_limit="512m")
    assert drift(project) == {"web": "image"}
    project.engine.images.get(web.attrs["Image"]).tag(tag)
    web.stop()
    assert drift(project) == {"web": "stopped"}
    project.berth("up")
    assert drift(project) == {}


def test_a_network_that_is_gone_shows_too(project: Project) -> None:
    (network,) = project.engine.networks.list(names=[name for name in project.leftovers()["networks"] if "egress" in name])
    network.disconnect(project.one("web"), force=True)
    network.remove()
    assert drift(project) == {"web": "network gone"}
    project.berth("up")
    assert drift(project) == {}


def test_pruning_takes_what_is_idle_with_all_of_its_names_and_leaves_what_runs(project: Project) -> None:
    old = project.engine.images.get(project.one("web").attrs["Image"])
    old.tag("byhand-web", "the-same-again")
    page(project, "second")
    project.berth("up")
    assert project.berth("prune", "--keep", "1").startswith("Nothing to remove: at most 1 images of each service of byhand lie idle.")
    told = json.loads(project.berth("prune", "--keep", "0", "--json"))
    (gone,) = told["removed"]
    assert (gone["id"], len(gone["tags"])) == (old.id, 2)
    with pytest.raises(docker.errors.ImageNotFound):
        project.engine.images.get(str(old.id))
    assert httpx.get(project.url).text == "second"
    project.berth("preview", "--", "--expect-no-changes", "--refresh")
