"""Somebody who copies examples/story, brings it up under other ports, and uses it."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from docker.models.containers import Container
from playwright.sync_api import Page, sync_playwright
from ruamel.yaml import YAML

from tests.engine.project import CHECKOUT, Project, free_port

EXAMPLE = CHECKOUT / "examples" / "story"
CHROMIUM = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
PASSPHRASE = {"PULUMI_CONFIG_PASSPHRASE": "of this test"}
DOMAIN = "story.example"


def shipped(stack: str) -> dict[str, Any]:
    """The sections of a stage file as the example has them."""
    config = YAML(typ="safe").load(EXAMPLE / f"Pulumi.{stack}.yaml")["config"]
    return {key.removeprefix("berth:"): value for key, value in config.items()}


@dataclass
class Story(Project):
    """A copy of the example."""

    application: str = "app.yaml"

    def __post_init__(self) -> None:
        shutil.copytree(EXAMPLE, self.root, ignore=shutil.ignore_patterns(".berth", ".pulumi", "node_modules", "__pycache__"))
        self.frontend, self.backend, self.db, self.redis, self.https = (free_port() for _ in range(5))
        self.stage = shipped(self.stack) | self.stage
        super().__post_init__()

    def seen(self, path: str) -> str:
        """Port of the app that answered, as the proxy's log has it; `-` when the proxy itself did."""

        def line() -> list[str]:
            return [line for line in self.one("proxy").logs().decode().splitlines() if f" {path} HTTP/" in line]

        return str(eventually(line)[-1]).rpartition(" ")[2].strip('"').rpartition(":")[2]

    @contextmanager
    def changed(self, path: str, old: str, new: str) -> Iterator[None]:
        """Change a source file as an editor does, and change it back."""
        file = self.root / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        try:
            yield
        finally:
            file.write_text(text)

    def password_of_admin(self) -> str:
        """As README.md says."""
        return self.berth("exec", "backend", "printenv", "ADMIN_PASSWORD").strip()


def dev(root: Path, name: str) -> Story:
    """The dev stage, with ports that are free instead of 80, 5173, 8000, 5432 and 6379."""
    story = Story(root=root, name=name)
    story.configure(
        proxy={"ports": {"http": story.http}},
        apps={"backend": {"routes": {"/": {"listen": story.backend}}}, "frontend": {"routes": {"localhost/": {"listen": story.frontend}}}},
        postgres={"db": {"publish": story.db}},
        redis={"redis": {"publish": story.redis}},
    )
    return story


def prod(root: Path, name: str) -> Story:
    """The prod stage, on 127.0.0.1 and with ports that are free instead of 80 and 443, told what README.md says."""
    story = Story(root=root, name=name, stack="prod", environment=PASSPHRASE)
    story.configure(proxy=story.stage["proxy"] | {"ports": {"address": "127.0.0.1", "http": story.http, "https": story.https}})
    story.pulumi("stack", "select", "--create")
    story.pulumi("config", "set", "berth:instance", story.instance)
    story.pulumi("config", "set", "--secret", "berth:root_secret", "5eed" * 16)
    return story


def eventually(check: Callable[[], Any], seconds: float = 30) -> Any:
    """What `check` returns as soon as that is something."""
    end = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < end, f"{check.__name__} found nothing in {seconds} s"
        time.sleep(0.2)
    return found


@contextmanager
def browser() -> Iterator[Page]:
    """A page of a headless Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield chromium.new_page()
        chromium.close()


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
    first: dict[tuple[str, str], int] = field(default_factory=dict)
    """Nanoseconds by service and event, `start` or `health_status: healthy`."""

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
            self.first.setdefault((event["Actor"]["Attributes"]["berth.service"], event["Action"]), event["timeNano"])

    def started_after_health(self, service: str, before: str) -> bool:
        return self.first[service, "start"] > self.first[before, "health_status: healthy"]


def limits(container: Container) -> tuple[float, int, int]:
    """Cores, MiB, and MiB that are reserved."""
    host = container.attrs["HostConfig"]
    return (host["NanoCpus"] or host["CpuQuota"] * 10_000) / 1e9, host["Memory"] // 2**20, host["MemoryReservation"] // 2**20


def published(project: Project) -> dict[str, set[int]]:
    """Ports of the host by the address that they are bound to."""
    found: dict[str, set[int]] = {}
    for container in project.containers():
        for binding in (one for bindings in container.ports.values() for one in bindings or ()):
            found.setdefault(binding["HostIp"], set()).add(int(binding["HostPort"]))
    return found


def mounted(project: Project, service: str, path: str) -> tuple[str, str]:
    """Kind of what is mounted at a path of a service, and its name, or the folder of the host."""
    (found,) = (one for one in project.one(service).attrs["Mounts"] if one["Destination"] == path)
    return found["Type"], found.get("Name") or found["Source"]
