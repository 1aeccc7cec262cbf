"""What a wrong configuration is told: exact messages, each from a real mistake, and none for which there is no test."""

import ast
import json
import re
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import components
from config import check, identity
from config.document import Document, Where, parse
from config.identity import Identity
from config.load import SECTIONS
from config.problems import Refused
from config.stage import DevStage
from tests.config.mistakes import MISTAKES
from tests.config.samples import APP, project, stage_of, told

IDENTITY = Identity(instance="0badcafe", root_secret=bytes(32))


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_message(mistake: str, tmp_path: Path) -> None:
    message, lines = told(tmp_path, mistake)
    assert message in lines


@pytest.mark.parametrize("kind", sorted(check._TEXTS.keys() - {"value_error"}))
def test_every_kind_of_refusal_has_its_mistake(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(check._TEXTS, kind)
    message, lines = told(tmp_path, kind)
    assert message not in lines


def _raised() -> set[str]:
    """The longest plain piece of the text of each ValueError that a model raises."""
    found = set()
    for module in Path(components.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ValueError":
                pieces = [piece.value for piece in ast.walk(node) if isinstance(piece, ast.Constant) and isinstance(piece.value, str)]
                found.add(max(pieces, key=len))
    return found


@pytest.mark.parametrize("text", sorted(_raised()))
def test_every_refusal_of_a_model_has_its_mistake(text: str) -> None:
    assert any(text in message for _, _, message in MISTAKES.values())


def test_all_problems_at_once(tmp_path: Path) -> None:
    app = APP.replace("port: 8000", 'port: "8000"').replace("writers: many", "writers: all").replace("name: shop\n", "")
    with pytest.raises(Refused) as refused:
        stage_of(project(tmp_path, app))
    assert [problem.path for problem in refused.value.problems] == ["name", "apps.web.port", "apps.web.volumes.media.writers"]


@pytest.mark.parametrize(
    "values",
    [
        {"secrets": {"key": "s3cret"}, "apps": {"web": {"secrets": {"KEY": {"from": "kye"}}}}},
        {"secrets": {"key": "s3cret", "other": ["s3cret"]}},
        {"secrets": "s3cret"},
        {"secrets": ["s3cret"]},
        {"secrets": {"key": "s3cret"}, "secret": frozenset()},
        {"secrets": {"key": "s3cret"}, "port": 1},
        {"secrets": {"key": "s3cret"}, "topology": "prod", "root_secret": "s3cret"},
    ],
)
def test_no_message_holds_a_secret(values: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        stage_of(project(tmp_path), **values)  # type: ignore[arg-type]
    assert "s3cret" not in str(refused.value)
    assert "s3cret" not in repr(refused.value.problems)
    assert refused.value.__cause__ is None


def test_nothing_empty_hides_other_problems(tmp_path: Path) -> None:
    app = APP.replace("postgres: { db: {} }", "postgres:").replace("port: 8000", 'port: "8000"').replace("app: web,", "app: ,")
    with pytest.raises(Refused) as refused:
        stage_of(project(tmp_path, app))
    assert [problem.path for problem in refused.value.problems] == ["workers.jobs.app", "postgres", "apps.web.port"]


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates() | st.sampled_from(["${db.host}", "/", "1GiB", "5s", "\ud800"])
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3), max_leaves=8)


def _leaves(value: object, path: Where = ()) -> list[Where]:
    """The path of everything that a sample says."""
    inner = [found for key, one in value.items() for found in _leaves(one, (*path, key))] if isinstance(value, dict) else []
    return [path, *inner] if path else inner


def _put(data: dict[Any, Any], path: Where, value: object) -> dict[Any, Any]:
    key, *rest = path
    below = data.get(key)
    return {**data, key: _put(below if isinstance(below, dict) else {}, tuple(rest), value) if rest else value}


SAMPLE = parse(APP, "app.yaml").data
MODELS: list[Where] = [("apps", "web"), ("apps", "web", "health"), ("workers", "jobs"), ("postgres", "db"), ("redis", "cache"), ("mail",), ("proxy",)]
PLACES = st.sampled_from([*_leaves(SAMPLE), *((*model, key) for model in MODELS for key in sorted(check._keys(DevStage, model)))])
LINE = re.compile(r"(app|Pulumi\.dev)\.yaml(:\d+)?: [^\n]+")
PYDANTIC = re.compile(r": (input should|value error|field required|.* should (be|have|match) )", re.IGNORECASE)
"""How pydantic talks."""


def _answered(root: Path, data: dict[str, Any], **values: Any) -> None:
    """Loaded, or refused in berth's own words, each problem on a line of its own that tells the place."""
    document = Document(name="app.yaml", data=data)
    with mock.patch("config.document.read", return_value=document), mock.patch.object(identity, "keep", return_value=IDENTITY):
        try:
            stage_of(root, **values)
        except Refused as refusal:
            problems, lines = refusal.problems, str(refusal).split("\n")
        else:
            return
    assert len(lines) == len(problems)
    assert [line for line in lines if not LINE.fullmatch(line) or not line.isprintable()] == []
    assert [line for line in lines if PYDANTIC.search(line)] == []


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PLACES, VALUES)
def test_whatever_app_yaml_holds_is_answered(tmp_path: Path, path: Where, value: object) -> None:
    _answered(project(tmp_path), _put(SAMPLE, path, value))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PLACES.filter(lambda path: path[0] in SECTIONS), VALUES)
def test_whatever_a_stage_holds_is_answered(tmp_path: Path, path: Where, value: object) -> None:
    values = json.loads(json.dumps(_put({}, path, value), default=str, skipkeys=True))
    _answered(project(tmp_path), SAMPLE, **values)
