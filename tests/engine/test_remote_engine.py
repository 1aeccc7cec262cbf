"""A stage on an engine of another machine: reached over TCP, with none of this one's files, and a network that is not this one's."""

import hashlib
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from components.engine import DockerEngine
from tests.engine.gate import Gate
from tests.engine.project import CHECKOUT, PASSPHRASE, Project, free_port, save
from tests.engine.second_engine import SecondEngine, second_engine
from tests.engine.visitor import eventually

IMAGES = ("python:3.13-slim", "postgres:17", "nginx:1.28")
pytestmark = pytest.mark.thorough
SEED = 20261127
NOWHERE = "unix:///run/berth-test-nowhere.sock"
CANARY = "a partner's canary"
APP = """\
format: 1
name: remote
apps:
  web:
    build: { context: web }
    port: 8000
    routes: { /: {} }
    uses: [db]
    secrets: { KEY: { from: key }, PARTNER: { from: partner, as: file } }
    files: { /etc/site: { site.conf: { template: site.conf } } }
    migrate: [python, /site.py, migrate]
    volumes: { kept: { path: /kept, writers: many } }
postgres: { db: {} }
secrets: { key: { generate: { bytes: 32 } }, partner: {} }
"""
DOCKERFILE = """\
FROM python:3.13-slim
COPY site.py /
CMD ["python", "/site.py"]
"""
SITE = """\
import hashlib, json, os, pathlib, socket, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RELEASE = "first"
KEPT = pathlib.Path("/kept/lines")


def keep(line):
    with KEPT.open("a") as file:
        file.write(line + "\\n")


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        socket.create_connection((os.environ["DB_HOST"], int(os.environ["DB_PORT"])), timeout=5).close()
        told = {
            "release": RELEASE,
            "settings": pathlib.Path("/etc/site/site.conf").read_text(),
            "key": hashlib.sha256(os.environ["KEY"].encode()).hexdigest(),
            "partner": hashlib.sha256(pathlib.Path("/run/secrets/PARTNER").read_bytes()).hexdigest(),
            "kept": KEPT.read_text().split("\\n")[:-1],
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())


if sys.argv[1:] == ["migrate"]:
    keep(f"{RELEASE} migrated")
else:
    ThreadingHTTPServer(("", 8000), Site).serve_forever()
"""
ASK = """\
import httpx, sys
site = httpx.Client(verify=False, timeout=30)
print(site.get(sys.argv[1], headers={"Host": "remote.test"}, extensions={"sni_hostname": "remote.test"}).raise_for_status().text)
"""


@pytest.fixture(scope="module")
def remote(engine: docker.DockerClient) -> Iterator[SecondEngine]:
    with second_engine(engine, IMAGES, hidden=(CHECKOUT, Path(tempfile.gettempdir()))) as made:
        yield made


@pytest.fixture(scope="module")
def address(remote: SecondEngine) -> Iterator[str]:
    """Where this machine finds the engine, which shares nothing else with it."""
    gate = Gate(free_port(), remote.host.removeprefix("unix://"))
    yield f"tcp://127.0.0.1:{gate.address}"
    gate.close()


