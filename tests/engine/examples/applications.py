"""An installed application as its README brings it up, with a mail server outside in prod, and what every run sheet asks of it."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import docker

from components.proxy.certificate import MATERIAL_BYTES, self_signed
from tests.engine.examples.demands import Demand
from tests.engine.examples.mail_server import MailServer, gateway, mail_server
from tests.engine.examples.readers import Watch, everywhere, owners_of_ports, volumes
from tests.engine.examples.shipped import Shipped, running

SMTP_PASSWORD = "mail-canary@:/%"  # a URL that holds it has to encode it
TRUSTED = "/etc/mail-server"
Inbox = Callable[[str], list[EmailMessage]]
"""Messages to an address, the oldest first."""


def text_of(message: EmailMessage) -> str:
    """The plain text of a message."""
    body = message.get_body(("plain",))
    assert body
    return str(body.get_content())


@contextmanager
def in_dev(root: Path, name: str) -> Iterator[tuple[Shipped, Watch]]:
    """The application up in dev, and what was seen meanwhile."""
    project = Shipped(root=root, name=name)
    with watched(project) as watch:
        yield project, watch


@contextmanager
def in_prod(root: Path, name: str) -> Iterator[tuple[Shipped, Watch, MailServer]]:
    """The application up in prod, handing its mail to a server outside that it is told to trust."""
    host = gateway(docker.from_env())
    certificate = self_signed([host], secrets.token_bytes(MATERIAL_BYTES))
    with mail_server(host, certificate, root.parent, username=name, password=SMTP_PASSWORD) as server:
        project = Shipped(root=root, name=name, stack="prod", secrets={"smtp_password": SMTP_PASSWORD})
        trust = {"env": {"SSL_CERT_FILE": f"{TRUSTED}/ca.pem"}, "files": {TRUSTED: {"ca.pem": {"text": certificate.chain}}}}
        project.configure(apps={"web": trust}, mail={"smtp": {"host": server.host, "port": server.port}})
        with watched(project) as watch:
            yield project, watch, server


@contextmanager
def watched(project: Shipped) -> Iterator[Watch]:
    """Bring an application up, and note what starts when, the migration too."""
    with Watch(project) as watch, running(project):
        yield watch


def redis(project: Shipped, *words: str) -> str:
    """What Redis answers, asked inside its container with its own password."""
    return project.berth("exec", "cache", "redis-cli", *words).strip()


def restarts(project: Shipped) -> int:
    """How often anything had to be started again."""
    return sum(one.attrs["RestartCount"] for one in project.containers(role="service"))


def networks(project: Shipped, service: str) -> dict[str, bool]:
    """Networks of a service, and whether each is internal."""
    names = project.replicas(service)[0].attrs["NetworkSettings"]["Networks"]
    found = [project.engine.networks.get(name) for name in names]
    return {str(one.name).partition("-")[0]: bool(one.attrs["Internal"]) for one in found}


def migrations(project: Shipped) -> list[int]:
    """Exit status of each container that has migrated."""
    jobs = [one for one in project.containers(role="job") if "migrate" in str(one.name)]
    return [one.attrs["State"]["ExitCode"] for one in jobs]


def keeps_data_at(project: Shipped, *places: tuple[str, str]) -> bool:
    """Whether the data volumes of a stage are those at these paths of these services, each one of its own, and no others."""
    return sorted(volumes(project.replicas(service)[0])[path] for service, path in places) == project.data_volumes()


DATABASES = (("db", "/var/lib/postgresql/data"), ("cache", "/data"))
"""Where Postgres and Redis have their data."""
ORDER = (("migrate", "db"), ("migrate", "cache"), ("web", "migrate"), ("tasks", "web"), ("tasks", "cache"), ("proxy", "web"))
"""Run sheets, lines 26 and 50: who is started only when somebody else is healthy; the migration is when it has ended well."""
HARDENED = (
    Demand("pretalx, reference", "no-new-privileges everywhere", lambda site: everywhere(site, "HostConfig", "SecurityOpt"), {"['no-new-privileges:true']"}),
    Demand("fittrackee, reference", "restart unless-stopped", lambda site: everywhere(site, "HostConfig", "RestartPolicy", "Name"), {"unless-stopped"}),
    Demand("design, 4.4", "only the proxy has ports of the host", owners_of_ports, {"proxy"}),
    Demand(
        "fittrackee, reference", "Postgres and Redis on an internal network only", lambda site: networks(site, "db") | networks(site, "cache"), {"data": True}
    ),
    Demand("demands, 4", "the migration ran once", migrations, [0]),
    Demand("demands, 4", "nothing had to be started twice", restarts, 0),
    Demand("demands, 7", "read-only root", lambda site: everywhere(site, "HostConfig", "ReadonlyRootfs"), {"True"}),
    Demand("demands, 7", "a temporary folder in memory", lambda site: "/tmp" in site.replicas("web")[0].attrs["HostConfig"]["Tmpfs"]),
)
"""What the run sheets, and the list at their end, ask of every service; what one asks, the other keeps too."""
