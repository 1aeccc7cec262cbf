"""What WildID needs and does not run itself: a mail server, a managed Postgres, Together.ai, and a secrets manager's CLI."""

import io
import json
import secrets
import shutil
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
from docker.models.containers import Container

from components.proxy.certificate import MATERIAL_BYTES, self_signed
from tests.engine.project import free_port, said_in
from tests.engine.test_demo import eventually

OUTSIDE = Path(__file__).parent / "outside"
IMAGE = "berth-test-outside"
LABELS = {"berth.test": "wildid-outside"}
HBA = "local all all trust\nhostssl wildid wildid_user all scram-sha-256\n"
"""Over the network in TLS alone, and only this user."""


def canary(name: str) -> str:
    """A secret that is found again wherever it turns up."""
    return f"{name}-{secrets.token_hex(12)}"


@dataclass
class Outside:
    """Containers on the host's own bridge, each at a port of the bridge's address, as a stage reaches what is not its own."""

    engine: docker.DockerClient = field(default_factory=docker.from_env)
    secrets: dict[str, str] = field(default_factory=lambda: {name: canary(name) for name in ("db_password", "smtp_password", "together_api_key")})
    running: dict[str, Container] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.address = str(self.engine.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"])
        self.certificate = self_signed([self.address], secrets.token_bytes(MATERIAL_BYTES))
        self.engine.images.build(path=str(OUTSIDE), tag=IMAGE, rm=True)

    def start(self) -> None:
        """Start all of it, and wait until it serves."""
        self._run("together", IMAGE, 8000, ["python", "/together.py", "8000", self.secrets["together_api_key"]])
        self._run("smtp", IMAGE, 8025, ["python", "/smtp.py", "8025", "wildid", self.secrets["smtp_password"]])
        command = "-c ssl=on -c ssl_cert_file=/tls/tls.crt -c ssl_key_file=/tls/tls.key -c hba_file=/tls/pg_hba.conf -c listen_addresses=*"
        login = {"POSTGRES_DB": "wildid", "POSTGRES_USER": "wildid_user", "POSTGRES_PASSWORD": self.secrets["db_password"]}
        self._run("db", "postgres:15", 5432, ["postgres", *command.split()], environment=login)
        eventually(lambda: "listening on IPv4" in self.log("db"), 60)

    def stop(self) -> None:
        """Remove all of it."""
        for container in self.running.values():
            container.remove(force=True, v=True)
        self.running.clear()
        self.engine.images.remove(IMAGE, force=True)

    def _run(self, name: str, image: str, port: int, command: list[str], environment: dict[str, str] | None = None) -> None:
        self.ports[name] = free_port()
        made = self.engine.containers.create(
            image, command, environment=environment or {}, labels=LABELS, ports={f"{port}/tcp": (self.address, self.ports[name])}, detach=True
        )
        self.running[name] = made
        made.put_archive("/", _packed({"tls.crt": self.certificate.chain, "tls.key": self.certificate.key, "pg_hba.conf": HBA}))
        made.start()

    def log(self, name: str) -> str:
        """What one of them has said."""
        return self.running[name].logs().decode()

    def mails(self, to: str) -> list[dict[str, Any]]:
        """Mails to an address, the newest first."""
        told = [json.loads(line) for line in self.log("smtp").splitlines() if line.startswith("{")]
        return [mail for mail in reversed(told) if mail["to"] == [to]]

    def pictures(self) -> list[dict[str, Any]]:
        """What Together.ai was asked."""
        return [json.loads(line) for line in self.log("together").splitlines() if line.startswith("{")]

    def sql(self, statement: str) -> str:
        """What the managed Postgres says to its own user."""
        return said_in(self.running["db"], "psql", "-XqAt", "-U", "wildid_user", "-d", "wildid", "-c", statement).strip()

    def manager(self, folder: Path) -> str:
        """Put the CLI of the secrets manager and what it knows into a folder, which goes before the others of PATH."""
        folder.mkdir()
        shutil.copy(OUTSIDE / "vault", folder)
        (folder / "values").write_text("".join(f"{name}={value}\n" for name, value in self.secrets.items()))
        return str(folder)


def _packed(files: dict[str, str]) -> bytes:
    """Files in /tls, for root and for Postgres alone."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"tls/{name}")
            entry.size, entry.mode, entry.uid, entry.gid = len(text.encode()), 0o600, 999, 999
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()
