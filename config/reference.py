"""The reference page, docs/reference/configuration.md, made from the models: a section for each, a row for each key."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.model import NAME
from components.templates import templates
from config.forbidden import FORBIDDEN
from config.merge import WHOLE
from config.profiles import PROFILES
from config.references import PARTS
from config.schema import OWN
from config.shape import Node, Shape, described, entries, model_name

UNITS = frozenset({"size", "duration", "cores", "port"})
"""Titles of the values that the page explains under Units."""
_templates = templates(Path(__file__).parent)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One key."""

    target: str
    """What links lead to, as HTML; nothing where a section has the place."""
    key: str
    kind: str
    default: str
    meaning: str


@dataclass(kw_only=True)
class Section:
    """One model, and every place where it stands."""

    model: str
    paths: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """Its place, or the key under which it stands in several."""
        return self.paths[0] if len(self.paths) == 1 else self.paths[0].rpartition(".")[2]

    @property
    def anchor(self) -> str:
        """What links lead to."""
        return anchor(self.title)


def page() -> str:
    """Write the page."""
    shape = Shape()
    found = sections(shape)
    tables = [{"section": section, "meaning": _cell(shape.models[name]["description"]), "rows": rows(shape, found, name)} for name, section in found.items()]
    top = [_row(shape, found, "", key, node) for key, node in shape.joined.items()]
    own = [Row(target=_target(f"berth:{key}"), key=f"berth:{key}", kind="", default="", meaning=_cell(node["description"])) for key, node in OWN.items()]
    whole = ", ".join(f"`{'.'.join(path)}`" for path in sorted(WHOLE))
    return _templates.get_template("configuration.md.j2").render(tables=tables, top=top, own=own, parts=PARTS, whole=whole, forbidden=FORBIDDEN)


def sections(shape: Shape) -> dict[str, Section]:
    """Every model that can be reached, by its name, in the order in which a reader meets them."""
    found: dict[str, Section] = {}
    for key, node in shape.joined.items():
        _collect(shape, node, key, found)
    return found


def _collect(shape: Shape, node: Node, path: str, found: dict[str, Section]) -> None:
    inner, path = _innermost(node, path)
    name = model_name(inner)
    if not name or "properties" not in shape.models[name]:
        return
    section = found.setdefault(name, Section(model=name))
    section.paths.append(path)
    for key, field_ in shape.models[name]["properties"].items():
        _collect(shape, field_, f"{path}.{key}", found)


def _innermost(node: Node, path: str) -> tuple[Node, str]:
    """What stands in mappings and lists; `*` is any key of a mapping, `[]` any item of a list."""
    while True:
        if inner := entries(node):
            node, path = inner[1], f"{path}.*"
        elif isinstance(items := _listed(node), dict):
            node, path = items, f"{path}[]"
        else:
            return node, path


def _listed(node: Node) -> Any:  # Any: a node, or nothing
    return next((one["items"] for one in (node, *node.get("anyOf", ())) if "items" in one), None)


def rows(shape: Shape, found: Mapping[str, Section], name: str) -> list[Row]:
    """The table of a model."""
    return [_row(shape, found, found[name].title, key, node) for key, node in shape.models[name]["properties"].items()]


def _row(shape: Shape, found: Mapping[str, Section], place: str, key: str, node: Node) -> Row:
    path = f"{place}.{key}" if place else key
    return Row(
        target="" if any(section.title == path for section in found.values()) else _target(path),
        key=key,
        kind=kind(shape, found, node),
        default=default(shape, node, path),
        meaning=_cell(described(shape, node)),
    )


def anchor(path: str) -> str:
    """A path as the target of a link."""
    return re.sub(r"[^a-z0-9_]+", "-", path.lower().replace("*", "any").replace("[]", ".item")).strip("-")


def _target(path: str) -> str:
    return f'<a id="{anchor(path)}"></a>'


