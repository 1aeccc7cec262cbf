"""What may be said about Postgres: names filled in, and what is refused."""

import re

import pytest
from pydantic import ValidationError

from components.postgres.config import Database, DatabaseConfig, ExternalPostgresConfig, PostgresConfig, PostgresTls, databases


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (PostgresConfig(), [Database(name="db", username="db")]),
        (PostgresConfig(database="orders"), [Database(name="orders", username="orders")]),
        (
            PostgresConfig(
                database="orders",
                username="clerk",
                extensions=("postgis",),
                init=("/a.sql",),
                databases={"books": DatabaseConfig(), "stock": DatabaseConfig(username="clerk", extensions=("hstore",), init=("/b.sql",))},
            ),
            [
                Database(name="orders", username="clerk", extensions=("postgis",), init=("/a.sql",)),
                Database(name="books", username="books"),
                Database(name="stock", username="clerk", extensions=("hstore",), init=("/b.sql",)),
            ],
        ),
    ],
    ids=["defaults", "the role is named after the database", "explicit"],
)
def test_databases(config: PostgresConfig, expected: list[Database]) -> None:
    assert list(databases("db", config)) == expected


@pytest.mark.parametrize(
    ("config", "reference"),
    [(PostgresConfig(), "postgres:17"), (PostgresConfig(version="15"), "postgres:15"), (PostgresConfig(version="15", image="postgis:15"), "postgis:15")],
)
def test_reference(config: PostgresConfig, reference: str) -> None:
    assert config.reference == reference


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"image": "x", "build": {"context": "."}}, "has image and build: keep one of them"),
        ({"external": {"host": "h", "tls": "require"}, "version": "17"}, "has external and version: keep external alone, for that server is as it is"),
        (
            {"external": {"host": "h", "tls": "require"}, "version": "17", "init": []},
            "has external and init, version: keep external alone, for that server is as it is",
        ),
        ({"settings": {"port": "1"}}, "is berth's own, for the start of the server and its probe rest on it: take it away"),
        ({"init": ["a.txt"]}, "is no SQL file: name a file that ends in .sql, without a colon or a comma in its path"),
        ({"init": ["a:b.sql"]}, "is no SQL file"),
        ({"extensions": ["a,b"]}, "String should match pattern"),
    ],
)
def test_refused(said: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        PostgresConfig.model_validate(said)


def test_an_external_server_has_to_prove_who_it_is_unless_somebody_says_otherwise() -> None:
    own = ExternalPostgresConfig(host="h", ca="/ca.pem")
    assert own == ExternalPostgresConfig(host="h", port=5432, databases={}, tls=PostgresTls.VERIFY_FULL, ca="/ca.pem")
    assert PostgresConfig(external=own).external == own


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, "has no ca, and nothing would prove which server answers: name the PEM file of its authority, or write tls: require"),
        ({"tls": "verify-full"}, "has no ca"),
        ({"tls": "require", "ca": "/ca.pem"}, "has ca, which means something to tls: verify-full alone: take one of them away"),
        ({"tls": "none", "ca": "/ca.pem"}, "has ca"),
    ],
)
def test_what_verifies_and_what_is_verified_belong_together(said: dict[str, str], message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        ExternalPostgresConfig.model_validate({"host": "h"} | said)
