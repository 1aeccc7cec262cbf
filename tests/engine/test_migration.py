"""A migration that fails: found when it ends and not at its timeout, in its own words; the old release serves on, and the next run repairs it."""

import httpx
import pytest

from tests.engine.conftest import Make
from tests.engine.project import Project

APP = """\
format: 1
name: steps
apps:
  web:
    image: python:3.13-slim
    port: 8000
    routes: {{ /: {{}} }}
    command: [python, -m, http.server, "8000", --directory, /srv]
    env: {{ RELEASE: "{release}" }}
    migrate: [python, -c, "{migration}"]
    migrate_timeout: 30m
"""


@pytest.fixture(scope="module")
def steps(make_project: Make) -> Project:
    project = make_project("steps")
    release(project, "1", "print('tables made')")
    project.berth("up")
    return project


def release(project: Project, number: str, migration: str) -> None:
    (project.root / "app.yaml").write_text(APP.format(release=number, migration=migration))


def served(project: Project) -> set[str]:
    """Releases whose containers run."""
    return {line for one in project.containers("web", role="service") for line in one.attrs["Config"]["Env"] if line.startswith("RELEASE=")}


def test_its_last_words_are_shown_and_the_old_release_serves(steps: Project) -> None:
    release(steps, "2", "print('column', 'missing'); raise SystemExit(1)")
    said = steps.berth("up", fails=True)
    assert "web (job): exited with 1" in said
    assert "column missing" in said
    assert served(steps) == {"RELEASE=1"}
    assert httpx.get(steps.url).status_code == 200


def test_tried_again_it_fails_again(steps: Project) -> None:
    assert "column missing" in steps.berth("up", fails=True)
    assert served(steps) == {"RELEASE=1"}


def test_mended_the_next_run_is_healthy(steps: Project) -> None:
    release(steps, "3", "print('column made')")
    steps.berth("up")
    assert served(steps) == {"RELEASE=3"}
    steps.berth("preview", "--", "--expect-no-changes", "--refresh")
