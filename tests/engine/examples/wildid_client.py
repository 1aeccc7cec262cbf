"""WildID as its users and its administrators see it."""

import os
import re
import socket
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.engine.examples.applications import text_of
from tests.engine.examples.readers import bindings, folder_of, inside
from tests.engine.examples.shipped import Shipped
from tests.engine.examples.wildid_outside import Outside
from tests.engine.project import said_in
from tests.engine.visitor import Visitor, eventually

PICTURE = b"\x89PNG\r\n\x1a\n of an otter"
HOST = "wildid.example"


@dataclass
class Wildid(Shipped):
    """A copy of the example, with the world that it is in."""

    outside: Outside = field(kw_only=True)
    name: str = "wildid"

    def fit_dev(self) -> None:
        """What has to differ from the example for a test: where Together.ai is."""
        self.configure(apps={"app": {"env": {"TOGETHER_URL": self.outside.together.url}}})

    def give_key(self, way: str) -> None:
        """Give a stage that is up the key of Together.ai, in one of the two ways of README.md: `environment` or `file`."""
        (command,) = [line for line in self.readme("berth:secrets.together_api_key").splitlines() if f".{way} " in line]
        self.run(f"{command}\nberth up")

    def fit_prod(self) -> None:
        """What has to differ from the example for a test: addresses of what is outside, whose certificate no authority has signed."""
        own = {"TOGETHER_URL": self.outside.together.url, "SSL_CERT_FILE": "/etc/wildid/ca.pem"}
        files = {"/etc/wildid": {"ca.pem": {"text": self.outside.certificate.chain}}}
        self.configure(
            apps={"app": {"env": own, "files": files}},
            mail={"smtp": {"host": self.outside.address, "port": self.outside.mail.port}},
            postgres={"db": {"external": {"host": self.outside.address, "port": self.outside.database_port}}},
        )

    def visitor(self) -> httpx.Client:
        """A browser that keeps cookies."""
        return (Visitor(self) if self.stack == "dev" else Visitor(self, HOST, self.https)).browsing()

    def get(self, path: str) -> httpx.Response:
        """Ask once."""
        with self.visitor() as visitor:
            return visitor.get(path)

    def links(self, email: str) -> list[str]:
        """Links in the mails to an address, the oldest first: those that Mailhog caught in dev, those that went out in prod."""
        mails = self.caught(email) if self.stack == "dev" else self.outside.mail.to(email)
        return [link for mail in mails for link in re.findall(r"https?://\S+/login/[\w-]+", text_of(mail))]

    def sign_in(self, visitor: httpx.Client, email: str) -> str:
        """Ask for a link, find it in the mail, follow it."""
        assert "on its way" in visitor.post("/login", data={"email": email}).text
        link = str(eventually(lambda: self.links(email))[-1])
        answer = visitor.get("/login/" + link.rpartition("/")[2])
        assert (answer.status_code, answer.headers["location"]) == (302, "/")
        assert f"Signed in as {email}" in visitor.get("/").text
        return link

    def sql(self, statement: str) -> str:
        """What the database says."""
        if self.value("postgres db").get("external") and not self.replicas("db"):
            return self.outside.sql(statement)
        return said_in(self.one("db"), "psql", "-XqAt", "-d", "wildid", "-c", statement).strip()

    def variables(self) -> dict[str, str]:
        """What the application finds in its environment, secrets too."""
        script = "tr '\\0' '\\n' </proc/$(cut -d' ' -f1 /proc/1/task/1/children)/environ"
        lines = inside(self, "app", "sh", "-c", script).splitlines()
        return dict(line.split("=", maxsplit=1) for line in lines if "=" in line)

    def uploads(self) -> str | None:
        """Folder of the host with the pictures."""
        folder = folder_of(self, "uploads")
        return os.path.relpath(folder, self.root) if folder else None

    def mounted(self) -> set[str]:
        """Folders of the host that the application has mounted as they are."""
        return {os.path.relpath(folder, self.root) for folder in bindings(self.replicas("app")[0]).values()}

    def asked(self) -> set[str]:
        """What the secrets manager's CLI was asked."""
        return set((self.root.parent / "bin" / "calls").read_text().splitlines())

    def answers_as_postgres(self) -> bool:
        """Whether a Postgres is at the port of the host: it says whether it speaks TLS (protocol 3.0, SSLRequest)."""
        with socket.create_connection(("127.0.0.1", self.port("postgres db publish")), timeout=10) as connection:
            connection.sendall(bytes.fromhex("0000000804d2162f"))
            return connection.recv(1) in (b"N", b"S")

    def versions(self, count: int = 12) -> set[str]:
        """Versions that answer."""
        with self.visitor() as visitor:
            return {str(visitor.get("/health").json()["version"]) for _ in range(count)}


def found_in(text: str, wanted: dict[str, Any]) -> list[str]:
    """Names of the secrets that stand in a text."""
    return [name for name, value in wanted.items() if str(value) in text]
