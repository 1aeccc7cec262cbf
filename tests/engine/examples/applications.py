"""An installed application as its README brings it up: a copy of the example's folder, ports of its own, and its mail."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import httpx
from ruamel.yaml import YAML

from tests.engine.examples.mail_server import MailServer, mail_server
from tests.engine.project import CHECKOUT, Project, free_port

EXAMPLES = CHECKOUT / "examples"
LEFT_OUT = shutil.ignore_patterns(".berth", ".pulumi", "Pulumi.*.pins.yaml")
PASSPHRASE = {"PULUMI_CONFIG_PASSPHRASE": "of this test"}
SMTP_PASSWORD = "mail-canary@:/%"  # a URL that holds it has to encode it
TRUSTED = "/etc/mail-server"
Inbox = Callable[[str], list[EmailMessage]]
"""Messages to an address, the oldest first."""
Found = TypeVar("Found")


def eventually(look: Callable[[], Found], seconds: float = 60) -> Found:
    """What `look` returns as soon as that is something."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"nothing came in {seconds} s"
        time.sleep(0.3)
    return found


@dataclass
class Installed(Project):
    """A user's copy of an example: its files, with ports of the host that are free."""

    def __post_init__(self) -> None:
        self.http, self.https, self.mail_ui = free_port(), free_port(), free_port()
        shutil.copytree(EXAMPLES / self.name, self.root, ignore=LEFT_OUT)
        description = self._read("Pulumi.yaml")
        description["runtime"]["options"]["virtualenv"] = str(CHECKOUT / ".venv")
        self._write("Pulumi.yaml", description | {"main": str(CHECKOUT)})

    def configure(self, **changes: Any) -> None:
        """Write what the test needs over the stage file as it is shipped."""
        self.stage |= changes
        document = self._read(f"Pulumi.{self.stack}.yaml")
        for section, value in self.stage.items():
            key = f"berth:{section}"
            document["config"][key] = over(document["config"].get(key), value)
        self._write(f"Pulumi.{self.stack}.yaml", document)

    def _read(self, name: str) -> dict[str, Any]:
        return dict(YAML(typ="safe").load(self.root / name))

    def settled(self) -> None:
        """A second run has nothing to do, a look at the engine included."""
        assert "unchanged" in self.berth("up", "--", "--expect-no-changes")
        self.berth("preview", "--", "--expect-no-changes", "--refresh")

    def caught(self, address: str) -> list[EmailMessage]:
        """What Mailhog has for an address, the oldest first."""
        found = httpx.get(f"{self.mail_url}/api/v2/search", params={"kind": "to", "query": address}).json()["items"]
        return [message_from_bytes(one["Raw"]["Data"].encode(), policy=policy.default) for one in reversed(found)]


def over(below: Any, above: Any) -> Any:
    """One value over another, key by key where both are mappings."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return below | {key: over(below.get(key), value) for key, value in above.items()}


def text_of(message: EmailMessage) -> str:
    """The plain text of a message."""
    body = message.get_body(("plain",))
    assert body
    return str(body.get_content())


@contextmanager
def in_dev(root: Path, name: str) -> Iterator[Installed]:
    """The application up in dev, as shipped but for its ports; erased afterwards."""
    project = Installed(root=root, name=name)
    try:
        project.configure(proxy={"ports": {"http": project.http}}, mail={"mailhog": {"ui_port": project.mail_ui}})
        project.berth("up")
        yield project
    finally:
        project.erase()


@contextmanager
def in_prod(root: Path, name: str) -> Iterator[tuple[Installed, MailServer]]:
    """The application up in prod as its README says, handing its mail to a server outside; taken down afterwards, with its data."""
    project = Installed(root=root, name=name, stack="prod", environment=PASSPHRASE)
    gateway = project.engine.networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"]
    with mail_server(gateway, root.parent, username=name, password=SMTP_PASSWORD) as server:
        try:
            _prepare(project, server)
            project.berth("up")
            yield project, server
        finally:
            project.berth("down")
            for volume in project.data_volumes():  # the test's own; berth has no command for this, and must not
                project.engine.volumes.get(volume).remove()
            assert not any(project.leftovers().values()), project.leftovers()


def _prepare(project: Installed, server: MailServer) -> None:
    """What the README tells a prod stage once, and that the application trusts the test's mail server."""
    project.pulumi("stack", "select", "--create")
    project.pulumi("config", "set", "berth:instance", project.instance)
    project.pulumi("config", "set", "--secret", "berth:root_secret", "5eed" * 16)
    project.pulumi("config", "set", "--path", "--secret", "berth:secrets.smtp_password", SMTP_PASSWORD)
    trust = {"env": {"SSL_CERT_FILE": f"{TRUSTED}/ca.pem"}, "files": {TRUSTED: {"ca.pem": {"text": server.certificate}}}}
    project.configure(
        proxy={"ports": {"address": "127.0.0.1", "http": project.http, "https": project.https}},
        apps={"web": trust},
        mail={"smtp": {"host": server.host, "port": server.port}},
    )
    project.berth("pin")
