"""Somebody who uses examples/story, and what of it the engine shows."""

import json
from dataclasses import dataclass
from typing import Any

import httpx
from docker.models.containers import Container

from tests.engine.examples.readers import bindings, python, volumes
from tests.engine.examples.shipped import Shipped
from tests.engine.visitor import eventually

DOMAIN = "story.example"
VISIT = """
import http.client, json, socket, ssl
line = socket.create_connection(("proxy", {port}))
address = line.getsockname()[0]
site = http.client.HTTPConnection("{host}")
site.sock = ssl._create_unverified_context().wrap_socket(line, server_hostname="{host}") if {tls} else line
site.request("GET", "/api/v1/config/frontend/", headers={{"X-Real-IP": "6.6.6.6", "X-Forwarded-For": "6.6.6.6"}})
print(json.dumps([address, json.load(site.getresponse())]))
"""
"""What a container runs to visit the site from its own address."""


@dataclass
class Story(Shipped):
    """A copy of the example."""

    name: str = "story"

    def seen(self, path: str) -> str:
        """Port of the app that answered, as the proxy's log has it; `-` when the proxy itself did."""

        def line() -> list[str]:
            return [line for line in self.one("proxy").logs().decode().splitlines() if f" {path} HTTP/" in line]

        return eventually(line)[-1].rpartition(" ")[2].strip('"').rpartition(":")[2]

    def volume(self, service: str, path: str) -> str:
        """The volume at a path of a service, without what all volumes of the stage begin with."""
        return volumes(self.one(service))[path].removeprefix(f"story-{self.stack}-{self.instance}-")

    def folder(self, service: str, path: str) -> str:
        """The folder of this copy at a path of a service."""
        return bindings(self.one(service))[path].removeprefix(f"{self.root}/")

    def asked_from_inside(self, host: str) -> tuple[str, dict[str, Any]]:
        """The address of the backend when it visits the site itself, with forged headers, and what the site says of this visitor."""
        port = self.https if self.value("proxy").get("tls") else self.http
        (door,) = (name.partition("/")[0] for name, found in self.one("proxy").ports.items() if found and found[0]["HostPort"] == str(port))
        address, config = json.loads(python(self, "backend", VISIT.format(host=host, port=door, tls=port == self.https)))
        return str(address), dict(config)

    def password_of_admin(self) -> str:
        """As README.md says."""
        return self.does("printenv ADMIN_PASSWORD").strip()


def join(client: httpx.Client, name: str, picture: bytes) -> dict[str, Any]:
    """Join by the API, with a picture."""
    answer = client.post("/api/v1/users/", data={"name": name}, files={"picture": (f"{name}.png", picture)})
    assert answer.status_code == 201, answer.text[:500]
    return dict(answer.json())


def ask_for_report(client: httpx.Client) -> str:
    """Ask for a report; the path at which it can be seen."""
    answer = client.post("/api/v1/reports/")
    assert answer.status_code == 201, answer.text[:500]
    return f"/api/v1/reports/{answer.json()['id']}/"


def log_in(client: httpx.Client, password: str) -> httpx.Response:
    """Log in to /admin, as a browser would; the page that shows after that."""
    form = client.get("/admin/login/")
    token = form.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    fields = {"csrfmiddlewaretoken": token, "username": "admin", "password": password, "next": "/admin/"}
    origin = str(client.base_url).rstrip("/")
    return client.post("/admin/login/", data=fields, headers={"Origin": origin, "Referer": f"{origin}/admin/login/"}, follow_redirects=True)


def address(container: Container, network: str) -> str:
    """Address in the network whose name begins so."""
    container.reload()
    return next(str(one["IPAddress"]) for name, one in container.attrs["NetworkSettings"]["Networks"].items() if name.startswith(network))


def opens(container: Container, address: str) -> bool:
    """Whether a container that has Bash reaches a Redis."""
    return bool(container.exec_run(["timeout", "5", "bash", "-c", f": </dev/tcp/{address}/6379"]).exit_code == 0)
