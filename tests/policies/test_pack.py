"""What Pulumi hands over, turned into what rules ask about; and what it is told."""

from typing import Any

import pytest
from pulumi_policy import EnforcementLevel, PolicyCustomTimeouts, PolicyResourceOptions, ResourceValidationArgs, ResourceValidationPolicy
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from policies.pack import plain, policies, resource_of
from policies.resource import Kind, Mark, component_of
from policies.rules import asked
from tests.policies.samples import SERVICE

URN = "urn:pulumi:prod::shop::berth:index:App$docker:index/container:Container::web-1"


def arguments(inputs: dict[str, Any], protect: bool = False) -> ResourceValidationArgs:
    options = PolicyResourceOptions(protect, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])
    return ResourceValidationArgs(Kind.CONTAINER.value, unknown_checking_proxy(inputs), URN, "web-1", options, None)


def test_a_resource_as_the_engine_has_it() -> None:
    one = resource_of(arguments({"image": UNKNOWN_STRING_VALUE, "envs": ["A=b", UNKNOWN_STRING_VALUE], "capabilities": {"drops": ["ALL"]}}, protect=True))
    assert (one.type, one.name, one.component, one.protect, one.retained) == (Kind.CONTAINER, "web-1", "App", True, None)
    assert one.inputs == {"image": Mark.UNKNOWN, "envs": ["A=b", Mark.UNKNOWN], "capabilities": {"drops": ["ALL"]}}


def test_plain_values_stay() -> None:
    assert plain({"a": [1, "b", {"c": None}], "d": True}) == {"a": [1, "b", {"c": None}], "d": True}


@pytest.mark.parametrize(
    ("urn", "component"),
    [
        (URN, "App"),
        ("urn:pulumi:prod::shop::berth:index:App$berth:index:DataVolume$docker:index/volume:Volume::web-media", "DataVolume"),
        ("urn:pulumi:prod::shop::docker:index/container:Container::web-1", ""),
        ("urn:pulumi:prod::shop::other:index:App$docker:index/container:Container::web-1", ""),
    ],
)
def test_component(urn: str, component: str) -> None:
    assert component_of(urn) == component


@pytest.mark.parametrize(("topology", "level"), [("dev", EnforcementLevel.ADVISORY), ("prod", EnforcementLevel.MANDATORY), (None, EnforcementLevel.MANDATORY)])
def test_a_policy_for_each_rule(topology: str | None, level: EnforcementLevel) -> None:
    made = policies(topology)
    assert [policy.name for policy in made] == [rule.name for rule in asked(topology)]
    [privileged] = [policy for policy in made if policy.name == "not-privileged"]
    assert (privileged.description, privileged.enforcement_level) == ("No container is privileged.", level)


def test_what_is_told() -> None:
    [privileged] = [policy for policy in policies("prod") if policy.name == "not-privileged" and isinstance(policy, ResourceValidationPolicy)]
    told: list[str] = []

    def report(text: str, _urn: str | None) -> None:
        told.append(text)

    privileged.validate(arguments(SERVICE), report)
    assert told == []
    privileged.validate(arguments(SERVICE | {"privileged": True}), report)
    assert told == ["It is privileged, and could do whatever the host can: take that away, and add the capabilities that it needs by name."]
