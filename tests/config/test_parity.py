"""Every field of every model is in the schema, in the reference, and does something: one that is read by nobody does not pass."""

import functools
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from config.load import Loaded
from config.reference import anchor, page, sections
from config.schema import app_schema, stage_schema
from config.shape import Shape
from config.stage import CHOSEN, TOPOLOGIES
from tests.config.trying import HERE, changed, concrete, given_layers, load_it
from tests.config.variations import BASE, EXCEPTIONS, OF_TOPOLOGY, VALUES, Varied
from tests.recording import FakeEngine, record
from topologies import build

Field_ = tuple[str, str, Any]
"""Path with `*` for names, `Model.field`, annotation."""


def models_in(annotation: Any) -> Iterator[tuple[str, type[BaseModel]]]:
    """Models inside an annotation, and what leads to them: `.*` into a mapping, `[]` into a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield "", annotation
        return
    origin = get_origin(annotation)
    step = ".*" if origin is dict else "[]" if origin in (tuple, list) else ""
    for argument in get_args(annotation)[1 if step == ".*" else 0 :]:
        for path, model in models_in(argument):
            yield step + path, model


def fields(model: type[BaseModel], path: str = "") -> Iterator[Field_]:
    """Every field that can be reached, at every place where it stands."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        here = f"{path}.{key}".lstrip(".")
        owner = next(one.__name__ for one in reversed(model.__mro__) if name in getattr(one, "model_fields", {}))
        yield here, f"{owner}.{key}", field.annotation
        for step, inner in models_in(field.annotation):
            yield from fields(inner, here + step)


FIELDS = {topology.value: [one for one in fields(model) if one[0] != "topology"] for topology, model in TOPOLOGIES.items()}
ALL = sorted({path for found in FIELDS.values() for path, _, _ in found})
LEAVES = [(topology, path, shared) for topology, found in FIELDS.items() for path, shared, annotation in found if not list(models_in(annotation))]
ALIKE: dict[str, tuple[str, ...]] = {"dev": (), "prod": ("",), "mono": ("apps.*.routes.", "engine.", "images.", "proxy.", "secrets.")}
"""What is built by the same steps as in dev, by the beginnings of paths: tried there alone, for each try takes a fifth of a second."""


def test_the_walk_reaches_what_it_should() -> None:
    assert {"apps.*.health.interval", "apps.*.routes.*.websocket", "mail.smtp.host", "mail.mailhog.resources.memory"} <= set(ALL)
    assert ("prod", "apps.*.mounts") not in {(topology, path) for topology, path, _ in LEAVES}


# --- in the schema, in the reference ---


@functools.cache
def schema() -> dict[str, Any]:
    """The schema of app.yaml, with what only a stage may say beside it."""
    app, stage = app_schema(), stage_schema()
    of_stage = stage["properties"]["config"]["allOf"][0]["then"]["properties"]
    chosen = {key: of_stage[f"berth:{key}"] for key in CHOSEN if f"berth:{key}" in of_stage}
    return {"properties": app["properties"] | chosen, "$defs": stage["$defs"] | app["$defs"]}


def schema_at(node: dict[str, Any], path: list[str]) -> dict[str, Any] | None:
    """The part of the schema for a path."""
    if "$ref" in node:
        return schema_at(schema()["$defs"][node["$ref"].rpartition("/")[2]], path)
    for option in node.get("anyOf", ()):
        if (found := schema_at(option, path)) is not None:
            return found
    if not path:
        return node
    step, *rest = path
    inner = node.get("items") if step == "[]" else node.get("properties", {}).get(step)
    if step == "*":
        inner = next(iter(node.get("patternProperties", {}).values()), node.get("additionalProperties"))
    return schema_at(inner, rest) if isinstance(inner, dict) else None


@functools.cache
def documented() -> tuple[str, set[str]]:
    shape = Shape()
    places = {f"{place}.{key}" for name, section in sections(shape).items() for place in section.paths for key in shape.models[name]["properties"]}
    return page(), places | set(shape.joined)


@pytest.mark.parametrize("path", ALL)
def test_is_in_the_reference(path: str) -> None:
    text, places = documented()
    assert path in places, f"docs/reference/configuration.md has no {path}: make golden, or mend config/reference.py"
    assert f"`{path.rpartition('.')[2]}`" in text
    assert anchor(path.partition(".")[0]) in text


# --- changes what is created ---


def created(of: Loaded) -> list[str]:
    """Everything that was asked for, in an order that does not depend on the run."""
    resources = record(lambda: build(of, FakeEngine()), "stage").resources
    return sorted(json.dumps(asdict(resource), sort_keys=True) for resource in resources)


def differences(one: Any, other: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() | other.keys():
            yield from differences(one.get(key), other.get(key), (*path, str(key)))
    elif one != other:
        yield path


def is_tried(topology: str, path: str) -> bool:
    in_dev = path.startswith(ALIKE[topology]) and path in {leaf for other, leaf, _ in LEAVES if other == "dev"}
    return not {path, f"{topology} {path}"} & EXCEPTIONS.keys() and not in_dev


VARIED = [leaf for leaf in LEAVES if is_tried(leaf[0], leaf[1])]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parity")


@functools.cache
def base(root: Path, topology: str, given: str) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """An application before the change: as it is written, as it is read, and what is created."""
    data = given_layers(BASE, OF_TOPOLOGY.get(topology, ""), given)
    of = load_it(root, data, topology)
    return data, of.stage.model_dump(mode="json", by_alias=True), created(of)


@pytest.mark.parametrize(("topology", "path", "shared"), VARIED, ids=[f"{topology}-{path}" for topology, path, _ in VARIED])
def test_changes_what_is_created(topology: str, path: str, shared: str, root: Path) -> None:
    assert path in VALUES or shared in VALUES, (
        f'{path} has no variation: add "{path}": <another value than the default> (or "{shared}", for every place of that model) to VALUES in {HERE}'
    )
    sample = VALUES.get(path, VALUES.get(shared))
    varied = sample if isinstance(sample, Varied) else Varied(sample, "")
    data, before, made_before = base(root, topology, varied.given)
    where = concrete(path, data)
    after = load_it(root, changed(data, where, varied.value), topology)
    found = set(differences(before, after.stage.model_dump(mode="json", by_alias=True)))
    assert found, f"the variation of {path} sets what is there anyway: choose another value in {HERE}"
    assert all(list(one[: len(where)]) == where for one in found), f"the variation of {path} changes more than that: {sorted(found)}"
    same = created(after) == made_before
    assert not same, f"{path} changes nothing that is created: nobody reads it. Use it, or say in EXCEPTIONS of {HERE} why that is right"


def test_the_table_holds_nothing_else() -> None:
    known = {name for topology, path, shared in LEAVES for name in (path, shared, f"{topology} {path}")}
    assert sorted(VALUES.keys() - known) == [], f"{HERE} varies fields that do not exist"
    assert sorted(EXCEPTIONS.keys() - known) == [], f"{HERE} excepts fields that do not exist"
    assert sorted(VALUES.keys() & EXCEPTIONS.keys()) == []
    assert all(reason.strip() for reason in EXCEPTIONS.values())


@pytest.mark.parametrize("topology", OF_TOPOLOGY)
def test_the_base_is_the_same_every_time(topology: str, root: Path) -> None:
    """Else everything would seem to change something."""
    data, _, made = base(root, topology, "")
    assert created(load_it(root, data, topology)) == made
    assert YAML(typ="safe", pure=True).load(BASE)["format"] == 1
