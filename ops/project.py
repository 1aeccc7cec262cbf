"""Where the command is at work: the project around the current folder, and one stage of it."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from config import identity
from config.problems import Refused
from ops.console import Stop

STACK = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
PINS = ".pins"
"""Ends the name of the file beside a stage's that holds its pins."""
SCHEME = "file://"
CHECKOUT = Path(__file__).parents[1]
"""Of berth itself."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A folder with a Pulumi.yaml."""

    root: Path
    name: str
    program: Path
    """Folder of the program: another one when `main:` says so."""
    stages: Path
    """Folder of the stage files."""
    state: Path | None
    """Pulumi's folder of states, locks and history; None when the state is kept elsewhere than in files."""

    @classmethod
    def find(cls, start: Path) -> "Project":
        """Find the nearest Pulumi.yaml from here upwards."""
        for folder in (start, *start.parents):
            if (folder / "Pulumi.yaml").is_file():
                return cls.at(folder)
        raise Stop(f"no Pulumi.yaml in {start} or above it: change to the folder of a project and run this again")

    @classmethod
    def at(cls, root: Path) -> "Project":
        """Read the Pulumi.yaml of a folder."""
        head = _yaml(root / "Pulumi.yaml")
        if not isinstance(head.get("name"), str):
            raise Stop(f"{root / 'Pulumi.yaml'} has no name: every Pulumi project needs `name:` there")
        backend = os.environ.get("PULUMI_BACKEND_URL") or _mapping(head.get("backend")).get("url") or ""
        program = (root / str(head.get("main") or ".")).resolve()
        stages = (root / str(head.get("stackConfigDir") or ".")).resolve()
        return cls(root=root, name=head["name"], program=program if program.is_dir() else program.parent, stages=stages, state=state_folder(str(backend), root))

    @property
    def stacks(self) -> list[str]:
        """Names of the stages that have a file."""
        names = (file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in self.stages.glob("Pulumi.?*.yaml"))
        return sorted(name for name in names if not name.endswith(PINS))

    def stage(self, stack: str) -> "Stage":
        """One stage; refused when it has no file."""
        file = self.stages / f"Pulumi.{stack}.yaml"
        if not STACK.fullmatch(stack) or not file.is_file():
            there = ", ".join(self.stacks) or "none"
            raise Stop(f"unknown stack {stack!r}: there is no {file}. Stacks of this project: {there}. Choose one (berth ... -s STACK), or write that file")
        content = _yaml(file)
        config = _mapping(content.get("config"))
        settings = {str(key).removeprefix("berth:"): value for key, value in config.items() if str(key).startswith("berth:")}
        return Stage(
            project=self, stack=stack, file=file, settings=settings, salt=str(content.get("encryptionsalt") or ""), own_secrets=identity.own_secrets(content)
        )


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of a project, as its file says."""

    project: Project
    stack: str
    file: Path
    settings: Mapping[str, Any]  # Any: whatever the file says
    salt: str
    """Tells the right passphrase of the stage from a wrong one; empty before its first run."""
    own_secrets: bool
    """Whether a service keeps the key of its secrets, not a passphrase."""
    recalled: str | None = None
    """The instance id that Pulumi's state knows a dev stage by whose identity file is gone."""

    @property
    def topology(self) -> str:
        """`dev`, `prod` or `mono`."""
        return str(self.settings.get("topology", ""))

    @property
    def application(self) -> str:
        """Name of the application, from its app.yaml."""
        file = self.project.root / str(self.settings.get("application", ""))
        name = _yaml(file).get("name")
        if not isinstance(name, str):
            raise Stop(f"{file} has no name: every application needs `name:` there")
        return name

    @property
    def engine_host(self) -> str | None:
        """Address of the engine that runs the stage; None: where DOCKER_HOST says, else this machine's own."""
        host = _mapping(self.settings.get("engine")).get("host")
        return host if isinstance(host, str) else None

    @property
    def identity_file(self) -> Path:
        """Where a dev stage keeps its instance id and its root secret."""
        return identity.path_of(self.project.root, self.stack)

    @property
    def instance(self) -> str | None:
        """The instance id in the labels of everything that belongs to this stage; None: it was never up."""
        if self.topology != "dev":
            kept = self.settings.get("instance")
            return kept if isinstance(kept, str) else None
        return _instance_of(self.identity_file, self.project.root) or self.recalled


def _instance_of(file: Path, root: Path) -> str | None:
    if not file.exists():
        return None
    try:
        return identity.read(file, root).instance
    except Refused as refused:
        raise Stop(str(refused)) from None


def state_folder(backend: str, root: Path) -> Path | None:
    """Folder of a file backend: `file://.` is `.pulumi` beside Pulumi.yaml, `file://~` that of the home directory."""
    if not backend.startswith(SCHEME):
        return None
    place = backend.removeprefix(SCHEME).split("?")[0]
    return (root / Path(place or ".").expanduser()).resolve() / identity.STATE


def _yaml(file: Path) -> dict[str, Any]:  # Any: whatever the file says
    try:
        return _mapping(YAML(typ="safe", pure=True).load(file.read_text()))
    except (OSError, UnicodeDecodeError, YAMLError) as problem:
        first = str(problem).strip().splitlines()
        raise Stop(f"{file} cannot be read: {' '.join(line.strip() for line in first)}") from None


def _mapping(value: Any) -> dict[str, Any]:  # Any: whatever the file says
    return value if isinstance(value, dict) else {}
