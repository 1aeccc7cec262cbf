"""How a secret reaches a process: as a file, as the path of a file, or as a variable that is set from the file at the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import pulumi

from components.tools import script

FOLDER = "/run/secrets"


class Delivery(StrEnum):
    """Where the application looks for a secret."""

    ENV = "env"
    """In the variable of that name, set at the start of the process: `docker inspect` does not show it."""
    FILE = "file"
    """In the file `/run/secrets/NAME`."""
    FILE_ENV = "file_env"
    """In the file that the variable `NAME_FILE` names."""


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A secret value and the way it is delivered."""

    value: pulumi.Output[str]
    delivery: Delivery = Delivery.ENV


def plain_variables(secrets: Mapping[str, Secret]) -> dict[str, str]:
    """The variables that only name a file."""
    return {f"{name}_FILE": f"{FOLDER}/{name}" for name, secret in secrets.items() if secret.delivery is Delivery.FILE_ENV}


def wrapped(command: tuple[str, ...], secrets: Mapping[str, Secret]) -> list[str]:
    """Put the wrapper that sets the variables before a command, when there are any to set."""
    names = sorted(name for name, secret in secrets.items() if secret.delivery is Delivery.ENV)
    return [*script("start", *names, "--"), *command] if names else list(command)
