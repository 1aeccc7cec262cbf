"""Routes, hosts and ports: what may stand side by side; what may not stands in mistakes.py."""

from pathlib import Path

import pytest

from config import routing, rules
from config.problems import Refused
from config.stage import AnyStage
from tests.config.samples import APP, PROD, project, stage_of


def stage(root: Path, app: str = APP, **values: object) -> AnyStage:
    return stage_of(project(root, app), **values).stage  # type: ignore[arg-type]  # values of the stage


def test_its_rules_are_asked() -> None:
    assert set(routing.RULES) <= set(rules.RULES)


@pytest.mark.parametrize(
    ("routes", "number"),
    [
        ("/: {}, /api: {}", 2),
        ("/: {}, shop.test/: {}, api.test/: {}", 3),
        ("/: {}, /admin: { listen: 9000 }, shop.test/admin: { listen: 9000 }, /x: { listen: 9001 }", 4),
        ("/: { listen: 9000 }, shop.test/: {}", 2),
    ],
)
def test_what_may_stand_side_by_side(routes: str, number: int, tmp_path: Path) -> None:
    assert len(stage(tmp_path, APP.replace("/: {}", routes)).apps["web"].routes) == number


@pytest.mark.parametrize("routes", ["a.test/x: {}, a.test/x/: {}", "/x: { listen: 9000 }, /x/: { listen: 9000 }"])
def test_a_path_of_a_host_and_port_leads_to_one_thing(routes: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="/x/: leads to web already: a path has one app"):
        stage(tmp_path, APP.replace("/: {}", routes))


def test_ports_of_the_host(tmp_path: Path) -> None:
    app = APP.replace("/: {}", "/: {}, /a: { listen: 9000 }, /b: { listen: 9000 }, /c: { listen: 9001 }")
    listens = {("apps", "web", "routes", "/a", "listen"): 9000, ("apps", "web", "routes", "/c", "listen"): 9001}
    assert routing.host_ports(stage(tmp_path, app)) == {("proxy", "ports", "http"): 8080, ("mail", "mailhog", "ui_port"): 8025} | listens


def test_ports_of_data_services(tmp_path: Path) -> None:
    app = APP.replace("  dev: {", "  dev: { postgres: { db: { publish: 5432 } }, redis: { cache: { publish: 6379 } },")
    ports = {("postgres", "db", "publish"): 5432, ("redis", "cache", "publish"): 6379}
    assert ports.items() <= routing.host_ports(stage(tmp_path, app)).items()


def test_ports_of_the_host_in_prod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase")
    made = stage(tmp_path, **PROD, proxy={"tls": {"self_signed": {}}})
    assert routing.host_ports(made) == {("proxy", "ports", "http"): 80, ("proxy", "ports", "https"): 443}


def test_routes_of(tmp_path: Path) -> None:
    [(where, app, pattern, route)] = routing.routes_of(stage(tmp_path))
    assert (where, app.port, pattern, route.asks_app) == (("apps", "web", "routes", "/"), 8000, "/", True)
