"""What `down` keeps and `erase` deletes, and whom it refuses."""

import io
from pathlib import Path
from typing import cast

import pytest

from ops.console import Stop
from ops.engine import Engine
from ops.erase import Built, Kept, built, confirmed, kept, refuse_other_than_dev
from ops.objects import Objects, Volume
from ops.project import Project, Stage
from ops.state import IMAGE, parse
from tests.ops.samples import data_volume, export, identity, project, resource


class Volumes:
    """An engine that has only these."""

    def __init__(self, *volumes: Volume) -> None:
        self.volumes = volumes

    def objects(self, stage: Stage) -> Objects:
        return Objects(volumes=tuple(volume for volume in self.volumes if volume.role))

    def volume_names(self) -> frozenset[str]:
        return frozenset(volume.name for volume in self.volumes)


def test_data_and_secrets_are_kept(tmp_path: Path) -> None:
    stage = Project.find(project(tmp_path)).stage("dev")
    known = parse(export(*(data_volume(name, name) for name in ("a", "by-hand", "gone"))))
    assert not kept(stage, cast(Engine, Volumes()), known)
    identity(tmp_path)
    there = Volumes(*(Volume(name=name, role=role) for name, role in (("b", "data"), ("a", "data"), ("c", "files"), ("by-hand", ""), ("foreign", ""))))
    assert kept(stage, cast(Engine, there), known) == Kept(volumes=("a", "b", "by-hand"), secrets=True)


def test_only_what_was_built_for_the_application_is_erased() -> None:
    web = {"name": "shop-web:0123", "build": {"label": {"berth.application": "shop"}}}
    tools, pulled = {"name": "berth-tools:4567", "build": {"context": "/tools"}}, {"name": "redis:8"}
    state = parse(export(*(resource(IMAGE, str(number), "i", inputs=inputs) for number, inputs in enumerate((web, tools, pulled, web)))))
    assert built(state) == [Built(tag="shop-web:0123", application="shop")]


@pytest.mark.parametrize("topology", ["prod", "mono", ""])
def test_only_dev_is_erased(tmp_path: Path, topology: str) -> None:
    stage = Project.find(project(tmp_path, topology=topology)).stage("dev")
    with pytest.raises(Stop, match=rf"for dev stages only, and Pulumi\.dev\.yaml says berth:topology: {topology or 'None'}"):
        refuse_other_than_dev(stage)


def test_the_name_has_to_be_given(tmp_path: Path) -> None:
    stage = Project.find(project(tmp_path)).stage("dev")
    confirmed(stage, "dev")
    with pytest.raises(Stop, match="'yes' is not the name of the stack"):
        confirmed(stage, "yes")


def test_nobody_to_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(Stop, match=r"say so with berth erase -s dev --confirm dev$"):
        confirmed(Project.find(project(tmp_path)).stage("dev"), None)
