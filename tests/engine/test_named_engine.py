"""A stage that names its engine is made there, whatever the environment says."""

import httpx

from tests.engine.conftest import Make

APP = """\
format: 1
name: named
apps:
  web: { image: "python:3.13-slim", port: 8000, routes: { /: {} }, command: [python, -m, http.server, "8000", --directory, /srv] }
"""
NOWHERE = {"DOCKER_HOST": "unix:///run/berth-test-nowhere.sock"}


def test_the_engine_that_is_named_is_the_one(make_project: Make) -> None:
    project = make_project("named", stage={"engine": {"host": "unix:///var/run/docker.sock"}}, environment=NOWHERE)
    (project.root / "app.yaml").write_text(APP)
    project.berth("up")
    assert httpx.get(project.url).status_code == 200
    project.berth("preview", "--", "--expect-no-changes", "--refresh")
    assert "healthy" in project.berth("status")
    assert "GET / HTTP/1.1" in project.berth("logs", "web")
    assert project.berth("exec", "web", "python", "-c", "print(6 * 7)").strip() == "42"
    project.configure(engine={"host": "unix:///run/berth-test-nowhere.sock"})
    assert "start it, or correct berth:engine in" in project.berth("status", fails=True)
    project.configure(engine={"host": "unix:///var/run/docker.sock"})
