"""A mail server of the test's own, outside the stage: STARTTLS, one account, and every message kept."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import docker
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from components.proxy.certificate import Certificate
from tests.engine.project import free_port


@dataclass(frozen=True)
class Received:
    """A message, the account that handed it in, and whether the line was encrypted."""

    message: EmailMessage
    account: str | None
    encrypted: bool


@dataclass
class MailServer:
    """Where it listens, who may hand in, and what came."""

    host: str
    port: int
    username: str
    password: str
    received: list[Received] = field(default_factory=list)

    def to(self, address: str) -> list[EmailMessage]:
        """Messages to one address, the oldest first."""
        return [one.message for one in self.received if address in str(one.message["To"])]

    def knows(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: object) -> AuthResult:
        """Whether somebody may hand in."""
        assert isinstance(login, LoginPassword)
        right = (login.login.decode(), login.password.decode()) == (self.username, self.password)
        return AuthResult(success=right, handled=False, auth_data=login.login.decode())

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the library's name
        """Keep a message."""
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.received.append(Received(message, session.auth_data if session.authenticated else None, session.ssl is not None))
        return "250 kept"


def gateway(engine: docker.DockerClient) -> str:
    """Address of this host that containers of every stage reach, as they reach what is outside."""
    return str(engine.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"])


@contextmanager
def mail_server(host: str, certificate: Certificate, folder: Path, *, username: str, password: str) -> Iterator[MailServer]:
    """Listen on a free port of an address; `folder` keeps certificate and key."""
    (folder / "mail.pem").write_text(certificate.key + certificate.chain)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(folder / "mail.pem")
    mail = MailServer(host, free_port(), username, password)
    controller = Controller(mail, host, mail.port, tls_context=tls, require_starttls=True, authenticator=mail.knows, auth_required=True)
    controller.start()
    try:
        yield mail
    finally:
        controller.stop()
