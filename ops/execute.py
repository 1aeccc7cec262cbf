"""`berth exec`: a command in a running container, with the variables that its own process has, secrets included."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from ops.console import Stop
from ops.objects import Container

TOOLS = "/.berth"
SHELL = (f"{TOOLS}/busybox", "sh")
START = f"{TOOLS}/start"
PROBE = f"{TOOLS}/probe"
POSTGRES = """\
PGPASSWORD=$(/.berth/busybox cat "/run/secrets/$1") PGHOST=127.0.0.1 PGDATABASE=$2 PGUSER=$3
export PGPASSWORD PGHOST PGDATABASE PGUSER
shift 3
exec "$@"
"""
REDIS = 'REDISCLI_AUTH=$(/.berth/busybox cat /run/secrets/password); export REDISCLI_AUTH; exec "$@"'


def pick(containers: Sequence[Container], name: str) -> Container:
    """A running container of a service, a healthy one rather than another; or the one of this name."""
    running = [one for one in containers if one.role == "service" and one.status == "running"]
    found = sorted((one for one in running if name in (one.service, one.name)), key=lambda one: (one.health != "healthy", one.name))
    if not found:
        known = sorted({one.service for one in running})
        raise Stop(f"no container of {name!r} is running. Running services of this stage: {', '.join(known) or 'none, it is not up'}")
    return found[0]


def wrapped(own: Sequence[str], probe: Sequence[str], command: Sequence[str]) -> list[str]:
    """What to run for `command` to find what the container's own process finds. `own`: its command line; `probe`: that of its health check."""
    if START in own and "--" in own:
        return [*own[: own.index("--") + 1], *command]
    if PROBE in probe and "postgres" in probe:
        database, role, file = probe[probe.index("postgres") + 1 :][:3]
        return [*SHELL, "-c", POSTGRES, "sh", file, database, role, *command]
    if f"{TOOLS}/redis" in own:
        return [*SHELL, "-c", REDIS, "sh", *command]
    return list(command)


def arguments(container: str, words: Sequence[str], *, terminal: bool) -> list[str]:
    """The command line for Docker's own client, which knows terminals better than anybody."""
    return ["docker", "exec", "--interactive", *(["--tty"] if terminal else []), container, *words]


def become(container: Container, words: Sequence[str], host: str | None, environment: Mapping[str, str]) -> NoReturn:
    """Become Docker's client, whose exit code is the command's."""
    if not shutil.which("docker"):
        raise Stop("the program docker is missing, which connects the terminal: install Docker's command line client")
    sys.stdout.flush()
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    os.execvpe("docker", arguments(container.id, words, terminal=terminal), {**environment, **({"DOCKER_HOST": host} if host else {})})  # noqa: S606, S607  # no shell
