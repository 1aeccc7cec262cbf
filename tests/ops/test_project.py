"""Which project, which stage, whose containers."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ops.console import Stop
from ops.engine import Engine
from ops.project import Project, state_folder
from tests.ops.samples import identity, project


def test_finds_the_project_from_a_folder_below(tmp_path: Path) -> None:
    below = project(tmp_path) / "web" / "src"
    below.mkdir(parents=True)
    found = Project.find(below)
    assert (found.root, found.name, found.program, found.state) == (tmp_path, "shop", tmp_path, tmp_path / ".pulumi")


def test_a_program_elsewhere(tmp_path: Path) -> None:
    root = project(tmp_path / "shop")
    (tmp_path / "berth").mkdir()
    (root / "Pulumi.yaml").write_text("name: shop\nmain: ../berth\nruntime: python\n")
    assert Project.find(root).program == tmp_path / "berth"


def test_no_project(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"no Pulumi\.yaml in .* or above it: change to the folder of a project"):
        Project.find(tmp_path)


def test_pins_are_no_stage(tmp_path: Path) -> None:
    root = project(tmp_path)
    before = Project.at(root).stacks
    (root / "Pulumi.dev.pins.yaml").write_text("{}")
    assert Project.at(root).stacks == before


def test_unknown_stack_names_the_file_and_the_stacks(tmp_path: Path) -> None:
    found = Project.find(project(tmp_path))
    (tmp_path / "Pulumi.prod.yaml").write_text("")
    expected = f"unknown stack 'stagin': there is no {tmp_path}/Pulumi.stagin.yaml. Stacks of this project: dev, prod. Choose one"
    with pytest.raises(Stop, match=re.escape(expected)):
        found.stage("stagin")


@pytest.mark.parametrize("stack", ["", "../dev", "-x/y", "a b"])
def test_a_name_that_no_stack_can_have(tmp_path: Path, stack: str) -> None:
    with pytest.raises(Stop, match="unknown stack"):
        Project.find(project(tmp_path)).stage(stack)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (project(tmp_path) / "Pulumi.dev.yaml").write_text("config: {a: [")
    with pytest.raises(Stop, match=r"Pulumi\.dev\.yaml cannot be read: .*line 1"):
        Project.find(tmp_path).stage("dev")


def test_a_dev_stage(tmp_path: Path) -> None:
    stage = Project.find(project(tmp_path)).stage("dev")
    assert (stage.topology, stage.instance) == ("dev", None)
    assert replace(stage, recalled="feedcafe").instance == "feedcafe"
    identity(tmp_path)
    assert stage.instance == "0badcafe"


def test_a_prod_stage_keeps_its_instance_in_its_file(tmp_path: Path) -> None:
    stage = Project.find(project(tmp_path, topology="prod", more="  berth:instance: 12345678\n".replace("12345678", "feedcafe"))).stage("dev")
    identity(tmp_path)
    assert stage.instance == "feedcafe"


def test_a_copied_folder_is_refused(tmp_path: Path) -> None:
    original, copy = project(tmp_path / "a"), project(tmp_path / "b")
    identity(original)
    identity(copy, home=original)
    with pytest.raises(Stop, match=r"b/\.berth/dev\.json: was copied from .*/a, and both would run the same containers"):
        _ = Project.find(copy).stage("dev").instance


def test_a_clone_where_a_moved_folder_was_is_no_twin(tmp_path: Path) -> None:
    identity(project(tmp_path / "a"), instance="11111111")
    identity(project(tmp_path / "b"), instance="22222222", home=tmp_path / "a")
    assert Project.find(tmp_path / "b").stage("dev").instance == "22222222"


def test_a_moved_folder_is_not(tmp_path: Path) -> None:
    identity(project(tmp_path / "b"), home=tmp_path / "a")
    assert Project.find(tmp_path / "b").stage("dev").instance == "0badcafe"


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"instance": 1, "project": 2}'])
def test_a_broken_identity_is_never_taken_for_a_new_stage(tmp_path: Path, content: str) -> None:
    identity(project(tmp_path))
    (tmp_path / ".berth" / "dev.json").write_text(content)
    with pytest.raises(Stop, match=r"dev\.json: cannot be read .* restore it from a backup"):
        _ = Project.find(tmp_path).stage("dev").instance


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ("file://.", "/r/.pulumi"),
        ("file://", "/r/.pulumi"),
        ("file:///s", "/s/.pulumi"),
        ("file://sub?no_tmp_dir=true", "/r/sub/.pulumi"),
        ("s3://b", None),
        ("", None),
    ],
)
def test_state_folder(backend: str, expected: str | None) -> None:
    assert state_folder(backend, Path("/r")) == (Path(expected) if expected else None)


@pytest.mark.parametrize(
    ("more", "host"),
    [
        ("", None),
        ("  berth:engine: { host: ssh://deploy@host.test }\n", "ssh://deploy@host.test"),
        ("  berth:engine: nonsense\n", None),
        ("  berth:engine: { host: [] }\n", None),
    ],
    ids=["the environment's", "named", "no mapping", "no text"],
)
def test_the_engine_of_a_stage(more: str, host: str | None, tmp_path: Path) -> None:
    assert Project.find(project(tmp_path, more=more)).stage("dev").engine_host == host


def test_an_engine_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    stage = Project.find(project(tmp_path, more=f"  berth:engine: {{ host: 'unix://{tmp_path}/none.sock' }}\n")).stage("dev")
    with pytest.raises(Stop, match=rf"^no Docker engine answers \(.*\): start it, or correct berth:engine in {tmp_path}/Pulumi\.dev\.yaml$"):
        Engine.connect(stage)
