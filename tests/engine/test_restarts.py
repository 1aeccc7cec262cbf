"""After a restart of everything, in any order, a stage is healthy again without an `up`, with its data."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import docker
import pytest
from docker.models.containers import Container

from tests.engine.conftest import Make
from tests.engine.project import Project
from tests.engine.second_engine import SecondEngine, second_engine
from tests.engine.visitor import eventually

SEED = 20261126
APP = """\
format: 1
name: restarts
apps:
  web:
    image: python:3.13-slim
    port: 8000
    routes: { /: {} }
    command: [python, /web/site.py]
    mounts: { web: /web }
    uses: [db, cache]
workers:
  jobs: { app: web, command: [python, /web/worker.py], health: { command: [test, -e, /tmp/well] } }
postgres: { db: { version: "15" } }
redis: { cache: {} }
mail: { from: a@b.test, mailhog: {} }
"""
IMAGES = ("python:3.13-slim", "postgres:15", "redis:8", "nginx:1.28", "mailhog/mailhog:v1.0.1")
ALL = {"proxy", "web", "jobs", "db", "cache", "mail"}
NEEDED = """\
import os, socket


def needed():
    for name in ("DB", "CACHE"):
        socket.create_connection((os.environ[name + "_HOST"], int(os.environ[name + "_PORT"])), timeout=2).close()


needed()  # it does not wait: it ends, and is started again
"""
SITE = f"""{NEEDED}
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        needed()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"all there")


ThreadingHTTPServer(("", 8000), Handler).serve_forever()
"""
WORKER = f"""{NEEDED}
import signal

open("/tmp/well", "w").close()
signal.pause()
"""


def brought_up(project: Project) -> Project:
    (project.root / "web").mkdir()
    (project.root / "web" / "site.py").write_text(SITE)
    (project.root / "web" / "worker.py").write_text(WORKER)
    (project.root / "app.yaml").write_text(APP)
    project.configure(mail={"mailhog": {"ui_port": project.mail_ui}})
    project.berth("up")
    project.berth("exec", "db", "psql", "-Xqc", "CREATE TABLE kept (text text); INSERT INTO kept VALUES ('a row')")
    project.berth("exec", "cache", "redis-cli", "set", "kept", "a value")
    assert well(project) == ALL
    return project


def well(project: Project) -> set[str]:
    """Services that are healthy."""
    return {str(one.labels["berth.service"]) for one in project.containers(role="service") if one.attrs["State"]["Health"]["Status"] == "healthy"}


def started(project: Project) -> dict[str, str]:
    """When each service was last started."""
    return {str(one.labels["berth.service"]): str(one.attrs["State"]["StartedAt"]) for one in project.containers(role="service")}


def asked(project: Project, *inside: str) -> str:
    """What the site answers, perhaps from inside of another network."""
    ask = "import httpx, sys; print(httpx.get(sys.argv[1]).text)"
    return subprocess.run([*inside, sys.executable, "-c", ask, project.url], capture_output=True, text=True, check=False).stdout.strip()


def is_all_there(project: Project, before: dict[str, str], *inside: str) -> None:
    """Everything has been started anew, becomes healthy by itself, and has its data."""
    eventually(lambda: well(project) == ALL and all(moment != before[service] for service, moment in started(project).items()))
    eventually(lambda: asked(project, *inside) == "all there")
    assert project.berth("exec", "db", "psql", "-XqAtc", "SELECT text FROM kept").strip() == "a row"
    assert project.berth("exec", "cache", "redis-cli", "get", "kept").strip() == "a value"


@pytest.fixture(scope="module")
def stage(make_project: Make) -> Project:
    return brought_up(make_project("restarts"))


def crash(container: Container) -> None:
    """End the main process of a container as the host sees it: what the engine itself kills it does not start again."""
    os.kill(int(container.attrs["State"]["Pid"]), signal.SIGKILL)


@pytest.mark.parametrize("pause_s", [0.0, 1.0], ids=["at once", "one after the other"])
def test_everything_crashes_in_any_order(pause_s: float, stage: Project) -> None:
    """What a restart of the engine does to a stage, in orders that the engine would not choose."""
    chance = random.Random(f"{SEED} {pause_s}")
    before, containers = started(stage), stage.containers(role="service")
    chance.shuffle(containers)
    for container in containers:
        crash(container)
        time.sleep(chance.uniform(0, pause_s))
    is_all_there(stage, before)


def test_nothing_of_it_is_drift(stage: Project) -> None:
    stage.berth("preview", "--", "--expect-no-changes", "--refresh")


@pytest.fixture(scope="module")
def second(engine: docker.DockerClient) -> Iterator[SecondEngine]:
    with second_engine(engine, IMAGES) as made:
        yield made


@pytest.fixture(scope="module")
def elsewhere(second: SecondEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    root = tmp_path_factory.mktemp("elsewhere") / "elsewhere"
    yield brought_up(Project(root=root, name="elsewhere", environment={"DOCKER_HOST": second.host}, engine=second.client))
    shutil.rmtree(root)


@pytest.mark.thorough
@pytest.mark.parametrize("turn", range(2))
@pytest.mark.parametrize("how", ["restart", "power cut"])
def test_the_engine_starts_anew(how: str, turn: int, elsewhere: Project, second: SecondEngine) -> None:
    before = started(elsewhere)
    if how == "restart":
        second.stop()
    else:
        second.power_cut(random.Random(SEED + turn))
    second.start()
    elsewhere.engine = second.client
    is_all_there(elsewhere, before, *second.inside())
    elsewhere.berth("preview", "--", "--expect-no-changes", "--refresh")
