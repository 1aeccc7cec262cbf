"""Docstrings of fields: of the class itself and of those above it, in the schema once somebody asked for them."""

from components.model import Model
from config.docstrings import describe, docstrings, family


class Above(Model):
    """Has a field."""

    size: int = 1
    """How large it is."""

    silent: int = 0


class Below(Above):
    """Has another."""

    depth: int = 2
    """How deep it is,

    in two paragraphs.
    """


def test_a_class_says_what_it_names_itself() -> None:
    assert docstrings(Above) == {"size": "How large it is."}
    assert docstrings(Below) == {"depth": "How deep it is,\n\nin two paragraphs."}


def test_a_family_is_all_that_derive_from_it() -> None:
    assert list(family(Above)) == [Above, Below]


def test_schemas_say_it_of_every_field_inherited_ones_too() -> None:
    describe(Above)
    described = {name: node.get("description") for name, node in Below.model_json_schema()["properties"].items()}
    assert described == {"size": "How large it is.", "silent": None, "depth": "How deep it is,\n\nin two paragraphs."}
