"""Paths that a stage names: relative to the file that states them, and there when they are needed."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from components.app.config import AppConfig, Application
from components.build import BuildConfig
from components.image import BuildArgs, sent_files
from components.postgres.config import PostgresConfig, PostgresServer
from components.proxy.certificate import holds_certificate
from config import identity
from config.document import Where
from config.merge import Merged
from config.problems import Problem, Refused
from config.stage import AnyStage, DevAppConfig, MonoStage

Steps = tuple[str, ...]
PRIVATE = (identity.FOLDER, identity.STATE)
"""Folders beside Pulumi.yaml that no image may hold: identity and state."""


PATHS: tuple[Where, ...] = (
    ("apps", "*", "build", "context"),
    ("apps", "*", "files", "*", "*", "template"),
    ("mono", "build", "context"),
    ("postgres", "*", "build", "context"),
    ("postgres", "*", "external", "ca"),
    ("postgres", "*", "init", "*"),
    ("postgres", "*", "databases", "*", "init", "*"),
    ("proxy", "tls", "files", "*"),
    ("volumes", "*", "folder"),
)
"""Where paths of this host stand; `*` is any key of a mapping or item of a list. Keys of `apps.*.mounts` are paths too."""


def absolute(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Make the paths of a layer absolute: they are relative to the file that states them."""
    changed: dict[str, Any] = data
    for path in PATHS:
        changed = _changed(changed, path, folder)
    apps = changed.get("apps")
    return {**changed, "apps": {name: _mounted(app, folder) for name, app in apps.items()}} if isinstance(apps, dict) else changed


def _changed(value: Any, path: Where, folder: Path) -> Any:  # Any: not yet validated
    """A copy with the texts at a path made absolute; what has another form is for the models to refuse."""
    if not path:
        return _resolved(folder, value)
    step, *rest = path
    if isinstance(value, list) and step == "*":
        return [_changed(inner, tuple(rest), folder) for inner in value]
    if not isinstance(value, dict):
        return value
    return {key: _changed(inner, tuple(rest), folder) if step in ("*", key) else inner for key, inner in value.items()}


def _mounted(app: Any, folder: Path) -> Any:  # Any: not yet validated
    mounts = app.get("mounts") if isinstance(app, dict) else None
    return {**app, "mounts": {_resolved(folder, source): target for source, target in mounts.items()}} if isinstance(mounts, dict) else app


def _resolved(folder: Path, path: Any) -> Any:
    """An absolute path; what is no text, or no path that the system could follow, is for others to refuse."""
    if not isinstance(path, str):
        return path
    try:
        return str((folder / path).resolve())
    except (OSError, RuntimeError, ValueError):  # too long, a loop of links, NUL
        return str(folder / path)


def refuse_missing(stage: AnyStage, merged: Merged) -> None:
    """Refuse a stage that names what is not there."""
    apps = ((("apps", name), where, text) for name, config in stage.apps.items() for where, text in _missing(config))
    servers = ((("postgres", name), where, text) for name, server in stage.postgres.items() for where, text in _missing_of_server(server))
    mono = ((("mono",), where, text) for where, text in _missing_build(stage.mono.build)) if isinstance(stage, MonoStage) else ()
    missing = (*apps, *servers, *mono)
    found = [Problem(place=merged.place((*service, *where)), path=".".join((*service, where[0])), text=text) for service, where, text in missing]
    if found:
        raise Refused(found)


def _missing(app: Application) -> Iterator[tuple[Steps, str]]:
    yield from _missing_build(app.build if isinstance(app, AppConfig) else None)
    for folder, named in app.files.items():
        for name, file in named.items():
            if file.template:
                yield from _missing_text(("files", folder, name, "template"), file.template)
    for source in app.mounts if isinstance(app, DevAppConfig) else ():
        if not os.path.exists(source):  # Path.exists raises for a name that is too long
            yield ("mounts", source), f"{source} does not exist: make it, or take the mount away"


def _missing_of_server(server: PostgresServer) -> Iterator[tuple[Steps, str]]:
    yield from _missing_build(server.build if isinstance(server, PostgresConfig) else None)
    if server.external and server.external.ca:
        yield from _missing_authority(("external", "ca"), server.external.ca)
    for path in server.init:
        yield from _missing_text(("init",), path)
    for name, database in server.databases.items():
        for path in database.init:
            yield from _missing_text(("databases", name, "init"), path)


def _missing_build(build: BuildConfig | None) -> Iterator[tuple[Steps, str]]:
    if build and (text := _unusable(build)):
        yield ("build", "context"), text


def _missing_text(where: Steps, path: str) -> Iterator[tuple[Steps, str]]:
    if reason := unreadable(path):
        yield where, f"{path} cannot be read ({reason}): correct the path, or make the file"


def _missing_authority(where: Steps, path: str) -> Iterator[tuple[Steps, str]]:
    yield from (missing := tuple(_missing_text(where, path)))
    if not missing and not holds_certificate(Path(path).read_text(encoding="utf-8")):
        yield where, f"{path} holds no certificate: it has to be PEM"


def unreadable(path: str) -> str | None:
    """Why a file holds no text, if it holds none."""
    try:
        Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:  # ValueError: bytes that are no UTF-8, a path with NUL
        return problem.strerror if isinstance(problem, OSError) else "is no UTF-8 text"
    return None


def _unusable(build: BuildConfig) -> str | None:
    """Why nothing can be built, if nothing can."""
    path = Path(build.context) / build.dockerfile
    if not os.path.isfile(path) or not os.access(path, os.R_OK):
        return f"{path} cannot be read: correct context and dockerfile, or make the file"
    try:
        private = private_in(build)
    except (OSError, ValueError, re.error) as problem:  # re.error: .dockerignore may hold what is no pattern
        return f"{build.context} or its .dockerignore cannot be read ({problem}): mend it"
    if private:
        return f"{private} would go into the image, and this stage's secrets with it: name {', '.join(PRIVATE)} in {build.context}/.dockerignore"
    return None


def private_in(build: BuildConfig) -> str | None:
    """A folder of state and secrets that a build would send to the engine, if there is one."""
    sent = sent_files(BuildArgs(repository="", context=Path(build.context), dockerfile=build.dockerfile))
    return next((part for file in sent for part in Path(file).parts if part in PRIVATE), None)
