"""The JSON Schemas of app.yaml and of stage files: what an editor completes, explains and refuses while they are written."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from config.identity import INSTANCE, NEW_INSTANCE, ROOT_BYTES
from config.load import SECTIONS
from config.merge import ALONE, RIVALS, WHOLE
from config.profiles import PROFILES
from config.shape import REF, Node, Shape
from config.stage import CHOSEN, TOPOLOGIES

NULL: Node = {"type": "null"}
DRAFT = "https://json-schema.org/draft/2020-12/schema"
SECURE: Node = {
    "type": "object",
    "properties": {"secure": {"type": "string"}},
    "required": ["secure"],
    "additionalProperties": False,
    "description": "A value that `pulumi config set --secret` has encrypted.",
}
SOURCES: list[Node] = [
    {"type": "object", "required": [kind], "properties": {kind: node}, "additionalProperties": False}
    for kind, node in {
        "file": {"type": "string", "minLength": 1},
        "environment": {"type": "string", "minLength": 1},
        "command": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    }.items()
]
"""Where a secret may be read from, as config/given.py does."""
OWN: Mapping[str, Node] = {
    "topology": {"enum": [topology.value for topology in TOPOLOGIES], "description": "How the application is laid out on the host."},
    "application": {"type": "string", "minLength": 1, "description": "Path of app.yaml, relative to Pulumi.yaml."},
    "secrets": {
        "anyOf": [SECURE, {"type": "object", "additionalProperties": {"anyOf": [SECURE, *SOURCES]}}],
        "description": "Secrets by name, each encrypted (`pulumi config set --path --secret berth:secrets.NAME`), or with one of `file` (relative to "
        "Pulumi.yaml), `environment` (a variable) and `command` (a list, run without a shell: vault, op, aws, ...), whose content or output it is.",
    },
    "instance": {
        "anyOf": [{"type": "string", "pattern": f"^{INSTANCE}$"}, SECURE],
        "description": f"Eight hexadecimal digits, the identity of a prod stage: `pulumi config set berth:instance {NEW_INSTANCE}`, once for its life.",
    },
    "root_secret": {
        **SECURE,
        "description": f"{ROOT_BYTES} random bytes, encrypted, from which the passwords of a prod stage derive: "
        f"`pulumi config set --secret berth:root_secret $(openssl rand -hex {ROOT_BYTES})`. Keep a copy.",
    },
}
"""Keys of a stage file that say something about the stage itself."""
PULUMI: Mapping[str, Node] = {
    "secretsprovider": {"type": "string", "description": "What encrypts this stage's secrets."},
    "encryptedkey": {"type": "string", "description": "Pulumi's own: the key of the secrets, encrypted."},
    "encryptionsalt": {"type": "string", "description": "Pulumi's own: tells a wrong passphrase from the right one."},
    "environment": {"description": "Pulumi ESC environments."},
}


class Mode(StrEnum):
    """What a mapping is for."""

    BASE = "base"
    """A section of app.yaml: overlays and stages may complete it, so nothing has to be there."""
    OVER = "overlay"
    """Goes over another one: nothing has to be there, and null deletes."""
    WHOLE = "whole"
    """Takes the place of another one whole."""


def app_schema() -> Node:
    """The schema of app.yaml."""
    writer = _Writer(Shape())
    overlays = {topology: writer.overlay(_of_app(sections)) for topology, sections in writer.shape.sections.items()}
    properties = writer.properties(_of_app(writer.shape.joined), Mode.BASE, ())
    properties["topologies"] = _closed(overlays) | {"type": ["object", "null"], "description": "What differs by topology, for every stage of it."}
    own = {"title": "app.yaml of berth", "description": "What an application is made of.", **_closed(properties), "required": ["format", "name"]}
    return {"$schema": DRAFT, **own, "$defs": writer.written()}


def stage_schema() -> Node:
    """The schema of Pulumi.<stack>.yaml."""
    writer = _Writer(Shape())
    sections = {key: node for key, node in writer.shape.joined.items() if key in SECTIONS}
    keys = {f"berth:{key}": node for key, node in OWN.items()}
    keys |= {f"berth:{key}": {"description": node.get("description", "")} for key, node in sections.items()}
    config: Node = {
        "type": "object",
        "description": "Configuration of the stage: berth's own keys, and those of other programs under their own names.",
        "properties": keys,
        "patternProperties": {"^(?!berth:)[^:]+:.+$": {}},
        "additionalProperties": False,
        "required": ["berth:topology", "berth:application"],
        "allOf": [_of_topology(topology, writer, own) for topology, own in writer.shape.sections.items()],
    }
    own = {"title": "Stage of berth", "description": "How a stage runs an application.", **_closed({"config": config, **PULUMI}), "required": ["config"]}
    return {"$schema": DRAFT, **own, "$defs": writer.written()}


def _of_topology(topology: str, writer: "_Writer", sections: Mapping[str, Node]) -> Node:
    own = writer.properties({key: node for key, node in sections.items() if key in SECTIONS}, Mode.OVER, ())
    strange = {f"berth:{key}": False for key in sorted(SECTIONS & (set(writer.shape.joined) - set(own)))}
    return {
        "if": {"properties": {"berth:topology": {"const": topology}}, "required": ["berth:topology"]},
        "then": {"properties": {f"berth:{key}": node for key, node in own.items()} | strange},
    }


def _of_app(sections: Mapping[str, Node]) -> dict[str, Node]:
    """Sections that app.yaml may say something about."""
    return {key: node for key, node in sections.items() if key not in CHOSEN}


def _closed(properties: Mapping[str, Any]) -> Node:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


class _Writer:
    """Turns models, which describe the merged whole, into what may stand in one file."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._written: dict[str, Node] = {}

    def written(self) -> dict[str, Node]:
        """The definitions that were referred to."""
        return dict(sorted(self._written.items()))

    def overlay(self, sections: Mapping[str, Node]) -> Node:
        """The overlay of a topology."""
        return _closed(self.properties(sections, Mode.OVER, ())) | {"type": ["object", "null"]}

    def properties(self, properties: Mapping[str, Node], mode: Mode, path: tuple[str, ...]) -> dict[str, Node]:
        """The keys of a mapping, and what may stand there."""
        return {key: self._property(node, mode, (*path, key)) for key, node in properties.items()}

    def _property(self, node: Node, mode: Mode, path: tuple[str, ...]) -> Node:
        if mode is Mode.WHOLE:
            return self._node(node, mode, path)
        inner = self._node(node, Mode.WHOLE if path in WHOLE else mode, path)
        return _or_null(inner) if mode is Mode.OVER else inner

    def _node(self, node: Node, mode: Mode, path: tuple[str, ...]) -> Node:
        found = dict(node)
        if "$ref" in node:
            found["$ref"] = self._reference(node["$ref"].removeprefix(REF), mode, path)
        if "properties" in node:
            found |= self._model(node, mode, path)
        for key in ("patternProperties", "additionalProperties"):
            if isinstance(node.get(key), dict):
                found |= self._open(key, node, mode, path)
        for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
            if key in node:
                found[key] = [self._node(one, mode, path) for one in node[key]]
        if isinstance(node.get("items"), dict):
            found["items"] = self._node(node["items"], Mode.WHOLE, (*path, "*"))  # a list is replaced whole
        return _simpler(found)

    def _model(self, node: Node, mode: Mode, path: tuple[str, ...]) -> Node:
        closed = _closed(self.properties(node["properties"], mode, path))
        rivals = [{"not": _both(key, RIVALS[(*path, key)])} for key in node["properties"] if (*path, key) in RIVALS][:1]
        alone = [_nothing_else(key) for key in node["properties"] if (*path, key) in ALONE]
        required = node.get("required", []) if mode is Mode.WHOLE else []
        return closed | {"required": required} | ({"allOf": [*rivals, *alone]} if rivals or alone else {})

    def _open(self, key: str, node: Node, mode: Mode, path: tuple[str, ...]) -> Node:
        def value(inner: Node) -> Node:
            found = self._node(inner, mode, (*path, "*"))
            deletes = mode is Mode.OVER or (mode is Mode.BASE and (node.get("default") or _in_profile(path)))
            return _or_null(found) if deletes else found

        if key == "additionalProperties":
            return {key: value(node[key])}
        return {key: {pattern: value(inner) for pattern, inner in node[key].items()}, "additionalProperties": False}

    def _reference(self, name: str, mode: Mode, path: tuple[str, ...]) -> str:
        model = self.shape.models[name]
        full = name if mode is Mode.BASE or "properties" not in model else f"{name}.{mode.value}"
        if full not in self._written:
            self._written[full] = {}
            self._written[full] = self._node(model, mode, path)
        return REF + full


