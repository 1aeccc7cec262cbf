"""How to tell whether an application is well."""

from typing import Annotated

from pydantic import Field, model_validator

from components.model import Command, Duration, Model, Port
from components.probe import HealthCheck, ProbeTimes
from components.tools import script

KINDS = ("path", "command", "file", "tcp")


class FileAge(Model):
    """A file that the process touches while it is well."""

    path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9._~/@-]+$")]
    """The file, inside the container."""

    max_age: Duration
    """How long ago it may have been written."""


class HealthConfig(ProbeTimes):
    """How to tell whether a service is well: by one of `path`, `command`, `file` and `tcp`; without any its port has to accept connections."""

    path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9._~/@?&=%-]*$")] | None = None
    """Path that answers 2xx or 3xx when all is well."""

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:_-]+$")] | None = None
    """Host header of the request for `path`. None: 127.0.0.1."""

    command: Command | None = None
    """Command inside the container that ends 0 when all is well; it has the variables of the service, and no shell is involved."""

    file: FileAge | None = None
    """A file that has to stay young."""

    tcp: Port | None = None
    """Port inside the container that has to accept connections."""

    @property
    def kinds(self) -> frozenset[str]:
        """Which of the ways are given."""
        return frozenset(kind for kind in KINDS if getattr(self, kind) is not None)

    @model_validator(mode="after")
    def _one_kind(self) -> "HealthConfig":
        if len(self.kinds) > 1:
            raise ValueError(f"has {' and '.join(kind for kind in KINDS if kind in self.kinds)}: keep one of them")
        if self.host and not self.path:
            raise ValueError("has a host and no path: the host belongs to a request, write its path")
        return self


def check(config: HealthConfig, port: int | None) -> HealthCheck:
    """The probe that a configuration asks for, by the tools that lie in every container. `port`: where the service listens."""
    times = ProbeTimes(**{name: getattr(config, name) for name in ProbeTimes.model_fields})
    return HealthCheck(test=_test(config, port), times=times, informed=config.command is not None)


def _test(config: HealthConfig, port: int | None) -> tuple[str, ...]:
    if config.command:
        return config.command
    if config.file:
        return script("probe", "age", config.file.path, str(max(1, config.file.max_age.amount // 1000)))
    if config.path:
        return script("probe", "http", str(port), config.path, *([config.host] if config.host else []))
    return script("probe", "tcp", str(config.tcp or port))
