"""Bad input: one message, an exit code, no traceback."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.project import CHECKOUT
from tests.ops.samples import project


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(project(tmp_path))
    return tmp_path


COMMANDS = ["up", "preview", "down", "erase", "status"]


@pytest.mark.parametrize("command", COMMANDS)
def test_unknown_stack(here: Path, command: str) -> None:
    result = CliRunner().invoke(app, [command, "-s", "nope"])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"berth: unknown stack 'nope': there is no {here}/Pulumi.nope.yaml. Stacks of this project: dev.")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_no_engine(here: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{here}/no.sock")
    result = CliRunner().invoke(app, [command])
    assert result.exit_code == 1
    assert result.stderr == (
        "berth: no Docker engine answers (no such file or directory): start Docker, or point DOCKER_HOST at an engine that runs; "
        f"{CHECKOUT}/offline/setup brings one where there is none\n"
    )


def test_config_of_an_unknown_stack(here: Path) -> None:
    result = CliRunner().invoke(app, ["config", "-s", "nope"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("berth: unknown stack 'nope'")


def test_erase_of_prod_is_refused_before_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project(tmp_path, topology="prod"))
    result = CliRunner().invoke(app, ["erase", "--confirm", "dev"])
    assert result.exit_code == 1
    assert "erase is for dev stages only" in result.stderr


@pytest.mark.parametrize("arguments", [["up", "--no-such-option"], ["sideways"], ["status", "too", "much"]])
def test_usage(here: Path, arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2


@pytest.mark.parametrize("command", ["up", "preview"])
def test_help_says_how_to_pass_arguments_on(command: str) -> None:
    assert "[-- PULUMI_ARGS...]" in CliRunner().invoke(app, [command, "--help"]).stdout
