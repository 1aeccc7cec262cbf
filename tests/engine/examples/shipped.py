"""An example as it is shipped: copied, told what its README says, up under ports of its own, and what of the reference it has to keep."""

import json
import shutil
import subprocess
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from docker.models.containers import Container
from ruamel.yaml import YAML

from tests.engine.project import CHECKOUT, Project, free_port, said_in

EXAMPLES = CHECKOUT / "examples"
NOT_SHIPPED = shutil.ignore_patterns(".berth", ".pulumi", "node_modules", "dist", "__pycache__", "Pulumi.*.pins.yaml")
PASSPHRASE = {"PULUMI_CONFIG_PASSPHRASE": "of this test"}
BUSYBOX = "/.berth/busybox"
Changes = dict[str, Any]  # Any: what a stage file holds


@dataclass
class Shipped(Project):
    """A user's copy of an example. `stage` goes over its stage file, key by key."""

    values: dict[str, Any] = field(default_factory=dict)
    """Every value of the stage as it is shipped, defaults too."""

    def __post_init__(self) -> None:
        self.http, self.https, self.mail_ui = free_port(), free_port(), free_port()
        shutil.copytree(EXAMPLES / self.name, self.root, ignore=NOT_SHIPPED)
        description = self._read("Pulumi.yaml")
        description["runtime"]["options"]["virtualenv"] = str(CHECKOUT / ".venv")
        self._write("Pulumi.yaml", description | {"main": str(CHECKOUT)})
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        if self.stack != "dev":
            self.environment = {**PASSPHRASE, **self.environment}
            self.pulumi("stack", "select", "--create")
            self.pulumi("config", "set", "berth:instance", self.instance)
            self.pulumi("config", "set", "--secret", "berth:root_secret", f"{zlib.crc32(self.name.encode()):08x}" * 8)
        self.values = json.loads(self.berth("config", "--json"))["values"]
        self.configure()

    def configure(self, **changes: Any) -> None:
        """Write sections over those of the stage file; a section of None goes."""
        document = self._read(f"Pulumi.{self.stack}.yaml")
        for section, value in {**self.stage, **changes}.items():
            document["config"][f"berth:{section}"] = over(document["config"].get(f"berth:{section}"), value)
            if value is None:
                del document["config"][f"berth:{section}"]
        self.stage = {}
        self._write(f"Pulumi.{self.stack}.yaml", document)

    def _read(self, name: str) -> dict[str, Any]:
        return dict(YAML(typ="safe").load((self.root / name).read_text()))

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a file as somebody who works on it would."""
        text = (self.root / path).read_text()
        assert old in text
        (self.root / path).write_text(text.replace(old, new))

    def settled(self) -> None:
        """A further run has nothing to do, a look at the engine included."""
        self.berth("preview", "--", "--expect-no-changes", "--refresh")

    def value(self, path: str) -> Any:  # Any: what a stage holds
        """A value of the stage as it is shipped, by its path; steps are parted by spaces."""
        found: Any = self.values
        for step in path.split():
            found = found[step]
        return found

    def replicas(self, service: str) -> list[Container]:
        """The running containers of a service."""
        return self.containers(service, role="service")

    def inside(self, service: str, *command: str) -> str:
        """What a command of the tools says inside the first container of a service."""
        return said_in(self.replicas(service)[0], BUSYBOX, *command).strip()

    def published(self) -> set[int]:
        """Ports of the host that lead into this stage."""
        found = [binding for one in self.containers() for bindings in one.ports.values() for binding in bindings or ()]
        return {int(binding["HostPort"]) for binding in found}


def over(below: Any, above: Any) -> Any:  # Any: what a stage file holds
    """One value over another: mappings key by key."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {**below, **{key: over(below.get(key), value) for key, value in above.items()}}


@dataclass(frozen=True)
class Demand:
    """A row: where the reference says it, what it says, how that is seen, and what has to be seen."""

    line: str
    what: str
    seen: Callable[[Any], object]
    expected: object

    def check(self, site: Any) -> None:
        """Look."""
        seen = self.seen(site)
        assert seen == self.expected, f"line {self.line}, {self.what}: {seen!r} instead of {self.expected!r}"


def rows(*demands: Demand) -> pytest.MarkDecorator:
    """A table as the parameters of one test."""
    return pytest.mark.parametrize("demand", demands, ids=[f"line {demand.line}: {demand.what}" for demand in demands])


@contextmanager
def dev(project: Shipped) -> Iterator[Shipped]:
    """Bring a copy up, and erase it afterwards."""
    try:
        project.berth("up")
        yield project
    finally:
        project.erase()


@contextmanager
def prod(project: Shipped) -> Iterator[Shipped]:
    """Pin the images of a copy and bring it up; afterwards nothing of it is left, data neither."""
    try:
        project.berth("pin")
        project.berth("up")
        yield project
    finally:
        project.berth("down")
        for name in project.data_volumes():  # the test's own; berth has no command for this, and must not
            project.engine.volumes.get(name).remove()
        assert not any(project.leftovers().values()), project.leftovers()
        shutil.rmtree(project.root)


def health_times(container: Container) -> tuple[float, ...]:
    """Seconds of interval, timeout and start period of a health check, and its retries."""
    check = container.attrs["Config"]["Healthcheck"]
    return (*(check[name] / 1e9 for name in ("Interval", "Timeout", "StartPeriod")), check["Retries"])


def limits(container: Container) -> tuple[float, int]:
    """Cores and MiB that a container may have."""
    host = container.attrs["HostConfig"]
    return (host["NanoCpus"] or host["CpuQuota"] * 10_000) / 1e9, host["Memory"] // 2**20


def environment(container: Container) -> dict[str, str]:
    """Variables of a container that anybody may see."""
    return dict(line.split("=", maxsplit=1) for line in container.attrs["Config"]["Env"])


def folder_of(project: Project, volume: str) -> Path | None:
    """Folder of the host that holds the data of a volume; None: the engine keeps it."""
    name = next(name for name in project.data_volumes() if name.endswith(f"-{volume}"))
    device = (project.engine.volumes.get(name).attrs["Options"] or {}).get("device")
    return Path(device) if device else None
