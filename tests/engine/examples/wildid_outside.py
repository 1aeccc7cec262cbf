"""What WildID needs and does not run itself: a mail server, a managed Postgres, Together.ai, and a secrets manager's CLI."""

import io
import secrets
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
from docker.models.containers import Container

from components.proxy.certificate import MATERIAL_BYTES, Certificate, self_signed
from tests.engine.examples.mail_server import MailServer, gateway, mail_server
from tests.engine.examples.together import Together, together
from tests.engine.project import free_port, said_in
from tests.engine.visitor import eventually

VAULT = Path(__file__).parent / "outside" / "vault"
HBA = "local all all trust\nhostssl wildid wildid_user all scram-sha-256\n"
"""Over the network in TLS alone, and only this user."""
SERVE = "postgres -c ssl=on -c ssl_cert_file=/tls/tls.crt -c ssl_key_file=/tls/tls.key -c hba_file=/tls/pg_hba.conf -c listen_addresses=*"


@dataclass(frozen=True)
class Outside:
    """All of it, at an address of this host that a stage reaches as it reaches what is not its own."""

    address: str
    certificate: Certificate
    secrets: dict[str, str]
    mail: MailServer
    together: Together
    database: Container
    database_port: int

    def sql(self, statement: str) -> str:
        """What the managed Postgres says to its own user."""
        return said_in(self.database, "psql", "-XqAt", "-U", "wildid_user", "-d", "wildid", "-c", statement).strip()

    def manager(self, folder: Path) -> str:
        """Put the CLI of the secrets manager and what it knows into a folder, which goes before the others of PATH."""
        folder.mkdir()
        shutil.copy(VAULT, folder)
        (folder / "values").write_text("".join(f"{name}={value}\n" for name, value in self.secrets.items()))
        return str(folder)


@contextmanager
def outside(folder: Path) -> Iterator[Outside]:
    """Serve all of it; `folder` keeps the certificate's key."""
    engine = docker.from_env()
    address = gateway(engine)
    certificate = self_signed([address], secrets.token_bytes(MATERIAL_BYTES))
    # canaries: found again wherever they turn up
    known = {name: f"{name}-{secrets.token_hex(12)}" for name in ("db_password", "smtp_password", "together_api_key")}
    with (
        mail_server(address, certificate, folder, username="wildid", password=known["smtp_password"]) as mail,
        together(address, known["together_api_key"]) as answering,
        postgres_outside(engine, address, certificate, known["db_password"]) as (database, port),
    ):
        yield Outside(address, certificate, known, mail, answering, database, port)


@contextmanager
def postgres_outside(engine: docker.DockerClient, address: str, certificate: Certificate, password: str) -> Iterator[tuple[Container, int]]:
    """A Postgres with a certificate, and the port of the address where it listens for one user, by TLS alone."""
    port = free_port()
    login = {"POSTGRES_DB": "wildid", "POSTGRES_USER": "wildid_user", "POSTGRES_PASSWORD": password}
    container = engine.containers.create("postgres:15", SERVE.split(), environment=login, ports={"5432/tcp": (address, port)}, detach=True)
    try:
        container.put_archive("/", _packed({"tls.crt": certificate.chain, "tls.key": certificate.key, "pg_hba.conf": HBA}))
        container.start()
        eventually(lambda: b"listening on IPv4" in container.logs())
        yield container, port
    finally:
        container.remove(force=True, v=True)


def _packed(files: dict[str, str]) -> bytes:
    """Files in /tls, for root and for Postgres alone."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"tls/{name}")
            entry.size, entry.mode, entry.uid, entry.gid = len(text.encode()), 0o600, 999, 999
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()
