"""Redis: an in-memory store in one container, its append-only file on a volume that outlives it."""

from dataclasses import dataclass

import pulumi

from components.connection import Connection
from components.container import Attachment, ContainerSpec, Mount, run
from components.files import Files, FilesArgs
from components.image import pulled
from components.loader import BUSYBOX
from components.probe import HealthCheck
from components.redis.config import PORT, Persistence, RedisConfig, RedisServer
from components.secrets import FOLDER
from components.stage import Stage, child_of
from components.tools import PATH, Tools, script
from components.volume import DataVolume, DataVolumeArgs

USER = "999:999"
"""The account `redis` of the official image."""
DATA = "/data"
USABLE_SHARE = 0.75
"""Part of the memory limit that Redis may fill: the rest is for the fork of a rewrite (Redis docs, "memory optimization")."""
MIB = 1024**2
PASSWORD = "password"  # noqa: S105  # the name of the file


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
        image = pulled(f"{name}-image", args.stage.images, args.config.reference, opts=child)
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
            grace_s=max(1, args.config.stop_grace.amount // 1000),
            logs=args.config.logs,
        )
        run(name, spec, stage, service=name, opts=child)
        self.connection = Connection(scheme="redis", host=name, port=PORT, password=args.password)
        self.register_outputs({"connection": self.connection.as_outputs()})


def settings(config: RedisConfig) -> list[str]:
    """Arguments of redis-server, without the password: arguments are visible to `ps`."""
    return server_settings(config, config.resources.memory.amount)


def server_settings(config: RedisServer, memory: int) -> list[str]:
    """Arguments of a server that may have so many bytes of memory."""
    append_only = "yes" if config.persistence is Persistence.APPEND_ONLY else "no"
    snapshots = [] if config.persistence is Persistence.APPEND_ONLY else ["--save", ""]
    limit = int(memory * USABLE_SHARE) // MIB
    own = ["--dir", DATA, "--appendonly", append_only, *snapshots, "--maxmemory", f"{limit}mb", "--maxmemory-policy", config.eviction.value]
    more = [word for name, text in config.settings.items() for word in (f"--{name}", *(text.split() or [""]))]
    return [*own, "--databases", str(config.databases), *more]


def ping(file: str = PASSWORD) -> tuple[str, ...]:
    """A probe that logs in. `file`: where its password is, below /run/secrets."""
    command = f"REDISCLI_AUTH=$({BUSYBOX} cat {FOLDER}/{file}) redis-cli ping | {BUSYBOX} grep -qx PONG"
    return (BUSYBOX, "sh", "-c", command)
