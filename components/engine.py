"""What the program asks the Docker engine itself: facts that no resource carries."""

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Annotated, Any, Protocol

import docker
import docker.errors
import pulumi
import requests
from pydantic import Field

from components.client import client
from components.model import Model

START_INTERVAL_SINCE = (1, 44)
"""API version from which a health check may have a start interval (Docker Engine API history, v1.44: engine 25)."""
LOCAL = "http+docker://localhost"
"""What the SDK calls a socket of this machine; `http+docker://ssh` is another one's."""
NO_IMAGE = f"sha256:{0:064}"
"""An id that no image has."""
NO_PATH = "bind source path does not exist"
"""What the engine says of a mount (moby, volume/mounts/validate.go)."""


class EngineConfig(Model):
    """Which Docker engine runs a stage. The stage says so, as `berth:engine`, and app.yaml does not."""

    host: Annotated[str, Field(pattern=r"^(unix:///|tcp://|ssh://)[^\s]+$")] | None = None
    """Address of the engine: `unix:///var/run/docker.sock`, `ssh://deploy@host.example`, or `tcp://host.example:2376` with its certificates in
    DOCKER_CERT_PATH. None: DOCKER_HOST, else this machine's own."""


@dataclass(frozen=True, kw_only=True)
class ImageCommand:
    """What an image runs when it is told nothing else."""

    entrypoint: tuple[str, ...]
    command: tuple[str, ...]


class Engine(Protocol):
    """The few questions; the tests answer them without an engine."""

    @property
    def start_interval(self) -> bool:
        """Whether health checks may be denser while a container starts."""

    @property
    def local(self) -> bool:
        """Whether the engine shares this host's network."""

    @property
    def cores(self) -> int:
        """Cores of the engine's host: it refuses a limit above them."""

    @property
    def memory(self) -> int:
        """Bytes of memory of the engine's host."""

    def image_command(self, image: str) -> ImageCommand:
        """Read entry point and command of the image with this id or name."""

    def port_owner(self, port: int) -> dict[str, str] | None:
        """Labels of the running container that publishes this host port, with its name under `name`; None if none does."""

    def networks_at(self, subnet: IPv4Network) -> list[dict[str, str]]:
        """Labels of the networks that have addresses of this subnet, each with its name and subnet under `name` and `subnet`."""

    def has_path(self, path: str) -> bool:
        """Whether there is a file or folder of this absolute path for the engine, which may run elsewhere."""

    def limit_pids(self, container: str, pids: int) -> None:
        """Limit the processes of a container."""

    def limit_new(self, instance: str, label: str) -> None:
        """While this program runs, limit the processes of every new container of an instance as its label says."""


class DockerEngine:
    """The engine behind DOCKER_HOST or the default socket, the same that the provider uses."""

    def __init__(self, client: docker.DockerClient) -> None:
        self._client = client
        self.start_interval = api_version(client.version()["ApiVersion"]) >= START_INTERVAL_SINCE
        self.local = client.api.base_url == LOCAL
        host = client.info()
        self.cores, self.memory = int(host["NCPU"]), int(host["MemTotal"])

    @classmethod
    def connect(cls, config: EngineConfig) -> "DockerEngine":
        """Connect, or end the program with one line that names the remedy."""
        try:
            return cls(client(config.host))
        except docker.errors.DockerException as problem:
            where = f"start it, or correct engine.host ({config.host})" if config.host else "start it, or point DOCKER_HOST at one that runs"
            raise pulumi.RunError(f"no Docker engine answers ({problem}): {where}") from None

    def image_command(self, image: str) -> ImageCommand:
        """Read entry point and command of the image with this id or name."""
        try:
            config = self._client.images.get(image).attrs["Config"]
        except docker.errors.ImageNotFound:
            raise pulumi.RunError(f"image {image} was removed from the engine: run again with --refresh, which builds it anew") from None
        return ImageCommand(entrypoint=tuple(config.get("Entrypoint") or ()), command=tuple(config.get("Cmd") or ()))

    def port_owner(self, port: int) -> dict[str, str] | None:
        """Labels of the running container that publishes this host port, with its name under `name`; None if none does."""
        for container in self._client.api.containers(filters={"publish": str(port), "status": "running"}):
            if any(entry.get("PublicPort") == port for entry in container["Ports"]):
                return {**container["Labels"], "name": container["Names"][0].lstrip("/")}
        return None

    def networks_at(self, subnet: IPv4Network) -> list[dict[str, str]]:
        """Labels of the networks that have addresses of this subnet, each with its name and subnet under `name` and `subnet`."""
        pools = ((network, str(pool.get("Subnet"))) for network in self._client.api.networks() for pool in network["IPAM"]["Config"] or ())
        return [{**(network["Labels"] or {}), "name": network["Name"], "subnet": pool} for network, pool in pools if overlaps(pool, subnet)]

    def has_path(self, path: str) -> bool:
        """Whether there is a file or folder of this absolute path for the engine, which may run elsewhere.

        No call asks that. But the engine looks for what a container is to mount before it looks for its image, so it is asked for one of an image that there
        cannot be: nothing is made. An engine that says anything else than that the path is missing is taken to have it.
        """
        api = self._client.api
        mount = {"Type": "bind", "Source": path, "Target": "/there", "ReadOnly": True}
        wanted = {"Image": NO_IMAGE, "HostConfig": {"Mounts": [mount]}}
        answer = api.post(f"{api.base_url}/v{api.api_version}/containers/create", json=wanted, timeout=60)
        return NO_PATH not in answer.text

    def limit_pids(self, container: str, pids: int) -> None:
        """Limit the processes of a container (Docker Engine API, ContainerUpdate): the SDK has no argument for it."""
        api = self._client.api
        answer = api.post(f"{api.base_url}/v{api.api_version}/containers/{container}/update", json={"PidsLimit": pids}, timeout=60)
        answer.raise_for_status()

    def limit_new(self, instance: str, label: str) -> None:
        """While this program runs, limit the processes of every new container of an instance as its label says.

        The engine tells of a container before it starts it. (Docker Engine API, SystemEvents.)
        """
        api = self._client.api
        filters = {"type": ["container"], "event": ["create"], "label": [f"berth.instance={instance}"]}
        threading.Thread(target=self._limit_each, args=(api.events(filters=filters, decode=True), label), daemon=True).start()

    def _limit_each(self, made: Iterable[Mapping[str, Any]], label: str) -> None:  # Any: as the engine writes it
        with suppress(requests.RequestException):  # an engine that goes away is for Pulumi to say
            for event in made:
                about = event["Actor"]
                if pids := about["Attributes"].get(label):
                    with suppress(requests.HTTPError):  # it is gone already
                        self.limit_pids(about["ID"], int(pids))


def overlaps(pool: str, subnet: IPv4Network) -> bool:
    """Whether a pool of addresses, in the engine's words, shares some with a subnet."""
    try:
        return IPv4Network(pool).overlaps(subnet)
    except ValueError:  # IPv6, or none
        return False


def api_version(text: str) -> tuple[int, int]:
    """Turn `1.45` into something that can be compared."""
    major, minor = text.split(".")[:2]
    return int(major), int(minor)
