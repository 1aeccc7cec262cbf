"""Any stage that is accepted: whatever a user combines, only the proxy is published, no secret is plain, and every container is hardened and limited."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from config.problems import Refused
from policies.rule import Level
from policies.rules import violations
from tests.config.trying import Nowhere, changed, concrete, given_layers, load_it
from tests.config.variations import BASE, GIVEN, OF_TOPOLOGY, VALUES, Varied
from tests.policies.samples import recorded
from tests.recording import FakeEngine, Recording, record
from tests.topologies.samples import IDENTITY
from topologies import build

ONE_PLACE = sorted(path for path in VALUES if path[0].islower())
"""Variations of one place; those of a model that stands in several are tried one by one elsewhere."""
SECRETS = [*GIVEN.values(), *(IDENTITY.password(name) for name in ("services/db", "services/cache", "secrets/key", "secrets/other"))]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any")


def made(root: Path, topology: str, paths: list[str]) -> Recording | None:
    """What a stage with these variations creates; None where berth refuses it, which is its right."""
    try:
        samples = {path: VALUES[path] for path in paths}
        needs = [sample.given for sample in samples.values() if isinstance(sample, Varied)]
        data = given_layers(BASE, OF_TOPOLOGY[topology], *needs)
        for path, sample in samples.items():
            data = changed(data, concrete(path, data), sample.value if isinstance(sample, Varied) else sample)
        of = load_it(root, data, topology)
    except (Refused, Nowhere):  # Nowhere: one variation took away what another changes
        return None
    return record(lambda: build(of, FakeEngine()), "stage")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow], derandomize=True)
@given(paths=st.lists(st.sampled_from(ONE_PLACE), min_size=1, max_size=5, unique=True))
@pytest.mark.parametrize("topology", OF_TOPOLOGY)
def test_what_always_holds(topology: str, paths: list[str], root: Path) -> None:
    recording = made(root, topology, paths)
    assume(recording)
    assert recording
    assert {one.name for one in recording.containers() if "ports" in one.inputs} <= {"mono" if topology == "mono" else "proxy"}
    plain = recording.plain_text()
    assert [secret for secret in SECRETS if secret in plain] == []
    for one in recording.containers():
        if {"label": "berth.role", "value": "service"} in one.inputs["labels"]:
            assert one.inputs["capabilities"]["drops"] == ["ALL"]
            assert one.inputs["securityOpts"] == ["no-new-privileges:true"]
            assert one.inputs["memory"] == one.inputs["memorySwap"] > 0
            assert not one.inputs["user"].startswith("0:")
            assert one.inputs["wait"]
    broken = [(one.name, rule.name) for one in recorded(recording) for rule, level, _ in violations(one, topology) if level is Level.MANDATORY]
    assert broken == [], "what a configuration may say has to be fit for a policy"


def test_combinations_are_accepted(root: Path) -> None:
    assert made(root, "dev", ["proxy.gzip", "apps.*.egress"])
