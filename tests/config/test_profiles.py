"""Profiles: where topologies differ before any file has its say."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from config.problems import Refused
from config.profiles import PROFILES, profile
from config.stage import TOPOLOGIES, Topology
from tests.config.samples import project, stage_of


def leaves(data: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    return {leaf for key, value in data.items() for leaf in leaves(value, (*path, key))} if isinstance(data, dict) else {path}


def field_has_default(model: type[BaseModel], path: tuple[str, ...]) -> bool:
    field = model.model_fields[path[0]]
    if len(path) == 1:
        return not field.is_required()
    assert isinstance(field.annotation, type)
    return field_has_default(field.annotation, path[1:])


def has_field(model: type[BaseModel], path: tuple[str, ...]) -> bool:
    field = model.model_fields.get(path[0])
    if field is None or len(path) == 1:
        return field is not None
    assert isinstance(field.annotation, type)
    return has_field(field.annotation, path[1:])


def test_every_topology_has_one() -> None:
    assert set(PROFILES) == set(Topology) == set(TOPOLOGIES)


@pytest.mark.parametrize("topology", Topology)
def test_a_default_stands_in_one_place(topology: Topology) -> None:
    """Either in the class, or in every profile."""
    assert leaves(PROFILES[topology]) == {path for path in leaves(PROFILES[Topology.DEV]) if has_field(TOPOLOGIES[topology], path)}
    assert [path for path in leaves(PROFILES[topology]) if field_has_default(TOPOLOGIES[topology], path)] == []


@pytest.mark.parametrize("topology", Topology)
def test_a_profile_is_not_changed_by_who_uses_it(topology: Topology) -> None:
    before = repr(PROFILES)
    layer = profile(topology)
    layer.data["proxy"]["ports"]["http"] = 1
    assert repr(PROFILES) == before
    assert layer.place(("proxy", "ports", "http")) == f"default of {topology.value}"


def test_what_is_deleted_is_missed_where_it_was_deleted(tmp_path: Path) -> None:
    (project(tmp_path) / "Pulumi.dev.yaml").write_text("config:\n  berth:proxy:\n    ports: { http: null }\n")
    with pytest.raises(Refused, match=r"^Pulumi\.dev\.yaml:3: proxy\.ports\.http: is missing: write it$"):
        stage_of(tmp_path, proxy={"ports": {"http": None}})
