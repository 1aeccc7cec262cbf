"""The topology mono on a real engine: one image with everything, whose programs are killed one by one, and nothing is lost.

The container as a whole is killed in tests/drills/test_mono.py.
"""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from docker.errors import APIError
from docker.models.containers import Container

from tests.engine.leaks import leaks, saved, shown
from tests.engine.project import PASSPHRASE, Project, said_in
from tests.engine.visitor import eventually

SOURCE = Path(__file__).parent / "mono_image"
PROGRAMS = ("api", "db", "docker.logs", "jobs", "proxy", "web")


def described(root: Path) -> Project:
    """The application in a folder of its own: a stage that does not know yet who it is."""
    made = Project(root=root, name="mono-test", stack="mono", environment=PASSPHRASE, stage={"topology": "mono"})
    made.configure(proxy={"ports": {"address": "127.0.0.1", "http": made.http}, "tls": {"elsewhere": {}}})
    shutil.copytree(SOURCE, made.root / "all", ignore=shutil.ignore_patterns("app.yaml"))
    shutil.copy(SOURCE / "app.yaml", made.root)
    return made


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    made = described(tmp_path_factory.mktemp("mono") / "mono")
    yield made
    made.remove()


def answers(project: Project) -> bool:
    try:
        return httpx.get(f"{project.url}/health", timeout=5).status_code == 200 and httpx.get(project.url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def count(project: Project) -> int:
    return int(httpx.get(f"{project.url}/api", timeout=10).raise_for_status().json()["count"])


def add(project: Project) -> int:
    return int(httpx.post(f"{project.url}/api", timeout=10).raise_for_status().json()["id"])


def states(container: Container) -> dict[str, tuple[str, str]]:
    """State and process of each program, as `supervisorctl status` tells without being told where anything is."""
    lines = [line.split() for line in said_in(container, "supervisorctl", "status").splitlines()]
    return {line[0]: (line[1], line[3].rstrip(",") if line[1] == "RUNNING" else "") for line in lines}


def test_up(project: Project) -> None:
    project.berth("up", fails=True)
    project.pulumi("config", "set", "berth:instance", project.instance)
    project.pulumi("config", "set", "--secret", "berth:root_secret", "5eed" * 16)
    assert "mono" in project.berth("up")
    project.berth("preview", "--", "--expect-no-changes", "--refresh")
    assert [one.labels["berth.service"] for one in project.containers(role="service")] == ["mono"]
    assert (add(project), count(project)) == (1, 1)


@pytest.mark.parametrize("path", ["/api", "/api/x", "/docs", "/health"])
def test_routes_of_the_api(path: str, project: Project) -> None:
    told = httpx.get(f"{project.url}{path}").raise_for_status().json()
    assert (told["greeting"], told["folder"], told["uid"]) == ('100% of "it\'s" ; # ${x}', "/app", 10001)


def test_two_apps_have_different_secrets_of_one_name(project: Project) -> None:
    url, key = httpx.get(f"{project.url}/anything").text.split()
    assert url == "http://127.0.0.1:8000"
    assert key != httpx.get(f"{project.url}/api").json()["key"]


def test_supervisorctl_knows_every_program(project: Project) -> None:
    assert {name: state for name, (state, _) in states(project.one("mono")).items()} == dict.fromkeys(PROGRAMS, "RUNNING")


def test_nothing_runs_as_root(project: Project) -> None:
    top = project.one("mono").top(ps_args="-eo uid,pid,args")
    assert {row[0] for row in top["Processes"]} == {"10001"}


def test_no_secret_stands_in_what_is_shown(project: Project) -> None:
    container = project.one("mono")
    names = ("db-password", "api-KEY", "web-KEY", "api-DATABASE_URL")
    secrets = {name: said_in(container, "cat", f"/run/secrets/{name}").strip() for name in names}
    assert all(len(secret) > 20 for secret in secrets.values())
    programs = {f"program {name}": said_in(container, "cat", f"/etc/berth/program-{name}").encode() for name in PROGRAMS if name != "docker.logs"}
    assert leaks({**shown(project), **saved(project), **programs}, secrets) == []


def test_output_is_in_two_places(project: Project) -> None:
    container = project.one("mono")
    assert b"api | migrated\n" in container.logs()
    assert "migrated\n" in said_in(container, "cat", "/var/log/berth/api.log")
    httpx.get(f"{project.url}/seen-in-the-log")
    eventually(lambda: b"/seen-in-the-log" in container.logs())
    assert "/seen-in-the-log" in said_in(container, "cat", "/var/log/berth/proxy.log")


def test_a_burst_of_output_arrives_complete_and_in_order(project: Project) -> None:
    container = project.one("mono")
    said_in(container, "touch", "/tmp/burst")
    eventually(lambda: b"jobs | burst 99999\n" in container.logs(tail=50))
    burst = [line for line in container.logs(tail=101_000).decode().splitlines() if line.startswith("jobs | burst ")]
    assert burst == [f"jobs | burst {number}" for number in range(100_000)]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_that_is_killed_comes_back(program: str, project: Project) -> None:
    container, before = project.one("mono"), count(project)
    _, old = states(container)[program]
    said_in(container, "sh", "-c", f"kill -KILL {old}")
    eventually(lambda: states(container).get(program, ("", old))[0] == "RUNNING" and states(container)[program][1] != old)
    eventually(lambda: answers(project))
    assert count(project) == before
    container.reload()
    assert container.attrs["RestartCount"] == 0


def test_postgres_listens_on_this_very_host_alone(project: Project) -> None:
    container = project.one("mono")
    network = next(iter(container.attrs["NetworkSettings"]["Networks"].values()))
    said = said_in(container, "psql", "-h", network["IPAddress"], "-U", "db", "-c", "SELECT 1")
    assert "Connection refused" in said


def test_a_changed_value_makes_it_anew_and_keeps_the_data(project: Project) -> None:
    before = count(project)
    app = project.root / "app.yaml"
    app.write_text(app.read_text().replace("100%", "99%"))
    project.berth("up")
    assert httpx.get(f"{project.url}/api").json()["greeting"].startswith("99% of")
    assert count(project) == before
    project.berth("preview", "--", "--expect-no-changes", "--refresh")


def output(project: Project) -> bytes:
    """What has been said by containers that are not going just now."""
    try:
        return b"".join(one.logs() for one in project.containers("mono", role="service"))
    except APIError:
        return b""


def test_a_migration_that_fails_keeps_it_unhealthy_and_says_why(project: Project) -> None:
    app = project.root / "app.yaml"
    right = app.read_text()
    app.write_text(right.replace("migrate: [python3, /app/api.py, migrate]", "migrate: [sh, -c, 'echo no such table; exit 3']\n    migrate_timeout: 5s"))
    run = project.start("up")
    eventually(lambda: b"api | berth: what api needs to have done once ended with 3" in output(project))
    assert b"api | no such table\n" in output(project)
    assert [one.health for one in project.containers("mono", role="service")] == ["starting"]
    os.killpg(run.pid, signal.SIGINT)
    run.communicate(timeout=300)
    app.write_text(right)
    project.berth("up")
    assert answers(project)


def test_destroy_keeps_the_data(project: Project) -> None:
    before, volumes = count(project), project.data_volumes()
    assert len(volumes) == 2
    project.berth("down")
    assert project.leftovers() == {"containers": [], "networks": [], "volumes": volumes}
    project.berth("up")
    assert count(project) == before
