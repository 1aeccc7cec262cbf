"""What is untracked, and what is lost."""

from typing import Any

import pytest

from ops.engine import Objects, Volume
from ops.repair import Untracked, lost, untracked
from ops.state import CONTAINER, NETWORK, VOLUME, parse
from tests.ops.samples import container, export, resource

STATE = parse(
    export(
        resource(CONTAINER, "web-1", "c1"),
        resource(CONTAINER, "migrate", "c2", inputs={"mustRun": False}),
        resource(CONTAINER, "loader", "c3", inputs={"mustRun": False, "start": False}),
        resource(NETWORK, "front", "n1"),
        resource(VOLUME, "db", "shop-db"),
    )
)
ALL = (container("c1"), container("c2", role="job", Status="exited"), container("c3", role="loader", Status="created"))
VOLUMES = (Volume(name="shop-db", role="data"),)


def there(**changes: Any) -> Objects:
    return Objects(**({"containers": ALL, "networks": {"n1": "front-1"}, "volumes": VOLUMES} | changes))


def test_nothing_is_untracked_when_all_is_known() -> None:
    assert untracked(there(), STATE) == Untracked()
    assert not untracked(there(), STATE)


def test_containers_and_networks_that_the_state_does_not_know() -> None:
    orphan = container("c9")
    found = untracked(there(containers=(*ALL, orphan), networks={"n1": "front-1", "n9": "front-9"}), STATE)
    assert found == Untracked(containers=(orphan,), networks=(("n9", "front-9"),))


@pytest.mark.parametrize(("role", "expected"), [("files", ("v9",)), ("data", ()), ("", ())], ids=["files go", "data stays", "a stranger stays"])
def test_volumes(role: str, expected: tuple[str, ...]) -> None:
    assert untracked(there(volumes=(*VOLUMES, Volume(name="v9", role=role))), STATE).volumes == expected


def test_data_stays_even_when_the_whole_state_is_gone() -> None:
    found = untracked(there(), parse(export()))
    assert (len(found.containers), len(found.networks), found.volumes) == (3, 1, ())


def test_what_waits_for_its_deletion_is_known() -> None:
    state = parse(export(resource(CONTAINER, "web-1", "c1", delete=True)))
    assert not untracked(Objects(containers=(container("c1"),)), state)


def test_nothing_is_lost() -> None:
    assert lost(there(), STATE) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"containers": ALL[1:]}, ["web-1"]),
        ({"containers": (container("c1", Status="exited"), *ALL[1:])}, ["web-1"]),
        ({"containers": (container("c1", Status="restarting"), *ALL[1:])}, []),
        ({"containers": ALL[:1]}, ["migrate", "loader"]),
        ({"networks": {}}, ["front"]),
        ({"volumes": ()}, ["db"]),
    ],
    ids=["removed by hand", "stopped by hand", "a crash loop is not drift", "jobs removed", "network", "volume"],
)
def test_lost(changes: dict[str, Any], expected: list[str]) -> None:
    assert lost(there(**changes), STATE) == expected
