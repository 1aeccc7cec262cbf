"""Postgres: one server in one container, its data on a volume that outlives it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pulumi

from components.build import service_image
from components.connection import Connection
from components.container import Attachment, ContainerSpec, Mount, run
from components.files import Files, FilesArgs
from components.model import duration, size
from components.postgres.config import PORT, Database, PostgresConfig, PostgresServer, databases
from components.probe import HealthCheck, ProbeTimes
from components.secrets import FOLDER
from components.stage import Stage, child_of
from components.tools import PATH, Tools, script
from components.volume import DataVolume, DataVolumeArgs

USER = "999:999"
"""The account `postgres` of the official image."""
DATA = "/var/lib/postgresql/data"
SOCKET = "/var/run/postgresql"
INIT = "/run/init"
"""Where the start of the server finds the SQL files."""
MIB = 1024**2
PASSWORD = "password"  # noqa: S105  # the name of the file
CONNECTIONS = 100
"""Clients at once, unless `settings` says otherwise (the server's own default)."""


@dataclass(frozen=True, kw_only=True)
class PostgresArgs:
    """Wiring of one Postgres: plain configuration and what the topology connects it to."""

    stage: Stage
    tools: Tools
    config: PostgresConfig
    network: pulumi.Input[str]
    """Name of the data network."""
    passwords: Mapping[str, pulumi.Output[str]]
    """Of every role, by its name; secret, each reaches the server as a file."""
    build_secrets: Mapping[str, pulumi.Output[str]] = field(default_factory=dict)
    """Values that a build of the image may read, by id."""


class Postgres(pulumi.ComponentResource):
    """Creates a kept data volume, the files with passwords and SQL, and one server that is healthy when this resource is.

    At every start, before it listens, each configured role takes the password of its file and what a former one owns in the database.
    Outputs: `connection` to its own database, `databases`, the connections to the others by name.
    """

    connection: Connection
    databases: Mapping[str, Connection]

    def __init__(self, name: str, args: PostgresArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:Postgres", name, None, opts)
        stage, child, made = args.stage, child_of(self), databases(name, args.config)
        data = DataVolume(f"{name}-data", DataVolumeArgs(stage=stage, tools=args.tools, owner=USER), opts=child)
        secrets = {password_file(made, role): password for role, password in args.passwords.items()}
        files = {
            FOLDER: self._files(f"{name}-secrets", name, args, secrets),
            INIT: self._files(f"{name}-init", name, args, scripts({name: args.config})),
        }
        image = service_image(name, stage, build=args.config.build, reference=args.config.reference, secrets=args.build_secrets, opts=child)
        spec = ContainerSpec(
            image=image.image_id,
            command=[*script("postgres", *(entry(made, database) for database in made), "--"), *settings(args.config)],
            user=USER,
            resources=args.config.resources,
            networks=(Attachment(network=args.network, aliases=(name,)),),
            health=health(made[0]),
            mounts=(
                Mount(source=data.volume, path=DATA, exclusive=True),
                Mount(source=args.tools.volume, path=PATH, read_only=True),
                *(Mount(source=of.volume, path=folder, read_only=True) for folder, of in files.items() if of),
            ),
            tmpfs={"/tmp": size("64MiB"), SOCKET: size("1MiB")},  # noqa: S108  # a path inside the container
            grace_s=max(1, args.config.stop_grace.amount // 1000),
            stop_signal="SIGINT",
            shm_mib=128,
            logs=args.config.logs,
        )
        run(name, spec, stage, service=name, opts=child)
        self.connection, *others = (connection(name, database, args.passwords) for database in made)
        self.databases = {other.database: other for other in others}
        self.register_outputs({"connection": self.connection.as_outputs(), "databases": {name: other.as_outputs() for name, other in self.databases.items()}})

    def _files(self, name: str, service: str, args: PostgresArgs, contents: Mapping[str, pulumi.Input[str]]) -> Files | None:
        of = FilesArgs(stage=args.stage, tools=args.tools, service=service, files=contents, owner=USER)
        return Files(name, of, opts=child_of(self)) if contents else None


def connection(host: str, database: Database, passwords: Mapping[str, pulumi.Output[str]]) -> Connection:
    """How the role of a database reaches it."""
    return Connection(scheme="postgresql", host=host, port=PORT, username=database.username, password=passwords[database.username], database=database.name)


def scripts(servers: Mapping[str, PostgresServer]) -> dict[str, str]:
    """The SQL of servers, by the names that the files get."""
    made = (database for name, config in servers.items() for database in databases(name, config))
    return {name: Path(path).read_text(encoding="utf-8") for database in made for name, path in database.scripts.items()}


def password_file(made: tuple[Database, ...], role: str, first: str = PASSWORD) -> str:
    """Where the password of a role lies, below /run/secrets. `first`: that of the server's own database."""
    return first if role == made[0].username else f"{first}-{role}"


def entry(made: tuple[Database, ...], database: Database, first: str = PASSWORD) -> str:
    """A database as the start of the server wants to be told of it (components/tools/image/postgres)."""
    parts = (database.name, database.username, password_file(made, database.username, first), ",".join(database.extensions), ",".join(database.scripts))
    return ":".join(parts).rstrip(":")


def settings(config: PostgresConfig) -> list[str]:
    """Arguments of the server: what follows from its memory, and what was asked for over it."""
    return server_settings(config, config.resources.memory.amount)


def server_settings(config: PostgresServer, memory: int) -> list[str]:
    """Arguments of a server that may have so many bytes of memory."""
    clients = config.settings.get("max_connections", "")
    chosen = tuning(memory, int(clients) if clients.isdecimal() else CONNECTIONS) | config.settings
    return [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]


def tuning(memory: int, clients: int) -> dict[str, str]:
    """Settings that follow from the memory limit, in bytes, and the number of clients at once (Postgres documentation, "Resource Consumption").

    A quarter is shared buffers. Half is for the sorts of all clients together; the planner counts on the cache of the system too.
    """
    return {
        "shared_buffers": f"{memory // 4 // MIB}MB",
        "effective_cache_size": f"{memory * 3 // 4 // MIB}MB",
        "maintenance_work_mem": f"{min(max(memory // 16 // MIB, 4), 2047)}MB",
        "work_mem": f"{max(1, memory // 2 // max(1, clients) // MIB)}MB",
    }


def health(database: Database, file: str = PASSWORD) -> HealthCheck:
    """Log in as the application does, over TCP: the first start answers on the local socket while it is not yet ready for others."""
    test = script("probe", "postgres", database.name, database.username, file)
    return HealthCheck(test=test, times=ProbeTimes(start_period=duration("120s")))
