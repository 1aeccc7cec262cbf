"""Connection: one contract, and text that no password can break."""

from urllib.parse import unquote, urlsplit

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.connection import Connection
from tests.recording import Hidden, record

PARTS = ("scheme", "host", "port", "username", "password", "database", "url", "ui_url")
FULL = {"scheme": "postgresql", "host": "db", "port": 5432, "username": "shop", "database": "shop-1"}


def sent(connection: Connection) -> dict[str, object]:
    """Every part, as it would go to Pulumi."""

    class Holder(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("test:index:Holder", "holder")
            self.register_outputs(dict(connection.as_outputs()))

    return record(Holder).component_outputs["holder"]


def test_every_part_of_a_full_one() -> None:
    parts = sent(Connection(**FULL, password=pulumi.Output.secret("p/w")))  # type: ignore[arg-type]
    assert set(parts) == set(PARTS)
    assert parts["url"] == Hidden("postgresql://shop:p%2Fw@db:5432/shop-1")
    assert parts["password"] == Hidden("p/w")
    assert (parts["host"], parts["port"], parts["username"], parts["database"], parts["ui_url"]) == ("db", "5432", "shop", "shop-1", "")


def test_every_part_of_one_without_credentials() -> None:
    parts = sent(Connection(scheme="smtp", host="mail", port=1025, ui_url="http://localhost:8025"))
    assert parts["url"] == "smtp://mail:1025"
    assert (parts["password"], parts["username"], parts["database"], parts["ui_url"]) == ("", "", "", "http://localhost:8025")


@pytest.mark.parametrize(("password", "secret"), [(None, set()), (pulumi.Output.from_input("x"), {"password", "url"})], ids=["without", "with"])
def test_secret_parts(password: pulumi.Output[str] | None, secret: set[str]) -> None:
    assert Connection(scheme="redis", host="cache", port=6379, password=password).secret_parts == secret


def test_a_password_makes_the_url_secret_even_if_it_came_in_plain() -> None:
    assert sent(Connection(scheme="redis", host="cache", port=6379, password=pulumi.Output.from_input("x")))["url"] == Hidden("redis://:x@cache:6379")


@given(st.text(min_size=1), st.text(), st.text())
def test_any_text_survives_the_url(password: str, username: str, database: str) -> None:
    connection = Connection(scheme="postgresql", host="db", port=5432, username=username, database=database)
    url = urlsplit(connection._url(password))
    assert (url.hostname, url.port) == ("db", 5432)
    assert unquote(url.password or "") == password
    assert unquote(url.username or "") == username
    assert unquote(url.path.removeprefix("/")) == database
