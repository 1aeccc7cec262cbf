"""A service that hangs: nobody but its own probe notices, and the engine starts it again; its database too, without a row lost."""

import httpx
import pytest

from tests.engine.conftest import Make
from tests.engine.project import Project, hang, restarted, said_in
from tests.engine.visitor import eventually

APP = """\
format: 1
name: heal
apps:
  web:
    image: python:3.13-slim
    port: 8000
    routes: { /: {} }
    command: [python, -m, http.server, "8000", --directory, /srv]
    uses: [db]
    health: { path: /, interval: 1s, timeout: 2s, retries: 3 }
    stop_grace: 2s
postgres: { db: { version: "15", stop_grace: 5s } }
"""


@pytest.fixture(scope="module")
def heal(make_project: Make) -> Project:
    project = make_project("heal")
    (project.root / "app.yaml").write_text(APP)
    project.berth("up")
    return project


def test_a_hung_app_serves_again(heal: Project) -> None:
    web = heal.one("web")
    hang(web)
    eventually(lambda: restarted(web))
    eventually(lambda: httpx.get(heal.url).status_code == 200)
    assert "probes in a row have failed: the service is ended, and started again" in heal.berth("logs", "web", "-n", "1000")


def test_a_hung_database_comes_back_with_its_rows(heal: Project) -> None:
    ask = ["sh", "-c", 'PGPASSWORD=$(cat /run/secrets/password) psql -XqAtw -h 127.0.0.1 -U db -d db -c "$0"']
    assert said_in(heal.one("db"), *ask, "CREATE TABLE row (x int); INSERT INTO row VALUES (7)") == ""
    db = heal.one("db")
    hang(db)
    eventually(lambda: restarted(db))
    assert said_in(heal.one("db"), *ask, "SELECT x FROM row").strip() == "7"


def test_nothing_of_it_is_drift(heal: Project) -> None:
    heal.berth("preview", "--", "--expect-no-changes", "--refresh")
