"""Another value of a secret: only who reads it starts anew, the old value serves until the new one is well, and nobody's request fails."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.engine.conftest import Make
from tests.engine.project import Project

BROKEN = "broken"
SERVER = f"""\
import http.server, os

SECRET = os.environ["SECRET"]
if SECRET == "{BROKEN}":
    raise SystemExit("this value is not the right one")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(SECRET.encode())


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128


Server(("", 8000), Handler).serve_forever()
"""
APP = """\
format: 1
name: secrets
apps:
  a:
    image: python:3.13-slim
    port: 8000
    routes: { /a: { strip: true } }
    command: [python, /srv/main.py]
    files: { /srv: { main.py: { template: main.py } } }
    health: { path: /, start_period: 5s, interval: 1s }
    secrets: { SECRET: { from: for_a } }
    uses: [db]
  b:
    image: python:3.13-slim
    port: 8000
    routes: { /b: { strip: true } }
    command: [python, /srv/main.py]
    files: { /srv: { main.py: { template: main.py } } }
    health: { path: / }
    secrets: { SECRET: { from: for_b } }
postgres: { db: { version: "15" } }
secrets: { for_a: {}, for_b: {} }
proxy: { drain: 5s }
"""
"""As in prod, connections that visitors keep outlast the turn: in dev they are closed, which is soon over, and may meet a request."""


@pytest.fixture(scope="module")
def site(make_project: Make) -> Project:
    project = make_project("secrets")
    (project.root / "main.py").write_text(SERVER)
    (project.root / "app.yaml").write_text(APP)
    project.configure(secrets={f"for_{app}": {"environment": f"FOR_{app.upper()}"} for app in "ab"})
    up(project, "one")
    return project


def up(project: Project, value: str, *, fails: bool = False) -> str:
    """Bring the stage up with that value for `a`."""
    return project.berth("up", fails=fails, FOR_A=value, FOR_B="same")


def running(project: Project) -> dict[str, str]:
    """The containers that serve, by service."""
    return {one.labels["berth.service"]: str(one.id) for one in project.containers(role="service")}


@contextmanager
def asked(project: Project) -> Iterator[list[str]]:
    """Ask both apps as long as the block lasts: gives what came, in order, of `a` alone where it was the right answer of `b`."""
    heard: list[str] = []
    stop = threading.Event()

    def ask(app: str) -> None:
        with httpx.Client(timeout=30) as client:
            while not stop.wait(0.02):
                try:
                    answer = client.get(f"{project.url}/{app}/")
                    text = answer.text if answer.status_code == 200 else f"{app}: {answer.status_code}"
                except httpx.HTTPError as problem:
                    text = f"{app}: {type(problem).__name__}"
                if (app, text) != ("b", "same"):
                    heard.append(text)

    threads = [threading.Thread(target=ask, args=(app,), daemon=True) for app in "aabb"]
    for thread in threads:
        thread.start()
    try:
        yield heard
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert not any(thread.is_alive() for thread in threads)


def test_only_who_reads_it_starts_anew_and_no_request_fails(site: Project) -> None:
    before = running(site)
    with asked(site) as heard:
        up(site, "two")
        assert httpx.get(f"{site.url}/a/").text == "two"
    after = running(site)
    assert {name for name in before if before[name] != after[name]} == {"a"}
    assert set(before) == {"a", "b", "db", "proxy"}
    assert set(heard) == {"one", "two"}, "each answer is one of them, and none is an error"
    turned = heard.index("two")
    assert turned > 20, "the old value served while the new one started"
    assert "one" not in heard[turned + 200 :]


def test_a_value_that_does_not_work_changes_nothing(site: Project) -> None:
    before = running(site)
    with asked(site) as heard:
        said = up(site, BROKEN, fails=True)
    assert "this value is not the right one" in said
    assert set(heard) == {"two"}
    assert {name: id_ for name, id_ in running(site).items() if name != "a"} == {name: id_ for name, id_ in before.items() if name != "a"}
    assert before["a"] in {one.id for one in site.containers("a", role="service")}, "the old one serves on"


def test_the_right_value_ends_well(site: Project) -> None:
    with asked(site) as heard:
        up(site, "three")
    assert set(heard) <= {"two", "three"}
    assert heard[-1] == "three"
    assert len(site.containers("a", role="service")) == 1
    site.berth("preview", "--", "--expect-no-changes", FOR_A="three", FOR_B="same")
