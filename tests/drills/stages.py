"""The stages that the drills are held on, both as in production."""

import os
import re
import shutil
import signal
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from docker.models.containers import Container

from components.proxy.certificate import Certificate
from tests.drills.certificates import Authority
from tests.drills.figures import keep, size
from tests.drills.load import Clients, Tally
from tests.engine.project import PASSPHRASE, Project, free_port, said_in
from tests.engine.visitor import eventually

HERE = Path(__file__).parent
HOST = "drills.test"
TROUBLE = re.compile(r"\[(error|warn|crit|alert)\]|berth:")
CLIENTS = size(Clients(fast=8, slow=20, idle=10), Clients(fast=20, slow=40, idle=20))


def prod(root: Path, name: str) -> Project:
    """A stage of the topology prod that knows who it is."""
    stage = {"topology": "prod", "images": {"moving_tags": True}}
    project = Project(root=root, name=name, stack="prod", environment=PASSPHRASE, stage=stage)
    project.introduce()
    return project


@dataclass
class Site:
    """An application to load and to harm, and its releases."""

    project: Project
    replicas: int = 3
    number: int = 0
    authority: Authority = field(default_factory=Authority)

    def __post_init__(self) -> None:
        self.https = free_port()
        self.give(self.authority.certify(HOST, ec.generate_private_key(ec.SECP256R1())))
        for context in ("site", "web"):
            shutil.copytree(HERE / "site", self.project.root / context)
        self.main = self.project.root / "web" / "main.py"

    def release(self, *, replicas: int = 0, broken: str = "") -> str:
        """Bring the next release of `web` up, and return what berth says; one that is broken begins with that line, and has to fail."""
        self.number, self.replicas = self.number + 1, replicas or self.replicas
        app = (HERE / "app.yaml").read_text().replace('"RELEASE"', f'"{self.number}"').replace("REPLICAS", str(self.replicas)).replace("HTTPS", str(self.https))
        (self.project.root / "app.yaml").write_text(app)
        self.main.write_text((HERE / "site" / "main.py").read_text() + broken)
        return self.project.berth("up", fails=bool(broken))

    def give(self, given: Certificate) -> None:
        """Give the stage a certificate, for its next run."""
        self.certificate = given
        (self.project.root / "site.crt").write_text(given.chain)
        (self.project.root / "site.key").write_text(given.key)

    def served(self) -> str:
        """The certificate that visitors see."""
        return ssl.get_server_certificate(("127.0.0.1", self.https))

    def scaled(self, replicas: int) -> None:
        """Have that many replicas of `web`."""
        if len(self.project.containers("web", role="service")) != replicas:
            self.release(replicas=replicas)

    def journal(self) -> list[str]:
        """Ids that `web` wrote down."""
        return said_in(self.project.containers("web", role="service")[0], "cat", "/data/journal").split()

    def complaints(self, since: float = 1) -> list[str]:
        """What the proxy had to say from a moment on, as far as it is kept; the engine knows no second 0."""
        said = self.project.one("proxy").logs(since=int(since)).decode()
        return [line for line in said.splitlines() if TROUBLE.search(line)]

    def describe(self) -> None:
        """Keep what the page says about where it was measured."""
        engine = self.project.engine.version()["Version"]
        nginx = said_in(self.project.one("proxy"), "nginx", "-v").rpartition("/")[2].strip()
        postgres = said_in(self.project.one("db"), "postgres", "--version").split()[2]
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
        host = f"{os.cpu_count()} cores and {memory} GiB, shared with the clients and whatever else runs there (load average {os.getloadavg()[2]:.0f})"
        keep("about", {"host": host, "versions": f"Docker {engine}, nginx {nginx}, Postgres {postgres}"})


def kill(container: Container) -> None:
    """SIGKILL, by the host's own number for its first process: the engine takes it for a crash."""
    container.reload()
    os.kill(int(container.attrs["State"]["Pid"]), signal.SIGKILL)


def starts(container: Container) -> int:
    """How often the engine has started it again."""
    container.reload()
    return int(container.attrs["RestartCount"])


def health(container: Container) -> str:
    """As the engine sees it."""
    container.reload()
    return str(container.attrs["State"]["Health"]["Status"])


def recovered(container: Container, before: int) -> float:
    """Seconds until it was started again and is healthy."""
    began = time.monotonic()
    eventually(lambda: starts(container) > before and health(container) == "healthy")
    return time.monotonic() - began


def counted(tally: Tally, ids: list[str]) -> str:
    """What became of the requests, in a few words."""
    lost, doubled = tally.journal(ids)
    failed = "".join(f"; {why} x {count}" for why, count in tally.failed.items())
    return f"{tally.requests:,} requests, {tally.failed.total()} failed, {lost} lost, {doubled} doubled{failed}"
