"""Every stage that is shipped breaks no rule of its topology, and would be found out if it did."""

from dataclasses import replace
from typing import Any

import pytest

from policies.resource import Kind, Resource
from policies.rules import violations
from tests.policies.samples import recorded
from tests.topologies.samples import APP, dev, prod, shipped
from tests.topologies.test_demo import STAGES
from tests.topologies.test_examples import STAGES as EXAMPLES
from tests.topologies.test_examples import made, topology_of


@pytest.fixture(scope="module", params=STAGES)
def stack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def demo(stack: str) -> list[Resource]:
    return recorded(shipped(stack, **STAGES[stack]))


def broken(resources: list[Resource], topology: str) -> list[tuple[str, str]]:
    return [(one.name, rule.name) for one in resources for rule, _, _ in violations(one, topology)]


def test_the_demo_breaks_no_rule(demo: list[Resource], stack: str) -> None:
    assert {one.type for one in demo} >= {kind.value for kind in Kind}
    assert broken(demo, stack) == []


FOLDERS = [("cirame", "dev"), ("cirame", "prod"), ("story", "dev"), ("wildid", "dev")]
LOOSENED = {("checkin", "dev"): {"read_only"}, **{of: {"folder"} for of in FOLDERS}}
"""What an example asks for by name: next dev writes beside its sources, and the others have data in folders of the host."""


@pytest.mark.parametrize(("example", "of"), EXAMPLES, ids=[f"{example}-{of}" for example, of in EXAMPLES])
def test_no_example_breaks_a_rule(example: str, of: str) -> None:
    resources = recorded(made(example, of))
    assert {rule for _, rule in broken(resources, topology_of(example, of))} <= {"loosened-by-name"}
    allowed = {field for one in resources for field in one.allowed}
    assert allowed - {"moving_tags"} == LOOSENED.get((example, of), set()), "beside images, which are not pinned in these tests"


def test_a_dev_stage_is_none_to_serve_people() -> None:
    found = broken(recorded(shipped("dev", **STAGES["dev"])), "prod")
    assert {rule for _, rule in found} == {"no-host-folders", "pulled-by-digest", "data-protected"}


def test_what_the_configuration_loosens_by_name_is_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    volumes = "port: 8000\n    volumes: { media: { path: /media, writers: many } }\n    read_only: false"
    app = APP.replace("port: 8000", f'{volumes}\n    capabilities: [NET_BIND_SERVICE]\n    resources: {{ memory: 64MiB, cpus: "0.1" }}')
    open_: dict[str, Any] = {"networks": {"front": {"internal": False}}, "volumes": {"media": {"folder": "/srv/media"}}}
    resources = recorded(prod(tmp_path_factory.mktemp("prod"), app, **open_))
    assert {rule for _, rule in broken(resources, "prod")} == {"loosened-by-name"}
    allowed = {(one.name, field) for one in resources for field in one.allowed}
    loose = {("web-1", "read_only"), ("jobs-1", "read_only"), ("front", "internal"), ("media", "folder")}
    assert allowed == loose | {(f"{name}-image", "moving_tags") for name in ("web", "api", "db", "cache", "proxy")}


def test_what_is_loosened_without_a_name_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    resources = recorded(prod(tmp_path_factory.mktemp("prod"), APP))
    unsaid = [replace(one, inputs={key: value for key, value in one.inputs.items() if key != "triggers"}) for one in resources]
    assert {rule for _, rule in broken(unsaid, "prod")} == {"pulled-by-digest"}


def test_ports_that_the_configuration_declares(tmp_path_factory: pytest.TempPathFactory) -> None:
    app = APP.replace("/ws: { websocket: true }", "/ws: { websocket: true, listen: 9443 }")
    resources = recorded(prod(tmp_path_factory.mktemp("prod"), app, proxy={"ports": {"http": 8080}, "tls": {"self_signed": {}}}))
    [proxy] = [one for one in resources if one.name == "proxy" and one.type == Kind.CONTAINER]
    assert proxy.label("publishes") == "443,8080,9443"
    assert not {rule for name, rule in broken(resources, "prod") if name == "proxy"}


def test_data_services_may_be_published_in_dev(tmp_path_factory: pytest.TempPathFactory) -> None:
    app = APP.replace("db: {}", "db: { publish: 15432 }")
    assert broken(recorded(dev(tmp_path_factory.mktemp("dev"), app)), "dev") == []


def test_a_capability_that_reaches_beyond_is_refused_though_it_is_configured(tmp_path_factory: pytest.TempPathFactory) -> None:
    app = APP.replace("port: 8000", "port: 8000\n    capabilities: [SYS_ADMIN]")
    found = broken(recorded(prod(tmp_path_factory.mktemp("prod"), app)), "prod")
    assert {("web-1", "capabilities-harmless"), ("jobs-1", "capabilities-harmless")} <= set(found)
