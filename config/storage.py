"""What volumes, folders and files of a stage have to agree on."""

from collections.abc import Iterator

from components.app.config import AppConfig, Application
from config.agreement import Found, Given, listed
from config.document import Where
from config.stage import AnyStage, DevAppConfig


def volumes_are_unique(stage: AnyStage, given: Given) -> Found:
    """A name on the engine belongs to one volume."""
    seen = {f"{server}-data": f"the data of {server}" for server in (*stage.postgres, *stage.redis)}
    for volume in stage.volumes:
        if volume in seen:
            yield ("volumes", volume), f"is the name of {seen[volume]}: choose another name"
        seen[volume] = f"the shared volume {volume}"
    for name, app in stage.apps.items():
        for volume in (volume for volume in app.volumes if volume not in stage.volumes):
            full = f"{name}-{volume}"
            if full in seen:
                yield ("apps", name, "volumes", volume), f"would be called {full}, as {seen[full]} is: choose another name"
            seen[full] = f"the volume {volume} of {name}"


def shared_volumes_are_shared(stage: AnyStage, given: Given) -> Found:
    """Who writes to a shared volume says that others may, too."""
    for volume in stage.volumes:
        users = {name: app.volumes[volume] for name, app in stage.apps.items() if volume in app.volumes}
        if not users:
            yield ("volumes", volume), "is mounted by no app: write it under volumes of an app, or take it away"
        writing = [name for name, use in users.items() if not use.read_only]
        for name in writing:
            if len(writing) > 1 and users[name].exclusive:
                text = f"is written by {listed(writing)}: set writers to many in each if they can share it, or read_only where they only read"
                yield ("apps", name, "volumes", volume, "writers"), text


def one_writer_is_one(stage: AnyStage, given: Given) -> Found:
    """A worker shares the volumes of its app."""
    for name, worker in stage.workers.items():
        app = stage.apps.get(worker.app)
        alone = [volume for volume, use in app.volumes.items() if use.exclusive] if app else []
        if alone:
            text = f"shares the volume {alone[0]} of {worker.app}, which has one writer: set its writers to many if both can use it at once"
            yield ("workers", name, "app"), text


def paths_are_unique(stage: AnyStage, given: Given) -> Found:
    """One thing is mounted at a path."""
    for name, app in stage.apps.items():
        seen: dict[str, str] = {}
        for where, path, what in mounted(app):
            if path in seen:
                yield ("apps", name, *where), f"is {path}, where {seen[path]} is mounted: {_way_out(seen[path], path)}"
            seen.setdefault(path, what)


def mounted(app: Application) -> Iterator[tuple[Where, str, str]]:
    """What an app has mounted: where that is said, the path inside, and what it is."""
    yield from ((("tmpfs", path), path, "tmpfs") for path in (app.tmpfs if isinstance(app, AppConfig) else ()))
    yield from ((("volumes", volume, "path"), use.path, f"the volume {volume}") for volume, use in app.volumes.items())
    yield from ((("files", path), path, "the folder of files") for path in app.files)
    folders = app.mounts if isinstance(app, DevAppConfig) else {}
    yield from ((("mounts", source), path, f"the folder {source}") for source, path in folders.items())


def _way_out(taken: str, path: str) -> str:
    return f"take {path} out of tmpfs, or choose another path" if taken == "tmpfs" else "choose another path"


RULES = (volumes_are_unique, shared_volumes_are_shared, one_writer_is_one, paths_are_unique)
