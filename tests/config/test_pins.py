"""The file of pins: a layer below the stage, and what it is for."""

from pathlib import Path

import pytest

from config import pins
from config.problems import Refused
from tests.config.samples import APP, MONO, MONO_APP, PROD, project, stage_of

POSTGRES = "postgres@sha256:" + "1" * 64
OTHER = "postgres@sha256:" + "2" * 64


def pinned(root: Path, text: str) -> Path:
    (project(root) / "Pulumi.dev.pins.yaml").write_text(text)
    return root


def test_a_stage_without_pins_has_no_layer(tmp_path: Path) -> None:
    assert pins.layers(tmp_path, "dev") == []
    assert stage_of(project(tmp_path)).stage.images.pins == {}


def test_pins_of_a_stage(tmp_path: Path) -> None:
    stage = stage_of(pinned(tmp_path, f'"postgres:17": {POSTGRES}\n')).stage
    assert stage.images.resolve("postgres:17") == POSTGRES
    assert stage.images.resolve("redis:8") == "redis:8"


def test_the_stage_has_the_last_word(tmp_path: Path) -> None:
    stage = stage_of(pinned(tmp_path, f'"postgres:17": {POSTGRES}\n'), images={"pins": {"postgres:17": OTHER}}).stage
    assert stage.images.resolve("postgres:17") == OTHER


def test_a_pin_that_is_none_is_found_in_its_file(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"^Pulumi\.dev\.pins\.yaml:2: images\.pins\.redis:8: is 'redis:8', which does not match"):
        stage_of(pinned(tmp_path, f'"postgres:17": {POSTGRES}\n"redis:8": redis:8\n'))


def test_what_a_dev_stage_pulls(tmp_path: Path) -> None:
    app = APP.replace("workers:", '  api: { image: "api:1", port: 1 }\nworkers:')
    assert pins.references(stage_of(project(tmp_path, app)).stage) == ["api:1", "mailhog/mailhog:v1.0.1", "nginx:1.28", "postgres:17", "redis:8"]


def test_what_a_prod_stage_pulls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase")
    assert pins.references(stage_of(project(tmp_path), **PROD).stage) == ["nginx:1.28", "postgres:17", "redis:8"]


def test_what_a_mono_stage_pulls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase")
    assert pins.references(stage_of(project(tmp_path, MONO_APP), **MONO).stage) == ["all"]
    built = MONO_APP.replace("mono: { image: all }", "mono: { build: { context: web } }")
    assert pins.references(stage_of(project(tmp_path, built), **MONO).stage) == []
