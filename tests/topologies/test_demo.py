"""The demo in each stage that the checkout ships: the whole tree as a golden file, and what has to hold for all of it."""

from collections.abc import Iterator

import pytest

from components.job import RUN_AGAIN_BY
from tests.golden import FOLDER, compare, tree
from tests.recording import Hidden, Recording
from tests.topologies.samples import IDENTITY, PROD, shipped

PINS = {reference: f"{reference.partition(':')[0]}@sha256:{number:064x}" for number, reference in enumerate(("nginx:1.28", "postgres:17", "redis:8"), 1)}
"""As `berth pin` would write them."""
STAGES = {"dev": {}, "prod": {**PROD, "images": {"pins": PINS}, "secrets": {"smtp_password": "smtp-s3cret"}}}
SECRETS = ["smtp-s3cret", IDENTITY.password("services/db"), IDENTITY.password("services/cache"), IDENTITY.password("secrets/session_key", 32), "ab" * 32]


@pytest.fixture(scope="module", params=STAGES)
def stack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def demo(stack: str) -> Recording:
    return shipped(stack, **STAGES[stack])


def services(recording: Recording) -> Iterator[str]:
    return (one.name for one in recording.containers() if {"label": "berth.role", "value": "service"} in one.inputs["labels"])


def test_golden(demo: Recording, stack: str) -> None:
    compare(FOLDER / f"demo-{stack}.txt", tree(demo))


def test_is_the_same_every_time(demo: Recording, stack: str) -> None:
    assert tree(shipped(stack, **STAGES[stack])) == tree(demo)


def test_only_the_proxy_owns_ports(demo: Recording) -> None:
    assert [one.name for one in demo.containers() if "ports" in one.inputs] == ["proxy"]


def test_every_service_is_hardened_limited_and_waited_for(demo: Recording) -> None:
    for name in services(demo):
        inputs = demo.container(name).inputs
        assert inputs["capabilities"] == {"drops": ["ALL"]}
        assert inputs["securityOpts"] == ["no-new-privileges:true"]
        assert inputs["readOnly"]
        assert inputs["memory"] == inputs["memorySwap"] > 0
        assert inputs["logOpts"] == {"max-size": "10m", "max-file": "3"}
        assert inputs["wait"]
        assert inputs["waitTimeout"] > 0
        assert inputs["destroyGraceSeconds"] >= 1
        assert not inputs["user"].startswith("0:")


def test_every_container_is_made_anew_for_every_change_and_a_job_for_what_it_does(demo: Recording) -> None:
    for one in demo.containers():
        job = {"label": "berth.role", "value": "job"} in one.inputs["labels"]
        assert one.options["replace_on_changes"] == (RUN_AGAIN_BY if job else ["*", "#initerror"])
        assert one.options["delete_before_replace"] is not None
        assert "name" not in one.inputs


def test_everything_says_whose_it_is(demo: Recording, stack: str) -> None:
    own = [one for one in demo.resources if one.type.startswith("docker:") and "RemoteImage" not in one.type]
    for one in own:
        labels = {label["label"]: label["value"] for label in one.inputs["labels"]}
        assert {labels["berth.application"], labels["berth.stack"], labels["berth.instance"]} == {"demo", stack, "0badcafe"}
        assert labels["berth.service"]
        assert labels["berth.role"]


def test_no_secret_is_sent_in_plain(demo: Recording, stack: str) -> None:
    hidden = repr([one.inputs for one in demo.resources])
    plain = demo.plain_text() + repr(demo.outputs) + tree(demo)
    for secret in SECRETS[1:4]:
        assert secret in hidden, "it has to be somewhere, else this test proves nothing"
    assert ("smtp-s3cret" in hidden) is (stack == "prod")
    for secret in SECRETS:
        assert secret not in plain
    for outputs in demo.component_outputs.values():
        for value in _plain_values(outputs):
            assert not any(secret in value for secret in SECRETS)


def _plain_values(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _plain_values(inner)
    elif not isinstance(value, Hidden):
        yield str(value)


def test_data_is_kept_and_protected_in_prod(demo: Recording, stack: str) -> None:
    data = [one for one in demo.resources if one.type.endswith(":Volume") and {"label": "berth.role", "value": "data"} in one.inputs["labels"]]
    assert {one.name for one in data} == {"db-data", "cache-data", "web-media"}
    for one in data:
        assert one.options["retain_on_delete"]
        assert one.options["protect"] is (stack == "prod")


def test_order_follows_health(demo: Recording) -> None:
    assert {"db", "cache"} <= set(demo.container("web-migrate").after)
    assert {"db", "cache", "web-migrate"} <= set(demo.container("web-1").after)
    assert "web-1" in demo.container("jobs-1").after
    assert "web-1" in demo.container("proxy").after


def test_nothing_of_the_host_is_in_prod(demo: Recording, stack: str) -> None:
    binds = [mount["target"] for one in demo.containers() for mount in one.inputs.get("mounts", []) if mount["type"] == "bind"]
    assert binds == ([] if stack == "prod" else binds)
    assert ("/app/src" in binds) is (stack == "dev")
