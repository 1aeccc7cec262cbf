"""What may be said about a mono stage: the container in which everything runs, and the programs in it."""

from typing import Annotated

from pydantic import AfterValidator, model_validator

from components.app.config import Application
from components.build import BuildConfig
from components.container import Labels, Logs, Resources, least_memory
from components.model import Command, Duration, Model, Size, User, size
from components.network import NetworkConfig
from components.paths import Folder, Path_

CONFIGURATION = "/etc/berth"
"""Settings of nginx, and what each program runs."""
SUPERVISOR = "/etc/supervisor"
"""Settings of supervisord, where supervisorctl looks for them by itself."""
LOGS = "/var/log/berth"
"""Output of each program in a file of its own, in memory."""
RUN = "/run/berth"
"""Socket of supervisord, and what has been done since the container started."""
FOLDERS = (CONFIGURATION, SUPERVISOR, LOGS, RUN)
"""Folders of the container that berth needs for itself."""


class MonoConfig(Model):
    """The one container of a mono stage. Its image brings the code, the runtimes, supervisord, nginx, and the servers that are asked for; berth brings their
    settings."""

    build: BuildConfig | None = None
    """Build the image. One of `build` and `image` has to be there. In Debian the packages are supervisor, nginx-light, postgresql and redis-server."""

    image: str | None = None
    """Use an image as it is, `name:tag` or `name@sha256:...`."""

    user: User = "10001:10001"
    """Numeric user and group of every program; never root. Postgres wants a name for it in the image: `RUN useradd --uid 10001 app`."""

    resources: Annotated[Resources, least_memory("128MiB", "a container with everything in it")] = Resources(memory=size("1GiB"), cpus="2.0", pids=1024)
    """Limits of the container, for all its programs together. Postgres and Redis are each set up for a quarter of the memory."""

    tmpfs: dict[Folder, Size] = {"/tmp": size("256MiB")}  # noqa: S108  # a path inside the container
    """Writable folders in memory by path, with their sizes, beside those that berth needs; empty after a restart, and they count as memory."""

    read_only: bool = True
    """Whether the image's files are read-only. Off: programs write beside their code, and so could an intruder."""

    egress: bool = True
    """Whether its programs may reach the world outside. Off: the network hides no addresses, so no answer from outside finds its way back."""

    stop_grace: Duration | None = None
    """How long everything may take to stop. None: as long as its programs may take one after the other."""

    logs: Logs = Logs()
    """How much of its output is kept: all programs together."""

    labels: Labels = {}
    """More labels for the container."""

    @model_validator(mode="after")
    def _one_image(self) -> "MonoConfig":
        if bool(self.build) == bool(self.image):
            raise ValueError("needs exactly one of build and image")
        return self


class MonoAppConfig(Application):
    """An app as one program among others."""

    command: Command
    """Command line of the program; it has to stay in the foreground."""

    directory: Path_ = "/"
    """Folder in which its commands start."""


def _has_ports(network: NetworkConfig) -> NetworkConfig:
    if network.internal:
        raise ValueError("is internal, and then nobody could reach the site: take internal away; mono.egress closes the way out")
    return network


class MonoNetworksConfig(Model):
    """The one network of a mono stage, where something about it has to be fixed."""

    public: Annotated[NetworkConfig, AfterValidator(_has_ports)] = NetworkConfig()
    """The container's, which owns the ports of the host."""
