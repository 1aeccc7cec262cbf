"""Updates under load: a release rolls, and not one request fails, is lost or is done twice."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drills.load import load
from tests.engine.project import PASSPHRASE, Project, said_in

HERE = Path(__file__).parent
APP = """\
format: 1
name: roll
apps:
  web:
    build: {{ context: site }}
    port: 8000
    routes: {{ /: {{}} }}
    env: {{ RELEASE: "{release}" }}
    health: {{ path: / }}
    volumes: {{ data: {{ path: /data, writers: many }} }}
    replicas: {replicas}
    egress: false
"""
ROLLS = 3


def release(project: Project, number: int, replicas: int) -> None:
    (project.root / "app.yaml").write_text(APP.format(release=number, replicas=replicas))
    project.berth("up")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project(
        root=tmp_path_factory.mktemp("roll") / "roll",
        name="roll",
        stack="prod",
        environment=PASSPHRASE,
        stage={"topology": "prod", "images": {"moving_tags": True}},
    )
    shutil.copytree(HERE / "site", project.root / "site")
    project.introduce()
    yield project
    project.remove()


def complaints(site: Project) -> str:
    """What the proxy had to say."""
    return "\n".join(
        [line for line in site.berth("logs", "proxy", "-n", "200000").splitlines() if re.search(r"\[(error|warn|crit|alert)\]|berth:", line)][-40:]
    )


@pytest.mark.parametrize("replicas", [pytest.param(1, marks=pytest.mark.thorough), 3])
def test_no_request_fails_while_releases_roll(site: Project, replicas: int) -> None:
    first = replicas * 100
    release(site, first, replicas)
    proxy = site.one("proxy").id
    with load(site.http, fast=8, slow=20, idle=10, seed=replicas) as tally:
        for number in range(first + 1, first + 1 + ROLLS):
            release(site, number, replicas)
    ids = said_in(site.containers("web", role="service")[0], "cat", "/data/journal").split()
    assert (dict(tally.failed), tally.journal(ids)) == ({}, (0, 0)), complaints(site)
    assert set(tally.releases) == {str(number) for number in range(first, first + 1 + ROLLS)}
    assert site.one("proxy").id == proxy, "the proxy was never replaced"
