"""WildID as its users and its administrators see it."""

import os
import re
import socket
import ssl
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.engine.examples.shipped import Shipped, folder_of
from tests.engine.examples.wildid_outside import Outside
from tests.engine.project import free_port, said_in
from tests.engine.test_demo import eventually, mails_to

PICTURE = b"\x89PNG\r\n\x1a\n of an otter"
HOST = "wildid.example"


@dataclass
class Wildid(Shipped):
    """A copy of the example, up at ports of its own, with the world that it is in."""

    outside: Outside = field(kw_only=True)
    name: str = "wildid"
    database: int = field(default_factory=free_port)
    """Port of the host that stands for 5432."""

    def fit_dev(self) -> None:
        """What has to differ from the example for a test: ports, and where Together.ai is. Its key comes from the environment."""
        self.environment |= {"TOGETHER_API_KEY": self.outside.secrets["together_api_key"]}
        self.configure(
            apps={"app": {"env": {"TOGETHER_URL": self.together}}},
            proxy={"ports": {"http": self.http}},
            mail={"mailhog": {"ui_port": self.mail_ui}},
            postgres={"db": {"publish": self.database}},
            secrets={"together_api_key": {"environment": "TOGETHER_API_KEY"}},
        )

    def fit_prod(self) -> None:
        """What has to differ from the example for a test: ports, and addresses of what is outside, whose certificate no authority has signed."""
        own = {"TOGETHER_URL": self.together, "SSL_CERT_FILE": "/etc/wildid/ca.pem"}
        files = {"/etc/wildid": {"ca.pem": {"text": self.outside.certificate.chain}}}
        self.configure(
            apps={"app": {"env": own, "files": files}},
            proxy={"ports": {"address": "127.0.0.1", "http": self.http, "https": self.https}},
            mail={"smtp": {"host": self.outside.address, "port": self.outside.ports["smtp"]}},
            postgres={"db": {"external": {"host": self.outside.address, "port": self.outside.ports["db"]}}},
        )

    @property
    def together(self) -> str:
        return f"http://{self.outside.address}:{self.outside.ports['together']}/v1"

    def visitor(self) -> httpx.Client:
        """A browser that keeps cookies."""
        if self.stack == "dev":
            return httpx.Client(base_url=self.url, timeout=30)
        context = ssl.create_default_context(cadata=ssl.get_server_certificate(("127.0.0.1", self.https)))
        return httpx.Client(base_url=f"https://127.0.0.1:{self.https}", headers={"Host": HOST}, verify=context, timeout=30)

    def get(self, path: str) -> httpx.Response:
        """Ask once."""
        with self.visitor() as visitor:
            return visitor.get(path)

    def links(self, email: str) -> list[str]:
        """Links in the mails to an address, the newest first: those that Mailhog caught in dev, those that went out in prod."""
        caught = [mail["Content"]["Body"] for mail in mails_to(self, email)] if self.stack == "dev" else []
        texts = caught or [mail["text"] for mail in self.outside.mails(email)]
        return [link for text in texts for link in re.findall(r"https?://\S+/login/[\w-]+", text)]

    def sign_in(self, visitor: httpx.Client, email: str) -> str:
        """Ask for a link, find it in the mail, follow it."""
        assert "on its way" in visitor.post("/login", data={"email": email}).text
        link = str(eventually(lambda: self.links(email))[0])
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
        lines = self.inside("app", "sh", "-c", script).splitlines()
        return dict(line.split("=", maxsplit=1) for line in lines if "=" in line)

    def uploads(self) -> str | None:
        """Folder of the host with the pictures."""
        folder = folder_of(self, "uploads")
        return os.path.relpath(folder, self.root) if folder else None

    def mounted(self) -> set[str]:
        """Folders of the host that the application has mounted as they are."""
        binds = [mount for mount in self.replicas("app")[0].attrs["Mounts"] if mount["Type"] == "bind"]
        return {os.path.relpath(mount["Source"], self.root) for mount in binds}

    def asked(self) -> set[str]:
        """What the secrets manager's CLI was asked."""
        return set((self.root.parent / "bin" / "calls").read_text().splitlines())

    def answers_as_postgres(self) -> bool:
        """Whether a Postgres is at the port of the host: it says whether it speaks TLS (protocol 3.0, SSLRequest)."""
        with socket.create_connection(("127.0.0.1", self.database), timeout=10) as connection:
            connection.sendall(bytes.fromhex("0000000804d2162f"))
            return connection.recv(1) in (b"N", b"S")

    def versions(self, count: int = 12) -> set[str]:
        """Versions that answer."""
        with self.visitor() as visitor:
            return {str(visitor.get("/health").json()["version"]) for _ in range(count)}


def found_in(text: str, wanted: dict[str, Any]) -> list[str]:
    """Names of the secrets that stand in a text."""
    return [name for name, value in wanted.items() if str(value) in text]
