"""What the parts of a stage have to agree on: each rule has its mistake in clashes.py, and finds it alone."""

from pathlib import Path

import pytest

from config import backing, check, pins, routing, rules, sharing, storage
from config.agreement import Found
from tests.config.samples import APP, project, stage_of, told


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase")


@pytest.mark.parametrize("rule", [rule.__name__ for rule in rules.RULES])
def test_every_rule_has_its_mistake(rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "RULES", tuple(one for one in rules.RULES if one.__name__ == rule))
    message, lines = told(tmp_path, rule)
    assert message in lines


def test_every_rule_is_asked() -> None:
    modules = (rules, backing, pins, routing, storage, sharing)
    written = [
        value
        for module in modules
        for value in vars(module).values()
        if set(getattr(value, "__annotations__", {})) == {"stage", "given", "return"} and value.__annotations__["return"] is Found
    ]
    assert set(written) == set(rules.RULES)


def test_an_optional_secret_that_is_given_has_its_reference(tmp_path: Path) -> None:
    app = APP.replace("${proxy.url}", "${secrets.partner}").replace("secrets: { key:", "secrets: { partner: { required: false }, key:")
    assert stage_of(project(tmp_path, app), secrets={"partner": "x"}).stage.apps["web"].env == {"SITE": "${secrets.partner}"}


@pytest.mark.parametrize("text", ["$${db.host}", "echo ${HOME}", "${HOME:-x.y}", "${other.host}", "$db.host", "{db.host}"])
def test_what_is_no_reference_may_stand_in_a_command(text: str, tmp_path: Path) -> None:
    app = APP.replace("command: [work]", f'command: [sh, -c, "{text}"]')
    assert stage_of(project(tmp_path, app)).stage.workers["jobs"].command[2] == text


def test_tmp_may_be_a_volume_when_it_is_no_tmpfs(tmp_path: Path) -> None:
    app = APP.replace("path: /media", "path: /tmp").replace("    port: 8000", "    port: 8000\n    tmpfs: {}")
    assert stage_of(project(tmp_path, app)).stage.apps["web"].volumes["media"].path == "/tmp"


def test_a_file_clashes_with_no_variable(tmp_path: Path) -> None:
    secrets = "{ KEY: { from: key, as: file_env }, KEY_FILE: { from: key, as: file } }"
    app = APP.replace("    port: 8000", f"    port: 8000\n    secrets: {secrets}")
    assert set(stage_of(project(tmp_path, app)).stage.apps["web"].secrets) == {"KEY", "KEY_FILE"}


def test_own_variables_may_go_over_injected_ones(tmp_path: Path) -> None:
    app = APP.replace("SITE:", "DB_HOST: mine, SITE:").replace("    port: 8000", "    port: 8000\n    secrets: { DATABASE_URL: { from: key } }")
    assert stage_of(project(tmp_path, app)).stage.apps["web"].env["DB_HOST"] == "mine"
