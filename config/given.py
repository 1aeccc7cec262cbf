"""Values of the secrets that a stage gives: encrypted in the stage file, or read from where a secrets manager puts them."""

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

TIMEOUT_S = 60
"""How long a command may think before it counts as failed: a secrets manager may ask a server."""


class Unreadable(Exception):
    """Why a secret has no value; never what was read."""


Found = tuple[dict[str, str], dict[str, str]]


def given(secrets: Mapping[str, Any], root: Path) -> Found:  # Any: not yet validated
    """Read every secret. `root`: where relative paths begin and commands run. Returns the values, and what is wrong, both by name."""
    values: dict[str, str] = {}
    problems: dict[str, str] = {}
    for name, source in secrets.items():
        try:
            values[name] = _read(source, root)
        except Unreadable as problem:
            problems[name] = str(problem)
    return values, problems


def is_source(value: object) -> bool:
    """Whether a value says where the secret is, and is none itself."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _SOURCES


def _read(source: object, root: Path) -> str:
    if isinstance(source, str):
        return _useful(source, "write its text")
    if not is_source(source):
        raise Unreadable(f"has to be an encrypted text, or a mapping with one of {', '.join(sorted(_SOURCES))}")
    assert isinstance(source, dict)  # noqa: S101  # is_source has seen it
    ((kind, where),) = source.items()
    return _SOURCES[kind](where, root)


def _useful(text: str, remedy: str) -> str:
    """One newline at the end is the file's or the terminal's, not the secret's."""
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise Unreadable(f"is empty: {remedy}")
    if "\0" in text:
        raise Unreadable("holds a NUL character, which no variable can hold")
    return text


def _file(where: object, root: Path) -> str:
    if not isinstance(where, str):
        raise Unreadable("has a file that is no text: write its path, relative to Pulumi.yaml")
    path = root / Path(where).expanduser()
    try:
        return _useful(path.read_text(encoding="utf-8"), f"write the secret into {path}")
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "is not UTF-8 text"
        raise Unreadable(f"cannot be read from {path} ({reason}): correct the path, or make the file") from None


def _environment(where: object, root: Path) -> str:
    if not isinstance(where, str):
        raise Unreadable("has an environment that is no text: write the name of a variable")
    if where not in os.environ:
        raise Unreadable(f"is not in the environment: export {where} before you run this")
    return _useful(os.environ[where], f"give {where} a value")


def _command(where: object, root: Path) -> str:
    if not isinstance(where, list) or not where or not all(isinstance(word, str) for word in where):
        raise Unreadable("has a command that is no list of texts: write [program, argument, ...]")
    again = f"run it yourself to see why: {' '.join(where)}"
    try:
        done = subprocess.run(  # noqa: S603  # the stage file says what to run, and its owner runs it
            where, cwd=root, capture_output=True, text=True, timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "took too long" if isinstance(problem, subprocess.TimeoutExpired) else "wrote no text"
        raise Unreadable(f"could not be asked for ({where[0]}: {reason}): {again}") from None
    if done.returncode:
        raise Unreadable(f"could not be asked for ({where[0]} ended with {done.returncode}): {again}")
    return _useful(done.stdout, again)


_SOURCES: dict[str, Callable[[object, Path], str]] = {"file": _file, "environment": _environment, "command": _command}
