"""Paths: of the site, and of folders inside containers, of which some are not an application's to take."""

from posixpath import normpath
from typing import Annotated

from pydantic import AfterValidator, Field

from components.secrets import FOLDER
from components.tools import PATH

RESERVED = (PATH, FOLDER, "/dev", "/proc", "/sys")
"""berth's tools and secrets, and what the kernel shows: something mounted there, or below, would hide it."""


def _folder(path: str) -> str:
    plain = "/" + normpath(path).lstrip("/")
    if path != plain:
        raise ValueError(f"is not written plainly: write {plain}, without a / at the end, // or ..")
    if path == "/" or any(path == taken or path.startswith(f"{taken}/") for taken in RESERVED):
        raise ValueError(f"is no place for an app's files: nothing may be mounted at / or in {', '.join(RESERVED)}; choose another path")
    return path


Path_ = Annotated[str, Field(pattern=r"^/[A-Za-z0-9._~/@-]*$")]
"""An absolute path of a URL or inside a container."""
Folder = Annotated[Path_, AfterValidator(_folder)]
"""An absolute path inside a container where something may be mounted."""
