"""`berth config`: readable, complete, and silent about secrets."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from ruamel.yaml import YAML
from typer.testing import CliRunner, Result

from config.load import resolve
from config.origins import Value, values_of
from config.stage_file import source_of
from ops import configuration
from ops.cli import app
from ops.configuration import flow, lines

APP = """\
format: 1
name: shop
apps:
  web: { image: "shop:1", port: 8000, routes: { /: {} }, env: { YES: "yes", N: "017", URL: "${proxy.url}/a: b #c" }, tmpfs: {  } }
"""
STAGE = """\
config:
  berth:topology: prod
  berth:application: app.yaml
  berth:instance: 0badcafe
  berth:root_secret: { secure: v1:cannot-be-opened }
  berth:secrets: { partner: { secure: v1:nor-can-this } }
  berth:proxy: { tls: { elsewhere: {} } }
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text(STAGE)
    (tmp_path / "app.yaml").write_text(APP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["config", "-s", "prod", *arguments])


def test_needs_no_engine_no_pulumi_and_no_passphrase(here: Path) -> None:
    result = run()
    assert result.exit_code == 0
    assert "name: shop" in result.stdout
    assert "0.0.0.0" in next(line for line in result.stdout.splitlines() if line.endswith("# default of prod"))
    assert {path.name for path in here.iterdir()} == {"Pulumi.yaml", "Pulumi.prod.yaml", "app.yaml"}, "it makes nothing"


def test_in_a_pipe_it_is_yaml(here: Path) -> None:
    whole = resolve(source_of(here, "prod")).stage.model_dump(mode="json", by_alias=True)
    stdout = run().stdout
    assert YAML(typ="safe", pure=True).load(stdout) == whole
    assert "\x1b" not in stdout
    origins = [line.index(" # ") for line in stdout.splitlines() if " # " in line and not line.startswith("#")]
    assert len(set(origins)) == 1, "origins stand below each other"


def test_for_programs(here: Path) -> None:
    report = json.loads(run("--json").stdout)
    assert report["stack"] == "prod"
    assert report["values"] == resolve(source_of(here, "prod")).stage.model_dump(mode="json", by_alias=True)
    assert report["origins"]["apps"]["web"]["port"] == "app.yaml:4"
    assert report["secrets"] == {"partner": "Pulumi.prod.yaml:6"}


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_secrets_are_named_and_never_shown(arguments: list[str], here: Path) -> None:
    stdout = run(*arguments).stdout
    assert "partner" in stdout
    assert "v1:" not in stdout


def test_all_problems_as_the_program_says_them(here: Path) -> None:
    (here / "app.yaml").write_text(APP.replace("port: 8000", "prot: 8000").replace("name: shop", "name: My Shop"))
    result = run()
    assert (result.exit_code, result.stdout) == (1, "")
    first, *problems = result.stderr.splitlines()
    assert first == "berth: this configuration is refused:"
    assert problems[0] == "app.yaml:2: name: is 'My Shop', which does not match ^[a-z][a-z0-9_-]{0,39}$"
    assert problems[1].startswith("app.yaml:4: apps.web.prot: is no key here; allowed: ")


def test_what_somebody_wrote_stands_out_on_a_terminal() -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, color_system="standard", width=80)
    for line in lines([Value(path=("a",), value=1, origin="app.yaml:1"), Value(path=("b",), value=2, origin="default")]):
        screen.print(line)
    assert isinstance(screen.file, io.StringIO)
    written, default = screen.file.getvalue().splitlines()
    assert "\x1b[1ma: 1" in written
    assert default.startswith("b: 2")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\x85\u2028\u2029\ufeff\ufffe\uffff")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.from_regex(r"\A[a-zA-Z0-9/_.-]{1,8}\Z"), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_a_value_is_read_back_as_it_was(value: Any) -> None:
    assert YAML(typ="safe", pure=True).load(f"x: {flow(value)}  # origin")["x"] == value


def test_a_long_line_has_its_origin_right_behind() -> None:
    long = "x" * configuration.WIDEST
    [line] = lines([Value(path=("name",), value=long, origin="app.yaml:1")])
    assert line.plain == f"name: {long}  # app.yaml:1"


def test_the_example_of_every_shipped_dev_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    result = CliRunner().invoke(app, ["config"])
    assert result.exit_code == 0
    assert len(values_of(resolve(source_of(Path.cwd(), "dev")))) == sum(" # " in line for line in result.stdout.splitlines() if not line.startswith("#"))
