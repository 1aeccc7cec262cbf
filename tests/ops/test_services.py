"""The table: what stands in it for every state a service can be in."""

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from rich.console import Console

from ops import console
from ops.console import Stop, amount, columns
from ops.engine import Engine
from ops.objects import Objects
from ops.project import Project
from ops.services import HEAD, as_json, page, row, services, show
from ops.state import CONTAINER, IMAGE, parse
from tests.ops.samples import container, export, identity, project, resource

OUTPUTS = {
    "url": "http://localhost:8080",
    "services": {
        "db": {"kind": "Postgres", "image": "postgres:17", "url": "", "credentials": "password: pulumi stack output"},
        "proxy": {"kind": "Proxy", "image": "nginx:1.28", "url": "http://localhost:8080", "credentials": ""},
        "web": {"kind": "App", "image": "demo-web:0123456789ab", "url": "", "credentials": ""},
    },
}


def health(*containers: Any) -> str:
    (web,) = [service for service in services(OUTPUTS, containers) if service.name == "web"]
    return web.health


def test_the_table() -> None:
    found = services(OUTPUTS, [container("1"), container("2", service="db"), container("3", service="proxy"), container("4", role="job")])
    assert columns(HEAD, [row(service) for service in found]).splitlines() == [
        "SERVICE  IMAGE                  HEALTH   URL                    CREDENTIALS",
        "proxy    nginx:1.28             healthy  http://localhost:8080  -",
        "web      demo-web:0123456789ab  healthy  -                      -",
        "db       postgres:17            healthy  -                      password: pulumi stack output",
    ]


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        ([], "not running"),
        ([container("1")], "healthy"),
        ([container("1"), container("2")], "2 healthy"),
        ([container("1"), container("2", health="unhealthy")], "1 healthy, 1 unhealthy"),
        ([container("1", health="starting")], "starting"),
        ([container("1", health=None)], "running"),
        ([container("1", health="none")], "running"),
        ([container("1", restarts=1)], "healthy (1 restart)"),
        ([container("1", restarts=2), container("2", restarts=1)], "2 healthy (3 restarts)"),
        ([container("1", Status="exited", ExitCode=137, health="unhealthy")], "exited with 137"),
        ([container("1", Status="restarting", restarts=8)], "restarting (8 restarts)"),
        ([container("1", Status="paused")], "paused"),
    ],
)
def test_health(containers: list[Any], expected: str) -> None:
    assert health(*containers) == expected


class Asked:
    """An engine with one service of two containers."""

    def __init__(self, service: str = "web") -> None:
        first = container("1", service=service, restarts=2, networks={})
        self.containers = (first, container("2", service=service, restarts=1, image_id="sha256:ffff", networks={}))

    def objects(self, stage: object) -> Objects:
        return Objects(containers=self.containers)

    def tags(self) -> dict[str, str]:
        return {"nginx:1": "sha256:ffff"}

    def disk(self, stage: object, application: str) -> dict[str, int]:
        return {"data": 7}


@pytest.mark.parametrize(
    ("days", "health", "well"),
    [
        (31, "healthy, certificate for 31 days", True),
        (29, "healthy, certificate for 29 days: renew it", True),
        (0, "healthy, certificate for 0 days: renew it", True),
        (-1, "healthy, certificate has expired: renew it", True),
    ],
)
def test_how_long_a_certificate_is_good(days: int, health: str, *, well: bool, tmp_path: Path) -> None:
    until = datetime.now(UTC) + timedelta(days=days, hours=1)
    about = {"kind": "Proxy", "expires": until.isoformat(), "renew": (until - timedelta(days=30)).isoformat()}
    outputs = {"services": {"proxy": about}}
    [proxy] = services(outputs, [container("1", service="proxy")])
    assert (row(proxy)[2], proxy.well, proxy.due) == (health, well, "renew" in health)
    identity(project(tmp_path))
    said = as_json(Project.find(tmp_path).stage("dev"), cast(Engine, Asked("proxy")), parse(export(outputs=outputs)))
    assert [one["certificate_days"] for one in cast(list[dict[str, Any]], said["services"])] == [days]


