"""A copy of an example's folder, up under ports of its own, and gone afterwards."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.models.containers import Container
from ruamel.yaml import YAML

from tests.engine.project import CHECKOUT, Project, free_port

EXAMPLES = CHECKOUT / "examples"
LEFT_OUT = shutil.ignore_patterns(".berth", ".pulumi", "node_modules", ".next", "dist", "__pycache__")
PASSPHRASE = {"PULUMI_CONFIG_PASSPHRASE": "of this test"}
ROOT_SECRET = "5eed" * 16


@dataclass
class Copy(Project):
    """A user's copy of an example. `stage` goes over the stage file as it is shipped: ports of the host that are free, mostly."""

    def __post_init__(self) -> None:
        shutil.copytree(EXAMPLES / self.name, self.root, ignore=LEFT_OUT)
        super().__post_init__()
        self.https = free_port()
        description = _read(EXAMPLES / self.name / "Pulumi.yaml")
        description["runtime"]["options"]["virtualenv"] = str(CHECKOUT / ".venv")
        self._write("Pulumi.yaml", description | {"main": str(CHECKOUT)})

    def configure(self, **changes: Any) -> None:
        """Write sections of the stage over what its file says; None takes a section away."""
        path = self.root / f"Pulumi.{self.stack}.yaml"
        stage = _read(path)
        config = stage["config"]
        for section, value in (self.stage | changes).items():
            key = f"berth:{section}"
            config[key] = over(config.get(key), value)
            if value is None:
                del config[key]
        self.stage = {}
        self._write(path.name, stage)

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a file as somebody who works on it would."""
        text = (self.root / path).read_text()
        assert old in text, f"{path} has no {old!r}"
        (self.root / path).write_text(text.replace(old, new))

    @contextmanager
    def edited(self, path: str, old: str, new: str) -> Iterator[None]:
        """Change a file for a while."""
        before = (self.root / path).read_text()
        self.edit(path, old, new)
        try:
            yield
        finally:
            (self.root / path).write_text(before)

    def up(self) -> None:
        """Bring it up; a second run has nothing to do, a look at the engine included."""
        self.berth("up")
        self.berth("preview", "--", "--expect-no-changes", "--refresh")

    def introduce(self) -> None:
        """Tell a prod stage, once, what the README of berth says."""
        self.pulumi("stack", "select", "--create")
        self.pulumi("config", "set", "berth:instance", self.instance)
        self.pulumi("config", "set", "--secret", "berth:root_secret", ROOT_SECRET)

    def remove(self) -> None:
        """Take a prod stage down, and then what no command of berth deletes: its data."""
        self.berth("down")
        for name in self.data_volumes():
            self.engine.volumes.get(name).remove()
        assert not any(self.leftovers().values()), self.leftovers()


def _read(path: Path) -> dict[str, Any]:
    return dict(YAML(typ="safe").load(path))


def over(below: Any, above: Any) -> Any:
    """One value over another, key by key where both are mappings; None below a key takes it away."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    merged = below | {key: over(below.get(key), value) for key, value in above.items()}
    return {key: value for key, value in merged.items() if value is not None}


@contextmanager
def dev(root: Path, name: str, **stage: Any) -> Iterator[Copy]:
    """An example up in dev, erased afterwards."""
    copy = Copy(root=root, name=name, stage=stage)
    try:
        copy.configure(proxy={"ports": {"http": copy.http}})
        copy.up()
        yield copy
    finally:
        copy.erase()


@contextmanager
def production(root: Path, name: str, stack: str = "prod", **stage: Any) -> Iterator[Copy]:
    """An example up as a stage without sources of this host, taken down afterwards with its data."""
    copy = Copy(root=root, name=name, stack=stack, environment=PASSPHRASE, stage=stage)
    try:
        copy.configure(proxy={"ports": {"address": "127.0.0.1", "http": copy.http, "https": copy.https}})
        copy.introduce()
        copy.berth("pin")
        copy.up()
        yield copy
    finally:
        copy.remove()


def limits(container: Container) -> tuple[float, int]:
    """Cores and MiB that a container may have."""
    host = container.attrs["HostConfig"]
    return (host["NanoCpus"] or host["CpuQuota"] * 10_000) / 1e9, host["Memory"] // 2**20


def environment(container: Container) -> dict[str, str]:
    """Plain variables of a container."""
    return dict(one.split("=", 1) for one in container.attrs["Config"]["Env"])


def processes(container: Container, name: str) -> list[str]:
    """Uids of the processes whose command line contains a name."""
    rows = container.top(ps_args="-eo pid,uid,args")["Processes"]
    return [row[1].strip() for row in rows if name in row[2]]


def bindings(container: Container) -> dict[str, str]:
    """Folders of the host by the paths that show them inside."""
    return {mount["Destination"]: mount["Source"] for mount in container.attrs["Mounts"] if mount["Type"] == "bind"}
