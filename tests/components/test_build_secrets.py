"""Secrets of a build: files that nobody else can read, at the same place in every run."""

import atexit
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pulumi
import pytest

from components.build_secrets import _write, folder_of, written
from tests.recording import record


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def paths() -> dict[str, object]:
    found: dict[str, object] = {}

    def program() -> None:
        path = written("0badcafe", {"token": pulumi.Output.secret("s3cret")})["token"]
        pulumi.Output.all(path, path.is_secret()).apply(lambda both: found.update(token=both))

    record(program)
    return found


def test_a_secret_becomes_a_file_that_only_this_user_can_read() -> None:
    file = folder_of("0badcafe") / "token"
    assert paths() == {"token": [str(file), False]}
    assert file.read_text() == "s3cret"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_the_paths_are_the_same_in_every_run() -> None:
    assert paths() == paths()


def test_they_go_when_the_program_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    last: list[Callable[[], object]] = []
    monkeypatch.setattr(atexit, "register", lambda act, *arguments, **options: last.append(partial(act, *arguments, **options)))
    paths()
    for act in last:
        act()
    assert not folder_of("0badcafe").exists()


def test_a_folder_that_others_can_read_is_refused() -> None:
    folder_of("0badcafe").mkdir(mode=0o755)
    with pytest.raises(pulumi.RunError, match="belongs to somebody else, who could read the secrets of the build there: remove it"):
        _write(folder_of("0badcafe"), "token", "s3cret")