def kind(shape: Shape, found: Mapping[str, Section], node: Node) -> str:
    """What may stand there."""
    name = model_name(node)
    if name:
        model = shape.models[name]
        return f"[{_cell(found[name].title)}](#{found[name].anchor})" if name in found else kind(shape, found, model)
    if inner := entries(node):
        keys = {"": "text", NAME: "name"}.get(inner[0], f"text like `{_cell(inner[0])}`")
        return f"mapping of {keys} to {kind(shape, found, inner[1])}"
    options = [kind(shape, found, one) for one in node.get("anyOf", ()) if one != {"type": "null"}]
    return " or ".join(options) or _plain_kind(shape, found, node)


def _plain_kind(shape: Shape, found: Mapping[str, Section], node: Node) -> str:
    title = node.get("title")
    if title in UNITS:
        return f"[{title}](#units)"
    if "enum" in node or "const" in node:
        return " or ".join(_code(value) for value in node.get("enum", [node.get("const")]))
    return {"array": _list_kind, "integer": _number_kind, "number": _number_kind, "string": _text_kind}.get(node.get("type", ""), _other_kind)(
        shape, found, node
    )


def _list_kind(shape: Shape, found: Mapping[str, Section], node: Node) -> str:
    return f"list of {kind(shape, found, node['items'])}" if "items" in node else "list"


def _number_kind(_shape: Shape, _found: Mapping[str, Section], node: Node) -> str:
    limits = [f"{word} {node[key]}" for key, word in (("minimum", "from"), ("exclusiveMinimum", "above"), ("maximum", "to")) if key in node]
    return " ".join([{"integer": "whole number"}.get(node["type"], "number"), *limits])


def _text_kind(_shape: Shape, _found: Mapping[str, Section], node: Node) -> str:
    if node.get("pattern") == NAME:
        return "name"
    return f"text like `{_cell(node['pattern'])}`" if "pattern" in node else str(node.get("format", "text"))


def _other_kind(_shape: Shape, _found: Mapping[str, Section], node: Node) -> str:
    return {"boolean": "true or false", "object": "mapping"}.get(node.get("type", ""), "anything")


def default(shape: Shape, node: Node, path: str) -> str:
    """What stands there if nobody writes it."""
    by_topology = {topology.value: value for topology, profile in PROFILES.items() if (value := _at(profile, path)) is not None}
    if by_topology and not any(isinstance(value, Mapping) for value in by_topology.values()):
        by_value: dict[str, list[str]] = {}
        for topology, value in by_topology.items():
            by_value.setdefault(_code(value), []).append(topology)
        return next(iter(by_value)) if len(by_value) == 1 else ", ".join(f"{value} in {' and '.join(where)}" for value, where in by_value.items())
    if "default" not in node:
        return "by topology" if by_topology else "required"
    value = node["default"]
    if value is None:
        return "none"
    model = shape.model(node)
    if model and isinstance(value, dict):
        own = {key: inner.get("default") for key, inner in model["properties"].items()}
        value = {key: inner for key, inner in value.items() if inner != own.get(key)}
        return ", ".join(f"{key} {_code(inner)}" for key, inner in value.items()) or "as there"
    return _code(value) if value not in ([], {}) else "empty"


def _at(data: Any, path: str) -> Any:  # Any: any value
    for step in path.split("."):
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


def _code(value: Any) -> str:  # Any: JSON
    text = value if isinstance(value, str) and not re.fullmatch(r"[0-9.]*|true|false|null", value) else json.dumps(value, ensure_ascii=False)
    return f"`{_cell(text)}`"


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("\n", " ")


def fields(shape: Shape) -> Iterator[tuple[str, str, Node]]:
    """Every key that can be written: where, as a path with `*` for names, the model, and what may stand there. A model in several places counts once."""
    for key, node in shape.joined.items():
        yield key, "", node
    for name, section in sections(shape).items():
        for key, node in shape.models[name]["properties"].items():
            yield f"{section.paths[0]}.{key}", name, node
