"""`${db.host}` in values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.profiles import PROFILES
from config.references import PARTS, Reference, injected, names, parse
from config.stage import DevStage, ProdStage, Topology


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("plain", ["plain"]),
        ("${db.host}", [Reference("db.host")]),
        ("${ db.host }", [Reference("db.host")]),
        ("a${db.host}b${cache.port}c", ["a", Reference("db.host"), "b", Reference("cache.port"), "c"]),
        ("${db.host}${db.port}", [Reference("db.host"), Reference("db.port")]),
        ("$${db.host}", ["${", "db.host}"]),
        ("$${a}${b.c}", ["${", "a}", Reference("b.c")]),
        ("$HOME $ {x} $(y) 5$", ["$HOME $ {x} $(y) 5$"]),
        ("${never closed", ["${never closed"]),
        ("${}", [Reference("")]),
        ("{x}", ["{x}"]),
    ],
)
def test_parse(text: str, parts: list[str | Reference]) -> None:
    assert parse(text) == parts


@pytest.mark.parametrize(("text", "found"), [("plain $${no.reference}", []), ("${db.url}/${cache.url}", ["db.url", "cache.url"])], ids=["none", "some"])
def test_names(text: str, found: list[str]) -> None:
    assert names(text) == found


PIECES = st.lists(st.text(st.characters(exclude_characters="${}")) | st.builds(Reference, st.from_regex(r"\A[a-z]+\.[a-z]+\Z")))


@given(PIECES)
def test_what_is_put_together_is_taken_apart_again(pieces: list[str | Reference]) -> None:
    text = "".join(f"${{{piece.name}}}" if isinstance(piece, Reference) else piece for piece in pieces)
    back = "".join(f"${{{piece.name}}}" if isinstance(piece, Reference) else piece for piece in parse(text))
    assert back == text
    assert names(text) == [piece.name for piece in pieces if isinstance(piece, Reference)]


@given(st.text())
def test_an_escaped_text_is_literal(text: str) -> None:
    escaped = text.replace("${", "$${")
    if not text.endswith("$") and "$$" not in text:
        assert "".join(str(piece) for piece in parse(escaped)) == text
        assert names(escaped) == []


def test_every_kind_can_be_asked_for_what_the_reference_says() -> None:
    assert PARTS == {
        "postgres": ("host", "port", "username", "password", "database", "url"),
        "redis": ("host", "port", "username", "password", "url"),
        "mail": ("host", "port", "username", "password", "security", "starttls", "tls", "url", "from", "ui_url"),
        "app": ("host", "port", "url"),
        "proxy": ("url",),
    }


def dev_stage(**sections: Any) -> DevStage:
    return DevStage.model_validate({"format": 1, "name": "shop", "topology": "dev", **PROFILES[Topology.DEV], **sections})


MAIL = {"MAIL_FROM": "mail.from"} | {f"SMTP_{part.upper()}": f"mail.{part}" for part in ("host", "port", "username", "password", "security")}
CACHE = {f"CACHE_{part.upper()}": f"cache.{part}" for part in PARTS["redis"]}
DB = {f"DB_{part.upper()}": f"db.{part}" for part in ("host", "port", "username", "password", "database", "url")}


@pytest.mark.parametrize(
    ("uses", "sections", "expected"),
    [
        ([], {"postgres": {"db": {}}}, {}),
        (["mail"], {"mail": {"from": "a@b.test"}}, MAIL),
        (["db"], {"postgres": {"db": {}}}, DB | {"DATABASE_URL": "db.url"}),
        (["db"], {"postgres": {"db": {}, "other": {}}}, DB),
        (["cache"], {"redis": {"cache": {}}}, CACHE | {"REDIS_URL": "cache.url"}),
        (["cache"], {"redis": {"cache": {}, "other": {}}}, CACHE),
        (["my-cache"], {"redis": {"my-cache": {}, "x": {}}}, {f"MY_CACHE_{part.upper()}": f"my-cache.{part}" for part in PARTS["redis"]}),
        (["db", "cache"], {"postgres": {"db": {}}, "redis": {"cache": {}}}, DB | CACHE | {"DATABASE_URL": "db.url", "REDIS_URL": "cache.url"}),
    ],
    ids=["nothing", "mail", "the only database", "one of two databases", "the only store", "one of two stores", "a name with a dash", "both"],
)
def test_injected(uses: list[str], sections: dict[str, Any], expected: dict[str, str]) -> None:
    assert dict(injected(uses, dev_stage(**sections))) == expected


def test_prod_knows_the_same_names() -> None:
    sections = {"format": 1, "name": "shop", "topology": "prod", "mail": {"from": "a@b.test", "smtp": {"host": "x"}}}
    sections["proxy"] = {**PROFILES[Topology.PROD]["proxy"], "tls": {"elsewhere": {}}}
    assert dict(injected(["mail"], ProdStage.model_validate(sections))) == MAIL
