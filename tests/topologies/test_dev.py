"""The dev topology: sources mounted, mail caught, everything on 127.0.0.1."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

import pulumi
import pytest
from pulumi.runtime import mocks

from config.owners import Owner
from tests.recording import FakeEngine, Recording, record
from tests.topologies.samples import APP, OWNERS, dev, loaded
from topologies import build, steps


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return dev(tmp_path_factory.mktemp("shop"))


def tops(recording: Recording) -> list[str]:
    return [line.removeprefix("berth:index:") for line in recording.tree() if not line.startswith(" ")]


def test_creates_exactly_its_services(shop: Recording) -> None:
    assert tops(shop) == [
        "App api", "Redis cache", "Postgres db", "Worker jobs", "Mailhog mail", "Networks networks", "Proxy proxy", "Tools tools", "App web"
    ]  # fmt: skip


def test_without_mail_there_is_no_catcher(tmp_path: Path) -> None:
    app = APP.replace("mail: { from: a@shop.test }\n", "").replace("uses: [db, cache, mail]", "uses: [db, cache]").replace("prod: { mail:", "prod: { x:")
    made = dev(tmp_path, app)
    assert "Mailhog mail" not in tops(made)
    assert [port["external"] for port in made.container("proxy").inputs["ports"]] == [8080]
    assert not any(variable.startswith(("SMTP_", "MAIL_")) for variable in made.container("web-1").inputs["envs"])


@pytest.mark.parametrize(
    ("values", "ports"),
    [
        ({}, [("127.0.0.1", 8080), ("127.0.0.1", 8025)]),
        ({"proxy": {"ports": {"address": "10.0.0.1", "http": 81}}, "mail": {"mailhog": {"ui_port": 82}}}, [("10.0.0.1", 81), ("127.0.0.1", 82)]),
    ],
    ids=["defaults", "explicit"],
)
def test_where_it_is_reached(values: dict[str, Any], ports: list[tuple[str, int]], tmp_path: Path) -> None:
    made = dev(tmp_path, **values)
    assert [(port["ip"], port["external"]) for port in made.container("proxy").inputs["ports"]] == ports
    services = made.outputs["services"]
    assert (made.outputs["url"], services["mail"]["url"]) == (f"http://localhost:{ports[0][1]}", f"http://localhost:{ports[1][1]}")


def test_sources_are_mounted(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    made = dev(tmp_path, apps={"web": {"mounts": {"src": "/app/src"}}})
    bind = {"type": "bind", "source": str(tmp_path / "src"), "target": "/app/src", "readOnly": False}
    for process in ("web-1", "jobs-1"):
        assert bind in made.container(process).inputs["mounts"]
    assert bind not in made.container("api-1").inputs["mounts"]


def test_everything_of_an_app_follows_the_owner_of_its_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "src").mkdir()
    monkeypatch.setitem(OWNERS, str(tmp_path / "src"), Owner(folder="src", uid=1000, gid=1001))
    made = dev(tmp_path, apps={"web": {"mounts": {"src": "/app/src"}, "volumes": {"media": {"path": "/media", "writers": "many"}}, "migrate": ["migrate"]}})
    for process in ("web-1", "jobs-1", "web-migrate"):
        assert (made.container(process).inputs["user"], "uid=1000,gid=1001" in made.container(process).inputs["tmpfs"]["/tmp"]) == ("1000:1001", True)
    assert made.container("web-media-owner").inputs["command"][-2:] == ["1000:1001", "/volume"]
    uploads = made.container("web-secrets-loader").inputs["uploads"]
    assert {(upload["owner"], upload["group"], upload["permissions"]) for upload in uploads} == {("1000", "1001", "0400")}
    assert made.container("api-1").inputs["user"] == "10001:10001"


def test_mail_goes_to_the_catcher(shop: Recording) -> None:
    variables = shop.container("web-1").inputs["envs"]
    assert {"SMTP_HOST=mail", "SMTP_PORT=1025", "SMTP_USERNAME=", "SMTP_PASSWORD=", "MAIL_FROM=a@shop.test"} <= set(variables)
    assert "mail" in shop.container("web-1").after


def test_data_may_be_erased(shop: Recording) -> None:
    assert not shop.one("db-data", "volume:Volume").options["protect"]


@pytest.mark.parametrize(
    ("taken", "messages"),
    [
        (
            {8080: {"name": "other", "berth.instance": "12345678", "berth.stack": "dev", "berth.application": "blog"}},
            [
                "proxy.ports.http: port 8080 belongs to container other (stage dev of blog): "
                "stop it, or choose another port, 8081 is free: pulumi config set -s dev --path berth:proxy.ports.http 8081"
            ],
        ),
        (
            {8080: {"name": "a"}, 8025: {"name": "b"}},
            [
                "proxy.ports.http: port 8080 belongs to container a: stop it, or choose another port, 8081 is free: pulumi config set -s dev --path berth:proxy.ports.http 8081",
                "mail.mailhog.ui_port: port 8025 belongs to container b: "
                "stop it, or choose another port, 8026 is free: pulumi config set -s dev --path berth:mail.mailhog.ui_port 8026",
            ],
        ),
    ],
    ids=["another stage", "two strangers"],
)
def test_taken_ports_stop_it_before_anything_is_made(taken: dict[int, dict[str, str]], messages: list[str], tmp_path: Path) -> None:
    with pytest.raises(pulumi.RunError, match="belongs to") as refused:
        dev(tmp_path, engine=FakeEngine(taken))
    assert str(refused.value).splitlines() == messages


def test_its_own_proxy_is_no_stranger(tmp_path: Path) -> None:
    own = {"name": "proxy-1", "berth.instance": "0badcafe", "berth.stack": "dev", "berth.application": "shop"}
    assert "Proxy proxy" in tops(dev(tmp_path, engine=FakeEngine({8080: own, 8025: own})))


def test_networks_are_on_their_way_before_the_rest_is_made(tmp_path: Path) -> None:
    """They take the engine longest, and the SDK sends nothing while a program computes."""
    (tmp_path / "app.yaml").write_text(APP)
    of = loaded(tmp_path, {"topology": "dev", "application": "app.yaml"}, "dev")
    asked: list[str] = []
    first: list[str] = []

    def register(monitor: mocks.MockMonitor, request: Any) -> Any:
        asked.append(request.type)
        return ask(monitor, request)  # type: ignore[no-untyped-call]  # the SDK's mocks are untyped

    def next_step(site: steps.Site) -> None:
        first.extend(asked)
        databases(site)

    ask, databases = mocks.MockMonitor.RegisterResource, steps.databases
    patches = ((mocks.MockMonitor, "RegisterResource", register), (steps, "databases", next_step), (steps, "SENDING_S", 1))
    with ExitStack() as stack:
        for patch in patches:
            stack.enter_context(mock.patch.object(*patch))
        record(lambda: build(of, FakeEngine()))
    assert sum(kind.endswith(":Network") for kind in first) == 4
