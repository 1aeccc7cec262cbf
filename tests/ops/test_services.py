"""The table: what stands in it for every state a service can be in."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.console import Stop, amount, columns
from ops.project import Project
from ops.services import HEAD, as_json, page, row, services, show
from tests.ops.samples import container, identity, project

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
    found = services({"services": {"proxy": about}}, [container("1", service="proxy")])
    assert (row(found[0])[2], found[0].well, found[0].due) == (health, well, "renew" in health)
    root = project(tmp_path / "shop")
    identity(root)
    stage = Project.find(root).stage("dev")
    made = as_json(stage, {}, found, {}, {})
    assert [one["certificate_days"] for one in made["services"]] == [days]  # type: ignore[attr-defined]  # a list of mappings


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
