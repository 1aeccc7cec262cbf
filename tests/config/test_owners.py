"""As whom an app with folders of the host runs in dev: what nobody wrote follows from whom they belong to."""

import os
from pathlib import Path

import pytest

from config import owners
from config.load import resolve
from config.origins import DEFAULT, values_of
from config.owners import Owner, owner_of
from config.problems import Refused
from config.stage_file import source_of
from tests.config.samples import project

APP = """\
format: 1
name: shop
apps:
  web: { image: w, port: 80, mounts: { src: /src } }
  other: { image: o, port: 80, mounts: { more: /more, src: /src } }
  fixed: { image: f, port: 80, user: "7:8", mounts: { src: /src } }
  writer: { image: x, port: 80, volumes: { common: { path: /common, writers: many } } }
  alone: { image: a, port: 80, volumes: { own: { path: /own } } }
volumes: { common: {} }
"""
STAGE = "config:\n  berth:topology: dev\n  berth:application: app.yaml\n"
DEFAULT_USER = "10001:10001"
ANN, BEN = (1000, 1001), (2000, 2000)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project(tmp_path, APP)
    (tmp_path / "Pulumi.yaml").write_text("name: shop\n")
    for folder in ("src", "more"):
        (tmp_path / folder).mkdir()
    return tmp_path


@pytest.fixture(autouse=True)
def _this_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)


def users(root: Path, monkeypatch: pytest.MonkeyPatch, stage: str = "", **of: tuple[int, int] | None) -> dict[str, tuple[str, str]]:
    """User of each app and where it comes from, when these folders have these owners."""
    known = {str(root / folder): Owner(folder=str(root / folder), uid=owner[0], gid=owner[1]) for folder, owner in of.items() if owner}
    monkeypatch.setattr(owners, "owner_of", known.get)
    (root / "Pulumi.dev.yaml").write_text(STAGE + stage)
    found = values_of(resolve(source_of(root, "dev")))
    return {str(one.path[1]): (one.value, one.origin) for one in found if one.path[0] == "apps" and one.path[2:] == ("user",)}


def test_an_app_runs_as_the_owner_of_its_folders(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    anns = ("1000:1001", f"owner of {root}/src")
    assert users(root, monkeypatch, src=ANN) == {
        "web": anns,
        "other": anns,
        "fixed": ("7:8", "app.yaml:6"),
        "writer": (DEFAULT_USER, DEFAULT),
        "alone": (DEFAULT_USER, DEFAULT),
    }


def test_folders_of_root_change_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = users(root, monkeypatch)
    assert {name: user for name, (user, _) in found.items()} == dict.fromkeys(("web", "other", "writer", "alone"), DEFAULT_USER) | {"fixed": "7:8"}


def test_who_shares_a_volume_with_it_runs_as_it_does(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sharing = "  berth:apps: { web: { volumes: { common: { path: /common, writers: many } } } }\n"
    found = users(root, monkeypatch, sharing, src=ANN)
    assert found["writer"] == ("1000:1001", f"owner of {root}/src")
    assert found["alone"] == (DEFAULT_USER, DEFAULT)


def test_null_takes_back_what_was_written_and_leaves_it_to_the_owner(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = users(root, monkeypatch, "  berth:apps: { fixed: { user: null } }\n", src=ANN)
    assert found["fixed"] == ("1000:1001", f"owner of {root}/src")


def test_several_owners_are_refused_unless_somebody_says_who(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    message = (
        rf"^app\.yaml:5: apps\.other\.mounts: have several owners \({root}/more is 2000:2000's, {root}/src is 1000:1001's\): "
        "write user, the uid:gid that the app runs as, or give the folders to one of them$"
    )
    with pytest.raises(Refused, match=message):
        users(root, monkeypatch, src=ANN, more=BEN)
    found = users(root, monkeypatch, '  berth:apps: { other: { user: "9:9" } }\n', src=ANN, more=BEN)
    assert found["other"] == ("9:9", "Pulumi.dev.yaml:4")


def test_groups_may_differ(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert users(root, monkeypatch, src=ANN, more=(ANN[0], 5))["other"] == ("1000:5", f"owner of {root}/more")


@pytest.mark.parametrize(
    ("stage", "environment", "user"),
    [
        ("  berth:engine: { host: ssh://deploy@host.example }\n", "", DEFAULT_USER),
        ("  berth:engine: { host: unix:///run/other.sock }\n", "tcp://10.0.0.1:2375", "1000:1001"),
        ("", "tcp://10.0.0.1:2375", DEFAULT_USER),
        ("", "unix:///run/other.sock", "1000:1001"),
    ],
    ids=["named", "named here", "of the environment", "of the environment here"],
)
def test_another_host_has_other_folders(stage: str, environment: str, user: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if environment:
        monkeypatch.setenv("DOCKER_HOST", environment)
    assert users(root, monkeypatch, stage, src=ANN)["web"][0] == user


def test_the_owner_of_a_folder(tmp_path: Path) -> None:
    if os.getuid() == 0:
        os.chown(tmp_path, 12345, 12346)
    uid, gid = tmp_path.stat().st_uid, tmp_path.stat().st_gid
    assert owner_of(str(tmp_path)) == Owner(folder=str(tmp_path), uid=uid, gid=gid)


@pytest.mark.parametrize("folder", ["/", "/no/such/folder", "nul\0"], ids=["root's", "missing", "no path"])
def test_no_owner(folder: str) -> None:
    assert owner_of(folder) is None


def test_the_group_of_root_is_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "stat", lambda path: os.stat_result((0o40755, 1, 1, 1, 1000, 0, 0, 0, 0, 0)))
    assert owner_of("/home/ann/src") == Owner(folder="/home/ann/src", uid=1000, gid=1000)
