"""What goes wrong when a release comes up: the culprit is named with its last words, the old release serves on, and the next `up` ends healthy."""

import io
import re
import socket
import subprocess

import httpx
import pytest

from tests.engine.conftest import Make
from tests.engine.project import Project, free_port, said_in

APP = """\
format: 1
name: failing
apps:
  web:
    {image}
    port: 8000
    routes: {{ /: {{}} }}
    env: {{ RELEASE: "{release}" }}
    {more}
"""
SERVER = (
    "import http.server as s, os; os.chdir('/tmp'); print(os.environ['RELEASE'], end='', file=open('index.html', 'w')); "
    "s.test(s.SimpleHTTPRequestHandler, s.ThreadingHTTPServer, port=8000)"
)
IMAGE = "image: python:3.13-slim"
REFUSING = "berth-test-refusing:1"
PROXY = f"proxy: {{ image: {REFUSING} }}\n"
NGINX = """\
FROM nginx:1.28
RUN printf '#!/bin/sh\\necho "this one takes nothing" >&2\\nexit 1\\n' >/usr/local/sbin/nginx && chmod 755 /usr/local/sbin/nginx
"""
SERVE = f'command: [python, -c, "{SERVER}"]'
"""Answers with the number of its release."""


@pytest.fixture(scope="module")
def failing(make_project: Make) -> Project:
    project = make_project("failing")
    release(project, 0, SERVE)
    project.berth("up")
    return project


def release(project: Project, number: int, *more: str, image: str = IMAGE) -> None:
    (project.root / "app.yaml").write_text(APP.format(image=image, release=number, more="\n    ".join(more)))


def failed(project: Project) -> str:
    """What berth says of an `up` that ends with 1, as every failed one does."""
    run = project.start("up")
    said = run.communicate(timeout=300)[0]
    assert run.returncode == 1, said
    assert "Traceback" not in said.partition("Not well in stage dev:")[0]
    return said


def serves(project: Project) -> str:
    """The release that answers."""
    return httpx.get(project.url).raise_for_status().text


def mended(project: Project, number: int, *more: str, image: str = IMAGE) -> None:
    """A release that is right comes up, and nothing is left of the one that was not."""
    release(project, number, *(more or (SERVE,)), image=image)
    project.berth("up")
    assert (serves(project), len(project.containers("web", role="service"))) == (str(number), 1)
    project.berth("preview", "--", "--expect-no-changes", "--refresh")
    known = project.pulumi("stack", "export")
    assert [one.name for one in project.containers(everything=True) if str(one.id) not in known] == []


def test_a_health_check_fails(failing: Project) -> None:
    before = serves(failing)
    release(failing, 1, SERVE, "health: { path: /nowhere, interval: 1s, timeout: 5s, retries: 2, start_period: 3s, start_interval: 500ms }")
    said = failed(failing)
    assert re.search(r"^web: unhealthy, 0 restarts; container web-1-", said, re.MULTILINE)
    assert re.search(r"^  last health check, which ended with\n    exit code 1: .*404", said, re.MULTILINE)
    assert re.search(r"^  last \d+ lines of its log:\n(    .*\n)*    .*\"GET /nowhere HTTP/1.[01]\" 404 -$", said, re.MULTILINE)
    assert serves(failing) == before
    mended(failing, 1)


def test_a_crash_loop(failing: Project) -> None:
    """Its health budget is half an hour, which nobody waits for."""
    before = serves(failing)
    release(failing, 2, """command: [python, -c, "raise KeyError('SITE_URL')"]""", "health: { path: /, start_period: 30m }")
    said = failed(failing)
    assert re.search(r"^web: restarting, \d+ restarts, last exit code 1; container web-1-", said, re.MULTILINE)
    assert re.search(r"^    KeyError: 'SITE_URL'$", said, re.MULTILINE)
    assert serves(failing) == before
    mended(failing, 2)


def test_a_program_that_ends_well_again_and_again_after_its_predecessor_had_to_go(failing: Project) -> None:
    """Its volume has one writer. Nothing serves then, but the next run repairs it."""
    alone = "volumes: { state: { path: /state } }"
    mended(failing, 3, SERVE, alone)
    release(failing, 4, """command: [python, -c, "print('nothing to do')"]""", alone, "health: { path: /, start_period: 30m }")
    said = failed(failing)
    assert re.search(r"^web: restarting, \d+ restarts, last exit code 0; container web-1-", said, re.MULTILINE)
    assert re.search(r"^    nothing to do$", said, re.MULTILINE)
    assert failing.containers("web", role="service") == []
    mended(failing, 4)


