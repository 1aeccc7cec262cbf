"""Paths that a stage names: relative to the file that states them, and there when they are needed."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from components.app.config import AppConfig, Application, BuildConfig
from components.image import BuildArgs, sent_files
from config import identity
from config.document import Where
from config.merge import Merged
from config.problems import Problem, Refused
from config.stage import AnyStage, DevAppConfig, MonoStage

PRIVATE = (identity.FOLDER, identity.STATE)
"""Folders beside Pulumi.yaml that no image may hold: identity and state."""


def absolute(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Make the paths of a layer absolute: they are relative to the file that states them."""
    changed = dict(data)
    if isinstance(apps := data.get("apps"), dict):
        changed["apps"] = {name: _absolute_app(app, folder) if isinstance(app, dict) else app for name, app in apps.items()}
    if isinstance(mono := data.get("mono"), dict):
        changed["mono"] = _absolute_build(mono, folder)
    if isinstance(proxy := data.get("proxy"), dict) and isinstance(tls := proxy.get("tls"), dict) and isinstance(files := tls.get("files"), dict):
        named = {key: str(folder / value) if isinstance(value, str) else value for key, value in files.items()}
        changed["proxy"] = {**proxy, "tls": {**tls, "files": named}}
    return changed


def _absolute_app(app: dict[str, Any], folder: Path) -> dict[str, Any]:
    changed = _absolute_build(app, folder)
    if isinstance(files := app.get("files"), dict):
        changed["files"] = {to: _absolute_files(named, folder) for to, named in files.items()}
    if isinstance(mounts := app.get("mounts"), dict):
        changed["mounts"] = {_resolved(folder, source): target for source, target in mounts.items()}
    return changed


def _absolute_build(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    build = data.get("build")
    return {**data, "build": {**build, "context": _resolved(folder, build["context"])}} if isinstance(build, dict) and "context" in build else dict(data)


def _absolute_files(named: Any, folder: Path) -> Any:  # Any: not yet validated
    return {name: _absolute_file(file, folder) for name, file in named.items()} if isinstance(named, dict) else named


def _absolute_file(file: Any, folder: Path) -> Any:  # Any: not yet validated
    return {**file, "template": _resolved(folder, file["template"])} if isinstance(file, dict) and isinstance(file.get("template"), str) else file


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
    found = [
        Problem(place=merged.place(("apps", name, *where)), path=f"apps.{name}.{where[0]}", text=text)
        for name, config in stage.apps.items()
        for where, text in _missing(config)
    ]
    if isinstance(stage, MonoStage) and stage.mono.build and (text := _unusable(stage.mono.build)):
        found.append(Problem(place=merged.place(("mono", "build", "context")), path="mono.build", text=text))
    if found:
        raise Refused(found)


def _missing(app: Application) -> Iterator[tuple[Where, str]]:
    if isinstance(app, AppConfig) and app.build and (text := _unusable(app.build)):
        yield ("build", "context"), text
    yield from _missing_templates(app)
    for source in app.mounts if isinstance(app, DevAppConfig) else ():
        if not os.path.exists(source):  # Path.exists raises for a name that is too long
            yield ("mounts", source), f"{source} does not exist: make it, or take the mount away"


def _missing_templates(app: Application) -> Iterator[tuple[Where, str]]:
    for folder, named in app.files.items():
        for name, file in named.items():
            if file.template and (reason := unreadable(file.template)):
                yield ("files", folder, name, "template"), f"{file.template} cannot be read ({reason}): correct the path, or make the file"


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
