"""What Pulumi knows, and the state file that a killed run leaves."""

import json
from pathlib import Path

import pytest

from ops.console import Stop
from ops.state import CONTAINER, VOLUME, deployment_in, is_whole, mend_file, parse, state_file
from tests.ops.samples import export, resource

WHOLE = json.dumps({"version": 3, "checkpoint": {"stack": "organization/shop/dev", "latest": {}}})


def test_reads_what_pulumi_knows() -> None:
    deleting = resource(CONTAINER, "web-1", "old", delete=True)
    state = parse(export(resource(CONTAINER, "web-1", "new"), deleting, resource(VOLUME, "db", "shop-db"), pending=("net",), outputs={"url": "u"}))
    assert state.ids(CONTAINER) == {"new", "old"}
    assert state.ids(VOLUME) == {"shop-db"}
    assert state.pending == ("net",)
    assert state.outputs == {"url": "u"}


def test_a_new_stack_knows_nothing() -> None:
    state = parse({"manifest": {}})
    assert (state.resources, state.pending, state.outputs) == ((), (), {})


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ('{"version": 3, "checkpoint": {"stack": "organization/shop/dev", "latest": {"resources": []}}}', {"resources": []}),
        ('{"version": 4, "features": ["hooks"], "checkpoint": {"latest": {"resources": []}}}', {"resources": []}),
        ('{"version": 3, "checkpoint": {"stack": "organization/shop/dev"}}', {}),
        ('{"version": 5, "checkpoint": {"latest": {"resources": []}}}', None),
        ('{"version": 3, "checkpoint": {"latest": null}}', None),
        ('{"version": 3, "checkp', None),
        ("[]", None),
        (None, None),
    ],
)
def test_a_state_file_is_read_where_that_can_be_done(text: str | None, known: object, tmp_path: Path) -> None:
    file = tmp_path / "dev.json"
    if text is not None:
        file.write_text(text)
    assert deployment_in(file) == known


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    file = state_file(tmp_path, "shop", "dev")
    file.parent.mkdir(parents=True)
    for name in ("dev.json", "dev.json.bak"):
        file.with_name(name).write_text(WHOLE)
    file.with_name("dev.json.attrs").write_text("{}")
    return tmp_path


def test_a_whole_state_is_left_alone(folder: Path) -> None:
    assert mend_file(folder, "shop", "dev") is None


@pytest.mark.parametrize("broken", ["", WHOLE[:40], "[]", '{"checkpoint": null}'], ids=["empty", "cut off", "no state", "nothing in it"])
def test_a_broken_state_is_replaced_by_the_one_before(folder: Path, broken: str) -> None:
    file = state_file(folder, "shop", "dev")
    file.write_text(broken)
    assert mend_file(folder, "shop", "dev") == file.with_name("dev.json.bak")
    assert is_whole(file)
    assert sorted(entry.name for entry in file.parent.iterdir()) == ["dev.json", "dev.json.bak"]


@pytest.mark.parametrize("trace", ["history/shop/dev", "locks/organization/shop/dev"])
def test_a_state_that_vanished_in_the_middle_of_a_write_comes_back(folder: Path, trace: str) -> None:
    state_file(folder, "shop", "dev").unlink()
    (folder / trace).mkdir(parents=True)
    (folder / trace / "x.json").touch()
    assert mend_file(folder, "shop", "dev")
    assert is_whole(state_file(folder, "shop", "dev"))


def test_a_removed_stack_stays_removed(folder: Path) -> None:
    state_file(folder, "shop", "dev").unlink()
    (folder / "locks/organization/shop/dev").mkdir(parents=True)
    assert mend_file(folder, "shop", "dev") is None


def test_older_backups_help_when_the_last_is_broken_too(folder: Path) -> None:
    backups = folder / "backups" / "shop" / "dev"
    backups.mkdir(parents=True)
    for number, content in (("1", WHOLE), ("2", WHOLE), ("3", "")):
        (backups / f"dev.179524940310485181{number}.json").write_text(content)
    for name in ("dev.json", "dev.json.bak"):
        state_file(folder, "shop", "dev").with_name(name).write_text("")
    assert mend_file(folder, "shop", "dev") == backups / "dev.1795249403104851812.json"


def test_nothing_helps_when_all_are_broken(folder: Path) -> None:
    file = state_file(folder, "shop", "dev")
    file.write_text("")
    file.with_name("dev.json.bak").write_text("")
    with pytest.raises(Stop, match=r"dev\.json cannot be read, and there is no whole backup of it: remove it to begin anew"):
        mend_file(folder, "shop", "dev")
