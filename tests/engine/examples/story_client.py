"""Somebody who uses examples/story, and what of it the engine shows."""

import threading
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.engine.examples.readers import bindings, volumes
from tests.engine.examples.shipped import Shipped
from tests.engine.project import Project
from tests.engine.visitor import eventually

DOMAIN = "story.example"


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


@dataclass
class Watch:
    """Notes when each service of a project starts and becomes healthy first, while it is being brought up."""

    project: Project
    first: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """Nanoseconds by instance, service and event, `start` or `health_status: healthy`."""

    def __enter__(self) -> "Watch":
        filters = {"type": "container", "event": ["start", "health_status"], "label": [f"berth.project={self.project.name}", "berth.role=service"]}
        self.events = self.project.engine.events(decode=True, filters=filters)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.events.close()
        self.thread.join(timeout=10)

    def _read(self) -> None:
        for event in self.events:
            labels = event["Actor"]["Attributes"]
            self.first.setdefault((labels["berth.instance"], labels["berth.service"], event["Action"]), event["timeNano"])

    def started_after_health(self, service: str, before: str) -> bool:
        """Whether a service was started when another one was healthy."""
        instance = self.project.instance
        return self.first[instance, service, "start"] > self.first[instance, before, "health_status: healthy"]

    def seconds(self) -> float:
        """From the start of the first service until the last one was healthy."""
        times = [when for (instance, _, _), when in self.first.items() if instance == self.project.instance]
        return (max(times) - min(times)) / 1e9

    def has_seen(self, *services: str) -> bool:
        """Whether these services have become healthy."""
        return all((self.project.instance, service, "health_status: healthy") in self.first for service in services)
