"""What may be said about an application."""

from enum import StrEnum
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from components.app.health import HealthConfig
from components.build import BuildConfig
from components.container import Labels, Logs, Resources
from components.model import Capability, Command, Duration, Model, Name, Port, Signal, Size, User, Variable, Whole, duration, size
from components.paths import Folder
from components.proxy.config import Routes
from components.secrets import Delivery

FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$")]


class SecretUse(Model):
    """A secret that the app gets."""

    from_: Name = Field(alias="from")
    """Name of the secret in the section `secrets`."""

    delivery: Delivery = Field(default=Delivery.ENV, alias="as")
    """`env`: a variable, set from the file at the start; `file`: /run/secrets/NAME; `file_env`: the variable NAME_FILE holds the path."""


class Writers(StrEnum):
    """How many containers may write to a volume at once."""

    ONE = "one"
    MANY = "many"


class VolumeUse(Model):
    """A data volume inside the app: its own, or the shared one of that name in the section `volumes`."""

    path: Folder
    """Where it is mounted."""

    writers: Writers = Writers.ONE
    """`one`: the old container stops before the new one starts; `many`: the app can share it with its replicas and with others."""

    read_only: bool = False
    """Whether the app only reads it."""

    @property
    def exclusive(self) -> bool:
        """Whether one container at a time may have it."""
        return self.writers is Writers.ONE and not self.read_only


class FileConfig(Model):
    """A file made for the app: by one of `template` and `text`. `${db.host}` and the like are replaced, `$${` is a literal."""

    template: str | None = None
    """File that holds the text, relative to the file that says so (here already absolute)."""

    text: str | None = None
    """The text itself."""

    @property
    def content(self) -> str:
        """The text, references not yet replaced; the loader has made sure that it can be read."""
        return Path(self.template).read_text(encoding="utf-8") if self.template else self.text or ""

    @model_validator(mode="after")
    def _one_source(self) -> "FileConfig":
        if (self.template is None) == (self.text is None):
            raise ValueError("needs exactly one of template and text")
        return self


class Program(Model):
    """How a process is told to stop."""

    stop_signal: Signal | None = None
    """Signal that asks it to stop. None: the image's own, else SIGTERM."""

    stop_grace: Duration
    """How long it may take to finish its work when it is told to stop."""


class Process(Program):
    """What apps and workers have in common, where each has containers of its own."""

    replicas: Annotated[Whole, Field(ge=1, le=100)] = 1
    """How many containers there are."""

    resources: Resources = Resources(memory=size("256MiB"), cpus="1.0")
    """Limits of each container, 256 MiB of memory where nothing is written. While a release rolls, old and new ones run beside each other (docs/sizing.md)."""

    logs: Logs = Logs()
    """How much of its output is kept."""

    labels: Labels = {}
    """More labels for its containers."""


class Application(Program):
    """An application, wherever it runs."""

    port: Port | None = None
    """Port the app listens on, inside. None: it serves nobody, and then it has no routes."""

    routes: Routes = {}
    """Paths of the site that lead here: `/api` is `/api` and `/api/x`, never `/apifoo`; the longest wins. A host may stand before the path, `a.example/v2`,
    and has then only the routes that name it. Empty: an internal service."""

    uses: tuple[Name, ...] = ()
    """Services that have to be healthy before it starts: backing services and other apps. Their addresses and credentials are injected as variables."""

    env: dict[Variable, str] = {}
    """Variables; `${db.host}` and the like are replaced, `$${` is a literal. Values with a secret part travel as secrets."""

    secrets: dict[Variable, SecretUse] = {}
    """Secrets by the name under which the app sees them."""

    files: dict[Folder, dict[FileName, FileConfig]] = {}
    """Files by folder inside the container and name; the folder holds nothing else. They belong to `user`, mode 0400, and may contain secrets."""

    health: HealthConfig = HealthConfig()
    """How to tell whether it is well."""

    migrate: Command | None = None
    """Command that runs once for each release, before any replica of it starts: again when its image, command, user, variables, files, secrets or volumes
    change, or its networks, labels, logs or cores, which nobody can change in a container; not for another limit of memory or of time."""

    migrate_timeout: Duration = duration("5m")
    """How long the migration may take."""

    volumes: dict[Name, VolumeUse] = {}
    """Data volumes by name."""

    stop_grace: Duration = duration("30s")
    """How long it may take to answer what it has begun when it is told to stop; 5 s at most when it hangs."""

    @model_validator(mode="after")
    def _can_be_reached(self) -> "Application":
        if self.port is None and any(route.asks_app for route in self.routes.values()):
            raise ValueError("has routes and no port: write the port it listens on")
        if self.port is None and not self.health.kinds - {"path"}:
            raise ValueError("has neither port nor health.command, health.file or health.tcp: nothing would tell whether it is well")
        return self


class AppConfig(Application, Process):
    """One application."""

    build: BuildConfig | None = None
    """Build the image. One of `build` and `image` has to be there."""

    image: str | None = None
    """Use an image as it is, `name:tag` or `name@sha256:...`."""

    command: Command | None = None
    """Command line after the image's entry point. None: the image's own."""

    tmpfs: dict[Folder, Size] = {"/tmp": size("64MiB")}  # noqa: S108  # a path inside the container
    """Writable folders in memory by path, with their sizes; empty after a restart, and they count as memory."""

    user: User = "10001:10001"
    """Numeric user and group the processes run as; never root. Where nobody writes it, an app with `mounts` runs in dev as the owner of these folders, unless
    that is root."""

    read_only: bool = True
    """Whether the image's files are read-only. Off: the app writes beside its code, and so could an intruder."""

    capabilities: tuple[Capability, ...] = ()
    """Rights of root that it keeps, as `NET_BIND_SERVICE`. Empty: none, which is what nearly every app needs."""

    address: IPv4Address | None = None
    """Fixed address in the network `front`, from the lower half of `networks.front.subnet`. None: the engine chooses."""

    roll: Annotated[Whole, Field(ge=1, le=100)] | None = None
    """How many replicas start at once. None: all of them."""

    egress: bool = True
    """Whether it may reach the world outside."""

    @model_validator(mode="after")
    def _consistent(self) -> "AppConfig":
        if bool(self.build) == bool(self.image):
            raise ValueError("needs exactly one of build and image")
        if self.replicas > 1 and any(volume.exclusive for volume in self.volumes.values()):
            raise ValueError("has several replicas and a volume with one writer: set replicas to 1, or writers to many if the app can share it")
        if self.replicas > 1 and self.address:
            raise ValueError("has several replicas and one address: set replicas to 1, or take the address away")
        return self
