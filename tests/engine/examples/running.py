"""What can be seen of a running application: rows of a table, one for each demand, and the looks that they take."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from docker.models.containers import Container

from tests.engine.examples.applications import Installed
from tests.engine.project import said_in


@dataclass(frozen=True)
class Demand:
    """A row: where the run sheet says it, what it says, how that is seen, and what has to be seen."""

    place: str
    says: str
    seen: Callable[[Installed], object]
    expected: object = True


def rows(*demands: Demand) -> pytest.MarkDecorator:
    """A table as the parameters of one test."""
    return pytest.mark.parametrize("demand", demands, ids=[f"{one.place}: {one.says}" for one in demands])


def replicas(project: Installed, service: str) -> list[Container]:
    """The running containers of a service, by name."""
    return sorted(project.containers(service, role="service"), key=lambda one: str(one.name))


def variables(project: Installed, service: str) -> dict[str, str]:
    """Variables of a service that anybody may see."""
    return dict(line.split("=", maxsplit=1) for line in replicas(project, service)[0].attrs["Config"]["Env"])


def process(project: Installed, service: str) -> str:
    """Command line of a service as the engine has it."""
    return " ".join(replicas(project, service)[0].attrs["Config"]["Cmd"])


def one_volume(project: Installed, path: str, services: set[str]) -> bool:
    """Whether all containers of these services have one and the same data volume at a path."""
    found = [mount["Name"] for name in services for one in replicas(project, name) for mount in one.attrs["Mounts"] if mount["Destination"] == path]
    return len(found) >= len(services) and len({*found}) == 1 and found[0] in project.data_volumes()


def redis(project: Installed, *words: str) -> str:
    """What Redis answers, asked inside its container with its own password."""
    command = f'REDISCLI_AUTH="$(cat /run/secrets/password)" redis-cli {" ".join(words)}'
    return said_in(project.one("cache"), "/.berth/busybox", "sh", "-c", command).strip()


def sql(project: Installed, database: str, query: str) -> str:
    """What Postgres answers to its superuser, over the local socket."""
    return said_in(project.one("db"), "psql", "-U", "postgres", "-d", database, "-Atc", query).strip()


def python(project: Installed, service: str, code: str) -> str:
    """What some Python prints inside the first container of a service."""
    return said_in(replicas(project, service)[0], "python", "-c", code).strip()


def published(project: Installed) -> set[str]:
    """Services with ports of the host."""
    return {one.labels["berth.service"] for one in project.containers() if any(one.ports.values())}


def started(project: Installed) -> list[str]:
    """Services and the migration in the order in which their first container started."""
    first: dict[str, str] = {}
    for one in project.containers(everything=True):
        migrates = one.labels["berth.role"] == "job" and "migrate" in str(one.name)
        if migrates or one.labels["berth.role"] == "service":
            name = "migrate" if migrates else one.labels["berth.service"]
            first[name] = min(first.get(name, "9"), one.attrs["State"]["StartedAt"])
    return sorted(first, key=first.__getitem__)


def before(project: Installed, *services: str) -> bool:
    """Whether services started in this order."""
    order = started(project)
    return [one for one in order if one in services] == list(services)


def shows(project: Installed, secret: str) -> bool:
    """Whether the engine shows a secret to whoever asks, as it is or as a URL has it."""
    seen = "".join(str(one.attrs) for one in project.containers(everything=True))
    return secret in seen or quote(secret, safe="") in seen


def restarts(project: Installed) -> int:
    """How often anything had to be started again."""
    return sum(one.attrs["RestartCount"] for one in project.containers(role="service"))


def networks(project: Installed, service: str) -> dict[str, bool]:
    """Networks of a service, and whether each is internal."""
    names = replicas(project, service)[0].attrs["NetworkSettings"]["Networks"]
    found = [project.engine.networks.get(name) for name in names]
    return {str(one.name).partition("-")[0]: bool(one.attrs["Internal"]) for one in found}


def visitor_address(project: Installed) -> str:
    """Address of this host as the proxy sees it: the gateway of the network that owns the ports."""
    found = project.one("proxy").attrs["NetworkSettings"]["Networks"]
    return str(next(one["Gateway"] for name, one in found.items() if name.startswith("public")))


def well(project: Installed) -> bool:
    """Whether every service is healthy."""
    return {one.attrs["State"]["Health"]["Status"] for one in project.containers(role="service")} == {"healthy"}


def everywhere(project: Installed, *path: str) -> set[str]:
    """Values that the containers of all services have at a path of what the engine shows."""
    found = set()
    for one in project.containers(role="service"):
        value = one.attrs
        for step in path:
            value = value[step]
        found.add(str(value))
    return found


def migrations(project: Installed) -> list[int]:
    """Exit status of each container that has migrated."""
    jobs = [one for one in project.containers(role="job") if "migrate" in str(one.name)]
    return [one.attrs["State"]["ExitCode"] for one in jobs]


HARDENED = (
    Demand("both, reference", "no-new-privileges everywhere", lambda site: everywhere(site, "HostConfig", "SecurityOpt"), {"['no-new-privileges:true']"}),
    Demand("both, reference", "restart unless-stopped", lambda site: everywhere(site, "HostConfig", "RestartPolicy", "Name"), {"unless-stopped"}),
    Demand("both, reference", "only the proxy has ports of the host", published, {"proxy"}),
    Demand("demands, 1 and 2", "Postgres and Redis on an internal network only", lambda site: networks(site, "db") | networks(site, "cache"), {"data": True}),
    Demand("demands, 4", "the migration ran once", migrations, [0]),
    Demand("demands, 4", "web waits for the migration, the workers for web", lambda site: before(site, "db", "migrate", "web", "tasks")),
    Demand("demands, 4", "Redis is healthy before the migration", lambda site: before(site, "cache", "migrate", "web", "proxy")),
    Demand("demands, 4", "nothing had to be started twice", restarts, 0),
    Demand("demands, 7", "read-only root", lambda site: everywhere(site, "HostConfig", "ReadonlyRootfs"), {"True"}),
    Demand("demands, 7", "a temporary folder in memory", lambda site: "/tmp" in replicas(site, "web")[0].attrs["HostConfig"]["Tmpfs"]),
)
"""What both run sheets, and the list at their end, ask of every service."""
