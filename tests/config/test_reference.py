"""The reference page: up to date, complete, and no link into nothing."""

import re
from typing import Any

import pytest
from pydantic import TypeAdapter

from components.model import Cpus, Duration, Port, Size
from config.load import OWN_KEYS
from config.reference import anchor, default, fields, kind, page, sections
from config.references import PARTS
from config.shape import Node, Shape
from tests.golden import CHECKOUT, compare

SHAPE = Shape()
SECTIONS = sections(SHAPE)
PAGE = page()


def test_is_up_to_date() -> None:
    compare(CHECKOUT / "docs" / "reference" / "configuration.md", PAGE)


@pytest.mark.parametrize(("path", "model", "node"), list(fields(SHAPE)), ids=[path for path, _, _ in fields(SHAPE)])
def test_every_key_has_its_row_with_what_it_means(path: str, model: str, node: Node) -> None:
    place = f"{SECTIONS[model].title}." if model else ""
    key = path.rpartition(".")[2]
    assert f'id="{anchor(place + key)}"></a>`' in PAGE
    [row] = [line for line in _section(model).splitlines() if re.match(rf"\| (<a [^>]*></a>)?`{re.escape(key)}` \|", line)]
    _, _, what, given, meaning, _ = re.split(r"(?<!\\)\|", row)
    assert all(cell.strip() for cell in (what, given, meaning)), "what, default and meaning"


def _section(model: str) -> str:
    head = f'### <a id="{SECTIONS[model].anchor}"></a>' if model else "## app.yaml\n"
    return PAGE.split(head)[1].split("\n### ")[0].split("\n## ")[0]


def test_a_target_is_there_once() -> None:
    targets = re.findall(r'id="([^"]*)"', PAGE)
    assert len(targets) == len(set(targets))


def test_no_link_leads_into_nothing() -> None:
    targets = {*re.findall(r'id="([^"]*)"', PAGE), *(anchor(title) for title in re.findall(r"^## (.*)$", PAGE, re.MULTILINE))}
    links = set(re.findall(r"\]\(#([^)]*)\)", PAGE))
    assert len(links) > 15
    assert links <= targets


def test_no_cell_breaks_its_table() -> None:
    for line in PAGE.splitlines():
        if line.startswith("|"):
            assert len(re.split(r"(?<!\\)\|", line)) in (4, 5, 6), line


def test_references_and_own_keys() -> None:
    for kind_, parts in PARTS.items():
        row = next(line for line in PAGE.splitlines() if line.startswith("| `${") and f", {kind_} |" in line)
        assert [f"`{part}`" for part in parts] == re.findall(r"`[a-z_]+`", row.split("|")[2])
    assert all(f"`berth:{key}` |" in PAGE for key in OWN_KEYS)


@pytest.mark.parametrize(("what", "type_"), [("size", Size), ("duration", Duration), ("cores", Cpus), ("port", Port)])
def test_the_examples_of_units_are_right(what: str, type_: Any) -> None:
    row = next(line for line in PAGE.split("## Units")[1].splitlines() if line.startswith(f"| {what} |"))
    for example in re.findall(r"`([^`]*)`", row.split("|")[3]):
        TypeAdapter(type_).validate_python(int(example) if what == "port" else example.strip('"'))


@pytest.mark.parametrize(
    ("node", "text"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "pattern": "^a|b$"}, r"text like `^a\|b$`"),
        ({"type": "string", "format": "ipv4"}, "ipv4"),
        ({"type": "boolean"}, "true or false"),
        ({"type": "integer", "minimum": 1, "maximum": 3}, "whole number from 1 to 3"),
        ({"type": "number", "exclusiveMinimum": 0}, "number above 0"),
        ({"type": "array", "items": {"type": "string"}}, "list of text"),
        ({"enum": ["a", "17"]}, '`a` or `"17"`'),
        ({"const": 1}, "`1`"),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}, "whole number or text"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "mapping of text to text"),
        ({"type": "object"}, "mapping"),
        ({}, "anything"),
        ({"$ref": "#/$defs/Writers"}, "`one` or `many`"),
        ({"$ref": "#/$defs/Resources"}, "[resources](#resources)"),
    ],
)
def test_kind(node: Node, text: str) -> None:
    assert kind(SHAPE, SECTIONS, node) == text


@pytest.mark.parametrize(
    ("node", "path", "text"),
    [
        ({"type": "string"}, "x", "required"),
        ({"default": None}, "x", "none"),
        ({"default": []}, "x", "empty"),
        ({"default": {}}, "x", "empty"),
        ({"default": 1}, "x", "`1`"),
        ({"default": True}, "x", "`true`"),
        ({"default": "17"}, "x", '`"17"`'),
        ({"default": "90s"}, "x", "`90s`"),
        ({"$ref": "#/$defs/Resources", "default": {"memory": "256MiB", "cpus": "0.5"}}, "x", 'cpus `"0.5"`'),
        ({"$ref": "#/$defs/Resources", "default": {"memory": "256MiB", "cpus": "1.0"}}, "x", "as there"),
        ({}, "proxy.ports.http", "`8080` in dev, `80` in prod and mono"),
        ({}, "proxy.ports", "by topology"),
    ],
)
def test_default(node: Node, path: str, text: str) -> None:
    assert default(SHAPE, node, path) == text
