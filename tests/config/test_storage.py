"""What volumes, folders and files of a stage have to agree on; a mistake for each rule stands in clashes.py and mistakes_apps.py."""

from pathlib import Path

import pytest

from config.problems import Refused
from tests.config.samples import APP, project, stage_of


def shared(web: str, api: str) -> str:
    escaped = APP.replace("{", "{{").replace("}", "}}")
    text = escaped.replace("workers:", "  api: {{ image: x, port: 1, volumes: {{ media: {api} }} }}\nworkers:") + "volumes: {{ media: {{}} }}\n"
    return text.format(api=api).replace("media: { path: /media, writers: many } }\n", f"media: {web} }}\n", 1)


@pytest.mark.parametrize(
    ("web", "api", "taken"),
    [
        ("{ path: /media, writers: many }", "{ path: /m, writers: many }", True),
        ("{ path: /media, writers: many }", "{ path: /m, read_only: true }", True),
        ("{ path: /media, writers: many }", "{ path: /m }", False),
    ],
    ids=["both write", "one reads", "one wants to be alone"],
)
def test_who_may_share_a_volume(web: str, api: str, taken: bool, tmp_path: Path) -> None:
    root = project(tmp_path, shared(web, api))
    if taken:
        assert set(stage_of(root).stage.volumes) == {"media"}
        return
    with pytest.raises(Refused, match=r"apps\.api\.volumes\.media\.writers: is written by api, web: set writers to many in each"):
        stage_of(root)
