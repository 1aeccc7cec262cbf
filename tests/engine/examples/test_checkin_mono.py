"""The check-in all in one container, as its README says: nginx, API, Next.js and Postgres 15 under supervisord, none of them root."""

import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from docker.models.containers import Container

from tests.engine.examples.checkin_client import ANN, SITE, Check, Person, first, sign_in, volumes
from tests.engine.examples.copied import bindings, environment, limits, production
from tests.engine.examples.visitor import Visitor, eventually
from tests.engine.project import said_in

pytestmark = pytest.mark.thorough
PROGRAMS = ("backend", "db", "frontend", "proxy")
KILLS = 5
MAIN = {"backend": "/venv/bin/uvicorn", "db": "postgres -c", "frontend": "next-server", "proxy": "nginx: master"}
"""How the first process of each program is known."""


@pytest.fixture(scope="module")
def mono(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with production(tmp_path_factory.mktemp("checkin") / "checkin", "checkin", "mono") as copy:
        yield Visitor(copy)


def container(site: Visitor) -> Container:
    """The one container, as it is now."""
    return first(site, "mono")


def programs(site: Visitor) -> dict[str, str]:
    """What supervisorctl says of each program."""
    lines = (line.split() for line in said_in(container(site), "supervisorctl", "status").splitlines())
    return {name: state for name, state, *_ in lines}


def running(site: Visitor) -> bool:
    """Whether every program runs, and the engine thinks so too."""
    found = programs(site)
    return all(found.get(name) == "RUNNING" for name in PROGRAMS) and container(site).attrs["State"]["Health"]["Status"] == "healthy"


def processes(site: Visitor) -> list[list[str]]:
    """Process id on the host, uid and command line of everything in the container."""
    rows = container(site).top(ps_args="-eo pid,uid,args")["Processes"]
    return [[row[0], row[1].strip(), row[2]] for row in rows]


def pid_of(site: Visitor, text: str) -> int:
    """Of the first process whose command line contains a text."""
    return next((int(pid) for pid, _, line in processes(site) if text in line), 0)


def listens(site: Visitor, port: int) -> set[str]:
    """Addresses on which a port is open, as the kernel writes them."""
    lines = said_in(container(site), "cat", "/proc/net/tcp", "/proc/net/tcp6").splitlines()
    sockets = (line.split() for line in lines if " 0A " in line)
    return {socket[1].split(":")[0] for socket in sockets if socket[1].endswith(f":{port:04X}")}


LOOPBACK = {"0100007F"}
HERE: dict[str, Check] = {
    "System Architecture: one container": lambda site: len(site.copy.containers(role="service")) == 1,
    "System Architecture: one port": lambda site: len([port for port in container(site).ports.values() if port]) == 1,
    "System Architecture, supervisord: manages all processes": lambda site: set(PROGRAMS) <= programs(site).keys(),
    "System Architecture: backend on 8000, inside only": lambda site: listens(site, 8000) == LOOPBACK,
    "System Architecture: frontend on 3000, inside only": lambda site: listens(site, 3000) == LOOPBACK,
    "Security Layers: Postgres on 5432, localhost only": lambda site: listens(site, 5432) == LOOPBACK,
    "System Architecture: PostgreSQL 15": lambda site: "PostgreSQL) 15" in said_in(container(site), "postgres", "--version"),
    "Build Pipeline: Next.js in production": lambda site: environment(container(site))["NODE_ENV"] == "production",
    "Build Pipeline, stages: no compiler, no npm": lambda site: container(site).exec_run(["npm", "--version"]).exit_code != 0,
    "Configuration Flow: init makes database and user": lambda site: site.json("/health") == {"status": "healthy"},
    "Security Layers: password authentication": lambda site: "password" in said_in(container(site), "psql", "-wh", "127.0.0.1", "-U", "yolouser", "checkin"),
    "Data Persistence: four volumes": lambda site: (
        {
            "/var/lib/postgresql/data": "data",
            "/app/uploads": "uploads_data",
            "/app/models": "models_data",
            "/app/datasets": "datasets_data",
        }.items()
        <= volumes(container(site)).items()
    ),
    "Data Persistence: named volumes, nothing else of the host": lambda site: not bindings(container(site)) and len(site.copy.data_volumes()) == 4,
    "Security Layers: secrets are not in the environment": lambda site: (
        not {"POSTGRES_PASSWORD", "SECRET_KEY", "DATABASE_URL"} & environment(container(site)).keys()
    ),
    "Security Layers: no process is root": lambda site: {uid for _, uid, _ in processes(site)} == {"1000"},
    "Deployment Flow: health check of the container": lambda site: container(site).attrs["State"]["Health"]["Status"] == "healthy",
    "Monitoring: a log for each program": lambda site: all(said_in(container(site), "tail", f"/var/log/berth/{name}.log") for name in PROGRAMS),
    "Monitoring: docker logs has all of it": lambda site: all(f"{name} | " in container(site).logs().decode() for name in ("backend", "db", "frontend")),
    "the stage: limits": lambda site: limits(container(site)) == (2.0, 2048),
}


@pytest.mark.parametrize("demand", [*SITE.items(), *HERE.items()], ids=lambda demand: demand[0])
def test_mono(mono: Visitor, demand: tuple[str, Check]) -> None:
    assert demand[1](mono)


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_is_restarted(mono: Visitor, program: str) -> None:
    """System Architecture, supervisord: auto-restart on failure; the others go on."""
    others = {name: pid_of(mono, text) for name, text in MAIN.items() if name != program}
    before = pid_of(mono, MAIN[program])
    os.kill(before, signal.SIGKILL)
    eventually(lambda: pid_of(mono, MAIN[program]) not in (0, before) and running(mono))
    assert {name: pid_of(mono, MAIN[name]) for name in others} == others
    eventually(lambda: mono.ask("/health").status_code == 200)


def test_the_container_comes_back_with_what_it_acknowledged(mono: Visitor) -> None:
    """Data Persistence: SIGKILL of the main process while rows are written; it comes back by itself, with every row that was acknowledged."""
    person = sign_in(mono)
    for _ in range(KILLS):
        names = written_until(mono, person, lambda: os.kill(int(container(mono).attrs["State"]["Pid"]), signal.SIGKILL))
        eventually(lambda: _well(mono), 120)
        assert names <= {dataset["name"] for dataset in person.ask("datasets")}
        assert names


def written_until(site: Visitor, person: Person, kill: Callable[[], Any]) -> set[str]:
    """Names of the datasets that were acknowledged before an answer failed; after some, everything is killed."""
    headers, names = {"Authorization": f"Bearer {person.token}"}, set[str]()
    for number in itertools.count():
        name = f"row_{time.monotonic_ns()}"
        if number == 10:
            kill()
        try:
            answer = site.ask("/api/v1/datasets", "POST", headers=headers, json={"name": name})
        except httpx.TransportError:
            return names
        if answer.status_code == 201:
            names.add(name)
        elif answer.status_code >= 500:
            return names
    return names


def _well(site: Visitor) -> bool:
    try:
        return running(site) and site.ask("/health").status_code == 200
    except httpx.TransportError:
        return False


def test_data_survives_down_and_up(mono: Visitor) -> None:
    """Data Persistence: the four volumes outlive the container; a token stays valid, for the key is derived."""
    person = sign_in(mono)
    shown = person.send("faces", ANN, name="kept")["picture"]
    before = {dataset["name"] for dataset in person.ask("datasets")}
    mono.copy.berth("down")
    mono.copy.berth("up")
    assert {dataset["name"] for dataset in person.ask("datasets")} == before
    assert person.ask("users/me") == {"email": person.email}
    assert mono.ask(shown).content.startswith(b"\x89PNG")


def test_a_second_up_changes_nothing(mono: Visitor) -> None:
    mono.copy.berth("preview", "--", "--expect-no-changes", "--refresh")
