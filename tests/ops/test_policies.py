"""Which runs the policy pack watches over."""

from pathlib import Path

import pytest

from ops.policies import PACK, arguments
from ops.project import CHECKOUT, Project
from tests.ops.samples import project


@pytest.mark.parametrize(
    ("topology", "asked", "watched"), [("dev", False, False), ("dev", True, True), ("prod", False, True), ("mono", False, True), ("", False, True)]
)
def test_arguments(tmp_path: Path, topology: str, asked: bool, watched: bool) -> None:
    stage = Project.at(project(tmp_path, topology=topology)).stage("dev")
    assert arguments(stage, asked=asked) == (["--policy-pack", str(CHECKOUT / "policies")] if watched else [])


def test_the_pack_is_where_it_is_looked_for() -> None:
    assert (PACK / "PulumiPolicy.yaml").is_file()
    assert (PACK / "__main__.py").is_file()
