"""The models as plain JSON Schema, topologies side by side."""

import pytest

from components.model import Model
from config.docstrings import family
from config.shape import Shape, described, entries, model_name
from config.stage import TOPOLOGIES

SHAPE = Shape()


def test_every_section_of_every_topology_is_there() -> None:
    for topology, model in TOPOLOGIES.items():
        assert set(SHAPE.sections[topology.value]) == {field.alias or name for name, field in model.model_fields.items()} - {"topology"}
        assert set(SHAPE.sections[topology.value]) <= set(SHAPE.joined)
    assert {"format", "name"} <= SHAPE.required


def test_what_topologies_agree_on_is_said_once() -> None:
    assert SHAPE.joined["secrets"] == SHAPE.sections["dev"]["secrets"] == SHAPE.sections["prod"]["secrets"] == SHAPE.sections["mono"]["secrets"]


def test_what_only_one_topology_has_says_so() -> None:
    app = SHAPE.models["DevAppConfig-AppConfig-MonoAppConfig"]
    assert app["properties"]["mounts"]["description"].endswith(" Only in dev.")
    assert "Only in" not in app["properties"]["port"]["description"]
    assert app["properties"]["replicas"]["description"].endswith(" Only in dev, prod.")
    assert app["description"].startswith("In dev: ")


def test_what_only_one_topology_requires_is_required_by_none() -> None:
    assert SHAPE.models["SmtpMailConfig"]["required"] == ["from", "smtp"]
    assert SHAPE.models["MailConfig-SmtpMailConfig"]["required"] == ["from"]


def test_values_with_a_unit_show_their_defaults_and_form() -> None:
    memory = SHAPE.models["Resources"]["properties"]["memory"]
    assert (memory["title"], memory["default"], memory["pattern"]) == ("size", "256MiB", "^[1-9][0-9]*(KiB|MiB|GiB)$")


def test_descriptions_are_the_docstrings() -> None:
    known = {model.__name__: model for model in family(Model)}
    for name, schema in SHAPE.models.items():
        if name in known:
            docstrings = {field.alias or key: field.description for key, field in known[name].model_fields.items()}
            assert all(docstrings.values())
            assert {key: described(SHAPE, node) for key, node in schema["properties"].items()} == docstrings


@pytest.mark.parametrize(
    ("node", "name"),
    [
        ({"$ref": "#/$defs/A"}, "A"),
        ({"anyOf": [{"$ref": "#/$defs/A"}, {"type": "null"}]}, "A"),
        ({"type": "string"}, None),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, None),
    ],
)
def test_model_name(node: dict[str, object], name: str | None) -> None:
    assert model_name(node) == name


@pytest.mark.parametrize(
    ("node", "found"),
    [
        ({"type": "object", "patternProperties": {"^a$": {"type": "string"}}}, ("^a$", {"type": "string"})),
        ({"type": "object", "additionalProperties": {"type": "string"}}, ("", {"type": "string"})),
        ({"anyOf": [{"additionalProperties": {"type": "string"}}, {"type": "null"}]}, ("", {"type": "string"})),
        ({"type": "object", "additionalProperties": False}, None),
        ({"type": "string"}, None),
    ],
)
def test_entries(node: dict[str, object], found: object) -> None:
    assert entries(node) == found
