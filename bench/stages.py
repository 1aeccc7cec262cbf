"""Bringing the shop up by berth and by Docker Compose, from nothing and once more."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.compose import PROXY, compose, written
from bench.measure import Ratio, compare, seconds
from bench.profiles import Phases, phases
from config.load import Source, resolve
from config.stage import DevStage
from tests.engine.project import CHECKOUT, Project, free_port

SHOP = Path(__file__).parent / "shop"
PULUMI_UP = ("pulumi", "up", "--stack", "dev", "--yes", "--skip-preview", "--non-interactive", "--expect-no-changes")
EMPTY = """\
import pulumi_docker as docker

docker.Volume("only")
"""


@dataclass
class Berth:
    """The shop under berth."""

    project: Project

    def fresh(self) -> float:
        """Bring it up where nothing of it is there but images."""
        self.project.berth("down")
        for volume in self.project.data_volumes():
            self.project.engine.volumes.get(volume).remove()
        return self.up()

    def up(self) -> float:
        """Bring it up, or find that it is."""
        began = time.perf_counter()
        self.project.berth("up")
        return time.perf_counter() - began

    def nothing(self) -> float:
        """Find that nothing has changed, by Pulumi alone."""
        return pulumi_up(self.project.root)

    def phases(self) -> Phases:
        """What it waits for, brought up from nothing."""
        took = self.fresh()
        ended = time.time()
        return phases(ended - took, ended, "berth.instance", self.project.instance, "berth.service")

    def resources(self) -> list[object]:
        """All that Pulumi knows of it."""
        return list(json.loads(self.project.pulumi("stack", "export"))["deployment"]["resources"])


@dataclass
class Compose:
    """The shop under Docker Compose."""

    file: Path

    def fresh(self) -> float:
        """Bring it up where nothing of it is there but images."""
        self.down()
        return self.up()

    def up(self) -> float:
        """Bring it up, or find that it is."""
        return self._compose("up", "--detach", "--wait")

    def phases(self) -> Phases:
        """What it waits for, brought up from nothing."""
        took = self.fresh()
        ended = time.time()
        return phases(ended - took, ended, "com.docker.compose.project", str(json.loads(self.file.read_text())["name"]), "com.docker.compose.service")

    def down(self) -> float:
        """Take it away with its data."""
        return self._compose("down", "--volumes", "--timeout", "1")

    def _compose(self, *arguments: str) -> float:
        return seconds("docker", "compose", "--progress", "quiet", "--file", str(self.file), *arguments)


def pulumi_up(root: Path) -> float:
    """One `pulumi up` in which nothing changes."""
    environment = {**os.environ, "PULUMI_CONFIG_PASSPHRASE": ""}
    return seconds(*PULUMI_UP, folder=root, environment=environment)


@contextmanager
def shops() -> Iterator[tuple[Berth, Compose, Compose]]:
    """The shop under berth, under Compose with berth's probes, and with those that Docker has by itself."""
    with tempfile.TemporaryDirectory(prefix="berth-bench-") as name:
        root = Path(name)
        shutil.copytree(SHOP, root / "shop")
        project = Project(root=root / "shop", name="bench")
        project.berth("up")  # builds the image
        quick, plain = (_composed(project, root / kind, probes=kind == "quick") for kind in ("quick", "plain"))
        try:
            yield Berth(project), quick, plain
        finally:
            quick.down(), plain.down()
            project.erase()


def _composed(project: Project, folder: Path, *, probes: bool) -> Compose:
    stage = resolve(Source(root=project.root, stack="dev", values={"topology": "dev", "application": "app.yaml"}, secret_keys=frozenset())).stage
    assert isinstance(stage, DevStage)  # noqa: S101  # for the type
    folder.mkdir()
    shutil.copy(SHOP / "assets.conf", folder)
    (folder / "proxy.conf").write_text(PROXY)
    image = str(project.one("web").attrs["Image"])
    (folder / "compose.yaml").write_text(
        written({"name": f"bench-{project.instance}-{folder.name}"} | compose(stage, image, {free_port(): 8080}, probes=probes))
    )
    return Compose(folder / "compose.yaml")


@contextmanager
def smallest() -> Iterator[Path]:
    """A Pulumi program that imports the provider and holds one volume, up."""
    with tempfile.TemporaryDirectory(prefix="berth-bench-") as name:
        root = Path(name)
        runtime = f'{{ name: python, options: {{ toolchain: pip, virtualenv: "{CHECKOUT / ".venv"}" }} }}'
        (root / "Pulumi.yaml").write_text(f'name: smallest\nruntime: {runtime}\nbackend: {{ url: "file://." }}\n')
        (root / "__main__.py").write_text(EMPTY)
        environment = {**os.environ, "PULUMI_CONFIG_PASSPHRASE": ""}

        def pulumi(*arguments: str) -> None:
            subprocess.run(["pulumi", *arguments, "--stack", "dev", "--non-interactive"], cwd=root, env=environment, check=True, capture_output=True)  # noqa: S603, S607

        seconds("pulumi", "stack", "select", "--create", "dev", "--non-interactive", folder=root, environment=environment)
        pulumi("up", "--yes", "--skip-preview")
        try:
            yield root
        finally:
            pulumi("destroy", "--yes", "--skip-preview")


def ratios() -> Iterator[Ratio]:
    """How long stages take, beside Compose and beside the smallest Pulumi program."""
    with shops() as (berth, quick, plain), smallest() as small:
        yield compare("`berth up` from nothing", berth.fresh, "`docker compose up --wait`, the same probes", quick.fresh, 1.8)
        yield compare("`pulumi up` without a change", berth.nothing, "`pulumi up` of a program with one volume", lambda: pulumi_up(small), 1.3)
        yield compare("`pulumi up` without a change", berth.nothing, "`docker compose up --wait` without a change", quick.up, 1)
        yield compare("`berth up` without a change", berth.up, "`docker compose up --wait` without a change", quick.up, 1)
        defaults = "`docker compose up --wait`, Docker's default probes"
        yield compare("`berth up` from nothing", berth.fresh, defaults, plain.fresh, 9, at_least=True, warm=True)
