"""What the tests of the offline kit share: the docker command, containers that go with their test, a checkout of one's own."""

import json
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LABEL = "berth.test=offline"


def docker(*arguments: str, stdin: str | None = None, check: bool = True) -> str:
    """Run a docker command and give what it printed, both streams."""
    done = subprocess.run(["docker", *arguments], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=240)
    if check and done.returncode:
        pytest.fail(f"docker {' '.join(arguments)}: exit status {done.returncode}\n{done.stdout}")
    return done.stdout.strip()


def inspect(name: str) -> dict[str, Any]:  # whatever the engine says of containers and images
    """Give the engine's description of one container or image."""
    described: list[dict[str, Any]] = json.loads(docker("inspect", name))
    return described[0]


def eventually(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"did not come true within {seconds} s")
        time.sleep(0.1)


Start = Callable[..., str]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start containers (docker run options, image, command); they and their anonymous volumes go with the test."""
    started: list[str] = []

    def run(*arguments: str) -> str:
        name = f"berth-offline-{uuid.uuid4().hex[:10]}"
        started.append(name)
        docker("run", "--detach", "--name", name, "--label", LABEL, *arguments)
        return name

    yield run
    if started:
        docker("rm", "--force", "--volumes", *started, check=False)


@pytest.fixture
def volume() -> Iterator[str]:
    """Make a named volume for one test."""
    name = docker("volume", "create", "--label", LABEL, f"berth-offline-{uuid.uuid4().hex[:10]}")
    yield name
    docker("volume", "rm", "--force", name)


def run_once(*arguments: str) -> str:
    """Run a container to its end and give what it printed."""
    return docker("run", "--rm", "--label", LABEL, *arguments)


class Kit:
    """A copy of the kit in a checkout of its own, with a cache of its own and stand-ins for programs of the machine."""

    def __init__(self, root: Path) -> None:
        """Copy the kit below root; nothing of the real checkout or cache is touched."""
        self.checkout = root / "check out"  # with a blank, as people have them
        self.programs = root / "programs"
        self.cache = root / "cache" / "berth"
        self.programs.mkdir()
        shutil.copytree(CHECKOUT / "offline", self.checkout / "offline")
        self.environment = {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "HOME": str(root),
            "XDG_CACHE_HOME": str(root / "cache"),
        }

    def program(self, name: str, script: str) -> None:
        """Put a stand-in for a program in front of the machine's."""
        path = self.programs / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)

    def without(self, *names: str) -> None:
        """Leave only a search path that has everything of the machine but these programs."""
        folder = self.programs.parent / "others"
        folder.mkdir()
        for directory in os.environ["PATH"].split(":"):
            for program in sorted(Path(directory).glob("*")):
                if program.name not in names and not (folder / program.name).is_symlink():
                    (folder / program.name).symlink_to(program)
        self.environment["PATH"] = f"{self.programs}:{folder}"

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a program of the kit."""
        return subprocess.Popen(
            [str(self.checkout / "offline" / command[0]), *command[1:]],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str) -> tuple[int, str]:
        """Run a program of the kit: exit status and what it printed."""
        process = self.start(*command)
        printed, _ = process.communicate(timeout=120)
        return process.returncode, printed


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """Give a kit of one's own; Pulumi counts as installed, so that nothing is compiled."""
    kit = Kit(tmp_path)
    kit.program("pulumi", "echo v3.0.0-stand-in")
    return kit
