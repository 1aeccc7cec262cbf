"""The prod topology: images only, a real mail server, data protected, one published port."""

from pathlib import Path
from typing import Any

import pulumi
import pytest

from tests.recording import FakeEngine, Hidden, Recording
from tests.topologies.samples import APP, prod


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return prod(tmp_path_factory.mktemp("shop"))


def files(recording: Recording, service: str) -> dict[str, object]:
    return {upload["file"].removeprefix("/files/"): upload["content"] for upload in recording.container(f"{service}-secrets-loader").inputs["uploads"]}


def test_creates_exactly_its_services(shop: Recording) -> None:
    tops = [line.removeprefix("berth:index:") for line in shop.tree() if not line.startswith(" ")]
    assert tops == ["App api", "Redis cache", "Postgres db", "Worker jobs", "Networks networks", "Proxy proxy", "Tools tools", "App web"]


@pytest.mark.parametrize(
    ("values", "port", "url"),
    [
        ({}, {"ip": "0.0.0.0", "external": 80}, "http://localhost"),
        ({"proxy": {"ports": {"address": "127.0.0.1", "http": 8080}}}, {"ip": "127.0.0.1", "external": 8080}, "http://localhost:8080"),
    ],
    ids=["defaults", "explicit"],
)
def test_where_it_is_reached(values: dict[str, Any], port: dict[str, object], url: str, tmp_path: Path) -> None:
    made = prod(tmp_path, **values)
    assert made.container("proxy").inputs["ports"] == [{**port, "internal": 8080, "protocol": "tcp"}]
    assert made.outputs["url"] == url


def test_data_is_protected(shop: Recording) -> None:
    for name in ("db-data", "cache-data"):
        assert shop.one(name, "volume:Volume").options["protect"]


def test_mail_goes_to_the_server(shop: Recording) -> None:
    assert {"SMTP_HOST=smtp.test", "SMTP_PORT=587", "SMTP_USERNAME=shop", "MAIL_FROM=a@shop.test"} <= set(shop.container("web-1").inputs["envs"])
    assert files(shop, "web")["SMTP_PASSWORD"] == Hidden("smtp-s3cret")
    assert "smtp-s3cret" not in shop.plain_text()


def test_a_server_without_password(tmp_path: Path) -> None:
    made = prod(tmp_path, APP.replace(', username: shop, password: "${secrets.smtp}"', ""))
    assert "SMTP_PASSWORD=" in made.container("web-1").inputs["envs"]
    assert "SMTP_PASSWORD" not in files(made, "web")


def test_a_stage_without_mail(tmp_path: Path) -> None:
    app = APP.replace("mail: { from: a@shop.test }\n", "").replace("uses: [db, cache, mail]", "uses: [db, cache]")
    made = prod(tmp_path, app[: app.index("topologies")], images={"moving_tags": True}, proxy={"tls": {"elsewhere": {}}})
    assert not any(variable.startswith(("SMTP_", "MAIL_")) for variable in made.container("web-1").inputs["envs"])


def test_a_taken_port_stops_it_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(pulumi.RunError, match=r"^proxy\.ports\.http: port 80 belongs to container apache: stop it, or choose another port"):
        prod(tmp_path, engine=FakeEngine({80: {"name": "apache"}}))
