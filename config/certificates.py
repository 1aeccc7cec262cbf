"""The certificate that a stage gives, read and checked before anything is made."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from components.proxy.certificate import Certificate, problems
from components.proxy.site import hosts_of
from components.proxy.tls import TlsFilesConfig
from config.merge import Merged
from config.problems import Problem, Refused
from config.stage import AnyStage

FILES = ("proxy", "tls", "files")


def read(stage: AnyStage, merged: Merged) -> Certificate | None:
    """Read the files of `proxy.tls.files`, or refuse them with every problem. None: the stage names none."""
    files = stage.proxy.tls.files if stage.proxy.tls else None
    if not files:
        return None
    texts: dict[str, str] = {}
    found: list[tuple[str, str]] = []
    for field in TlsFilesConfig.model_fields:
        try:
            texts[field] = _text(Path(getattr(files, field)))
        except ValueError as problem:
            found.append((field, str(problem)))
    certificate = Certificate(chain=texts.get("certificate", ""), key=texts.get("key", ""))
    hosts = hosts_of(stage.proxy, (pattern for app in stage.apps.values() for pattern in app.routes))
    found = found or list(problems(certificate, hosts, datetime.now(UTC)))
    if found:
        raise Refused(_told(merged, found))
    return certificate


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError as problem:
        raise ValueError(f"{path} cannot be read: {problem.strerror}") from None
    except ValueError:  # bytes that are no ASCII, a path with NUL
        raise ValueError(f"{path} is no PEM file: convert it") from None


def _told(merged: Merged, found: list[tuple[str, str]]) -> Iterator[Problem]:
    for field, text in found:
        yield Problem(place=merged.place((*FILES, field)), path=".".join((*FILES, field)), text=text)
