"""Networks: four of them, two without a way out."""

import pytest

from components.network import INTERNAL, Networks, NetworksArgs
from tests.recording import Recording, record, stage


@pytest.fixture(scope="module")
def networks() -> Recording:
    return record(lambda: Networks("networks", NetworksArgs(stage=stage())))


def test_creates_exactly_four(networks: Recording) -> None:
    assert networks.tree("berth:index:Networks::networks") == [f"docker:index/network:Network {name}" for name in ("data", "egress", "front", "public")]


@pytest.mark.parametrize(("name", "internal"), [("public", False), ("front", True), ("data", True), ("egress", False)])
def test_which_have_a_way_out(networks: Recording, name: str, internal: bool) -> None:
    inputs = networks.one(name, "network:Network").inputs
    assert inputs["internal"] is INTERNAL[name] is internal
    assert inputs["driver"] == "bridge"
    assert "name" not in inputs, "the provider names it, so that two clones and a killed run never meet"
    assert {"label": "berth.service", "value": name} in inputs["labels"]
    assert {"label": "berth.role", "value": "network"} in inputs["labels"]


def test_outputs_are_the_names_on_the_engine(networks: Recording) -> None:
    assert networks.component_outputs["networks"] == {name: f"{name}-1234567" for name in ("public", "front", "data", "egress")}
