"""What may be said about a Postgres server, and about one that somebody else runs."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from components.build import BuildConfig
from components.container import Logs, Resources, least_memory
from components.model import Duration, HostName, Model, Name, Port, Whole, duration, size

PORT = 5432
OURS = frozenset({
    "config_file", "data_directory", "external_pid_file", "hba_file", "ident_file", "listen_addresses", "port", "unix_socket_directories", "unix_socket_group",
    "unix_socket_permissions",
})  # fmt: skip
"""Settings on which the start of the server and its probe rest."""
Extension = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]


def _setting(name: str) -> str:
    if name in OURS:
        raise ValueError("is berth's own, for the start of the server and its probe rest on it: take it away")
    return name


def _sql_file(path: str) -> str:
    if ":" in path or "," in path or not path.endswith(".sql"):
        raise ValueError("is no SQL file: name a file that ends in .sql, without a colon or a comma in its path")
    return path


Setting = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$"), AfterValidator(_setting)]
"""Name of a setting of postgresql.conf."""
SqlFile = Annotated[str, AfterValidator(_sql_file)]


class DatabaseConfig(Model):
    """One more database on the server, with a role of its own."""

    username: Name | None = None
    """Role that owns the database and that applications log in with; no superuser. None: the name of the database."""

    extensions: tuple[Extension, ...] = ()
    """Extensions that the superuser creates in the database, with what they need. The image has to bring them."""

    init: tuple[SqlFile, ...] = ()
    """SQL files, relative to the file that says so (here already absolute), that the superuser runs in the database, each once for its content, in one
    transaction."""


class ExternalDatabaseConfig(Model):
    """One more database on a server that somebody else runs."""

    username: str | None = None
    """Role to log in with. None: the name of the database."""

    password: str | None = None
    """Its password, a reference to a secret, `${secrets.NAME}`. None: there is none."""


class PostgresTls(StrEnum):
    """How a connection to somebody else's server is encrypted: words of libpq's `sslmode` (PostgreSQL documentation, 34.19)."""

    VERIFY_FULL = "verify-full"
    """By TLS, and the server's certificate has to be of `ca` and for `host`."""
    REQUIRE = "require"
    """By TLS with whoever answers: nobody listens, but somebody may stand between."""
    NONE = "none"
    """The URL says nothing of it, and the driver decides: for a server on the same host, or for trying out."""


class ExternalPostgresConfig(Model):
    """A server that somebody else runs: nothing is created, and the application finds the same parts as with one of berth's."""

    host: HostName
    """Name or address of the server, as the apps see it."""

    port: Port = PORT
    """Port of the server."""

    database: str | None = None
    """Name of the database. None: the name of the service."""

    username: str | None = None
    """Role to log in with. None: the name of the database."""

    password: str | None = None
    """Its password, a reference to a secret, `${secrets.NAME}`. None: there is none."""

    tls: PostgresTls = PostgresTls.VERIFY_FULL
    """How the connection is encrypted, and whether the server has to prove who it is: `verify-full`, `require` or `none`."""

    ca: str | None = None
    """PEM file with the certificates that the server's is verified by, relative to the file that says so (here already absolute); `verify-full` needs it.
    Many providers publish one of their own; of a public authority it is the bundle of the system, /etc/ssl/certs/ca-certificates.crt.
    The application finds it in `/run/secrets/NAME_CA`, and the URL names it."""

    databases: dict[Name, ExternalDatabaseConfig] = {}
    """More databases on the server by name."""

    @model_validator(mode="after")
    def _verified_by_something(self) -> "ExternalPostgresConfig":
        if self.tls is PostgresTls.VERIFY_FULL and not self.ca:
            raise ValueError("has no ca, and nothing would prove which server answers: name the PEM file of its authority, or write tls: require")
        if self.tls is not PostgresTls.VERIFY_FULL and self.ca:
            raise ValueError("has ca, which means something to tls: verify-full alone: take one of them away")
        return self


class PostgresServer(Model):
    """One Postgres server with one database, and more where they are named."""

    database: Name | None = None
    """Name of the database. None: the name of the service."""

    username: Name | None = None
    """Role that owns the database and that applications log in with; no superuser. None: the name of the database."""

    extensions: tuple[Extension, ...] = ()
    """Extensions that the superuser creates in the database, with what they need. The image has to bring them."""

    init: tuple[SqlFile, ...] = ()
    """SQL files, relative to the file that says so (here already absolute), that the superuser runs in the database, each once for its content, in one
    transaction."""

    databases: dict[Name, DatabaseConfig] = {}
    """More databases by name; `${NAME.databases.OTHER.url}` is the URL of one."""

    settings: dict[Setting, str] = {}
    """Settings of postgresql.conf by name, as text with their units, over those that follow from the memory."""

    rotation: Annotated[Whole, Field(ge=0, le=1_000_000)] = 0
    """Raise it by one for other passwords of all its roles. The server stops and starts with them before those who use it do: until their new
    containers serve, the old ones cannot log in anew, so choose a quiet minute."""

    stop_grace: Duration = duration("60s")
    """How long a shutdown may take before the server is killed."""

    external: ExternalPostgresConfig | None = None
    """A server that somebody else runs, instead of all the other keys. None: berth runs one."""

    @model_validator(mode="after")
    def _outside_is_as_it_is(self) -> "PostgresServer":
        if self.external and (more := sorted(self.model_fields_set - {"external"})):
            raise ValueError(f"has external and {', '.join(more)}: keep external alone, for that server is as it is")
        return self


class PostgresConfig(PostgresServer):
    """One Postgres server in a container of its own, with one database, and more where they are named."""

    version: str = "17"
    """Major version, quoted: a tag of the official image. Data of another version is refused, not converted. Means nothing beside `image` or `build`."""

    image: str | None = None
    """Another image of the same contract. None: the official one of `version`."""

    build: BuildConfig | None = None
    """Build the image, from an official one and with more extensions, say. None: pull it."""

    resources: Annotated[Resources, least_memory("64MiB", "Postgres")] = Resources(memory=size("384MiB"), cpus="1.0")
    """Limits of the container. A quarter of the memory becomes shared buffers, and what sorts and maintenance may take follows from it too."""

    logs: Logs = Logs()
    """How much of its output is kept."""

    @model_validator(mode="after")
    def _one_image(self) -> "PostgresConfig":
        if self.image and self.build:
            raise ValueError("has image and build: keep one of them")
        return self

    @property
    def reference(self) -> str:
        """The image that is pulled, as its files name it."""
        return self.image or f"postgres:{self.version}"


class DevPostgresConfig(PostgresConfig):
    """One Postgres server of a dev stage."""

    publish: Port | None = None
    """Port of 127.0.0.1, whatever the site's address, that leads to the server. None: only apps reach it."""


@dataclass(frozen=True, kw_only=True)
class Database:
    """One database of a server, names filled in."""

    name: str
    username: str
    extensions: tuple[str, ...] = ()
    init: tuple[str, ...] = ()

    @property
    def scripts(self) -> dict[str, str]:
        """Its init files by the names that they get in the container: in their order, no two of the server alike."""
        return {f"{self.name}-{number:02}-{Path(path).name}": path for number, path in enumerate(self.init, 1)}


def databases(service: str, config: PostgresServer) -> tuple[Database, ...]:
    """Every database of a server, its own one first."""
    own = config.database or service
    first = Database(name=own, username=config.username or own, extensions=config.extensions, init=config.init)
    others = (Database(name=name, username=more.username or name, extensions=more.extensions, init=more.init) for name, more in config.databases.items())
    return (first, *others)