def test_a_program_that_is_not_there(failing: Project) -> None:
    before = serves(failing)
    release(failing, 5, "command: [pyhton, -m, http.server]", "health: { path: /, start_period: 30m }")
    said = failed(failing)
    assert re.search(r"^web: restarting, \d+ restarts, last exit code 127; container web-1-", said, re.MULTILINE)
    assert "exec pyhton failed: No such file or directory" in said
    assert serves(failing) == before
    mended(failing, 5)


def test_a_migration_exits_with_1(failing: Project) -> None:
    before = serves(failing)
    timeout = "migrate_timeout: 30m"
    release(failing, 6, SERVE, """migrate: [python, -c, "print('column', 'missing'); raise SystemExit(1)"]""", timeout)
    for _ in ("a failed one", "is tried again"):
        said = failed(failing)
        assert re.search(r"^web \(job\): exited with 1, 0 restarts; container web-migrate", said, re.MULTILINE)
        assert re.search(r"^    column missing$", said, re.MULTILINE)
        assert serves(failing) == before
    mended(failing, 6, SERVE, """migrate: [python, -c, "print('column made')"]""", timeout)


def test_a_port_is_taken(failing: Project) -> None:
    """The command that is named is the remedy."""
    before = serves(failing)
    old, failing.http = failing.http, free_port()
    failing.configure()
    with socket.create_server(("127.0.0.1", failing.http)):
        said = failed(failing)
        assert f"proxy.ports.http: port {failing.http} belongs to another program of this host: stop it, or choose another port, " in said
        assert httpx.get(f"http://127.0.0.1:{old}").text == before
        (remedy,) = re.findall(r"(\d+) is free: (pulumi config set .*)$", said, re.MULTILINE)
        subprocess.run(["sh", "-euc", remedy[1]], cwd=failing.root, check=True)
        failing.http = int(remedy[0])
        mended(failing, 7)


def test_the_source_of_a_mount_is_missing(failing: Project) -> None:
    before = serves(failing)
    mount = "mounts: { pages: /pages }"
    release(failing, 8, SERVE, mount)
    said = failed(failing)
    assert f"app.yaml:10: apps.web.mounts: {failing.root}/pages does not exist: make it, or take the mount away" in said
    assert serves(failing) == before
    (failing.root / "pages").mkdir()
    (failing.root / "pages" / "index.html").write_text("here")
    mended(failing, 8, SERVE, mount)
    assert said_in(failing.one("web"), "cat", "/pages/index.html") == "here"


def test_an_image_does_not_build(failing: Project) -> None:
    """The provider says which command failed; what that wrote is shown too."""
    before = serves(failing)
    dockerfile = failing.root / "image" / "Dockerfile"
    dockerfile.parent.mkdir()
    dockerfile.write_text("FROM python:3.13-slim\nRUN echo looking for it && sleep 5 && ls /nowhere\n")
    release(failing, 9, SERVE, image="build: { context: image }")
    said = failed(failing)
    assert re.search(
        rf"web: {dockerfile} does not build; the last lines of its output:\n(.*\n)*.* ls: cannot access '/nowhere': No such file or directory", said
    )
    assert re.search(r"^web +building, \d+ s$", said, re.MULTILINE)
    assert "No container of stage dev is unwell: the cause stands above. Mend it and run this again" in said
    assert serves(failing) == before
    dockerfile.write_text("FROM python:3.13-slim\nRUN echo found\n")
    mended(failing, 9, SERVE, image="build: { context: image }")


def test_a_new_image_of_the_proxy_refuses_the_configuration(failing: Project) -> None:
    release(failing, 8, SERVE)
    failing.berth("up")
    app, before = failing.root / "app.yaml", failing.one("proxy").id
    failing.engine.images.build(fileobj=io.BytesIO(NGINX.encode()), tag=REFUSING, rm=True)
    try:
        app.write_text(app.read_text() + PROXY)
        said = failed(failing)
        assert re.search(r"^    this one takes nothing$", said, re.MULTILINE)
        assert (serves(failing), failing.one("proxy").id) == ("8", before)
        mended(failing, 9)
        assert failing.one("proxy").id == before
    finally:
        failing.engine.images.remove(REFUSING, force=True)
