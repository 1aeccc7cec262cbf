"""What may be said about a Redis server, and about one that somebody else runs."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from components.container import Logs, Resources, least_memory
from components.model import Duration, HostName, Model, Port, Whole, duration, size

PORT = 6379
OURS = {
    "appendonly": "persistence",
    "databases": "databases",
    "maxmemory": "resources.memory",
    "maxmemory-policy": "eviction",
}
"""Settings that have a key of their own."""
BERTHS = frozenset({"bind", "daemonize", "dir", "include", "port", "protected-mode", "requirepass", "user", "aclfile"})
"""Settings on which the start of the server and its probe rest."""


def _setting(name: str) -> str:
    if name in OURS:
        raise ValueError(f"is not written here: use {OURS[name]}")
    if name in BERTHS:
        raise ValueError("is berth's own, for the start of the server and its probe rest on it: take it away")
    return name


def _setting_text(text: str) -> str:
    if any(word.startswith("--") for word in text.split()):
        raise ValueError("has a word that begins with --, as another setting would: write that one under its own name")
    return text


Setting = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$"), AfterValidator(_setting)]
"""Name of a setting of redis.conf."""
SettingText = Annotated[str, AfterValidator(_setting_text)]


class Persistence(StrEnum):
    """What survives a crash."""

    APPEND_ONLY = "append-only"
    NONE = "none"


class Eviction(StrEnum):
    """What Redis does when its memory is full (Redis docs, "Key eviction")."""

    NOEVICTION = "noeviction"
    ALLKEYS_LRU = "allkeys-lru"
    ALLKEYS_LFU = "allkeys-lfu"
    ALLKEYS_RANDOM = "allkeys-random"
    VOLATILE_LRU = "volatile-lru"
    VOLATILE_LFU = "volatile-lfu"
    VOLATILE_RANDOM = "volatile-random"
    VOLATILE_TTL = "volatile-ttl"


class ExternalRedisConfig(Model):
    """A server that somebody else runs: nothing is created, and the application finds the same parts as with one of berth's."""

    host: HostName
    """Name or address of the server, as the apps see it."""

    port: Port = PORT
    """Port of the server."""

    username: str = ""
    """Account to log in with; empty for the one that needs no name."""

    password: str | None = None
    """Its password, a reference to a secret, `${secrets.NAME}`. None: there is none."""

    tls: bool = True
    """Whether the URL asks for an encrypted connection (`rediss`)."""


class RedisServer(Model):
    """One Redis server."""

    persistence: Persistence = Persistence.APPEND_ONLY
    """`append-only` loses at most the last second of writes in a power cut; `none` starts empty after every restart."""

    eviction: Eviction = Eviction.NOEVICTION
    """What goes when the memory is full. `noeviction`: nothing, and writes are refused; the others suit a cache."""

    databases: Annotated[Whole, Field(ge=1, le=1024)] = 16
    """Logical databases, numbered from 0: `${NAME.url}/1` is the second one."""

    settings: dict[Setting, SettingText] = {}
    """More settings of redis.conf by name, as text; words are separated by blanks."""

    rotation: Annotated[Whole, Field(ge=0, le=1_000_000)] = 0
    """Raise it by one for another password. The server stops and starts with it before those who use it do: until their new
    containers serve, the old ones cannot log in anew, so choose a quiet minute."""

    stop_grace: Duration = duration("30s")
    """How long a shutdown may take before the server is killed."""

    external: ExternalRedisConfig | None = None
    """A server that somebody else runs, instead of all the other keys. None: berth runs one."""

    @model_validator(mode="after")
    def _one_kind(self) -> "RedisServer":
        if self.external and (more := sorted(self.model_fields_set - {"external"})):
            raise ValueError(f"has external and {', '.join(more)}: keep external alone, for that server is as it is")
        return self


class RedisConfig(RedisServer):
    """One Redis server in a container of its own."""

    version: str = "8"
    """Release line, quoted: a tag of the official image. Means nothing beside `image`."""

    image: str | None = None
    """Another image of the same contract. None: the official one of `version`."""

    resources: Annotated[Resources, least_memory("16MiB", "Redis")] = Resources(memory=size("128MiB"), cpus="0.5")
    """Limits of the container. Redis is told to stay below three quarters of the memory."""

    logs: Logs = Logs()
    """How much of its output is kept."""

    @property
    def reference(self) -> str:
        """The image that is pulled, as its files name it."""
        return self.image or f"redis:{self.version}"


class DevRedisConfig(RedisConfig):
    """One Redis server of a dev stage."""

    publish: Port | None = None
    """Port of 127.0.0.1, whatever the site's address, that leads to the server. None: only apps reach it."""
