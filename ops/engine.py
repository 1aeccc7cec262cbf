"""What the command asks the Docker engine, and the few things it does there."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import docker
import docker.errors
import requests

from components.client import client
from ops.console import Stop
from ops.objects import Container, Image, Objects, Owner, Volume, container_of, image_of
from ops.project import CHECKOUT, Stage

REMEDY = f"start Docker, or point DOCKER_HOST at an engine that runs; {CHECKOUT}/offline/setup brings one where there is none"
TROUBLE = (docker.errors.DockerException, requests.exceptions.RequestException)
GRACE_S = 10
"""Docker's own, for containers that do not state theirs."""
REMOVAL_S = 120
"""How long a removal that somebody else began may take."""
CONFLICT = 409


class Engine:
    """The engine of a stage: the one that Pulumi's provider uses."""

    def __init__(self, client: docker.DockerClient) -> None:
        self._api: Any = client.api  # Any: its replies are plain JSON

    @classmethod
    def connect(cls, stage: Stage) -> "Engine":
        """Connect to the engine of a stage, or stop with the remedy."""
        try:
            return cls(client(stage.engine_host))
        except TROUBLE as problem:
            remedy = f"start it, or correct berth:engine in {stage.file}" if stage.engine_host else REMEDY
            raise Stop(f"no Docker engine answers ({_reason(problem)}): {remedy}") from None

    def objects(self, stage: Stage) -> Objects:
        """Everything that belongs to a stage: instance, stack and project, for a copied stage file has the same instance. Nothing for one that was never up."""
        if stage.instance is None:
            return Objects()
        return Objects(
            containers=tuple(container_of(detail) for detail in self.inspected(stage)),
            networks={entry["Id"]: entry["Name"] for entry in self.networks(stage)},
            volumes=tuple(Volume(name=entry["Name"], role=(entry.get("Labels") or {}).get("berth.role", "")) for entry in self.volumes(stage)),
        )

    def inspected(self, stage: Stage) -> list[dict[str, Any]]:  # Any: plain JSON
        """All that the engine tells of each container of a stage."""
        if stage.instance is None:
            return []
        return [detail for entry in self._api.containers(all=True, filters=_of(stage)) if (detail := self._inspect(entry["Id"]))]

    def networks(self, stage: Stage) -> list[dict[str, Any]]:  # Any: plain JSON
        """What the engine tells of each network of a stage."""
        return list(self._api.networks(filters=_of(stage))) if stage.instance else []

    def volumes(self, stage: Stage) -> list[dict[str, Any]]:  # Any: plain JSON
        """What the engine tells of each volume of a stage."""
        return list(self._api.volumes(filters=_of(stage))["Volumes"] or ()) if stage.instance else []

    def owners(self, label: str) -> list[Owner]:
        """Whose the containers and volumes with a label are."""
        containers = self._api.containers(all=True, filters={"label": label})
        volumes = self._api.volumes(filters={"label": label})["Volumes"] or []
        named = [(entry["Labels"], f"container {entry['Names'][0].lstrip('/')}") for entry in containers if entry.get("Names")]
        named += [(entry["Labels"], f"volume {entry['Name']}") for entry in volumes]
        keys = ("project", "stack", "instance")
        return [Owner(example=example, **{key: labels.get(f"berth.{key}", "") for key in keys}) for labels, example in named]

    def volume_names(self) -> frozenset[str]:
        """Names of all volumes, whosever they are."""
        return frozenset(entry["Name"] for entry in self._api.volumes()["Volumes"] or ())

    def has_image(self, image: str) -> bool:
        """Whether the engine has an image of this id or name."""
        try:
            self._api.inspect_image(image)
        except docker.errors.ImageNotFound:
            return False
        return True

    def digest(self, reference: str) -> str:
        """The digest that a registry has for a tag now, `sha256:...`."""
        try:
            return str(self._api.inspect_distribution(reference)["Descriptor"]["digest"])
        except docker.errors.APIError as problem:
            raise Stop(f"no digest of {reference} can be had: {problem.explanation or problem}") from None

    def last_logs(self, container: str, lines: int) -> list[str]:
        """Last lines that a container wrote, both streams."""
        with suppress(docker.errors.APIError):
            text: bytes = self._api.logs(container, tail=lines)
            return text.decode(errors="replace").splitlines()
        return []

    def log_lines(self, container: str, lines: int) -> list[bytes]:
        """Last lines that a container wrote, each behind its time."""
        with suppress(docker.errors.APIError):
            text: bytes = self._api.logs(container, tail=lines, timestamps=True)
            return text.splitlines()
        return []

    def follow(self, container: str, since: float | None) -> Iterator[bytes]:
        """Lines behind their times as a container writes them, until it ends; from a moment on, or all of them."""
        left = b""
        with suppress(docker.errors.APIError, requests.exceptions.RequestException):
            for chunk in self._api.logs(container, stream=True, follow=True, timestamps=True, **({"since": since} if since else {})):
                *whole, left = (left + chunk).split(b"\n")
                yield from whole

    def images_of(self, application: str) -> list[Image]:
        """Images that were built for an application."""
        entries = self._api.images(filters={"label": f"berth.application={application}"})
        return [image_of(entry) for entry in entries]

    def tags(self) -> dict[str, str]:
        """What each name of an image stands for now: its id."""
        return {tag: entry["Id"] for entry in self._api.images() for tag in entry["RepoTags"] or ()}

    def images_in_use(self) -> frozenset[str]:
        """Ids of the images of all containers, whosever they are, running or not."""
        return frozenset(entry["ImageID"] for entry in self._api.containers(all=True))

    def rename(self, container: Container, name: str) -> None:
        """Give a container another name."""
        try:
            self._api.rename(container.id, name)
        except docker.errors.APIError as problem:
            if problem.status_code != CONFLICT:
                raise
            raise Stop(f"container {container.name} has to be called {name}, and another one is: remove that (docker rm -f {name}), run this again") from None

    def attach(self, container: Container, network: str, aliases: Iterable[str]) -> None:
        """Join a container to a network under these names, and only these."""
        with suppress(docker.errors.APIError):
            self._api.disconnect_container_from_network(container.id, network, force=True)
        self._api.connect_container_to_network(container.id, network, aliases=list(aliases))

    def unpause(self, container: Container) -> None:
        """Let a paused container go on."""
        self._api.unpause(container.id)

    def remove_containers(self, containers: Iterable[Container]) -> None:
        """Stop containers with the grace they ask for, all at once, and remove them with their nameless volumes."""
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(self._remove_container, [container.id for container in containers]))

    def remove_network(self, network: str) -> None:
        """Remove a network; whoever is still attached to it is cut off."""

        def act() -> None:
            for endpoint in (self._api.inspect_network(network).get("Containers") or {}) | {}:
                with suppress(docker.errors.APIError):
                    self._api.disconnect_container_from_network(endpoint, network, force=True)
            self._api.remove_network(network)

        _unless_gone(act)

    def remove_volume(self, volume: str) -> bool:
        """Remove a volume unless a container uses it."""
        return _unless_used(lambda: self._api.remove_volume(volume))

    def remove_image(self, image: str) -> bool:
        """Remove a tag, and the image when that was its last; not if a container uses it, under whatever name."""
        if self._api.containers(all=True, filters={"ancestor": image}):
            return False
        return _unless_used(lambda: self._api.remove_image(image))

    def network_count(self) -> int:
        """How many networks there are, whosever they are."""
        return len(self._api.networks())

    def volume_sizes(self) -> dict[str, int]:
        """Bytes by volume, as far as the engine knows."""
        return _sizes(self._api.df())

    def disk(self, stage: Stage, application: str) -> dict[str, int]:
        """Bytes that a stage has in its data volumes and its containers, and its application in images that berth built."""
        used = self._api.df()
        sizes, there = _sizes(used), self.objects(stage)
        own = {container.id for container in there.containers}
        return {
            "data": sum(max(0, sizes.get(volume.name, 0)) for volume in there.volumes if volume.role == "data"),
            "containers": sum(entry.get("SizeRw") or 0 for entry in used["Containers"] or () if entry["Id"] in own),
            "images": sum(image.size for image in self.images_of(application)),
        }

    def _inspect(self, container: str) -> dict[str, Any] | None:
        try:
            return dict(self._api.inspect_container(container))
        except docker.errors.NotFound:
            return None

    def _remove_container(self, container: str) -> None:
        detail = self._inspect(container)
        if detail is None:
            return
        grace = detail["Config"].get("StopTimeout") or GRACE_S
        _unless_gone(lambda: self._api.stop(container, timeout=grace))
        try:
            _unless_gone(lambda: self._api.remove_container(container, v=True, force=True))
        except docker.errors.APIError as problem:
            if problem.status_code != CONFLICT:
                raise
        self._wait_until_gone(container)

    def _wait_until_gone(self, container: str) -> None:
        """A removal that somebody else began is waited for: what comes next needs its name, its network, its volumes."""
        deadline = time.monotonic() + REMOVAL_S
        while self._inspect(container):
            if time.monotonic() > deadline:
                raise Stop(f"container {container[:12]} is not gone after {REMOVAL_S} s: the engine may be stuck. Restart it and run this again")
            time.sleep(0.2)


def _of(stage: Stage) -> dict[str, list[str]]:
    return {"label": [f"berth.instance={stage.instance}", f"berth.stack={stage.stack}", f"berth.project={stage.project.name}"]}


def _unless_gone(act: Callable[[], object]) -> None:
    with suppress(docker.errors.NotFound):
        act()


def _unless_used(act: Callable[[], object]) -> bool:
    try:
        _unless_gone(act)
    except docker.errors.APIError as problem:
        if problem.status_code != CONFLICT:
            raise
        return False
    return True


def _sizes(used: Mapping[str, Any]) -> dict[str, int]:
    return {entry["Name"]: entry["UsageData"]["Size"] for entry in used["Volumes"] or () if entry.get("UsageData")}


def _reason(problem: Exception) -> str:
    """The innermost sentence of an error that wraps others."""
    text = str(problem)
    for known in ("No such file or directory", "Permission denied", "Connection refused", "timed out", "Name or service not known"):
        if known.lower() in text.lower():
            return known.lower()
    return text.splitlines()[0][:200] if text else type(problem).__name__
