"""Data volumes: kept whatever happens, and their owner's."""

import pytest

from components.volume import DataVolume, DataVolumeArgs
from tests.recording import Recording, record, stage, tools


def make(**changes: object) -> Recording:
    def build() -> None:
        of = stage(**changes)
        DataVolume("db-data", DataVolumeArgs(stage=of, tools=tools(of), owner="999:998"))

    return record(build)


@pytest.fixture(scope="module")
def volume() -> Recording:
    return make()


def test_creates_exactly_a_volume_and_its_giver(volume: Recording) -> None:
    assert volume.tree("berth:index:DataVolume::db-data") == ["docker:index/volume:Volume db-data", "docker:index/container:Container db-data-owner"]


@pytest.mark.parametrize("protect", [True, False])
def test_no_destroy_deletes_it(protect: bool) -> None:
    assert make(protect_data=protect).one("db-data", "volume:Volume").options == {
        "protect": protect,
        "retain_on_delete": True,
        "delete_before_replace": None,
        "replace_on_changes": [],
        "ignore_changes": ["labels", "driver", "driverOpts"],
    }


def test_a_stage_made_anew_finds_it_again(volume: Recording) -> None:
    inputs = volume.one("db-data", "volume:Volume").inputs
    assert inputs["name"] == "shop-dev-0badcafe-db-data"
    assert {"label": "berth.role", "value": "data"} in inputs["labels"]


def test_is_given_to_its_owner_first(volume: Recording) -> None:
    assert volume.container("db-data-owner").inputs["command"] == ["sh", "/.berth/own", "999:998", "/volume"]
    assert volume.component_outputs["db-data"] == {"volume": "shop-dev-0badcafe-db-data"}


def test_depends_on_nothing_that_is_ever_replaced(volume: Recording) -> None:
    assert volume.one("db-data", "volume:Volume").dependencies == ()


@pytest.mark.parametrize(("folder", "options"), [(None, None), ("/srv/data", {"type": "none", "o": "bind", "device": "/srv/data"})], ids=["defaults", "folder"])
def test_where_the_data_lies(folder: str | None, options: dict[str, str] | None) -> None:
    def build() -> None:
        of = stage()
        DataVolume("data", DataVolumeArgs(stage=of, tools=tools(of), owner="1:1", folder=folder))

    made = record(build)
    assert made.one("data", "volume:Volume").inputs.get("driverOpts") == options
    assert made.container("data-owner").inputs["command"][:-2] == (["chown"] if folder else ["sh", "/.berth/own"])
