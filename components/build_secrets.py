"""Secrets of a build: the provider takes them as files of this host, so they lie there while the program runs."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pulumi


def written(instance: str, secrets: Mapping[str, pulumi.Output[str]]) -> dict[str, pulumi.Output[str]]:
    """Write each secret to a file that only this user can read; they go when the program ends, which is after the builds.

    Returns the paths, the same in every run.
    """
    return {id_: pulumi.Output.unsecret(value.apply(partial(_write, folder_of(instance), id_))) for id_, value in secrets.items()}


def folder_of(instance: str) -> Path:
    """Where the secrets of a stage lie."""
    return Path(tempfile.gettempdir()) / f"berth-{os.getuid()}-{instance}"


def _write(folder: Path, name: str, text: str) -> str:
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.getuid() or folder.is_symlink() or status.st_mode & 0o077:
        raise pulumi.RunError(f"{folder} belongs to somebody else, who could read the secrets of the build there: remove it")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / name
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(text)
    return str(file)
