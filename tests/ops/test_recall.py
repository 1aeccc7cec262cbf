"""Whose a stage is: by Pulumi's memory, and by what others carry the same id."""

import json
import re
from pathlib import Path
from typing import cast

import pytest

from ops.console import Stop
from ops.engine import Engine
from ops.objects import Owner
from ops.project import Project, Stage
from ops.pulumi_cli import Pulumi
from ops.recall import last_known, recalled, refuse_another, refuse_shared
from ops.state import VOLUME, State, parse
from tests.ops.samples import export, identity, labelled, project, resource

PULUMI = cast(Pulumi, None)
"""It is not asked where the state is in files."""


def stage_of(root: Path, topology: str = "dev", more: str = "") -> Stage:
    return Project.find(project(root, topology=topology, more=more)).stage("dev")


def known(root: Path, instance: str) -> None:
    state = root / ".pulumi" / "stacks" / "shop" / "dev.json"
    state.parent.mkdir(parents=True, exist_ok=True)
    volume = resource(VOLUME, "db", "shop-db", inputs={"labels": labelled(role="data", instance=instance)})
    state.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": [volume]}}}))


def test_a_new_stage_is_nobody_yet(tmp_path: Path) -> None:
    stage = stage_of(tmp_path)
    assert last_known(stage, PULUMI).resources == ()
    assert recalled(stage, PULUMI).instance is None
    refuse_another(stage, PULUMI)


def test_a_lost_identity_is_recalled_to_find_and_refused_to_start(tmp_path: Path) -> None:
    stage = stage_of(tmp_path)
    known(tmp_path, "feedcafe")
    assert recalled(stage, PULUMI).instance == "feedcafe"
    assert [volume.id for volume in last_known(stage, PULUMI).resources] == ["shop-db"]
    with pytest.raises(Stop, match=r"dev\.json: is gone, but Pulumi's state knows this stage as instance feedcafe.*berth erase -s dev$"):
        refuse_another(stage, PULUMI)
    refuse_another(recalled(stage, PULUMI), PULUMI)
    identity(tmp_path, instance="feedcafe")
    refuse_another(stage, PULUMI)
    identity(tmp_path, instance="0badcafe")
    assert recalled(stage, PULUMI).instance == "0badcafe", "what stands in the file counts"
    with pytest.raises(Stop, match="says instance 0badcafe, but"):
        refuse_another(stage, PULUMI)


def test_a_state_elsewhere_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://states")

    class Remote:
        def state(self) -> State:
            return parse(export(resource(VOLUME, "db", "shop-db", inputs={"labels": labelled(instance="feedcafe")})))

    assert recalled(stage_of(tmp_path), cast(Pulumi, Remote())).instance == "feedcafe"


def test_a_prod_stage_is_told_its_own_id(tmp_path: Path) -> None:
    stage = stage_of(tmp_path, "prod", "  berth:instance: 0badcafe\n")
    refuse_another(stage, PULUMI)
    known(tmp_path, "feedcafe")
    expected = "Pulumi.dev.yaml says berth:instance 0badcafe, but Pulumi's state knows this stage as feedcafe: it would start without its data. "
    with pytest.raises(Stop, match=f"^{re.escape(expected)}Set it back: pulumi config set -s dev berth:instance feedcafe$"):
        refuse_another(stage, PULUMI)


class Shared:
    """An engine with things of these owners."""

    def __init__(self, *owners: Owner) -> None:
        self._owners = owners

    def owners(self, label: str) -> list[Owner]:
        assert label == "berth.instance=0badcafe"
        return list(self._owners)


def owner(project: str, stack: str) -> Owner:
    return Owner(project=project, stack=stack, instance="0badcafe", example="volume x-db")


def test_an_id_of_ones_own(tmp_path: Path) -> None:
    stage = stage_of(tmp_path)
    refuse_shared(stage, cast(Engine, None))  # no id yet: nothing to ask
    identity(tmp_path)
    refuse_shared(stage, cast(Engine, Shared(owner("shop", "dev"))))


@pytest.mark.parametrize(("project", "stack"), [("shop", "prod"), ("other", "dev")])
@pytest.mark.parametrize(
    ("topology", "remedy"),
    [
        ("dev", "if {root}/.berth/dev.json was copied from there, remove it"),
        ("prod", "give this one its own: pulumi config set -s dev berth:instance a$(openssl rand -hex 4 | cut -c 2-)"),
    ],
)
def test_an_id_that_somebody_else_has(tmp_path: Path, project: str, stack: str, topology: str, remedy: str) -> None:
    stage = stage_of(tmp_path, topology, "  berth:instance: 0badcafe\n")
    identity(tmp_path)
    expected = (
        f"instance 0badcafe is that of stage {stack} of project {project}, too (volume x-db): {remedy.format(root=tmp_path)}; if the project or the stage"
    )
    with pytest.raises(Stop, match=f"^{re.escape(expected)}"):
        refuse_shared(stage, cast(Engine, Shared(owner("shop", "dev"), owner(project, stack))))
