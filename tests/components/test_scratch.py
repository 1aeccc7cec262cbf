"""Scratch volumes: on the disk, their owner's, and gone with the stage."""

import pytest

from components.scratch import Scratch, ScratchArgs
from tests.recording import Recording, record, stage, tools


@pytest.fixture(scope="module")
def scratch() -> Recording:
    def build() -> None:
        of = stage(protect_data=True)
        Scratch("proxy-spool", ScratchArgs(stage=of, tools=tools(of), service="proxy", owner="101:101"))

    return record(build)


def test_creates_exactly_a_volume_and_its_giver(scratch: Recording) -> None:
    assert scratch.tree("berth:index:Scratch::proxy-spool") == ["docker:index/volume:Volume proxy-spool", "docker:index/container:Container proxy-spool-owner"]


def test_a_destroy_takes_it_along(scratch: Recording) -> None:
    options = scratch.one("proxy-spool", "volume:Volume").options
    assert (options["protect"], options["retain_on_delete"]) == (False, False)


def test_is_never_made_anew_under_a_running_service(scratch: Recording) -> None:
    volume = scratch.one("proxy-spool", "volume:Volume")
    assert volume.inputs["name"] == "shop-dev-0badcafe-proxy-spool"
    assert volume.options["ignore_changes"] == ["labels", "driver", "driverOpts"]


def test_is_no_data_and_known_as_the_services(scratch: Recording) -> None:
    inputs = scratch.one("proxy-spool", "volume:Volume").inputs
    assert {"label": "berth.role", "value": "files"} in inputs["labels"]
    assert {"label": "berth.service", "value": "proxy"} in inputs["labels"]
    assert "driverOpts" not in inputs, "a local volume, on the disk"


def test_is_given_to_its_owner(scratch: Recording) -> None:
    assert scratch.container("proxy-spool-owner").inputs["command"] == ["chown", "101:101", "/volume"]
