"""The image of a service: what is built, and secrets of a build that nobody else can read, at the same place in every run."""

import atexit
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pulumi
import pytest

from components.build import BuildConfig, _write, build_args, folder_of, service_image, written
from tests.recording import Recording, record, stage


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


@pytest.mark.parametrize(
    ("build", "dockerfile", "target", "arguments"),
    [
        (BuildConfig(context="/src"), "Dockerfile", None, {}),
        (BuildConfig(context="/src", dockerfile="docker/prod", target="prod", args={"V": "1"}), "docker/prod", "prod", {"V": "1"}),
    ],
    ids=["defaults", "explicit"],
)
def test_build_args(build: BuildConfig, dockerfile: str, target: str | None, arguments: dict[str, str]) -> None:
    made = build_args("web", build, stage(), {})
    assert (made.repository, made.context, made.dockerfile, made.target, made.arguments) == ("shop-web", Path("/src"), dockerfile, target, arguments)


def image(build: BuildConfig | None) -> Recording:
    def program() -> None:
        service_image("db", stage(), build=build, reference="postgres:17", secrets={}, opts=pulumi.ResourceOptions())

    return record(program)


def test_without_a_build_the_image_is_pulled() -> None:
    made = image(None).one("db-image").inputs
    assert made == {"name": "postgres:17", "keepLocally": True}


def test_with_a_build_nothing_is_pulled(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM postgres:17\n")
    made = image(BuildConfig(context=str(tmp_path))).one("db-image").inputs
    assert made["name"].startswith("shop-db:")
    assert made["build"]["context"] == str(tmp_path)