def test_a_service_that_only_the_engine_knows_is_shown() -> None:
    (found,) = services({}, [container("1")])
    assert row(found) == ("web", "demo-web:0123456789ab", "healthy", "-", "-")


@pytest.mark.parametrize("outputs", [{"services": {"4dabf18193072939515e22adb298388d": "x", "ciphertext": "y"}}, {"services": "x"}, {}])
def test_outputs_of_another_form_are_no_services(outputs: dict[str, Any]) -> None:
    assert services(outputs, []) == []


def test_amounts() -> None:
    assert [amount(size) for size in (0, 999, 48_300_000, 2_000_000_000_000)] == ["0 B", "999 B", "48.3 MB", "2.0 TB"]


def test_who_looks_sees_which_image_runs_and_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    found = services(OUTPUTS, [container("1"), container("2", service="db"), container("3", service="proxy")])
    show({}, found, {"db": "paused"})
    assert [line.split()[-2:] for line in capsys.readouterr().out.splitlines()] == [
        ["DIGEST", "DRIFT"],
        *[["0123456789ab", word] for word in ("none", "none", "paused")],
    ]


def test_every_image_of_a_stage_that_is_being_rolled_is_named() -> None:
    (web,) = services({}, [container("1"), container("2", image_id="sha256:ffffffffffffffff")])
    assert web.digest == "0123456789ab, ffffffffffff"


@pytest.mark.parametrize(("service", "url"), [("", "http://localhost:8080"), ("proxy", "http://localhost:8080")])
def test_page(service: str, url: str) -> None:
    assert page(OUTPUTS, service, "dev") == url


@pytest.mark.parametrize(
    ("outputs", "service", "message"),
    [(OUTPUTS, "db", "'db' has no page. There are: proxy"), ({}, "", "stage dev is not up: berth up -s dev brings it up"), ({}, "db", "stage dev is not up")],
)
def test_no_page(outputs: dict[str, Any], service: str, message: str) -> None:
    with pytest.raises(Stop, match=f"^{re.escape(message)}"):
        page(outputs, service, "dev")


def test_for_programs(tmp_path: Path) -> None:
    identity(project(tmp_path))
    known = [resource(CONTAINER, name, name, inputs={"memory": 256, "cpus": "1.0"}, outputs={"name": f"web-{name}"}) for name in ("1", "2")]
    image = resource(IMAGE, "web-image", "i", outputs={"name": "nginx:1", "imageId": "sha256:ffff", "repoDigest": "nginx@sha256:5ee"})
    state = parse(export(*known, image, outputs={"url": "http://localhost", "services": {}}))
    said = as_json(Project.find(tmp_path).stage("dev"), cast(Engine, Asked()), state)
    assert (said["project"], said["stack"], said["instance"], said["url"], said["disk"]) == ("shop", "dev", "0badcafe", "http://localhost", {"data": 7})
    [web] = cast(list[dict[str, Any]], said["services"])
    assert (web["service"], web["restarts"], web["drift"], web["well"]) == ("web", 3, "none", True)
    assert [(one["id"], one["restarts"], one["image_id"], one["registry_digest"]) for one in web["containers"]] == [
        ("1", 2, "sha256:0123456789abcdef", ""),
        ("2", 1, "sha256:ffff", "nginx@sha256:5ee"),
    ]


@pytest.mark.parametrize("width", [80, 100])
def test_an_address_is_not_folded_on_a_narrow_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, width=width, color_system=None, soft_wrap=True)
    monkeypatch.setattr(console, "OUT", screen)
    found = services(OUTPUTS, [container("1"), container("2", service="db"), container("3", service="proxy")])
    show({}, found, {"db": "paused"})
    lines = cast(io.StringIO, screen.file).getvalue().splitlines()
    assert [line.split()[0] for line in lines if "http://localhost:8080" in line] == ["proxy"]
    assert max(len(line) for line in lines) <= width
