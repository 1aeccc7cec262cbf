"""Services that somebody else runs: the application is told the very same names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.connection import Connection
from components.postgres.config import ExternalDatabaseConfig, ExternalPostgresConfig, PostgresTls
from components.proxy.certificate import MATERIAL_BYTES, self_signed
from components.redis.config import ExternalRedisConfig
from config.problems import Refused
from config.stage import Security, SmtpConfig, SmtpMailConfig
from tests.recording import Hidden, Recording
from tests.topologies.samples import mono, prod
from tests.topologies.test_wiring import sent
from topologies import external
from topologies.wiring import Scope

PASSWORD = "${secrets.far}"
VERIFIED = "sslmode=verify-full&sslrootcert=/run/secrets/DB_CA"


def secrets() -> dict[str, pulumi.Output[str]]:
    return {"far": pulumi.Output.secret("p/w")}


def postgres(config: ExternalPostgresConfig) -> dict[str, Any]:
    def make() -> dict[str, Any]:
        scope = Scope()
        external.postgres(scope, "db", config, secrets())
        return {name.replace(".", "_"): part.value for name, part in scope.parts.items()}

    return sent(make)


def test_postgres_by_its_defaults() -> None:
    made = postgres(ExternalPostgresConfig(host="db.test", ca="/ca.pem"))
    expected = {"host": "db.test", "port": "5432", "username": "db", "password": "", "database": "db", "url": f"postgresql://db@db.test:5432/db?{VERIFIED}"}
    assert made == {f"db_{part}": value for part, value in expected.items()}


def test_postgres_explicitly() -> None:
    config = ExternalPostgresConfig(
        host="[2001:db8::1]",
        port=6432,
        database="shop",
        username="clerk",
        password=PASSWORD,
        tls=PostgresTls.NONE,
        databases={"books": ExternalDatabaseConfig(username="reader", password=PASSWORD), "more": ExternalDatabaseConfig()},
    )
    made = postgres(config)
    assert made["db_url"] == Hidden("postgresql://clerk:p%2Fw@[2001:db8::1]:6432/shop")
    assert made["db_password"] == Hidden("p/w")
    assert made["db_databases_books_url"] == Hidden("postgresql://reader:p%2Fw@[2001:db8::1]:6432/books")
    assert (made["db_databases_more_username"], made["db_databases_more_url"]) == ("more", "postgresql://more@[2001:db8::1]:6432/more")


@pytest.mark.parametrize(
    ("config", "url"),
    [
        (ExternalRedisConfig(host="redis.test"), "rediss://redis.test:6379"),
        (ExternalRedisConfig(host="redis.test", port=6380, username="shop", password=PASSWORD, tls=False), Hidden("redis://shop:p%2Fw@redis.test:6380")),
    ],
    ids=["defaults", "explicit"],
)
def test_redis(config: ExternalRedisConfig, url: object) -> None:
    def make() -> dict[str, Any]:
        scope = Scope()
        external.redis(scope, "cache", config, secrets())
        return {name: part.value for name, part in scope.parts.items()}

    made = sent(make)
    assert made["cache.url"] == url
    assert set(made) == {f"cache.{part}" for part in ("host", "port", "username", "password", "url")}


@pytest.mark.parametrize(
    ("smtp", "url", "port", "switches"),
    [
        (SmtpConfig(host="smtp.test"), "smtp://smtp.test:587", "587", ("starttls", "true", "false")),
        (
            SmtpConfig(host="smtp.test", security=Security.TLS, username="shop", password=PASSWORD),
            Hidden("smtps://shop:p%2Fw@smtp.test:465"),
            "465",
            ("tls", "false", "true"),
        ),
        (SmtpConfig(host="smtp.test", security=Security.NONE), "smtp://smtp.test:25", "25", ("none", "false", "false")),
        (SmtpConfig(host="smtp.test", port=2525), "smtp://smtp.test:2525", "2525", ("starttls", "true", "false")),
    ],
    ids=["defaults", "tls", "none", "a port of its own"],
)
def test_smtp(smtp: SmtpConfig, url: object, port: str, switches: tuple[str, str, str]) -> None:
    def make() -> dict[str, Any]:
        scope = Scope()
        external.smtp(scope, SmtpMailConfig.model_validate({"from": "a@shop.test", "smtp": smtp}), secrets())
        return {name: part.value for name, part in scope.parts.items()}

    made = sent(make)
    assert (made["mail.url"], made["mail.port"], made["mail.from"]) == (url, port, "a@shop.test")
    assert (made["mail.security"], made["mail.starttls"], made["mail.tls"]) == switches


def test_the_catcher_tells_the_same() -> None:
    def make() -> dict[str, Any]:
        scope = Scope()
        external.sender(scope, Connection(scheme="smtp", host="mail", port=1025, ui_url="http://x"), "a@shop.test", Security.NONE)
        return {name: part.value for name, part in scope.parts.items()}

    made = sent(make)
    assert (made["mail.url"], made["mail.ui_url"], made["mail.security"], made["mail.username"]) == ("smtp://mail:1025", "http://x", "none", "")


@pytest.mark.parametrize(("make", "container", "loader"), [(prod, "web-1", "web-secrets-loader"), (mono, "mono", "mono-secrets-loader")])
def test_the_authority_of_a_server_outside_is_a_file_of_its_app(make: Callable[..., Recording], container: str, loader: str, tmp_path: Path) -> None:
    given = [self_signed(["db.test"], letter * MATERIAL_BYTES).chain for letter in (b"x", b"y")]
    found = []
    for chain in given:
        (tmp_path / "ca.pem").write_text(chain)
        made = make(tmp_path, postgres={"db": {"external": {"host": "db.test", "ca": "ca.pem"}}})
        uploads = {upload["file"].removeprefix("/files/"): upload for upload in made.container(loader).inputs["uploads"]}
        found.append(uploads["DB_CA"]["content"])
        assert VERIFIED in str(made.resources)
        assert any(mount["target"] == "/run/secrets" for mount in made.container(container).inputs["mounts"])
    assert [one.value if isinstance(one, Hidden) else one for one in found] == given


def test_a_file_without_a_certificate_is_no_authority(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(Refused, match=r"postgres\.db\.external: .*ca\.pem holds no certificate: it has to be PEM"):
        prod(tmp_path, postgres={"db": {"external": {"host": "db.test", "ca": "ca.pem"}}})
    (tmp_path / "ca.pem").unlink()
    with pytest.raises(Refused, match=r"postgres\.db\.external: .*ca\.pem cannot be read"):
        prod(tmp_path, postgres={"db": {"external": {"host": "db.test", "ca": "ca.pem"}}})
