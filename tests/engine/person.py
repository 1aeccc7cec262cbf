"""Somebody at this host who is not root, and folders that are theirs."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Person:
    """A user by number, with no name in any image. Who runs the tests without being root is the only user that they can be."""

    uid: int
    gid: int

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid}"

    def does(self, *command: str) -> None:
        """Run a command on the host as this user."""
        as_them = {"user": self.uid, "group": self.gid, "extra_groups": []} if os.getuid() == 0 else {}
        subprocess.run(command, check=True, **as_them)  # type: ignore[call-overload]  # a mapping of these arguments

    def takes(self, folder: Path) -> None:
        """Make a folder and all that is in it this user's."""
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def replaces(self, file: Path, old: str, new: str) -> None:
        """Change a text file as an editor does."""
        assert old in file.read_text(), f"{file} has no {old!r}"
        self.does("sed", "-i", f"s/{old}/{new}/", str(file))

    def owns(self, path: Path) -> bool:
        """Whether a file of the host is this user's."""
        return (path.stat().st_uid, path.stat().st_gid) == (self.uid, self.gid)


def person(uid: int, gid: int) -> Person:
    """This user, or whoever runs the tests."""
    return Person(uid, gid) if os.getuid() == 0 else Person(os.getuid(), os.getgid())


@contextmanager
def place() -> Iterator[Path]:
    """A folder that everybody can reach: those of pytest are closed."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
