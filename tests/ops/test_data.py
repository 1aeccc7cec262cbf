"""Data that is lost, and data that is left behind: both are said."""

from pathlib import Path
from typing import cast

import pytest

from ops.console import Stop
from ops.data import lost, mention_unused, refuse_lost, unused
from ops.engine import Engine
from ops.objects import Objects, Volume
from ops.project import Project, Stage
from ops.state import VOLUME, parse
from tests.ops.samples import data_volume, export, labelled, project, resource

DATA = {"labels": labelled(role="data")}
STATE = parse(
    export(
        data_volume("db", "shop-db", inputs=DATA),
        data_volume("media", "shop-media"),  # put back by hand: without labels
        data_volume("old", "shop-old", inputs=DATA, delete=True),
        data_volume("photos", "shop-photos", inputs={**DATA, "driverOpts": {"type": "none", "o": "bind", "device": "/srv/photos"}}),
        resource(VOLUME, "config", "shop-config", inputs={"labels": labelled(role="files")}),
    )
)


class Volumes:
    """An engine that has only these."""

    def __init__(self, *names: str) -> None:
        self.names = frozenset(names)

    def volume_names(self) -> frozenset[str]:
        return self.names


def check(stage: Stage, *names: str, accept: bool = False) -> None:
    refuse_lost(stage, cast(Engine, Volumes(*names)), STATE, accept=accept)


def stage_of(root: Path, topology: str) -> Stage:
    return Project.find(project(root, topology=topology)).stage("dev")


def test_only_data_can_be_lost() -> None:
    assert lost(STATE, {"shop-db", "shop-media"}) == []
    assert lost(STATE, {"other"}) == ["shop-db", "shop-media"]


def test_data_of_a_program_with_components_of_its_own_is_data() -> None:
    state = parse(export(resource(VOLUME, "own", "shop-own", inputs=DATA)))
    assert lost(state, set()) == ["shop-own"]


@pytest.mark.parametrize("topology", ["prod", "mono"])
def test_lost_data_is_refused(tmp_path: Path, topology: str) -> None:
    expected = (
        "^data is lost: volume shop-db is not on the engine any more. Nothing was touched: restore it from a backup under that name, "
        "or start empty with berth up -s dev --accept-lost-data$"
    )
    with pytest.raises(Stop, match=expected):
        check(stage_of(tmp_path, topology), "shop-media")


@pytest.mark.parametrize(("topology", "accept"), [("dev", False), ("dev", True), ("prod", True)])
def test_lost_data_is_said_where_it_does_not_stop(tmp_path: Path, topology: str, accept: bool, capsys: pytest.CaptureFixture[str]) -> None:
    check(stage_of(tmp_path, topology), accept=accept)
    assert capsys.readouterr().out == "data is lost: volume shop-db, shop-media is not on the engine any more; what used it starts empty\n"


def test_nothing_is_said_when_nothing_is_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(stage_of(tmp_path, "prod"), "shop-db", "shop-media", "x")
    mention_unused(Objects(volumes=(Volume(name="shop-db", role="data"),)), STATE)
    assert capsys.readouterr().out == ""


def test_data_of_an_old_name_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    there = Objects(volumes=(Volume(name="shop-db", role="data"), Volume(name="shop-old", role="data"), Volume(name="shop-files", role="files")))
    assert unused(there, STATE) == ["shop-old"]
    mention_unused(there, STATE)
    assert capsys.readouterr().out == "data kept but not used any more: shop-old (docker volume rm deletes it)\n"
