"""What a mono stage has no use for: app.yaml may say it for other topologies, and for this one it is refused (test_forbidden.py)."""

from pathlib import Path
from typing import Any

import pytest

from config.problems import Refused
from config.stage import MonoStage, Topology
from config.unused import UNUSED, without_unused
from tests.config.samples import MONO, MONO_APP, PROD, project, stage_of


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase")


@pytest.mark.parametrize(
    ("topology", "data", "kept"),
    [
        (Topology.MONO, {"apps": {"web": {"image": "x", "port": 1}}}, {"apps": {"web": {"port": 1}}}),
        (Topology.MONO, {"proxy": {"version": "1.28", "gzip": False}}, {"proxy": {"gzip": False}}),
        (Topology.MONO, {"apps": {"image": {"env": {"user": "x"}}}}, {"apps": {"image": {"env": {"user": "x"}}}}),
        (Topology.MONO, {"apps": [1], "redis": {"cache": None}, "proxy": "x"}, {"apps": [1], "redis": {"cache": None}, "proxy": "x"}),
        (Topology.MONO, {"postgres": {"db": {"version": "15", "database": "shop"}}}, {"postgres": {"db": {"database": "shop"}}}),
        (Topology.PROD, {"apps": {"web": {"image": "x"}}}, {"apps": {"web": {"image": "x"}}}),
        (Topology.DEV, {"apps": {"web": {"image": "x"}}}, {"apps": {"web": {"image": "x"}}}),
    ],
)
def test_without_unused(topology: Topology, data: dict[str, Any], kept: dict[str, Any]) -> None:
    before = repr(data)
    assert without_unused(topology, data) == kept
    assert repr(data) == before


def test_app_yaml_serves_other_topologies_too(tmp_path: Path) -> None:
    app = MONO_APP.replace("port: 8000", "port: 8000\n    replicas: 3\n    user: '7:8'").replace("db: {}", 'db: { version: "15" }')
    stage = stage_of(project(tmp_path, app), **MONO).stage
    assert isinstance(stage, MonoStage)
    assert stage.apps["web"].command == ("serve",)
    assert stage_of(tmp_path, **PROD).stage.apps["web"].model_dump()["replicas"] == 3


@pytest.mark.parametrize("path", sorted(UNUSED[Topology.MONO]))
def test_each_is_refused_where_it_is_said_for_mono(path: str, tmp_path: Path) -> None:
    names = {"apps": "web", "workers": "jobs", "postgres": "db", "redis": "cache"}
    section, *rest = path.split(".")
    value: Any = {"x": "y"}
    for step in reversed([names[section] if step == "*" else step for step in rest]):
        value = {step: value}
    with pytest.raises(Refused, match=r"is not for mono: "):
        stage_of(project(tmp_path, MONO_APP), **MONO, **{section: value})
