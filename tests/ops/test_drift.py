"""What somebody changed by hand and no refresh sees."""

from typing import Any, cast

import pytest

from ops.drift import astray, mend, words
from ops.engine import Engine
from ops.objects import Container, Objects
from ops.project import Stage
from ops.state import CONTAINER, IMAGE, parse
from tests.ops.samples import container, export, resource

JOINED = {"networksAdvanced": [{"name": "front-1", "aliases": ["web", "web-1"]}, {"name": "data-1", "aliases": []}]}
STATE = parse(
    export(
        resource(CONTAINER, "web-1", "old", delete=True, inputs=JOINED, outputs={"name": "web-1-old"}),
        resource(CONTAINER, "web-1", "c1", inputs=JOINED, outputs={"name": "web-1-abc"}),
    )
)
NETWORKS = {"n1": "front-1", "n2": "data-1"}
RIGHT = {"front-1": ["0123456789ab", "web-1", "web"], "data-1": None}


def there(name: str = "web-1-abc", networks: dict[str, Any] = RIGHT, **changes: Any) -> Objects:
    return Objects(containers=(container("c1", name=name, networks=networks, **changes), container("old"), container("stranger")), networks=NETWORKS)


def test_all_is_well() -> None:
    assert astray(there(), STATE) == []
    assert astray(there(networks={**RIGHT, "of-somebody-else": None}), STATE) == []


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        (there(name="x"), "was renamed to x"),
        (there(Status="paused"), "is paused"),
        (there(networks={"data-1": None}), "is not in network front-1"),
        (there(networks={**RIGHT, "front-1": ["web"]}), "is not in network front-1"),
        (there(name="x", Status="paused", networks={}), "was renamed to x, is paused, is not in network front-1, is not in network data-1"),
    ],
    ids=["renamed", "paused", "cut off", "a name is missing", "everything"],
)
def test_what_is_not(objects: Objects, said: str) -> None:
    (found,) = astray(objects, STATE)
    assert str(found) == f"container web-1-abc {said}"


def test_a_network_that_is_gone_is_made_anew_by_the_next_run() -> None:
    objects = there(networks={"data-1": None})
    assert astray(Objects(containers=objects.containers, networks={"n2": "data-1"}), STATE) == []


class Recorder:
    """An engine that writes down what it is asked to do."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self.done: list[tuple[object, ...]] = []

    def objects(self, _stage: object) -> Objects:
        return self._objects

    def rename(self, container: Container, name: str) -> None:
        self.done.append(("rename", container.id, name))

    def attach(self, container: Container, network: str, aliases: tuple[str, ...]) -> None:
        self.done.append(("attach", container.id, network, aliases))

    def unpause(self, container: Container) -> None:
        self.done.append(("unpause", container.id))


def test_it_is_put_right_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    engine = Recorder(there(name="x", Status="paused", networks={"data-1": None}))
    mend(cast(Stage, None), cast(Engine, engine), STATE)
    assert engine.done == [("rename", "c1", "web-1-abc"), ("attach", "c1", "front-1", ("web", "web-1")), ("unpause", "c1")]
    assert capsys.readouterr().out == "repair: container web-1-abc was renamed to x, is paused, is not in network front-1; putting that right\n"


LABELS = [{"label": "berth.service", "value": "web"}, {"label": "berth.role", "value": "service"}]
KNOWN = parse(
    export(
        resource(CONTAINER, "web-1", "c1", inputs={**JOINED, "labels": LABELS, "memory": 256, "cpus": "1.0"}, outputs={"name": "web-1-abc"}),
        resource(CONTAINER, "web-1", "c0", delete=True, inputs={"labels": LABELS}),
        resource(IMAGE, "web-image", "i1", outputs={"name": "shop-web:1", "imageId": "sha256:0123456789abcdef"}),
    )
)


def web(id_: str = "c1", name: str = "web-1-abc", networks: dict[str, Any] = RIGHT, **changes: Any) -> Container:
    return container(id_, name=name, networks=networks, **changes)


def seen(*containers: Container, networks: dict[str, str] = NETWORKS) -> Objects:
    return Objects(containers=containers, networks=networks)


@pytest.mark.parametrize(
    ("objects", "word"),
    [
        (seen(web()), None),
        (seen(web(), container("c0")), None),
        (seen(web(), container("job", role="job")), None),
        (seen(web(), container("stranger")), "not berth's"),
        (seen(web(name="x"), container("stranger")), "not berth's"),
        (seen(), "removed"),
        (seen(container("c0")), "removed"),
        (seen(web(Status="exited")), "stopped"),
        (seen(web(Status="exited", name="x", networks={})), "stopped"),
        (seen(web(Status="restarting")), None),
        (seen(web(Status="paused")), "paused"),
        (seen(web(networks={})), "cut off"),
        (seen(web(name="x")), "renamed"),
        (seen(web(networks={"data-1": None}), networks={"n2": "data-1"}), "network gone"),
        (seen(web(limits=(512, 1.0))), "limits"),
        (seen(web(limits=(256, 0.5))), "limits"),
        (seen(web(limits=(256, 0.5), Status="paused")), "paused"),
    ],
    ids=[
        "none", "an old one that waits for its deletion", "a job", "a stranger", "a stranger is worse", "removed", "removed, and the old one is there", "stopped",
        "stopped is worse", "in a crash loop", "paused", "cut off", "renamed", "network gone", "memory", "cores", "paused is worse",
    ],
)  # fmt: skip
def test_a_word_for_each_service(objects: Objects, word: str | None) -> None:
    assert words(objects, KNOWN, {}) == ({"web": word} if word else {})


@pytest.mark.parametrize(
    ("tags", "found"),
    [({"shop-web:1": "sha256:0123456789abcdef"}, {}), ({}, {}), ({"shop-web:1": "sha256:ffff"}, {"web": "image"})],
    ids=["the same", "not there", "another"],
)
def test_a_name_that_stands_for_another_image_by_now(tags: dict[str, str], found: dict[str, str]) -> None:
    assert words(seen(web()), KNOWN, tags) == found
