"""What the programs of a mono stage have to agree on, for they share one container: its ports, its folders and its secrets."""

from collections.abc import Iterator

from components import postgres, redis
from components.mono.config import FOLDERS, MonoAppConfig
from components.postgres.config import PORT as POSTGRES_PORT
from components.proxy import SPOOL
from components.proxy.nginx import HEALTH_PORT
from components.proxy.site import FIRST_INSIDE, VOLUMES
from components.redis.config import PORT as REDIS_PORT
from components.secrets import FOLDER, Delivery
from config.agreement import Found, Given
from config.document import Where
from config.routing import host_ports, routes_of
from config.stage import AnyStage, MonoStage
from config.storage import mounted

PORTS = {"postgres": POSTGRES_PORT, "redis": REDIS_PORT}
SERVERS_OWN = {"postgres": (postgres.DATA, postgres.SOCKET, postgres.INIT), "redis": (redis.DATA,)}
"""Folders of each kind of server."""


def one_server_of_a_kind(stage: AnyStage, given: Given) -> Found:
    """The image has one Postgres and one Redis, each with its own place for data."""
    if isinstance(stage, MonoStage):
        servers = list(inside(stage))
        for place, (section, name) in enumerate(servers):
            if section in {other for other, _ in servers[:place]}:
                yield (section, name), f"is one more server than a mono container has: keep one under {section}, or let it be external"


def inside(stage: MonoStage) -> Iterator[tuple[str, str]]:
    """Section and name of each server that runs in the container."""
    yield from (("postgres", name) for name, server in stage.postgres.items() if not server.external)
    yield from (("redis", name) for name, server in stage.redis.items() if not server.external)


def ports_inside_are_unique(stage: AnyStage, given: Given) -> Found:
    """A port of the container belongs to one program."""
    if not isinstance(stage, MonoStage):
        return
    taken = {HEALTH_PORT: "nginx's own"} | {FIRST_INSIDE + place: "nginx's" for place in range(len(set(host_ports(stage).values())))}
    taken |= {PORTS[section]: f"that of {name}" for section, name in inside(stage)}
    for name, app in stage.apps.items():
        if app.port in taken:
            yield ("apps", name, "port"), f"is {app.port}, which is {taken[app.port]} in the container that all programs share: let the app listen on another"
        if app.port:
            taken.setdefault(app.port, f"the port of {name}")


def secret_files_agree(stage: AnyStage, given: Given) -> Found:
    """A file in /run/secrets holds one secret."""
    if not isinstance(stage, MonoStage):
        return
    seen: dict[str, tuple[str, str]] = {}
    for name, app in stage.apps.items():
        for file, use in app.secrets.items():
            first, secret = seen.setdefault(file, (name, use.from_)) if use.delivery is Delivery.FILE else (name, use.from_)
            if secret != use.from_:
                text = f"would be {FOLDER}/{file}, which holds the secret {secret} of {first}: give it another name, or deliver it as file_env"
                yield ("apps", name, "secrets", file), text


def folders_are_unique(stage: AnyStage, given: Given) -> Found:
    """A folder of the container holds one thing. Several apps may have the same shared volume at the same place."""
    if not isinstance(stage, MonoStage):
        return
    own = _own_folders(stage)
    for path in stage.mono.tmpfs:
        if _is_in(path, own):
            yield ("mono", "tmpfs", path), "is where berth's own files are: take it away"
    seen = dict.fromkeys(stage.mono.tmpfs, ("mono", "tmpfs"))
    for name, app in stage.apps.items():
        for where, path, what in mounted(app):
            said = _told(stage, app, where, what)
            owner, other = seen.setdefault(path, (name, said))
            if _is_in(path, own):
                yield ("apps", name, *where), f"is {path}, where berth's own files are: choose another path"
            elif owner != name and other != said:
                yield ("apps", name, *where), f"is {path}, where {other} of {owner} is: choose another path, for all programs share one container"


def _own_folders(stage: MonoStage) -> list[str]:
    served = [VOLUMES] if any(route.static for _, _, _, route in routes_of(stage)) else []
    return [*FOLDERS, SPOOL, *served, *(folder for section, _ in inside(stage) for folder in SERVERS_OWN[section])]


def _is_in(path: str, folders: list[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def _told(stage: MonoStage, app: MonoAppConfig, where: Where, what: str) -> str:
    if where[0] == "volumes" and where[1] in stage.volumes:
        return f"the shared volume {where[1]}{', read-only,' if app.volumes[str(where[1])].read_only else ''}"
    return what


def grace_is_enough(stage: AnyStage, given: Given) -> Found:
    """A database is never killed while it stops."""
    if not isinstance(stage, MonoStage) or not stage.mono.stop_grace:
        return
    for name in (name for section, name in inside(stage) if section == "postgres"):
        server = stage.postgres[name]
        if server.stop_grace.amount >= stage.mono.stop_grace.amount:
            text = f"is {stage.mono.stop_grace}, and {name} alone may take {server.stop_grace}: write more, or leave it out, for it follows from its programs"
            yield ("mono", "stop_grace"), text


RULES = (one_server_of_a_kind, ports_inside_are_unique, secret_files_agree, folders_are_unique, grace_is_enough)
