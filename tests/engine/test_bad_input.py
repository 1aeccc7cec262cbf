"""What goes wrong outside the configuration: one clear message each, nothing made, and the rerun succeeds."""

from pathlib import Path

import httpx
import pytest

from tests.engine.conftest import Make
from tests.engine.project import Project

APP = "format: 1\nname: bad\napps: { web: { build: { context: web }, port: 80, routes: { /: {} } } }\n"


@pytest.fixture
def project(make_project: Make) -> Project:
    project = make_project("bad")
    (project.root / "web").mkdir(exist_ok=True)
    (project.root / "web" / "Dockerfile").write_text("FROM debian:trixie-slim\n")
    (project.root / "app.yaml").write_text(APP)
    return project


def one_message(said: str, *parts: str) -> None:
    for part in parts:
        assert part in said, said


def test_unknown_stack(project: Project) -> None:
    one_message(project.berth("up", "-s", "staging", fails=True), "Pulumi.staging.yaml", "dev")


def test_no_engine(project: Project, tmp_path: Path) -> None:
    said = project.berth("up", fails=True, DOCKER_HOST=f"unix://{tmp_path}/nothing.sock")
    one_message(said, "no Docker engine answers", "point DOCKER_HOST at an engine that runs")


def test_missing_dockerfile(project: Project) -> None:
    (project.root / "web" / "Dockerfile").unlink()
    said = project.berth("up", fails=True)
    one_message(said, "app.yaml:3: apps.web.build:", "cannot be read")
    assert not (project.root / ".berth" / "dev.json").exists() or project.leftovers() == {"containers": [], "networks": [], "volumes": []}


def test_wrong_value(project: Project) -> None:
    (project.root / "app.yaml").write_text(APP.replace("port: 80", "port: eighty"))
    one_message(project.berth("up", fails=True), "app.yaml:3: apps.web.port: has to be a whole number, without quotes")


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("port: 80,", "prot: 80,", "app.yaml:3: apps.web.prot: is no key here; allowed: address, build,"),
        ("name: bad\n", "name: bad\nname: bad\n", 'app.yaml:3: found duplicate key "name": keep one of them'),
        ("name: bad", "name:\tbad\n\tx: y", "app.yaml:2: a tab stands here: indent with spaces"),
        ("{ /: {} }", "{ /: {} }, resources: { cpus_reservation: '1' }", "app.yaml:3: apps.web.resources.cpus_reservation: "),
        ("{ /: {} }", "{ /: {} }, env: { DB: '${db.hots}' }", "app.yaml:3: apps.web.env.DB: ${db.hots} is unknown; there are: apps.web.host,"),
        ("{ /: {} }", "{ /: {} }, volumes: { d: { path: /run/secrets } }", "app.yaml:3: apps.web.volumes.d.path: is no place for an app's files"),
        ("apps:", "postgres:\napps:", "app.yaml:3: postgres: is empty: write a value ({} where the defaults will do) or remove the key"),
    ],
    ids=["unknown key", "key twice", "tab", "reservation of CPU", "reference", "reserved path", "empty section"],
)
def test_the_program_says_it_before_anything_is_made(right: str, wrong: str, message: str, project: Project) -> None:
    (project.root / "app.yaml").write_text(APP.replace(right, wrong))
    said = project.berth("preview", fails=True)
    one_message(said, "nothing was done:", message)
    assert "Traceback" not in said
    assert project.known_containers() == []


def test_broken_dockerfile_then_mended(project: Project) -> None:
    dockerfile = project.root / "web" / "Dockerfile"
    dockerfile.write_text("FROM python:3.13-slim\nRUN false\n")
    one_message(project.berth("up", fails=True), "web-image", "did not complete successfully: exit code: 1")
    dockerfile.write_text('FROM python:3.13-slim\nCMD ["python3", "-m", "http.server", "8000"]\n')
    (project.root / "app.yaml").write_text(APP.replace("port: 80", "port: 8000"))
    project.berth("up")
    assert httpx.get(project.url).status_code == 200


def test_state_and_secrets_do_not_go_into_an_image(project: Project) -> None:
    (project.root / "Dockerfile").write_text('FROM python:3.13-slim\nCOPY . .\nCMD ["python3", "-m", "http.server", "8000"]\n')
    (project.root / "app.yaml").write_text(APP.replace("context: web", "context: .").replace("port: 80", "port: 8000"))
    said = project.berth("up", fails=True)
    one_message(said, "this stage's secrets with it", ".dockerignore")
    (project.root / ".dockerignore").write_text(".berth\n.pulumi\n")
    project.berth("up")
    project.berth("preview", "--", "--expect-no-changes")
    assert httpx.get(f"{project.url}/.berth/dev.json").status_code == 404
