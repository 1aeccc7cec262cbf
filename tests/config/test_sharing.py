"""Programs that share a container: what is right for them, beside the mistakes in mono_mistakes.py."""

from pathlib import Path

import pytest

from config.sharing import RULES
from tests.config.mono_mistakes import MONO_MISTAKES
from tests.config.samples import MONO, MONO_APP, project, stage_of

OTHER = "  other: { command: [x], port: 81, VOLUMES }\nworkers:\n"


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase")


def test_every_rule_is_shown() -> None:
    assert {rule.__name__ for rule in RULES} <= set(MONO_MISTAKES)


def test_apps_may_have_a_shared_volume_in_one_place(tmp_path: Path) -> None:
    app = MONO_APP.replace("workers:\n", OTHER.replace("VOLUMES", "volumes: { media: { path: /media, writers: many } }")) + "volumes: { media: {} }\n"
    assert stage_of(project(tmp_path, app), **MONO).stage.apps["other"].volumes["media"].path == "/media"


def test_apps_may_have_files_of_one_secret(tmp_path: Path) -> None:
    app = MONO_APP.replace("    port: 8000", "    port: 8000\n    secrets: { KEY: { from: key, as: file } }")
    app = app.replace("workers:\n", OTHER.replace("VOLUMES", "secrets: { KEY: { from: key, as: file } }"))
    assert stage_of(project(tmp_path, app), **MONO).stage.apps["other"].secrets["KEY"].from_ == "key"


def test_variables_of_one_name_may_hold_different_secrets(tmp_path: Path) -> None:
    app = MONO_APP.replace("    port: 8000", "    port: 8000\n    secrets: { KEY: { from: key } }")
    app = app.replace("workers:\n", OTHER.replace("VOLUMES", "secrets: { KEY: { from: more, as: file_env } }")).replace(
        "{ key: {", "{ more: { generate: {} }, key: {"
    )
    assert stage_of(project(tmp_path, app), **MONO).stage.apps["other"].secrets["KEY"].from_ == "more"


def test_ports_of_servers_that_are_not_there_are_free(tmp_path: Path) -> None:
    app = MONO_APP.replace("port: 8000", "port: 6379").replace("redis: { cache: {} }\n", "").replace("uses: [db, cache]", "uses: [db]")
    assert stage_of(project(tmp_path, app), **MONO).stage.apps["web"].port == 6379


def test_more_published_ports_take_more_ports_inside(tmp_path: Path) -> None:
    app = MONO_APP.replace("port: 8000", "port: 8081")
    assert stage_of(project(tmp_path, app), **MONO).stage.apps["web"].port == 8081
