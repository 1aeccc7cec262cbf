"""What may be configured, as plain JSON Schema: read from the models, and what topologies differ in put side by side."""

from collections.abc import Mapping
from functools import reduce
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from config.docstrings import describe
from config.stage import TOPOLOGIES

Node = dict[str, Any]  # Any: JSON Schema
REF = "#/$defs/"
FIRST = ("format", "name", "apps")
"""What a reader looks for first."""


class _Generator(GenerateJsonSchema):
    """Pydantic's, without titles made of names, and with the defaults of values that have a unit."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # Any: pydantic's core schemas
        return False

    def encode_default(self, dft: Any) -> Any:  # Any: a default
        return str(dft) if isinstance(dft, str) else super().encode_default(dft)


class Shape:
    """Sections and models of all topologies."""

    def __init__(self) -> None:
        describe()
        self.models: dict[str, Node] = {}
        """By the name of the class; those of several topologies under their names joined."""
        self.sections: dict[str, dict[str, Node]] = {}
        """For each topology, what stands at the top of the merged configuration."""
        self.required: frozenset[str] = frozenset()
        """What has to stand at the top in any topology."""
        for topology, model in TOPOLOGIES.items():
            schema = model.model_json_schema(by_alias=True, schema_generator=_Generator)
            self.models |= {name: _untitled(node) for name, node in schema.get("$defs", {}).items()}
            self.sections[topology.value] = {key: node for key, node in schema["properties"].items() if key != "topology"}
            self.required |= frozenset(schema["required"]) - {"topology"}
        joined = self._joined_properties(self.sections)
        self.joined = dict(sorted(joined.items(), key=lambda entry: FIRST.index(entry[0]) if entry[0] in FIRST else len(FIRST)))
        """The sections of all topologies side by side: what differs says in which it may stand."""

    def model(self, node: Node) -> Node | None:
        """The model that a node stands for, also where it may be left out."""
        name = model_name(node)
        return self.models[name] if name else None

    def _joined_properties(self, by: Mapping[str, Mapping[str, Node]]) -> dict[str, Node]:
        keys = list(dict.fromkeys(key for properties in by.values() for key in properties))
        found = {}
        for key in keys:
            holders = {topology: properties[key] for topology, properties in by.items() if key in properties}
            node = self._joined(holders)
            if len(holders) < len(by):
                node = {**node, "description": f"{node.get('description', '')} Only in {', '.join(holders)}.".strip()}
            found[key] = node
        return found

    def _joined(self, by: Mapping[str, Node]) -> Node:
        """One node for all topologies."""
        nodes = list(by.values())
        first = nodes[0]
        if all(node == first for node in nodes):
            return first
        first = {**first, **_described(by)}
        if all("$ref" in node for node in nodes):
            return {**first, "$ref": REF + self._joined_model({topology: node["$ref"].removeprefix(REF) for topology, node in by.items()})}
        for key in ("anyOf", "patternProperties"):
            if all(key in node and len(node[key]) == len(first[key]) for node in nodes):
                return {**first, key: self._joined_inside({topology: node[key] for topology, node in by.items()})}
        return {"anyOf": list(reduce(lambda kept, node: kept if node in kept else [*kept, node], nodes, list[Node]())), **_described(by)}

    def _joined_inside(self, by: Mapping[str, Any]) -> Any:  # Any: a list or mapping of nodes
        first = next(iter(by.values()))
        if isinstance(first, list):
            return [self._joined({topology: nodes[place] for topology, nodes in by.items()}) for place in range(len(first))]
        return self._joined_properties(by)

    def _joined_model(self, by: Mapping[str, str]) -> str:
        models = {topology: self.models[name] for topology, name in by.items()}
        first = next(iter(models.values()))
        name = "-".join(dict.fromkeys(by.values()))
        if len(set(by.values())) > 1 and name not in self.models:
            required = [key for key in first.get("required", []) if all(key in model.get("required", []) for model in models.values())]
            properties = self._joined_properties({topology: model["properties"] for topology, model in models.items()})
            self.models[name] = {**first, **_described(models), "properties": properties, "required": required}
        return name


def _described(by: Mapping[str, Node]) -> Node:
    """What each topology says of it, unless all say the same."""
    said = {topology: node["description"] for topology, node in by.items() if "description" in node}
    if not said:
        return {}
    by_text: dict[str, list[str]] = {}
    for topology, text in said.items():
        by_text.setdefault(text, []).append(topology)
    alike = len(by_text) == 1
    return {"description": next(iter(by_text)) if alike else " ".join(f"In {' and '.join(where)}: {text}" for text, where in by_text.items())}


def described(shape: Shape, node: Node) -> str:
    """What a field says of itself; Pydantic leaves out what its model says word for word."""
    return str(node.get("description") or (shape.model(node) or {}).get("description", ""))


def model_name(node: Node) -> str | None:
    """The model that a node refers to, also where it may be left out."""
    for one in (node, *node.get("anyOf", ())):
        if "$ref" in one:
            return str(one["$ref"]).removeprefix(REF)
    return None


def entries(node: Node) -> tuple[str, Node] | None:
    """Pattern of the keys and form of the values of an open mapping, None for anything else."""
    for one in (node, *node.get("anyOf", ())):
        for pattern, inner in one.get("patternProperties", {}).items():
            return pattern, inner
        if isinstance(inner := one.get("additionalProperties"), dict):
            return "", inner
    return None


def _untitled(model: Node) -> Node:
    return {key: value for key, value in model.items() if key != "title"}