@pytest.fixture(scope="module")
def stage(remote: SecondEngine, address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A prod stage, up; its application, its template and a secret lie on this machine."""
    project = Project(
        root=tmp_path_factory.mktemp("remote") / "remote",
        name="remote",
        stack="prod",
        environment={**PASSPHRASE, "DOCKER_HOST": NOWHERE},
        engine=remote.client,
        stage={
            "topology": "prod",
            "engine": {"host": address},
            "proxy": {"domains": ["remote.test"], "tls": {"self_signed": {}}},
            "apps": {"web": {"replicas": 2}},
            "secrets": {"partner": {"file": "partner"}},
            "images": {"moving_tags": True},  # no registry is in the engine's reach
        },
    )
    (project.root / "app.yaml").write_text(APP)
    (project.root / "site.conf").write_text("database = ${db.host}:${db.port}/${db.database}\n")
    (project.root / "partner").write_text(CANARY)
    (project.root / "web").mkdir()
    (project.root / "web" / "Dockerfile").write_text(DOCKERFILE)
    (project.root / "web" / "site.py").write_text(SITE)
    project.introduce()
    project.berth("up")
    yield project
    project.remove()


def answer(remote: SecondEngine) -> dict[str, Any]:
    """What the site says to somebody in the engine's network."""
    asked = subprocess.run(remote.inside(sys.executable, "-c", ASK, "https://127.0.0.1/"), capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
    return dict(json.loads(asked.stdout))


def ids(project: Project, service: str) -> set[str]:
    return {str(one.id) for one in project.containers(service, role="service")}


def test_nothing_is_shared_with_the_engine(address: str, engine: docker.DockerClient, stage: Project) -> None:
    away = DockerEngine(docker.DockerClient(base_url=address))
    assert not away.local
    assert away.has_path("/etc/passwd")
    for path in (CHECKOUT / "README.md", stage.root, stage.root / "web" / "site.py"):
        assert DockerEngine(engine).has_path(str(path))
        assert not away.has_path(str(path))
    assert stage.leftovers()["containers"]
    assert not engine.containers.list(all=True, filters={"label": f"berth.instance={stage.instance}"})


def test_the_site_answers_with_all_that_it_was_given(remote: SecondEngine, stage: Project) -> None:
    key = stage.berth("exec", "web", "printenv", "KEY").strip()
    assert len(key) >= 32
    assert answer(remote) == {
        "release": "first",
        "settings": "database = db:5432/db\n",
        "key": hashlib.sha256(key.encode()).hexdigest(),
        "partner": hashlib.sha256(CANARY.encode()).hexdigest(),
        "kept": ["first migrated"],
    }
    assert stage.berth("exec", "web", "cat", "/run/secrets/PARTNER") == CANARY
    assert CANARY not in str([one.attrs for one in stage.containers(everything=True)])


def test_the_commands_work(stage: Project) -> None:
    assert stage.berth("status").count(" healthy") == 3
    assert "GET /" in stage.berth("logs", "web")
    assert stage.berth("exec", "db", "psql", "-XqAtc", "SELECT 6 * 7").strip() == "42"
    assert stage.berth("status", "--audit").splitlines()[-1].endswith("0 fail")


def test_the_second_up_changes_nothing(stage: Project) -> None:
    stage.berth("preview", "--", "--expect-no-changes", "--refresh")


def test_a_changed_source_is_built_there_and_rolls(remote: SecondEngine, stage: Project) -> None:
    web, others = ids(stage, "web"), ids(stage, "db") | ids(stage, "proxy")
    save(stage.root / "web" / "site.py", SITE.replace("first", "second"))
    stage.berth("up")
    told = answer(remote)
    assert (told["release"], told["kept"]) == ("second", ["first migrated", "second migrated"])
    assert not web & ids(stage, "web")
    assert len(ids(stage, "web")) == 2
    assert others == ids(stage, "db") | ids(stage, "proxy")


def test_a_machine_without_power_serves_again_by_itself(remote: SecondEngine, stage: Project) -> None:
    before, told = {str(one.id): str(one.attrs["State"]["StartedAt"]) for one in stage.containers(role="service")}, answer(remote)
    remote.power_cut(random.Random(SEED))
    remote.start()
    stage.engine = remote.client

    def back() -> bool:
        now = {str(one.id): one.attrs["State"] for one in stage.containers(role="service")}
        return now.keys() == before.keys() and all(state["StartedAt"] != before[id_] and state["Health"]["Status"] == "healthy" for id_, state in now.items())

    eventually(back)
    assert answer(remote) == told
    stage.berth("preview", "--", "--expect-no-changes", "--refresh")


def test_down_leaves_the_data_there(remote: SecondEngine, stage: Project) -> None:
    volumes = stage.data_volumes()
    stage.berth("down")
    assert stage.leftovers() == {"containers": [], "networks": [], "volumes": volumes}
    stage.berth("up")
    assert answer(remote)["kept"][:2] == ["first migrated", "second migrated"]


def test_sources_that_are_here_cannot_be_mounted_there(remote: SecondEngine, address: str, tmp_path: Path) -> None:
    project = Project(root=tmp_path / "mounts", name="mounts", engine=remote.client, stage={"engine": {"host": address}}, environment={"DOCKER_HOST": NOWHERE})
    (project.root / "web").mkdir()
    (project.root / "app.yaml").write_text(
        'format: 1\nname: mounts\napps: { web: { image: "python:3.13-slim", port: 8000, routes: { /: {} }, '
        "command: [python, -m, http.server], mounts: { web: /web } } }\n"
    )
    said = project.berth("up", fails=True)
    assert f"apps.web.mounts: {project.root}/web is here, and not on the engine's host: work with an engine of this machine" in said
    assert not any(project.leftovers().values())
    project.configure(apps={"web": {"mounts": None}})
    project.berth("up")
    assert len(ids(project, "web")) == 1
    project.erase()
