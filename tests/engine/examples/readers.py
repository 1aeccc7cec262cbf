"""What the engine and the containers of a stage say: one small reader for each thing that a reference speaks of."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import psutil
from docker.models.containers import Container

from components.probe import HEAL
from tests.engine.examples.shipped import Shipped
from tests.engine.project import Project, said_in

BUSYBOX = "/.berth/busybox"
MIB = 2**20
Seen = TypeVar("Seen")


def limits(container: Container) -> tuple[float, int]:
    """Cores and MiB that a container may have."""
    host = container.attrs["HostConfig"]
    return (host["NanoCpus"] or host["CpuQuota"] * 10_000) / 1e9, host["Memory"] // MIB


def reserved(container: Container) -> int:
    """MiB that are kept for a container."""
    return int(container.attrs["HostConfig"]["MemoryReservation"]) // MIB


def health_times(container: Container) -> tuple[float, ...]:
    """Seconds of interval, timeout and start period of a health check, and its retries. The timeout is what `heal` gives the probe: the engine's own comes later."""
    check = container.attrs["Config"]["Healthcheck"]
    assert tuple(check["Test"][1 : 1 + len(HEAL)]) == HEAL
    interval, start_period = (check[name] / 1e9 for name in ("Interval", "StartPeriod"))
    return interval, int(check["Test"][2 + len(HEAL)]), start_period, check["Retries"]


def probe(container: Container) -> str:
    """What the engine runs to see whether a container is well."""
    return " ".join(container.attrs["Config"]["Healthcheck"]["Test"])


def environment(container: Container) -> dict[str, str]:
    """Variables of a container that anybody may see."""
    return dict(line.split("=", maxsplit=1) for line in container.attrs["Config"]["Env"])


def command(container: Container) -> str:
    """The command line of a container."""
    return " ".join([*(container.attrs["Config"]["Entrypoint"] or []), *container.attrs["Config"]["Cmd"]])


def processes(container: Container, text: str = "") -> list[tuple[int, str, str]]:
    """Id on the host, user and command line of the processes whose command line contains a text."""
    found = container.top(ps_args="-eo pid,uid,args")["Processes"]
    return [(int(pid), uid.strip(), line) for pid, uid, line in found if text in line]


def variables(container: Container, text: str) -> dict[str, str]:
    """Variables, secrets too, of the last process whose command line contains a text: the first ones may be what has started it."""
    return dict(psutil.Process(processes(container, text)[-1][0]).environ())


def users(container: Container, text: str = "") -> list[str]:
    """Users of these processes."""
    return [uid for _, uid, _ in processes(container, text)]


def bindings(container: Container) -> dict[str, str]:
    """Folders of the host by the paths that show them inside."""
    return {mount["Destination"]: mount["Source"] for mount in container.attrs["Mounts"] if mount["Type"] == "bind"}


def volumes(container: Container) -> dict[str, str]:
    """Volumes by the paths where they are."""
    return {mount["Destination"]: mount["Name"] for mount in container.attrs["Mounts"] if mount["Type"] == "volume"}


def writable(container: Container, volume: str) -> bool:
    """Whether a container may write to a volume that it has."""
    (found,) = [mount["RW"] for mount in container.attrs["Mounts"] if mount.get("Name") == volume]
    return bool(found)


def inside(site: Shipped, service: str, *words: str) -> str:
    """What a command of the tools says inside the first container of a service."""
    return said_in(site.replicas(service)[0], BUSYBOX, *words).strip()


def python(site: Shipped, service: str, code: str) -> str:
    """What some Python prints inside the first container of a service."""
    return said_in(site.replicas(service)[0], "python", "-c", code).strip()


def sql(site: Shipped, database: str, query: str) -> str:
    """What Postgres answers to its superuser, over the local socket."""
    return said_in(site.one("db"), "psql", "-XqAt", "-U", "postgres", "-d", database, "-c", query).strip()


def reaches(site: Shipped, source: str, target: str, port: int) -> bool:
    """Whether a service reaches another one by its name."""
    code, _ = site.replicas(source)[0].exec_run([BUSYBOX, "sh", "/.berth/probe", "tcp", str(port), target])
    return bool(code == 0)


def published(site: Shipped) -> set[tuple[str, int]]:
    """Addresses and ports of the host that lead into a stage."""
    found = [binding for one in site.containers() for bindings in one.ports.values() for binding in bindings or ()]
    return {(str(binding["HostIp"]), int(binding["HostPort"])) for binding in found}