def _in_profile(path: tuple[str, ...]) -> bool:
    """Whether a profile fills a mapping."""
    return any(bool(_at(profile, path)) for profile in PROFILES.values())


def _at(data: Any, path: tuple[str, ...]) -> Any:  # Any: any value
    for step in path:
        data = data.get(step) if isinstance(data, Mapping) else None
    return data


def _or_null(node: Node) -> Node:
    """Allow null beside what is there."""
    if NULL in node.get("anyOf", ()) or "null" in node.get("type", ()):
        return node
    outside = {key: value for key, value in node.items() if key in ("description", "default")}
    inside = {key: value for key, value in node.items() if key not in outside}
    return _simpler({"anyOf": [inside, NULL], **outside})


def _simpler(node: Node) -> Node:
    """Say `string or null` by the type alone: what does not fit is told better so."""
    match node:
        case {"anyOf": [{"type": str() as kind} as only, {"type": "null"}], **rest} if not {"enum", "const"} & only.keys():
            return {**only, "type": [kind, "null"], **rest}
    return node


def _nothing_else(key: str) -> Node:
    """Where a key is stated, no other one is."""
    return {"if": {"required": [key], "properties": {key: {"not": NULL}}}, "then": {"maxProperties": 1}}


def _both(one: str, other: str) -> Node:
    """Both keys in one mapping, neither of them null."""
    stated = {"not": {"type": "null"}}
    return {"required": [one, other], "properties": {one: stated, other: stated}}
