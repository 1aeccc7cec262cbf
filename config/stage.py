"""What a stage is once everything is merged: one frozen model for each topology, and what its parts have to agree on."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from components.app.config import AppConfig
from components.container import Resources
from components.engine import EngineConfig
from components.image import ImagesConfig
from components.mailhog import MailhogConfig
from components.model import HostName, Model, Name, Port, Whole, size
from components.mono.config import MonoAppConfig, MonoConfig, MonoNetworksConfig
from components.network import NetworksConfig, ServedNetworksConfig
from components.paths import Folder
from components.postgres.config import DevPostgresConfig, PostgresConfig, PostgresServer
from components.proxy.config import ProxyConfig, ServedProxyConfig, ServedSiteConfig
from components.redis.config import DevRedisConfig, RedisConfig, RedisServer
from components.volume import VolumeConfig
from components.worker import WorkerConfig, WorkerProgram

HOST_PATH = r"^[A-Za-z0-9._/~@-]+$"


class Topology(StrEnum):
    """How the application is laid out on the host."""

    DEV = "dev"
    PROD = "prod"
    MONO = "mono"


CHOSEN = frozenset({"topology", "engine"})
"""What the stage says and app.yaml does not."""


class DevAppConfig(AppConfig):
    """An app while it is being worked on."""

    mounts: dict[Annotated[str, Field(pattern=HOST_PATH)], Folder] = {}
    """Folders of the host, relative to the file that says so, that replace folders of the image. What the app writes there belongs to their owner, as whom it
    runs unless `user` is written."""

    publish: Port | None = None
    """Port of 127.0.0.1, whatever the site's address, that leads to the app itself, for a look past the routes. None: only the routes do."""

    resources: Resources = Resources(memory=size("512MiB"), cpus="1.0")
    """Limits of each container, 512 MiB of memory where nothing is written: servers that reload or bundle take more than what serves people."""

    @model_validator(mode="after")
    def _something_to_publish(self) -> "DevAppConfig":
        if self.publish and not self.port:
            raise ValueError("has publish and no port: write the port it listens on")
        return self


class MailConfig(Model):
    """Mail of a dev stage: it all goes to Mailhog."""

    from_: str = Field(alias="from")
    """Sender address; the application gets it as MAIL_FROM."""

    mailhog: MailhogConfig = MailhogConfig()
    """The catcher."""


class Security(StrEnum):
    """How a connection to a mail server is encrypted."""

    STARTTLS = "starttls"
    """It begins in plain and changes to TLS before anything is told (RFC 3207)."""
    TLS = "tls"
    """TLS from the first byte (RFC 8314)."""
    NONE = "none"
    """Not at all: for a server on the same host, or for trying out."""


SMTP_PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
"""Usual ports (RFC 8314, section 3.3)."""


class SmtpConfig(Model):
    """A real mail server."""

    host: HostName
    """Name or address of the server."""

    security: Security = Security.STARTTLS
    """How the connection is encrypted: `starttls`, `tls` from the first byte, or `none`. The application is told, and has to do it."""

    port: Port | None = None
    """Port of the server. None: the usual one, 587, or 465 for `tls` and 25 for `none`."""

    username: str = ""
    """Account; empty for none."""

    password: str | None = None
    """A reference to a secret, `${secrets.smtp_password}`; None for none."""

    @property
    def reached_at(self) -> int:
        """The port, the usual one where none is written."""
        return self.port or SMTP_PORTS[self.security]


class SmtpMailConfig(Model):
    """Mail of a stage that serves people: a real server, never a catcher."""

    from_: str = Field(alias="from")
    """Sender address; the application gets it as MAIL_FROM."""

    smtp: SmtpConfig
    """The server."""


class GenerateConfig(Model):
    """A secret that nobody has to know."""

    bytes: Annotated[Whole, Field(ge=16, le=128)] = 32
    """Random bytes it is worth; it is written as text of letters, digits, `-` and `_`."""

    rotation: Annotated[Whole, Field(ge=0, le=1_000_000)] = 0
    """Raise it by one to get another value."""


class SecretConfig(Model):
    """A secret of the application: generated, or given by the stage."""

    generate: GenerateConfig | None = None
    """Derive it. None: the stage has to give it, under `berth:secrets`."""

    required: bool = True
    """Whether a stage that does not give it is refused. Off: it is left out of the apps that use it."""


class _Stage(Model):
    format: Literal[1]
    """Version of this file's form."""

    name: Name
    """Name of the application; volumes and images carry it."""

    volumes: dict[Name, VolumeConfig] = {}
    """Data volumes that several services share, by name."""

    images: ImagesConfig = ImagesConfig()
    """Images that are pulled: from where, and which exactly."""

    engine: EngineConfig = EngineConfig()
    """The Docker engine that runs the stage."""

    secrets: dict[Name, SecretConfig] = {}
    """Secrets by name; no value ever stands here."""


class _Apart(_Stage):
    """Every service has containers of its own."""

    workers: dict[Name, WorkerConfig] = {}
    """Processes of an app that serve no requests."""

    networks: NetworksConfig = NetworksConfig()
    """Networks, where something about them has to be fixed."""


class DevStage(_Apart):
    """A stage on a developer's machine."""

    topology: Literal[Topology.DEV]
    """How the application is laid out."""

    apps: dict[Name, DevAppConfig] = {}
    """Applications by name."""

    postgres: dict[Name, DevPostgresConfig] = {}
    """Postgres servers by name."""

    redis: dict[Name, DevRedisConfig] = {}
    """Redis servers by name."""

    mail: MailConfig | None = None
    """Mail. None: no Mailhog, and no variables for mail."""

    proxy: ProxyConfig
    """The site."""


class ProdStage(_Apart):
    """A stage that serves people: nothing of the host's sources in it, no catcher, data protected."""

    topology: Literal[Topology.PROD]
    """How the application is laid out."""

    apps: dict[Name, AppConfig] = {}
    """Applications by name."""

    postgres: dict[Name, PostgresConfig] = {}
    """Postgres servers by name."""

    redis: dict[Name, RedisConfig] = {}
    """Redis servers by name."""

    mail: SmtpMailConfig | None = None
    """Mail. None: no variables for mail."""

    networks: ServedNetworksConfig = ServedNetworksConfig()
    """Networks, where something about them has to be fixed."""

    proxy: ServedProxyConfig
    """The site."""


class MonoStage(_Stage):
    """A stage that serves people from one container with everything in it, data protected."""

    topology: Literal[Topology.MONO]
    """How the application is laid out."""

    apps: dict[Name, MonoAppConfig] = {}
    """Applications by name."""

    workers: dict[Name, WorkerProgram] = {}
    """Processes of an app that serve no requests."""

    postgres: dict[Name, PostgresServer] = {}
    """The Postgres server, by its name: one at most."""

    redis: dict[Name, RedisServer] = {}
    """The Redis server, by its name: one at most."""

    mail: SmtpMailConfig | None = None
    """Mail. None: no variables for mail."""

    networks: MonoNetworksConfig = MonoNetworksConfig()
    """The network, where something about it has to be fixed."""

    mono: MonoConfig
    """The container."""

    proxy: ServedSiteConfig
    """The site."""


AnyStage = DevStage | ProdStage | MonoStage
TOPOLOGIES: dict[Topology, type[DevStage] | type[ProdStage] | type[MonoStage]] = {
    Topology.DEV: DevStage,
    Topology.PROD: ProdStage,
    Topology.MONO: MonoStage,
}