def loopback(site: Shipped, *paths: str) -> set[tuple[str, int]]:
    """The ports that a stage may take, as `published` says them, by their paths."""
    return {("127.0.0.1", site.port(path)) for path in paths}


def owners_of_ports(site: Shipped) -> set[str]:
    """Services with ports of the host."""
    return {one.labels["berth.service"] for one in site.containers() if any(one.ports.values())}


def folder_of(site: Shipped, volume: str) -> Path | None:
    """Folder of the host that holds the data of a volume; None: the engine keeps it."""
    name = next(name for name in site.data_volumes() if name.endswith(f"-{volume}"))
    device = (site.engine.volumes.get(name).attrs["Options"] or {}).get("device")
    return Path(device) if device else None


def one_volume(site: Shipped, path: str, services: set[str]) -> bool:
    """Whether all containers of these services have one and the same data volume at a path."""
    found = [volumes(one).get(path) for name in services for one in site.replicas(name)]
    return len({*found}) == 1 and found[0] in site.data_volumes()


def everywhere(site: Shipped, *path: str) -> set[str]:
    """Values that the containers of all services have at a path of what the engine shows."""
    found = set()
    for one in site.containers(role="service"):
        value: Any = one.attrs  # Any: what the engine shows
        for step in path:
            value = value[step]
        found.add(str(value))
    return found


def health(site: Shipped) -> set[str]:
    """What the engine says of the services."""
    return everywhere(site, "State", "Health", "Status")


def shows(site: Shipped, secret: str) -> bool:
    """Whether the engine shows a secret to whoever asks, as it is or as a URL has it."""
    seen = "".join(str(one.attrs) for one in site.containers(everything=True))
    return secret in seen or quote(secret, safe="") in seen


def service_or_migration(labels: Mapping[str, str], name: str) -> str:
    """Service of a container, or `migrate`; nothing for other jobs and for loaders."""
    if labels["berth.role"] == "job" and "migrate" in name:
        return "migrate"
    return labels["berth.service"] if labels["berth.role"] == "service" else ""


@dataclass
class Watch:
    """Notes when each service of a project, and its migration, starts and becomes healthy first, while it is being brought up."""

    project: Project
    first: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """Nanoseconds by instance, service and event, `start` or `health_status: healthy`."""

    def __enter__(self) -> "Watch":
        filters = {"type": "container", "event": ["start", "health_status"], "label": f"berth.project={self.project.name}"}
        self.events = self.project.engine.events(decode=True, filters=filters)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.events.close()
        self.thread.join(timeout=10)

    def _read(self) -> None:
        for event in self.events:
            labels = event["Actor"]["Attributes"]
            if name := service_or_migration(labels, labels["name"]):
                self.first.setdefault((labels["berth.instance"], name, event["Action"]), event["timeNano"])

    def started_after_health(self, service: str, before: str) -> bool:
        """Whether a service was started when another one was healthy."""
        instance = self.project.instance
        return self.first[instance, service, "start"] > self.first[instance, before, "health_status: healthy"]

    def seconds(self) -> float:
        """From the start of the first service until the last one was healthy."""
        times = [when for (instance, _, _), when in self.first.items() if instance == self.project.instance]
        return (max(times) - min(times)) / 1e9

    def has_seen(self, *services: str) -> bool:
        """Whether these services have become healthy."""
        return all((self.project.instance, service, "health_status: healthy") in self.first for service in services)


def started(site: Shipped) -> list[str]:
    """Services and the migration in the order in which their first container started."""
    first: dict[str, str] = {}
    for one in site.containers(everything=True):
        if name := service_or_migration(one.labels, str(one.name)):
            first[name] = min(first.get(name, "9"), one.attrs["State"]["StartedAt"])
    return sorted(first, key=first.__getitem__)


def before(site: Shipped, *services: str) -> bool:
    """Whether services started in this order."""
    order = started(site)
    return [one for one in order if one in services] == list(services)


def visitor_address(site: Shipped) -> str:
    """Address of this host as the proxy sees it: the gateway of the network that owns the ports."""
    found = site.one("proxy").attrs["NetworkSettings"]["Networks"]
    return str(next(one["Gateway"] for name, one in found.items() if name.startswith("public")))


def during(look: Callable[[], Seen], work: Callable[[], object]) -> Counter[Seen]:
    """What is seen, again and again, while something is done."""
    seen, over = Counter([look()]), threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            seen[look()] += 1

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(watch)
        try:
            work()
        finally:
            over.set()
    watching.result()
    return seen
