"""Uploads: files in a volume, which all replicas share."""

import os
import re
import shutil
import stat
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

SIZE_MAX = 10 * 1024**2
NAME_MAX_BYTES = 120
_UNSAFE = re.compile(r"[^\w.\-() ]")


class BadName(ValueError):
    """A file name of which nothing safe is left."""


class TooLarge(ValueError):
    """A file larger than `SIZE_MAX`."""


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file in the volume."""

    name: str
    size: int
    changed_at: datetime


class Uploads:
    """The folder of uploads. A file appears in it complete or not at all, and never replaces another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def problem(self) -> str | None:
        """Why nothing can be uploaded, or None."""
        if not self._folder.is_dir():
            return f"{self._folder} is not a folder"
        return None if os.access(self._folder, os.W_OK | os.X_OK) else f"{self._folder} cannot be written to"

    def save(self, name: str, content: BinaryIO) -> Upload:
        """Store a file under its safe name, or that name with a number. Raises `BadName`, `TooLarge`, OSError."""
        safe = safe_name(name)
        part = self._folder / f".{uuid.uuid4().hex}.part"
        try:
            with part.open("xb") as file:
                _copy(content, file)
                os.fsync(file.fileno())
            return self._publish(part, safe)
        finally:
            part.unlink(missing_ok=True)

    def newest(self) -> list[Upload]:
        """All uploads, newest first."""
        found = [self._upload(entry.name, entry.stat(follow_symlinks=False)) for entry in self._entries()]
        return sorted(found, key=lambda upload: (upload.changed_at, upload.name), reverse=True)

    def find(self, name: str) -> Path | None:
        """The file of that name, if it is an upload."""
        file = self._folder / name
        try:
            if safe_name(name) != name or not stat.S_ISREG(file.lstat().st_mode):
                return None
        except (BadName, OSError):
            return None
        return file

    def free_bytes(self) -> int:
        """Space left in the volume."""
        return shutil.disk_usage(self._folder).free

    def _entries(self) -> list[os.DirEntry[str]]:
        with os.scandir(self._folder) as entries:
            return [entry for entry in entries if not entry.name.startswith(".") and entry.is_file(follow_symlinks=False)]

    def _publish(self, part: Path, name: str) -> Upload:
        """Give the complete file its name; a hard link, unlike a rename, fails when the name is taken."""
        stem, dot, suffix = name.rpartition(".")
        stem, ending = (stem, f"{dot}{suffix}") if stem else (name, "")
        for number in range(1, 1000):
            candidate = name if number == 1 else f"{stem}-{number}{ending}"
            try:
                os.link(part, self._folder / candidate)
            except FileExistsError:
                continue
            return self._upload(candidate, part.stat())
        raise BadName("there are a thousand files of that name already")

    @staticmethod
    def _upload(name: str, about: os.stat_result) -> Upload:
        return Upload(name=name, size=about.st_size, changed_at=datetime.fromtimestamp(about.st_mtime, UTC))


def safe_name(name: str) -> str:
    """The file name that a visitor's name becomes: no folders, not hidden, nothing a shell would trip over."""
    last = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    cleaned = _UNSAFE.sub("_", last).strip(" .").encode(errors="ignore")
    if not cleaned.strip(b"_-"):
        raise BadName("the file needs a name")
    stem, suffix = os.path.splitext(cleaned)
    kept = stem[: NAME_MAX_BYTES - len(suffix)] + suffix if len(suffix) < NAME_MAX_BYTES // 2 else cleaned[:NAME_MAX_BYTES]
    return kept.decode(errors="ignore").strip(" .")


def _copy(source: BinaryIO, target: BinaryIO) -> None:
    copied = 0
    while block := source.read(256 * 1024):
        copied += len(block)
        if copied > SIZE_MAX:
            raise TooLarge(f"the file is larger than {SIZE_MAX // 1024**2} MiB")
        target.write(block)
