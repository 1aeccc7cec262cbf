"""Networks: four of them, two without a way out."""

import pytest

from components.network import INTERNAL, NetworkConfig, Networks, NetworksArgs, NetworksConfig
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


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, None),
        ({"subnet": "172.20.0.0/16"}, {"subnet": "172.20.0.0/16", "gateway": "172.20.0.1", "ipRange": "172.20.128.0/17"}),
        ({"subnet": "10.1.2.0/28", "gateway": "10.1.2.7"}, {"subnet": "10.1.2.0/28", "gateway": "10.1.2.7", "ipRange": "10.1.2.8/29"}),
    ],
    ids=["defaults", "subnet", "subnet and gateway"],
)
def test_addresses(values: dict[str, str], expected: dict[str, str] | None) -> None:
    config = NetworksConfig(front=NetworkConfig.model_validate(values))
    made = record(lambda: Networks("networks", NetworksArgs(stage=stage(), config=config)))
    assert made.one("front", "network:Network").inputs.get("ipamConfigs") == ([expected] if expected else None)
    assert "ipamConfigs" not in made.one("data", "network:Network").inputs


@pytest.mark.parametrize(("name", "internal"), [("front", False), ("egress", True)])
def test_a_way_out_can_be_opened_and_closed(name: str, internal: bool) -> None:
    config = NetworksConfig.model_validate({name: {"internal": internal}})
    made = record(lambda: Networks("networks", NetworksArgs(stage=stage(), config=config)))
    assert made.one(name, "network:Network").inputs["internal"] is internal


@pytest.mark.parametrize(("values", "first"), [({}, False), ({"subnet": "172.20.0.0/16"}, True)], ids=["defaults", "subnet"])
def test_a_subnet_is_given_back_before_it_is_taken_again(values: dict[str, str], first: bool) -> None:
    config = NetworksConfig.model_validate({"front": values})
    made = record(lambda: Networks("networks", NetworksArgs(stage=stage(), config=config)))
    assert made.one("front", "network:Network").options["delete_before_replace"] is first


def test_addresses_that_are_asked_for_are_taken_first() -> None:
    config = NetworksConfig.model_validate({"front": {"subnet": "172.20.0.0/16"}})
    made = record(lambda: Networks("networks", NetworksArgs(stage=stage(), config=config)))
    assert {name: made.one(name, "network:Network").after for name in INTERNAL} == {"public": ("front",), "front": (), "data": ("front",), "egress": ("front",)}
