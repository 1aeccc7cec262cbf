"""What is said while Pulumi is at work."""

from typing import Any

import pytest

from ops.news import News, images, steps
from ops.objects import Container
from ops.state import IMAGE
from tests.ops.samples import container, export, resource

BUILD = {"name": "shop-web:2", "build": {"context": "."}}
OLD = resource(IMAGE, "web-image", "i", inputs={**BUILD, "name": "shop-web:1"})


def deployment(*resources: dict[str, Any], begun: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return export(*resources) | {"pending_operations": [{"resource": one, "type": "creating"} for one in begun]}


class Told:
    """News at moments of a clock."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.now, self.written, self._capsys = 0.0, deployment(), capsys
        self._news = News(lambda: self.written or None, lambda: self.now)
        self.at(0)

    def at(self, moment: float, *containers: Container, **written: Any) -> list[str]:
        self.now = moment
        self.written = written.get("written", self.written)
        self._news.tell(containers)
        return self._capsys.readouterr().out.splitlines()


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    return Told(capsys)


def db(**changes: Any) -> Container:
    return container("db", name="db-0123abc", **changes)


def test_a_service_becomes_healthy(told: Told) -> None:
    assert told.at(1, db(health="starting")) == []
    assert told.at(3, db()) == ["db              healthy after 2 s"]
    assert told.at(4, db()) == []


def test_what_lasts_is_said_now_and_then(told: Told) -> None:
    said = [line for second in range(1, 50) for line in told.at(second, db(health="starting"))]
    assert said == ["db              starting, 3 s", "db              starting, 23 s", "db              starting, 43 s"]
    assert told.at(51, db(health="unhealthy")) == ["db              unhealthy after 50 s"]


def test_what_was_there_before_is_no_news(capsys: pytest.CaptureFixture[str]) -> None:
    news = News(lambda: deployment(OLD), lambda: 0.0)
    for _ in range(2):
        news.tell([db(), container("1", name="web-1-0123abc", Status="exited")])
    assert capsys.readouterr().out == ""


def test_a_crash_loop_is_one_piece_of_news(told: Told) -> None:
    looks = [db(health="starting"), db(Status="restarting", restarts=1), db(health="starting", restarts=1), db(Status="restarting", restarts=2)]
    assert [line for second, look in enumerate(looks) for line in told.at(second, look)] == ["db              restarting, 3 s"]


def test_a_build(told: Told) -> None:
    begun = deployment(OLD, begun=(resource(IMAGE, "web-image", "", inputs=BUILD),))
    assert told.at(1, written=begun) == []
    assert told.at(4) == ["web             building, 3 s"]
    assert told.at(5, written={}) == []
    assert told.at(30, written=deployment(OLD, resource(IMAGE, "web-image", "i", inputs=BUILD))) == ["web             built after 29 s"]


def test_a_build_that_fails_is_for_pulumi_to_say(told: Told) -> None:
    begun = deployment(OLD, begun=(resource(IMAGE, "web-image", "", inputs=BUILD),))
    assert told.at(1, written=begun) == []
    assert told.at(4) == ["web             building, 3 s"]
    assert told.at(9, written=deployment(OLD)) == []


def test_an_image_that_is_there_at_once_is_no_news(told: Told) -> None:
    assert told.at(1, written=deployment(begun=(resource(IMAGE, "proxy-image", "", inputs={"name": "nginx:1"}),))) == []
    assert told.at(2, written=deployment(resource(IMAGE, "proxy-image", "i", inputs={"name": "nginx:1"}))) == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"role": "job", "health": None}, "at work"),
        ({"role": "job", "health": None, "Status": "exited"}, "done"),
        ({"role": "job", "health": None, "Status": "exited", "ExitCode": 3}, "exited with 3"),
        ({}, "healthy"),
        ({"health": None}, "running"),
        ({"health": "starting"}, "starting"),
        ({"health": "starting", "restarts": 1}, "restarting"),
    ],
)
def test_how_a_container_is(changes: dict[str, Any], word: str) -> None:
    assert steps([container("1", name="web-1-0123abc", **changes)]) == {("web-1", "1"): word}


def test_containers_that_only_prepare_are_no_news() -> None:
    assert steps([container("1", role="loader")]) == {}


def test_images() -> None:
    begun = (resource(IMAGE, "web-image", "", inputs=BUILD), resource(IMAGE, "db-image", "", inputs={"name": "postgres:17"}))
    assert images(deployment(OLD, resource("t", "other", "x"), begun=begun)) == {
        ("web", "shop-web:1"): "built",
        ("web", "shop-web:2"): "building",
        ("db", "postgres:17"): "pulling",
    }
