"""The check-in all in one container, as its README says: nginx, API, Next.js and Postgres 15 under supervisord, none of them root."""

import itertools
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from docker.errors import APIError
from docker.models.containers import Container

from tests.engine.examples.checkin_client import ANN, PORT, SECRETS, SITE, Person, first, kept, sign_in, wants_password
from tests.engine.examples.demands import Demand, rows
from tests.engine.examples.readers import bindings, environment, limits, processes
from tests.engine.examples.shipped import Guest, Shipped, running
from tests.engine.project import said_in
from tests.engine.visitor import eventually

pytestmark = pytest.mark.thorough
PROGRAMS = ("db", "backend", "frontend", "proxy")
"""In the order of the description."""
KILLS = 5
SAYS = {"db": "ready to accept connections", "backend": "Application startup complete", "frontend": "Ready in", "proxy": "GET /"}
"""What each program writes down when it is well."""
TOOLS = "for tool in node npm npx gcc g++ cc make; do command -v $tool; done || true"
MAIN = {"backend": "/venv/bin/uvicorn", "db": "postgres -c", "frontend": "next-server", "proxy": "nginx: master"}
"""How the first process of each program is known."""


@pytest.fixture(scope="module")
def mono(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    with running(Shipped(root=tmp_path_factory.mktemp("checkin") / "checkin", name="checkin", stack="mono")) as copy:
        yield Guest(copy)


def container(site: Guest) -> Container:
    """The one container, as it is now."""
    return first(site, "mono")


def programs(site: Guest) -> dict[str, str]:
    """What supervisorctl says of each program."""
    lines = (line.split() for line in said_in(container(site), "supervisorctl", "status").splitlines())
    return {name: state for name, state, *_ in lines}


def by_age(site: Guest) -> list[str]:
    """The programs, the one that supervisord started first before the others."""
    lines = (line.replace(",", "").split() for line in said_in(container(site), "supervisorctl", "status").splitlines())
    ages = {name: int(pid) for name, _, _, pid, *_ in lines if name in PROGRAMS}
    return sorted(ages, key=ages.__getitem__)


def said_in_order(site: Guest, *names: str) -> bool:
    """Whether programs said in this order that they are well."""
    said = container(site).logs().decode()
    places = [found.start() for name in names if (found := re.search(rf"^{name} \| .*{SAYS[name]}", said, re.MULTILINE))]
    return len(places) == len(names) and places == sorted(places)


def logged(site: Guest, name: str) -> bool:
    """Whether the log of a program has what it writes down."""
    return bool(container(site).exec_run(["grep", "-q", SAYS[name], f"/var/log/berth/{name}.log"]).exit_code == 0)


def well(site: Guest) -> bool:
    """Whether every program runs, and the engine thinks so too."""
    found = programs(site)
    return all(found.get(name) == "RUNNING" for name in PROGRAMS) and container(site).attrs["State"]["Health"]["Status"] == "healthy"


def pid_of(site: Guest, text: str) -> int:
    """Of the first process whose command line contains a text."""
    return next((pid for pid, _, _ in processes(container(site), text)), 0)


def listens(site: Guest, port: int) -> set[str]:
    """Addresses on which a port is open, as the kernel writes them."""
    lines = said_in(container(site), "cat", "/proc/net/tcp", "/proc/net/tcp6").splitlines()
    sockets = (line.split() for line in lines if " 0A " in line)
    return {socket[1].split(":")[0] for socket in sockets if socket[1].endswith(f":{port:04X}")}


LOOPBACK = {"0100007F"}
HERE = (
    Demand("System Architecture", "one container", lambda site: len(site.project.containers(role="service")) == 1),
    PORT,
    Demand("System Architecture", "one port", lambda site: len([port for port in container(site).ports.values() if port]) == 1),
    Demand("System Architecture, supervisord", "manages all processes", lambda site: {programs(site).get(name) for name in PROGRAMS} == {"RUNNING"}),
    Demand("Deployment Flow, Container Startup", "Postgres, backend, frontend, nginx", by_age, list(PROGRAMS)),
    Demand("Deployment Flow, Container Startup", "each when the one before is well", lambda site: said_in_order(site, "db", "backend", "frontend")),
    Demand("System Architecture", "backend on 8000, inside only", lambda site: listens(site, 8000) == LOOPBACK),
    Demand("System Architecture", "frontend on 3000, inside only", lambda site: listens(site, 3000) == LOOPBACK),
    Demand("Security Layers", "Postgres on 5432, localhost only", lambda site: listens(site, 5432) == LOOPBACK),
    Demand("System Architecture", "PostgreSQL 15", lambda site: "PostgreSQL) 15" in said_in(container(site), "postgres", "--version")),
    Demand("Build Pipeline", "Next.js in production", lambda site: environment(container(site))["NODE_ENV"] == "production"),
    Demand("Build Pipeline, stages", "no compiler, no npm", lambda site: said_in(container(site), "sh", "-c", TOOLS).split(), ["/usr/local/bin/node"]),
    Demand("Configuration Flow", "init makes database and user", lambda site: site.json("/health") == {"status": "healthy"}),
    Demand("Security Layers", "password authentication", lambda site: wants_password(container(site))),
    Demand(
        "Data Persistence",
        "four volumes",
        lambda site: (
            {
                "/var/lib/postgresql/data": "data",
                "/app/uploads": "uploads_data",
                "/app/models": "models_data",
                "/app/datasets": "datasets_data",
            }.items()
            <= kept(container(site)).items()
        ),
    ),
    Demand("Data Persistence", "named volumes, nothing else of the host", lambda site: not bindings(container(site)) and len(site.project.data_volumes()) == 4),
    SECRETS,
    Demand("Security Layers", "no process is root", lambda site: {uid for _, uid, _ in processes(container(site))} == {"1000"}),
    Demand("Deployment Flow", "health check of the container", lambda site: container(site).attrs["State"]["Health"]["Status"] == "healthy"),
    Demand("Monitoring", "a log for each program", lambda site: [name for name in PROGRAMS if not logged(site, name)], []),
    Demand(
        "Monitoring",
        "docker logs has all of it",
        lambda site: [name for name, text in SAYS.items() if not re.search(rf"^{name} \| .*{text}", container(site).logs().decode(), re.MULTILINE)],
        [],
    ),
    Demand("Pulumi.mono.yaml", "limits", lambda site: limits(container(site)) == (2.0, 2048)),
)


@rows(*SITE, *HERE)
def test_mono(mono: Guest, demand: Demand) -> None:
    demand.check(mono)


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_is_restarted(mono: Guest, program: str) -> None:
    """System Architecture, supervisord: auto-restart on failure; the others go on."""
    others = {name: pid_of(mono, text) for name, text in MAIN.items() if name != program}
    before = pid_of(mono, MAIN[program])
    os.kill(before, signal.SIGKILL)
    eventually(lambda: pid_of(mono, MAIN[program]) not in (0, before) and well(mono))
    assert {name: pid_of(mono, MAIN[name]) for name in others} == others
    eventually(lambda: mono.ask("/health").status_code == 200)


def test_the_container_comes_back_with_what_it_acknowledged(mono: Guest) -> None:
    """Data Persistence: SIGKILL of the main process while rows are written; it comes back by itself, with every row that was acknowledged.

    A hundred kills are a drill: tests/drills/test_mono.py."""
    person = sign_in(mono)
    for _ in range(KILLS):
        names = written_until(mono, person, lambda: os.kill(int(container(mono).attrs["State"]["Pid"]), signal.SIGKILL))
        eventually(lambda: answers(mono), 120)
        assert names <= {dataset["name"] for dataset in person.ask("datasets")}
        assert names
    assert container(mono).attrs["RestartCount"] == KILLS


def written_until(site: Guest, person: Person, kill: Callable[[], Any]) -> set[str]:
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


def answers(site: Guest) -> bool:
    """Whether it is back. The engine refuses to run anything in a container that it is about to start again."""
    try:
        return well(site) and site.ask("/health").status_code == 200
    except (httpx.TransportError, APIError):
        return False


def test_data_survives_down_and_up(mono: Guest) -> None:
    """Data Persistence: the four volumes outlive the container; a token stays valid, for the key is derived."""
    person = sign_in(mono)
    shown = person.send("faces", ANN, name="kept")["picture"]
    before = {dataset["name"] for dataset in person.ask("datasets")}
    mono.project.berth("down")
    mono.project.berth("up")
    assert {dataset["name"] for dataset in person.ask("datasets")} == before
    assert person.ask("users/me") == {"email": person.email}
    assert mono.ask(shown).content.startswith(b"\x89PNG")


def test_a_second_up_changes_nothing(mono: Guest) -> None:
    """A second `up` changes nothing."""
    mono.project.settled()
