"""Containers that prepare a volume and are then done: they put files into it or give it to its owner."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_docker as docker

from components.container import PIDS, REPLACED_BY, limits
from components.stage import Role, Stage

BUSYBOX = "/.berth/busybox"
OWN = "/.berth/own"
MEMORY_MIB = 32
CPUS = "0.5"
MOST = 16
"""Processes. All three are more than one `find` and one `chown` take."""


def load(
    name: str,
    stage: Stage,
    service: str,
    image: pulumi.Input[str],
    mount: docker.ContainerMountArgs,
    uploads: Sequence[docker.ContainerUploadArgs] = (),
    *,
    opts: pulumi.ResourceOptions,
) -> docker.Container:
    """Create a container that is never started: creating it is what fills the volume, from `uploads` or from the image's own folder."""
    return docker.Container(
        name,
        image=image,
        entrypoints=[BUSYBOX],
        command=["true"],
        start=False,
        uploads=list(uploads) or None,
        mounts=[mount],
        **_harmless(stage, service),
        opts=_again(opts, stage),
    )


def give(
    name: str,
    stage: Stage,
    service: str,
    image: pulumi.Input[str],
    volume: pulumi.Input[str],
    owner: str,
    *,
    content: bool = False,
    opts: pulumi.ResourceOptions,
) -> docker.Container:
    """Run `chown` on the root of a volume, once, and wait for its end. With `content`, what belonged to an earlier owner goes along, also from folders that
    were closed to everybody else. Its only capabilities are those."""
    target = "/volume"
    mount = docker.ContainerMountArgs(type="volume", source=volume, target=target, volume_options=docker.ContainerMountVolumeOptionsArgs(no_copy=True))
    return docker.Container(
        name,
        image=image,
        entrypoints=[BUSYBOX],
        command=["sh", OWN, owner, target] if content else ["chown", owner, target],
        user="0:0",
        read_only=True,
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"], adds=["CAP_CHOWN", *(["CAP_DAC_OVERRIDE"] if content else [])]),
        security_opts=["no-new-privileges:true"],
        attach=True,
        mounts=[mount],
        **_harmless(stage, service),
        opts=_again(opts, stage),
    )


def _harmless(stage: Stage, service: str) -> dict[str, Any]:  # Any: keyword arguments of docker.Container
    labels = [docker.ContainerLabelArgs(label=key, value=value) for key, value in sorted({**stage.labels(service, Role.LOADER), PIDS: str(MOST)}.items())]
    limited = {"memory": MEMORY_MIB, "memory_swap": MEMORY_MIB, "cpus": CPUS}
    logs = {"log_driver": "json-file", "log_opts": {"max-size": "1m", "max-file": "1"}}
    return {"network_mode": "none", "restart": "no", "must_run": False, "labels": labels, **limited, **logs}


def _again(opts: pulumi.ResourceOptions, stage: Stage) -> pulumi.ResourceOptions:
    """A failed one is made anew; a changed one before the old one goes, for old containers still use its volume."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=False, replace_on_changes=REPLACED_BY, hooks=limits(MOST, stage)))
