"""Postgres: one server in one container, its data on a volume that outlives it."""

from dataclasses import dataclass
from typing import Annotated

import pulumi

from components.connection import Connection
from components.container import Attachment, ContainerSpec, HealthCheck, Mount, ProbeTimes, Resources, least_memory, run
from components.files import Files, FilesArgs
from components.image import pulled
from components.model import Duration, Model, Name, duration, size
from components.secrets import FOLDER
from components.stage import Stage, child_of
from components.tools import PATH, Tools, script
from components.volume import DataVolume, DataVolumeArgs

PORT = 5432
USER = "999:999"
"""The account `postgres` of the official image."""
DATA = "/var/lib/postgresql/data"
SOCKET = "/var/run/postgresql"
PASSWORD = "password"  # noqa: S105  # the name of the file
SHARED_BUFFERS_SHARE = 0.25
"""Part of the memory limit (Postgres documentation, "Resource Consumption", shared_buffers)."""
MIB = 1024**2


class PostgresConfig(Model):
    """One Postgres server with one database and the role that owns it."""

    version: str = "17"
    """Major version, quoted: a tag of the official image. Data of another version is refused, not converted."""

    database: Name | None = None
    """Name of the database. None: the name of the service."""

    username: Name | None = None
    """Role that owns the database and that applications log in with; no superuser. None: the name of the database."""

    resources: Annotated[Resources, least_memory("64MiB", "Postgres")] = Resources(memory=size("512MiB"), cpus="1.0")
    """Limits of the container. A quarter of the memory becomes shared buffers."""

    stop_grace: Duration = duration("60s")
    """How long a shutdown may take before the server is killed."""

    @property
    def reference(self) -> str:
        """The image."""
        return f"postgres:{self.version}"


@dataclass(frozen=True, kw_only=True)
class PostgresArgs:
    """Wiring of one Postgres: plain configuration and what the topology connects it to."""

    stage: Stage
    tools: Tools
    config: PostgresConfig
    network: pulumi.Input[str]
    """Name of the data network."""
    password: pulumi.Output[str]
    """Secret; reaches the server as a file."""


class Postgres(pulumi.ComponentResource):
    """Creates a kept data volume, the password file, and one server that is healthy when this resource is.

    At every start, before it listens, the configured role takes the password of the file and what a former one owns in the database.
    Output: `connection`.
    """

    connection: Connection

    def __init__(self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:Postgres", name, None, opts)
        stage, child = args.stage, child_of(self)
        data = DataVolume(f"{name}-data", DataVolumeArgs(stage=stage, tools=args.tools, owner=USER), opts=child)
        secrets = Files(f"{name}-secrets", FilesArgs(stage=stage, tools=args.tools, service=name, files={PASSWORD: args.password}, owner=USER), opts=child)
        image = pulled(f"{name}-image", args.stage.images.resolve(args.config.reference), opts=child)
        database = args.config.database or name
        username = args.config.username or database
        spec = ContainerSpec(
            image=image.image_id,
            command=[*script("postgres", f"{database}:{username}:{PASSWORD}", "--"), *settings(args.config)],
            user=USER,
            resources=args.config.resources,
            networks=(Attachment(network=args.network, aliases=(name,)),),
            health=health(username, database),
            mounts=(
                Mount(source=data.volume, path=DATA, exclusive=True),
                Mount(source=secrets.volume, path=FOLDER, read_only=True),
                Mount(source=args.tools.volume, path=PATH, read_only=True),
            ),
            tmpfs={"/tmp": size("64MiB"), SOCKET: size("1MiB")},  # noqa: S108  # a path inside the container
            grace_s=max(1, args.config.stop_grace.amount // 1000),
            stop_signal="SIGINT",
            shm_mib=128,
        )
        run(name, spec, stage, service=name, opts=child)
        self.connection = Connection(scheme="postgresql", host=name, port=PORT, username=username, password=args.password, database=database)
        self.register_outputs({"connection": self.connection.as_outputs()})


def settings(config: PostgresConfig) -> list[str]:
    """Arguments of the server."""
    return memory_settings(config.resources.memory.amount)


def memory_settings(memory: int) -> list[str]:
    """What follows from the bytes that the server may have."""
    return ["-c", f"shared_buffers={int(memory * SHARED_BUFFERS_SHARE) // MIB}MB"]


def health(username: str, database: str, file: str = PASSWORD) -> HealthCheck:
    """Log in as the application does, over TCP: the first start answers on the local socket while it is not yet ready for others."""
    return HealthCheck(test=script("probe", "postgres", database, username, file), times=ProbeTimes(start_period=duration("120s")))
