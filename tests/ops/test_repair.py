"""What is untracked, and what is lost."""

import re
from pathlib import Path
from typing import Any

import pytest

from ops.console import Stop
from ops.objects import Objects, Volume
from ops.project import Project
from ops.repair import Untracked, lost, refuse_forgotten, untracked
from ops.state import CONTAINER, NETWORK, VOLUME, parse
from tests.ops.samples import container, export, project, resource

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
NAMES = frozenset({"shop-db", "somebody-elses"})


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
    assert lost(there(), NAMES, STATE) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"containers": ALL[1:]}, ["web-1"]),
        ({"containers": (container("c1", Status="exited"), *ALL[1:])}, ["web-1"]),
        ({"containers": (container("c1", Status="restarting"), *ALL[1:])}, []),
        ({"containers": ALL[:1]}, ["migrate", "loader"]),
        ({"networks": {}}, ["front"]),
    ],
    ids=["removed by hand", "stopped by hand", "a crash loop is not drift", "jobs removed", "network"],
)
def test_lost(changes: dict[str, Any], expected: list[str]) -> None:
    assert lost(there(**changes), NAMES, STATE) == expected


def test_a_volume_is_known_by_its_name() -> None:
    assert lost(there(volumes=()), NAMES, STATE) == [], "one put back by hand has no labels"
    assert lost(there(), frozenset(), STATE) == ["db"]


def test_a_state_that_knows_nothing_of_a_serving_stage(tmp_path: Path) -> None:
    prod = Project.find(project(tmp_path, topology="prod", more="  berth:instance: feedcafe\n")).stage("dev")
    filters = "--filter label=berth.instance=feedcafe --filter label=berth.stack=dev --filter label=berth.project=shop"
    remedy = f"If it is lost for good: docker rm -f $(docker ps -aq {filters}), then berth up -s dev starts the stage anew with its data"
    with pytest.raises(Stop, match=f"knows no container, but 1 are running.*{re.escape(remedy)}$"):
        refuse_forgotten(prod, there(), parse(export()), killed=False)
    for forgiven in (parse(export()), STATE):
        refuse_forgotten(prod, there(), forgiven, killed=forgiven is not STATE)
