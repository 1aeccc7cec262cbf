"""What backing services are asked for, inside and outside; the rules themselves have their mistakes in mistakes_backing.py."""

from pathlib import Path

import pytest

from config.agreement import Given
from config.backing import of_backing, parts_of_backing, passwords, valued_secrets
from tests.config.samples import APP, project, stage_of

GIVEN = Given(stack="dev", secrets=frozenset({"given"}))
FAR = "postgres: { db: { external: { tls: require, host: h, password: '${secrets.key}', databases: { books: { password: '${secrets.key}' } } } } }"


def test_names(tmp_path: Path) -> None:
    assert of_backing(stage_of(project(tmp_path)).stage) == {"db", "cache", "mail"}
    assert of_backing(stage_of(project(tmp_path, APP.replace("mail: { from: a@shop.test }\n", ""))).stage) == {"db", "cache"}


@pytest.mark.parametrize("postgres", ["postgres: { db: { databases: { books: {} } } }", FAR], ids=["here", "outside"])
def test_the_same_parts_wherever_a_server_is(postgres: str, tmp_path: Path) -> None:
    parts = parts_of_backing(stage_of(project(tmp_path, APP.replace("postgres: { db: {} }", postgres))).stage)
    assert {f"{path}.{part}" for path in ("db", "db.databases.books") for part in ("host", "port", "username", "password", "database", "url")} < parts
    assert {"cache.url", "mail.url"} < parts
    assert not any(part.startswith("db.databases.other") for part in parts)


def test_passwords_that_somebody_wrote(tmp_path: Path) -> None:
    assert list(passwords(stage_of(project(tmp_path)).stage)) == []
    written = dict(passwords(stage_of(project(tmp_path, APP.replace("postgres: { db: {} }", FAR))).stage))
    here = ("postgres", "db", "external")
    assert written == dict.fromkeys([(*here, "password"), (*here, "databases", "books", "password")], "${secrets.key}")


def test_secrets_with_a_value(tmp_path: Path) -> None:
    app = APP.replace("secrets: { key: { generate: {} } }", "secrets: { key: { generate: {} }, partner: { required: false } }")
    assert valued_secrets(stage_of(project(tmp_path, app)).stage, GIVEN) == {"key", "given"}
