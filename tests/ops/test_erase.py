"""What `down` keeps and `erase` deletes, and whom it refuses."""

import io
from pathlib import Path

import pytest

from ops.console import Stop
from ops.erase import Built, Kept, built, confirmed, kept, refuse_other_than_dev
from ops.objects import Objects, Volume
from ops.project import Project
from ops.state import IMAGE, parse
from tests.ops.samples import export, identity, project, resource


def test_data_and_secrets_are_kept(tmp_path: Path) -> None:
    stage = Project.find(project(tmp_path)).stage("dev")
    assert not kept(stage, Objects())
    identity(tmp_path)
    volumes = (Volume(name="b", role="data"), Volume(name="a", role="data"), Volume(name="c", role="files"))
    assert kept(stage, Objects(volumes=volumes)) == Kept(volumes=("a", "b"), secrets=True)


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
