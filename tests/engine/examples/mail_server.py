"""A mail server of the test's own, outside the stage: STARTTLS, one account, and every message kept."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


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
    certificate: str
    """PEM; who trusts it trusts this server."""
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


def _certificate(host: str, folder: Path) -> tuple[str, ssl.SSLContext]:
    """A certificate of its own for an address, and the server's side of TLS with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail server of a test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "mail.pem").write_bytes(private + certificate)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "mail.pem")
    return certificate.decode(), context


@contextmanager
def mail_server(host: str, folder: Path, *, username: str, password: str) -> Iterator[MailServer]:
    """Listen on a free port of an address; `folder` keeps certificate and key."""
    certificate, tls = _certificate(host, folder)
    with _Listener((host, 0), _Session) as listener:
        listener.mail = mail = MailServer(host, listener.server_address[1], username, password, certificate)
        listener.tls = tls
        thread = threading.Thread(target=listener.serve_forever, daemon=True)
        thread.start()
        try:
            yield mail
        finally:
            listener.shutdown()
            thread.join()
