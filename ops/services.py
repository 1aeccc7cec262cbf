"""How the services of a stage are: what the program exports about them, joined with what the engine says."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from ops import drift
from ops.console import OUT, Stop, say, show_table
from ops.engine import Engine
from ops.objects import Container
from ops.project import Stage
from ops.state import State
from ops.waiting import Progress

ORDER = ("Proxy", "Mono", "App", "Worker", "Postgres", "Redis", "Mailhog")
HEAD = ("SERVICE", "IMAGE", "HEALTH", "URL", "CREDENTIALS")
LOOKED = ("DIGEST", "DRIFT")
"""Heads of more columns, for who looks at a stage."""
SHORT = 12
"""Digits of an image's digest that people read."""
PATIENCE_S = 30
"""How long a service may need to recover by itself before it counts as failed."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service and its containers."""

    name: str
    kind: str
    image: str
    url: str
    credentials: str
    """Where they are, never what they are."""
    expires: datetime | None = None
    """When the certificate that was given expires."""
    renew: datetime | None = None
    """From when on that is worth a word."""
    containers: tuple[Container, ...]

    @property
    def well(self) -> bool:
        """Whether it runs and all of its containers are well."""
        return bool(self.containers) and all(container.well for container in self.containers)

    @property
    def days_left(self) -> int | None:
        """Days until the certificate expires; less than 0: it has. None: there is none to be renewed."""
        return (self.expires - datetime.now(UTC)).days if self.expires else None

    @property
    def due(self) -> bool:
        """Whether the certificate has to be renewed."""
        return bool(self.renew and datetime.now(UTC) >= self.renew)

    @property
    def certificate(self) -> str:
        """How long it is good; empty without one."""
        if self.days_left is None:
            return ""
        text = "certificate has expired" if self.days_left < 0 else f"certificate for {self.days_left} days"
        return f"{text}: renew it" if self.due else text

    @property
    def digest(self) -> str:
        """The image that runs, in short; of a stage that is being rolled, all there are."""
        return ", ".join(sorted({container.image_id.removeprefix("sha256:")[:SHORT] for container in self.containers if container.image_id}))

    @property
    def health(self) -> str:
        """One word, or a count of each when its containers differ; restarts in brackets."""
        words = [word_of(container) for container in self.containers]
        counted = ", ".join(f"{words.count(word)} {word}" for word in sorted(set(words)))
        text = "not running" if not words else words[0] if len(words) == 1 else counted
        return f"{text} ({self.restarts} restart{'s' if self.restarts > 1 else ''})" if self.restarts else text

    @property
    def restarts(self) -> int:
        """How often the engine has started its containers again."""
        return sum(container.restarts for container in self.containers)


def word_of(container: Container) -> str:
    """The state of one container in one word."""
    if container.status == "exited":
        return f"exited with {container.exit_code}"
    return container.health or container.status if container.status == "running" else container.status


def services(outputs: Mapping[str, Any], containers: Sequence[Container]) -> list[Service]:
    """Join exports and containers; a service that only the engine knows is shown too."""
    exported = outputs.get("services")
    known: dict[str, Mapping[str, Any]] = {name: about for name, about in exported.items() if isinstance(about, dict)} if isinstance(exported, dict) else {}
    serving: dict[str, list[Container]] = {name: [] for name in known}
    for container in containers:
        if container.role == "service":
            serving.setdefault(container.service, []).append(container)
    found = [_service(name, known.get(name, {}), members) for name, members in serving.items()]
    return sorted(found, key=lambda service: (ORDER.index(service.kind) if service.kind in ORDER else len(ORDER), service.name))


def _service(name: str, about: Mapping[str, Any], containers: Sequence[Container]) -> Service:
    def text(key: str) -> str:
        value = about.get(key)
        return value if isinstance(value, str) else ""

    image = text("image") or (containers[0].image if containers else "")
    members = tuple(sorted(containers, key=lambda container: container.name))
    expires, renew = (datetime.fromisoformat(text(key)) if text(key) else None for key in ("expires", "renew"))
    return Service(
        name=name, kind=text("kind"), image=image, url=text("url"), credentials=text("credentials"), expires=expires, renew=renew, containers=members
    )


def row(service: Service) -> tuple[str, ...]:
    """The service as a row of the table."""
    return service.name, service.image, ", ".join(filter(None, (service.health, service.certificate))), service.url or "-", service.credentials or "-"


def show(outputs: Mapping[str, Any], found: Sequence[Service], drifted: Mapping[str, str] | None = None) -> None:
    """Print the table, and the address of the site. `drifted`: a word for each service that differs from what berth made, where somebody looked."""
    styles = ["red" if not service.well else "yellow" if service.due or (drifted and service.name in drifted) else "green" for service in found]
    if drifted is None:
        show_table(HEAD, [row(service) for service in found], styles)
    else:
        show_table((*HEAD, *LOOKED), [(*row(service), service.digest or "-", drifted.get(service.name, "none")) for service in found], styles)
    if isinstance(url := outputs.get("url"), str) and url:
        OUT.print()
        say(f"The site: {url}", style="bold")


def page(outputs: Mapping[str, Any], service: str, stack: str) -> str:
    """Address of the site, or of a service's page."""
    exported = outputs.get("services")
    pages = {name: str(about.get("url")) for name, about in exported.items() if about.get("url")} if isinstance(exported, dict) else {}
    url = pages.get(service) if service else outputs.get("url")
    if not pages:
        raise Stop(f"stage {stack} is not up: berth up -s {stack} brings it up")
    if not isinstance(url, str):
        raise Stop(f"{service!r} has no page. There are: {', '.join(sorted(pages))}")
    return url


def as_json(stage: Stage, engine: Engine, state: State) -> dict[str, object]:
    """All of it for programs, as it is now; `disk` in bytes."""
    url, there = state.outputs.get("url"), engine.objects(stage)
    found, drifted = services(state.outputs, there.containers), drift.words(there, state, engine.tags())
    digests = {image: str(known.get("repoDigest") or "") for image, known in state.images.items()}
    return {
        "project": stage.project.name,
        "stack": stage.stack,
        "instance": stage.instance,
        "url": url if isinstance(url, str) else "",
        "disk": engine.disk(stage, stage.application),
        "services": [
            {"service": service.name, "health": service.health, "well": service.well, "drift": drifted.get(service.name, "none"), **_plain(service, digests)}
            for service in found
        ],
    }


def _plain(service: Service, digests: Mapping[str, str]) -> dict[str, object]:
    about: dict[str, object] = {"kind": service.kind, "image": service.image, "digest": service.digest, "restarts": service.restarts}
    if service.days_left is not None:
        about["certificate_days"] = service.days_left
    names = ("id", "name", "status", "health", "restarts", "exit_code", "image_id")
    members = [
        {**{key: value for key, value in asdict(container).items() if key in names}, "registry_digest": digests.get(container.image_id, "")}
        for container in service.containers
    ]
    return about | {"url": service.url, "credentials": service.credentials, "containers": members}


def settle(stage: Stage, engine: Engine, state: State) -> list[Service]:
    """Wait for what is still starting or recovering, as after a restart of the engine; gives the services as they are then."""
    waiting: Progress | None = None
    while True:
        found = services(state.outputs, engine.objects(stage).containers)
        unwell = [service for service in found if not service.well]
        starting = [container.patience_s for service in unwell for container in service.containers if container.health == "starting"]
        if not unwell or (waiting and waiting.seconds > max(PATIENCE_S, *starting, 0)):
            return found
        waiting = waiting or Progress(f"waiting for {', '.join(service.name for service in unwell)} to become healthy")
        waiting.step()
