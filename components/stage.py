"""The stage that a component is created for: its identity, and what follows from it for every resource."""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import pulumi
import pulumi_docker as docker

from components.engine import Engine
from components.image import ImagesConfig

LABEL = "berth."
PUBLISHES = f"{LABEL}publishes"
"""Label that holds the ports of the host which the configuration declares: the policy pack compares those that are published with it."""


class Role(StrEnum):
    """What a container, network or volume is for; the `berth.role` label."""

    SERVICE = "service"
    JOB = "job"
    LOADER = "loader"
    NETWORK = "network"
    DATA = "data"
    FILES = "files"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Identity of one stage of one application. Two clones of a project differ in `instance`."""

    application: str
    """Name of the application, from app.yaml."""
    project: str
    stack: str
    instance: str
    """Eight hexadecimal digits, made once and kept beside the state."""
    protect_data: bool
    """Whether data volumes are protected from deletion (a prod stage)."""
    engine: Engine
    images: ImagesConfig
    """Where images come from."""
    fingerprint_key: bytes
    """Key of the hashes that name volumes by their content: without it, a name says nothing about a secret inside."""

    def labels(self, service: str, role: Role) -> dict[str, str]:
        """Labels of every resource; repair, status and clean-up find their own by them."""
        own = {"application": self.application, "project": self.project, "stack": self.stack, "instance": self.instance, "service": service, "role": role.value}
        return {LABEL + key: value for key, value in own.items()}

    def image_labels(self, service: str) -> dict[str, str]:
        """Labels of an image that is built: several stages of the application may run it."""
        return {LABEL + "application": self.application, LABEL + "service": service}

    def volume_name(self, name: str) -> str:
        """Name of a volume on the engine: the same after a destroy, never that of another clone."""
        return f"{self.application}-{self.stack}-{self.instance}-{name}"

    def fingerprint(self, *parts: str) -> str:
        """Twelve hexadecimal digits that change with any part and cannot be computed without the stage's key."""
        digest = hmac.new(self.fingerprint_key, digestmod=hashlib.sha256)
        for part in parts:
            data = part.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
        return digest.hexdigest()[:12]


def declared(ports: Collection[int]) -> dict[str, str]:
    """The label of who publishes: which ports of the host the configuration declares."""
    return {PUBLISHES: ",".join(str(port) for port in sorted(ports))} if ports else {}


def volume_labels(labels: dict[str, str]) -> list[docker.VolumeLabelArgs]:
    """Labels in the form that volumes take."""
    return [docker.VolumeLabelArgs(label=key, value=value) for key, value in sorted(labels.items())]


def child_of(parent: pulumi.Resource, **options: object) -> pulumi.ResourceOptions:
    """Options of a component's own resource."""
    return pulumi.ResourceOptions.merge(pulumi.ResourceOptions(parent=parent), pulumi.ResourceOptions(**options))  # type: ignore[arg-type]  # options are checked by the call
