"""The connection to a Docker engine, for the program and for the command."""

from typing import Any

import docker
from docker.utils import kwargs_from_env


def client(host: str | None) -> docker.DockerClient:
    """Connect to the engine at an address; None: where DOCKER_HOST says, else this machine's own. By ssh it is the system's own client that connects."""
    if host is None:
        return docker.from_env()
    settings: dict[str, Any] = {**kwargs_from_env(), "base_url": host}  # Any: arguments of the client
    return docker.DockerClient(**settings, use_ssh_client=host.startswith("ssh://"))
