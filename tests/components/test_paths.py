"""Paths inside containers: which may be mounted, and which are somebody else's."""

import re

import pytest
from pydantic import TypeAdapter, ValidationError

from components.paths import Folder, Path_

FOLDER: TypeAdapter[str] = TypeAdapter(Folder)


@pytest.mark.parametrize("path", ["/data", "/tmp", "/app/media", "/run", "/run/secrets2", "/devices", "/.berth2", "/a/..b", "/a.b/@c~d"])
def test_folders(path: str) -> None:
    assert FOLDER.validate_python(path) == path


@pytest.mark.parametrize("path", ["/", "/.berth", "/.berth/x", "/run/secrets", "/run/secrets/x", "/proc", "/proc/1", "/sys", "/dev", "/dev/shm"])
def test_places_that_are_taken(path: str) -> None:
    with pytest.raises(ValidationError, match=re.escape("nothing may be mounted at / or in /.berth, /run/secrets, /dev, /proc, /sys; choose")):
        FOLDER.validate_python(path)


@pytest.mark.parametrize(
    ("path", "plain"),
    [("/data/", "/data"), ("//data", "/data"), ("/a//b", "/a/b"), ("/a/../b", "/b"), ("/./a", "/a"), ("/a/.", "/a"), ("/..", "/"), ("//", "/")],
)
def test_one_spelling(path: str, plain: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(f"is not written plainly: write {plain}, without")):
        FOLDER.validate_python(path)


def test_a_path_of_the_site_may_end_in_a_slash() -> None:
    assert TypeAdapter(Path_).validate_python("/api/") == "/api/"
