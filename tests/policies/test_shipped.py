"""Every stage that is shipped breaks no rule of its topology, and would be found out if it did."""

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


LOOSENED = {("checkin", "dev"): {"app-files-read-only"}}
"""What an example asks for by name, in dev: next dev writes beside its sources."""


@pytest.mark.parametrize(("example", "of"), EXAMPLES, ids=[f"{example}-{of}" for example, of in EXAMPLES])
def test_no_example_breaks_a_rule(example: str, of: str) -> None:
    found = {rule for _, rule in broken(recorded(made(example, of)), topology_of(example, of))}
    assert found - {"pulled-by-digest"} == LOOSENED.get((example, of), set()), "beside images, which are not pinned in these tests"


def test_a_dev_stage_is_none_to_serve_people() -> None:
    found = broken(recorded(shipped("dev", **STAGES["dev"])), "prod")
    assert {rule for _, rule in found} == {"no-host-folders", "pulled-by-digest", "data-protected"}


def test_what_the_configuration_loosens_by_name_is_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    app = APP.replace("port: 8000", 'port: 8000\n    read_only: false\n    capabilities: [NET_BIND_SERVICE]\n    resources: { memory: 64MiB, cpus: "0.1" }')
    found = broken(recorded(prod(tmp_path_factory.mktemp("prod"), app, networks={"data": {"internal": False}})), "prod")
    assert {rule for _, rule in found} == {"app-files-read-only", "closed-networks", "pulled-by-digest"}


def test_ports_that_the_configuration_declares(tmp_path_factory: pytest.TempPathFactory) -> None:
    app = APP.replace("/ws: { websocket: true }", "/ws: { websocket: true, listen: 9443 }")
    resources = recorded(prod(tmp_path_factory.mktemp("prod"), app, proxy={"ports": {"http": 8080}, "tls": {"self_signed": {}}}))
    [proxy] = [one for one in resources if one.component == "Proxy" and one.type == Kind.CONTAINER]
    assert proxy.label("publishes") == "443,8080,9443"
    assert not {rule for name, rule in broken(resources, "prod") if name == "proxy"}


def test_data_services_may_be_published_in_dev(tmp_path_factory: pytest.TempPathFactory) -> None:
    app = APP.replace("db: {}", "db: { publish: 15432 }")
    assert broken(recorded(dev(tmp_path_factory.mktemp("dev"), app)), "dev") == []


def test_a_capability_that_reaches_beyond_is_refused_though_it_is_configured(tmp_path_factory: pytest.TempPathFactory) -> None:
    app = APP.replace("port: 8000", "port: 8000\n    capabilities: [SYS_ADMIN]")
    found = broken(recorded(prod(tmp_path_factory.mktemp("prod"), app)), "prod")
    assert {("web-1", "capabilities-harmless"), ("jobs-1", "capabilities-harmless")} <= set(found)
