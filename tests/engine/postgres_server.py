"""A Postgres server alone, started by berth's script as its component starts it."""

import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import docker
from docker.models.containers import Container

from components.postgres import DATA, SOCKET, USER
from components.tools import CONTEXT
from tests.engine.project import exec_in, said_in
from tests.engine.visitor import eventually

LISTENS = 'listening on IPv4 address "0.0.0.0"'


@dataclass
class Server:
    """One volume, and at most one server on it at a time, started as berth starts it."""

    engine: docker.DockerClient
    folder: Path
    volume: str = field(default_factory=lambda: f"berth-test-{uuid.uuid4().hex[:12]}")
    image: str = "postgres:17"
    container: Container | None = None

    def __post_init__(self) -> None:
        self.engine.volumes.create(self.volume)
        for name in ("berth", "secrets", "init"):
            (self.folder / name).mkdir()
        shutil.copy(shutil.which("busybox") or "", self.folder / "berth" / "busybox")
        for script in CONTEXT.iterdir():
            shutil.copy(script, self.folder / "berth")
        mount = {self.volume: {"bind": "/volume", "mode": "rw"}}
        self.engine.containers.run(self.image, ["chown", USER, "/volume"], user="0:0", entrypoint="", volumes=mount, network_mode="none", remove=True)

    def start(self, *databases: str, passwords: Mapping[str, str], init: Mapping[str, str] | None = None, arguments: tuple[str, ...] = ()) -> None:
        """Start with these databases, and with these files."""
        self.stop()
        for folder, files in (("secrets", passwords), ("init", init or {})):
            for name, text in files.items():
                (self.folder / folder / name).write_text(text)
        self.container = self.engine.containers.run(
            self.image,
            ["sh", "/.berth/postgres", *databases, "--", *arguments],
            entrypoint="/.berth/busybox",
            user=USER,
            init=True,
            detach=True,
            read_only=True,
            network_mode="none",
            stop_signal="SIGINT",
            tmpfs=dict.fromkeys(("/tmp", SOCKET), "mode=1777"),
            volumes={
                self.volume: {"bind": DATA, "mode": "rw"},
                str(self.folder / "berth"): {"bind": "/.berth", "mode": "ro"},
                str(self.folder / "secrets"): {"bind": "/run/secrets", "mode": "ro"},
                str(self.folder / "init"): {"bind": "/run/init", "mode": "ro"},
            },
        )

    def up(self, *databases: str, passwords: Mapping[str, str], init: Mapping[str, str] | None = None, arguments: tuple[str, ...] = ()) -> None:
        """Start, and wait until it is healthy for the application of each database."""
        self.start(*databases, passwords=passwords, init=init, arguments=arguments)
        eventually(lambda: self.listens() or self.ended())
        assert self.listens(), self.log()
        eventually(lambda: not any(self.healthy(one) for one in databases))

    def fails(self, *databases: str, passwords: Mapping[str, str], init: Mapping[str, str] | None = None) -> str:
        """Start, and return berth's last line about why it ended."""
        self.start(*databases, passwords=passwords, init=init)
        eventually(self.ended)
        return [line for line in self.log().splitlines() if line.startswith("berth: ")][-1].removeprefix("berth: ")

    def stop(self) -> None:
        if self.container:
            self.container.stop(timeout=30)
            self.container.remove(v=True)
            self.container = None

    def kill(self) -> None:
        assert self.container
        self.container.remove(v=True, force=True)
        self.container = None

    def log(self) -> str:
        assert self.container
        return str(self.container.logs().decode())

    def listens(self) -> bool:
        """Whether the second start, the one for everybody, is over."""
        return LISTENS in self.log()

    def ended(self) -> bool:
        assert self.container
        self.container.reload()
        return self.container.status == "exited"

    def healthy(self, database: str) -> str:
        """What the probe has against it."""
        code, said = self.run("/.berth/busybox", "sh", "/.berth/probe", "postgres", *database.split(":")[:3])
        assert (code == 0) is (said == "")
        return said

    def sql(self, role: str, database: str, statement: str, password: str) -> str:
        """What a client hears over TCP."""
        return self.run(*psql(database, "-h", "127.0.0.1", "-U", role), "-c", statement, PGPASSWORD=password)[1].strip()

    def run(self, *command: str, **environment: str) -> tuple[int, str]:
        """Exit code of a command in the container, and what it says."""
        assert self.container
        code, said = exec_in(self.container, *command, **environment)
        return code, said.decode()

    def root(self, database: str, statement: str) -> str:
        """What the superuser hears on the local socket."""
        assert self.container
        said = said_in(self.container, *psql(database), "-c", statement).strip()
        assert "ERROR" not in said, said
        return said


def psql(database: str, *arguments: str) -> list[str]:
    return ["psql", "-X", "-q", "-A", "-t", "-w", "-d", database, *arguments]
