"""An example as it is shipped: copied, told what its README says, and up under ports of its own, dev or not."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from shlex import quote
from typing import Any

from docker.models.containers import Container
from ruamel.yaml import YAML

from tests.engine.project import CHECKOUT, PASSPHRASE, Project, free_port, save
from tests.engine.visitor import Visitor

EXAMPLES = CHECKOUT / "examples"
NOT_SHIPPED = shutil.ignore_patterns(".berth", ".pulumi", "node_modules", ".next", "dist", "__pycache__", "Pulumi.*.pins.yaml")
PORTS = ("http", "https", "ui_port", "publish", "listen")
"""Fields that are ports of the host."""
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
Changes = dict[str, Any]  # Any: what a stage file holds


@dataclass
class Shipped(Project):
    """A user's copy of an example: as it is, but for the ports of the host, which are free ones of 127.0.0.1."""

    secrets: dict[str, str] = field(default_factory=dict)
    """What the README leaves open in `pulumi config set --secret`."""
    values: dict[str, Any] = field(default_factory=dict)
    """Every value of the stage as it is shipped, defaults too."""

    def __post_init__(self) -> None:
        shutil.copytree(EXAMPLES / self.name, self.root, ignore=NOT_SHIPPED)
        self.git("init", "--quiet")
        description = self._read("Pulumi.yaml")
        description["runtime"]["options"]["virtualenv"] = str(CHECKOUT / ".venv")
        self._write("Pulumi.yaml", description | {"main": str(CHECKOUT)})
        if self.stack != "dev":
            self.environment = {**PASSPHRASE, **self.environment}
        self.introduce()
        self.values = json.loads(self.berth("config", "--json"))["values"]
        self.moved = moved(self.values)
        self.http, self.https = (self.port(f"proxy ports {name}") for name in ("http", "https"))
        self.configure(**self.moved)
        self.configure(proxy={"ports": {"address": "127.0.0.1"}})

    @property
    def bringing_up(self) -> tuple[str, str]:
        """The commands by which README.md brings the stage up: those before the first one of berth, and the others."""
        commands = self.readme("berth up" if self.stack == "dev" else f"berth up -s {self.stack}")
        before, first, others = re.split("^(berth )", commands, maxsplit=1, flags=re.MULTILINE)
        return before, first + others

    def introduce(self) -> None:
        """Tell a stage what its README says: who it is, and its secrets."""
        self.run(self.bringing_up[0])

    @property
    def instance(self) -> str:
        """As the commands of the README have made it, in a stage that is no dev stage."""
        return super().instance if self.stack == "dev" else str(self._read(f"Pulumi.{self.stack}.yaml")["config"]["berth:instance"])

    def readme(self, words: str) -> str:
        """The first block of commands in README.md that has these words, or these words, which stand there as a command.

        What is left open there is filled in, and what belongs to the checkout is found there."""
        text = (self.root / "README.md").read_text()
        commands = next((block for block in BLOCK.findall(text) if words in block), words)
        assert commands in text, f"README.md has no command {words!r}"
        commands = re.sub(r"(secrets\.(\w+)) \.\.\.", lambda found: f"{found[1]} {quote(self.secrets[found[2]])}", commands)
        commands = commands.replace("PASSPHRASE=...", f"PASSPHRASE={quote(PASSPHRASE['PULUMI_CONFIG_PASSPHRASE'])}")
        return commands.replace("../../.berth/", f"{CHECKOUT}/.berth/")

    def run(self, commands: str) -> str:
        """Type commands, word for word, in a shell that has read the environment file of the checkout, and return what they say."""
        done = subprocess.run(
            ["sh", "-ec", f". {CHECKOUT}/.berth/env\n{commands}"],
            cwd=self.root,
            env={**os.environ, **self.environment},
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=1800,
            check=False,
        )
        assert done.returncode == 0, f"{commands}\nended with {done.returncode}:\n{done.stdout}"
        assert "Traceback" not in done.stdout
        return done.stdout

    def git(self, *arguments: str) -> str:
        """Run git on this copy, whoever owns it, and return what it says."""
        command = ["git", "-c", f"safe.directory={self.root}", *arguments]
        return subprocess.run(command, cwd=self.root, text=True, check=True, capture_output=True).stdout.strip()

    def does(self, words: str) -> str:
        """Do what README.md says, by these words; in another stage than dev as it says of dev."""
        commands = self.readme(words)
        return self.run(commands if self.stack == "dev" or " -s " in commands else commands.replace("berth exec ", f"berth exec -s {self.stack} "))

    def _read(self, name: str) -> dict[str, Any]:
        return dict(YAML(typ="safe").load(self.root / name))

    def configure(self, **changes: Any) -> None:
        """Write sections over those of the stage file, key by key; a section of None goes."""
        document = self._read(f"Pulumi.{self.stack}.yaml")
        for section, value in changes.items():
            document["config"][f"berth:{section}"] = over(document["config"].get(f"berth:{section}"), value)
            if value is None:
                del document["config"][f"berth:{section}"]
        self._write(f"Pulumi.{self.stack}.yaml", document)

    @contextmanager
    def configured(self, **changes: Any) -> Iterator[None]:
        """Write sections for a while."""
        file = self.root / f"Pulumi.{self.stack}.yaml"
        before = file.read_text()
        self.configure(**changes)
        try:
            yield
        finally:
            file.write_text(before)

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a file as somebody who works on it would."""
        text = (self.root / path).read_text()
        assert old in text, f"{path} has no {old!r}"
        self._starts = self.starts()
        save(self.root / path, text.replace(old, new))

    def reloaded(self) -> None:
        """What was edited last has been loaded anew by the servers themselves: no container has ended, and been started again by the engine."""
        assert self.starts() == self._starts

    @contextmanager
    def edited(self, path: str, old: str, new: str) -> Iterator[None]:
        """Change a file of a dev stage for a while, in which it is loaded anew."""
        before = (self.root / path).read_text()
        self.edit(path, old, new)
        try:
            yield
            self.reloaded()
        finally:
            save(self.root / path, before)

    def up(self) -> None:
        """Bring it up; a further run has nothing to do, a look at the engine included."""
        self.berth("up")
        self.settled()

    def settled(self) -> None:
        """A further run has nothing to do."""
        assert "unchanged" in self.berth("up", "--", "--expect-no-changes")
        self.berth("preview", "--", "--expect-no-changes", "--refresh")

    def value(self, path: str) -> Any:  # Any: what a stage holds
        """A value of the stage as it is shipped, by its path; steps are parted by spaces."""
        return at(self.values, path)

    def port(self, path: str) -> int:
        """The port of this copy that stands for one of the example."""
        return int(at(self.moved, path))

    @property
    def mail_url(self) -> str:
        return f"http://127.0.0.1:{self.port('mail mailhog ui_port')}"

    def replicas(self, service: str) -> list[Container]:
        """The running containers of a service, by name."""
        return sorted(self.containers(service, role="service"), key=lambda one: str(one.name))


def at(values: Any, path: str) -> Any:  # Any: what a stage holds
    """A value by its path."""
    for step in path.split():
        values = values[step]
    return values


def moved(value: Any) -> Changes:
    """A free port for each port of the host, where it stands."""
    found: Changes = {}
    for key, one in value.items():
        if isinstance(one, dict) and (below := moved(one)):
            found[key] = below
        if key in PORTS and type(one) is int:
            found[key] = free_port()
    return found


def over(below: Any, above: Any) -> Any:  # Any: what a stage file holds
    """One value over another: mappings key by key."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {**below, **{key: over(below.get(key), value) for key, value in above.items()}}


@contextmanager
def running(project: Shipped) -> Iterator[Shipped]:
    """Bring a copy up as its README says; afterwards nothing of it is left, data neither."""
    try:
        project.git("add", "--all")
        project.run(project.bringing_up[1])
        changed = project.git("ls-files", "--modified", "--others", "--exclude-standard")
        assert project.stack != "dev" or not changed, f"the first run has changed what is kept in git: {changed}"
        yield project
    finally:
        if project.stack == "dev":
            project.erase()
        else:
            project.remove()
            shutil.rmtree(project.root)


class Guest(Visitor):
    """Somebody who visits a copy."""

    project: Shipped

    def __init__(self, project: Shipped, host: str = "localhost", *, tls: bool = False) -> None:
        super().__init__(project, host, project.https if tls else 0)
