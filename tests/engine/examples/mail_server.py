"""A mail server of the test's own, outside the stage: STARTTLS, one account, and every message kept."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import docker

from components.proxy.certificate import Certificate


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


class _Session(socketserver.StreamRequestHandler):
    """One client, as RFC 5321, 3207 and 4954 want it, as far as smtplib goes."""

    server: "_Listener"
    account: str | None = None
    encrypted = False
    timeout = 30

    def handle(self) -> None:
        self._say(220, "test ESMTP")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "QUIT":
                self._say(221, "bye")
                return
            {"EHLO": self._ehlo, "STARTTLS": self._starttls, "AUTH": self._auth, "DATA": self._data}.get(verb, self._fine)(line)

    def _say(self, code: int, *lines: str) -> None:
        last = len(lines) - 1
        self.wfile.write("".join(f"{code}{'-' if number < last else ' '}{line}\r\n" for number, line in enumerate(lines)).encode())

    def _fine(self, line: str) -> None:
        refused = line.upper().startswith("MAIL") and self.account is None
        self._say(*(530, "log in first") if refused else (250, "fine"))

    def _ehlo(self, line: str) -> None:
        self._say(250, "test", "8BITMIME", "AUTH PLAIN" if self.encrypted else "STARTTLS")

    def _starttls(self, line: str) -> None:
        self._say(220, "go on")
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.encrypted = True

    def _auth(self, line: str) -> None:
        _, username, password = base64.b64decode(line.split()[2]).decode().split("\0")
        right = self.encrypted and (username, password) == (self.server.mail.username, self.server.mail.password)
        self.account = username if right else None
        self._say(*(235, "welcome") if right else (535, "wrong"))

    def _data(self, line: str) -> None:
        self._say(354, "go on")
        lines = []
        while (text := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(text.removeprefix(b".") if text.startswith(b"..") else text)
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        self.server.mail.received.append(Received(message, self.account, self.encrypted))
        self._say(250, "kept")


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    mail: MailServer
    tls: ssl.SSLContext


def gateway(engine: docker.DockerClient) -> str:
    """Address of this host that containers of every stage reach, as they reach what is outside."""
    return str(engine.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"])


@contextmanager
def mail_server(host: str, certificate: Certificate, folder: Path, *, username: str, password: str) -> Iterator[MailServer]:
    """Listen on a free port of an address; `folder` keeps certificate and key."""
    (folder / "mail.pem").write_text(certificate.key + certificate.chain)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(folder / "mail.pem")
    with _Listener((host, 0), _Session) as listener:
        listener.mail = mail = MailServer(host, listener.server_address[1], username, password)
        listener.tls = tls
        with serving(listener):
            yield mail


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    """Serve meanwhile."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
