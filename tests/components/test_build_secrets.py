"""Secrets of a build: files that nobody else can read, at the same place in every run."""

import tempfile
from pathlib import Path

import pulumi
import pytest

from components import build_secrets
from components.build_secrets import folder_of, written
from tests.recording import record


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def paths() -> dict[str, object]:
    found: dict[str, object] = {}

    def program() -> None:
        for id_, path in written("0badcafe", {"token": pulumi.Output.secret("s3cret")}).items():
            pulumi.Output.all(path, path.is_secret()).apply(lambda both, id_=id_: found.update({id_: both}))

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
    last: list[tuple[object, ...]] = []
    monkeypatch.setattr(build_secrets.atexit, "register", lambda act, *arguments, **options: last.append((act, arguments, options)))
    paths()
    for act, arguments, options in last:
        act(*arguments, **options)  # type: ignore[operator]
    assert not folder_of("0badcafe").exists()


def test_a_folder_that_others_can_read_is_refused() -> None:
    folder_of("0badcafe").mkdir(mode=0o755)
    with pytest.raises(pulumi.RunError, match="belongs to somebody else, who could read the secrets of the build there: remove it"):
        build_secrets._write(folder_of("0badcafe"), "token", "s3cret")
