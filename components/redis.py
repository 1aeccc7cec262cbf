"""Redis: an in-memory store in one container, its append-only file on a volume that outlives it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import pulumi

from components.connection import Connection
from components.container import Attachment, ContainerSpec, HealthCheck, Mount, Resources, least_memory, run
from components.files import Files, FilesArgs
from components.image import pulled
from components.loader import BUSYBOX
from components.model import Model, size
from components.secrets import FOLDER
from components.stage import Stage, child_of
from components.tools import PATH, Tools, script
from components.volume import DataVolume, DataVolumeArgs

PORT = 6379
USER = "999:999"
"""The account `redis` of the official image."""
DATA = "/data"
USABLE_SHARE = 0.75
"""Part of the memory limit that Redis may fill: the rest is for the fork of a rewrite (Redis docs, "memory optimization")."""
MIB = 1024**2
PASSWORD = "password"  # noqa: S105  # the name of the file
GRACE_S = 30


class Persistence(StrEnum):
    """What survives a crash."""

    APPEND_ONLY = "append-only"
    NONE = "none"


class RedisConfig(Model):
    """One Redis server."""

    version: str = "8"
    """Release line, quoted: a tag of the official image."""

    persistence: Persistence = Persistence.APPEND_ONLY
    """`append-only` loses at most the last second of writes in a power cut; `none` starts empty after every restart."""

    resources: Annotated[Resources, least_memory("16MiB", "Redis")] = Resources(memory=size("256MiB"), cpus="0.5")
    """Limits of the container. Redis is told to stay below three quarters of the memory."""

    @property
    def reference(self) -> str:
        """The image."""
        return f"redis:{self.version}"


@dataclass(frozen=True, kw_only=True)
class RedisArgs:
    """Wiring of one Redis: plain configuration and what the topology connects it to."""

    stage: Stage
    tools: Tools
    config: RedisConfig
    network: pulumi.Input[str]
    """Name of the data network."""
    password: pulumi.Output[str]
    """Secret; reaches the server as a file."""


class Redis(pulumi.ComponentResource):
    """Creates a kept data volume, the password file, and one server that is healthy when this resource is. Output: `connection`."""

    connection: Connection

    def __init__(self, name: str, args: RedisArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:Redis", name, None, opts)
        stage, child = args.stage, child_of(self)
        data = DataVolume(f"{name}-data", DataVolumeArgs(stage=stage, tools=args.tools, owner=USER), opts=child)
        secrets = Files(f"{name}-secrets", FilesArgs(stage=stage, tools=args.tools, service=name, files={PASSWORD: args.password}, owner=USER), opts=child)
        image = pulled(f"{name}-image", args.stage.images.resolve(args.config.reference), opts=child)
        spec = ContainerSpec(
            image=image.image_id,
            command=[*script("redis"), *settings(args.config)],
            user=USER,
            resources=args.config.resources,
            networks=(Attachment(network=args.network, aliases=(name,)),),
            health=HealthCheck(test=ping()),
            mounts=(
                Mount(source=data.volume, path=DATA, exclusive=True),
                Mount(source=secrets.volume, path=FOLDER, read_only=True),
                Mount(source=args.tools.volume, path=PATH, read_only=True),
            ),
            grace_s=GRACE_S,
        )
        run(name, spec, stage, service=name, opts=child)
        self.connection = Connection(scheme="redis", host=name, port=PORT, password=args.password)
        self.register_outputs({"connection": self.connection.as_outputs()})


def settings(config: RedisConfig) -> list[str]:
    """Arguments of redis-server, without the password: arguments are visible to `ps`."""
    return [*persistence_settings(config.persistence), *memory_settings(config.resources.memory.amount)]


def persistence_settings(persistence: Persistence) -> list[str]:
    """Where data is, and what of it survives a crash."""
    return ["--dir", DATA, *(["--appendonly", "yes"] if persistence is Persistence.APPEND_ONLY else ["--appendonly", "no", "--save", ""])]


def memory_settings(memory: int) -> list[str]:
    """What follows from the bytes that the server may have."""
    return ["--maxmemory", f"{int(memory * USABLE_SHARE) // MIB}mb"]


def ping(file: str = PASSWORD) -> tuple[str, ...]:
    """A probe that logs in. `file`: where its password is, below /run/secrets."""
    command = f"REDISCLI_AUTH=$({BUSYBOX} cat {FOLDER}/{file}) redis-cli ping | {BUSYBOX} grep -qx PONG"
    return (BUSYBOX, "sh", "-c", command)
