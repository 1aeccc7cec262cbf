"""Several stages on one machine: two of one folder, two clones, two applications. Only the host's ports have to differ, and `up` says how."""

import re
import subprocess
from collections.abc import Iterator

import httpx
import pytest

from tests.engine.conftest import Make
from tests.engine.project import Project, free_port

APP = """\
format: 1
name: {name}
apps:
  web:
    image: python:3.13-slim
    port: 8000
    routes: {{ /: {{}} }}
    command: [python, -m, http.server, "8000", --directory, /pages]
    mounts: {{ pages: /pages }}
mail: {{ from: a@b.test }}
"""
KEYS = {"proxy.ports.http", "mail.mailhog.ui_port"}


def made(make_project: Make, folder: str, application: str, mail_ui: int) -> Project:
    project = make_project(folder, stage={"mail": {"mailhog": {"ui_port": mail_ui}}})
    (project.root / "pages").mkdir()
    (project.root / "pages" / "index.html").write_text(folder)
    (project.root / "app.yaml").write_text(APP.format(name=application))
    return project


@pytest.fixture(scope="module")
def first(make_project: Make) -> Project:
    project = made(make_project, "first", "twins", free_port())
    project.berth("up")
    return project


def chosen(project: Project, stack: str) -> dict[str, int]:
    """The ports of a stage that wanted those of the first one, was refused them, and obeyed the commands that it was told, all of them at once."""
    said = project.berth("up", "-s", stack, fails=True)
    told = re.findall(r"(\S+): port \d+ belongs to container proxy-\S+ \(stage dev of twins\): .*, (\d+) is free: (pulumi config set .*)$", said, re.MULTILINE)
    assert {key for key, _, _ in told} == KEYS, said
    for _, _, command in told:
        subprocess.run(["sh", "-euc", command], cwd=project.root, check=True)
    return {key: int(port) for key, port, _ in told}


@pytest.fixture
def second_stack(first: Project) -> Iterator[str]:
    """Another stage of the same folder, its file a copy."""
    (first.root / "Pulumi.second.yaml").write_text((first.root / "Pulumi.dev.yaml").read_text())
    yield "second"
    first.berth("erase", "-s", "second", "--confirm", "second")
    (first.root / "Pulumi.second.yaml").unlink()


def test_two_stages_of_one_folder(first: Project, second_stack: str) -> None:
    before = sorted(str(one.id) for one in first.containers(everything=True))
    ports = chosen(first, second_stack)
    first.berth("up", "-s", second_stack)
    assert httpx.get(f"http://127.0.0.1:{ports['proxy.ports.http']}").text == "first"
    assert httpx.get(f"http://127.0.0.1:{ports['mail.mailhog.ui_port']}").status_code == 200
    assert httpx.get(first.url).text == "first"
    for stack in ("dev", second_stack):
        first.berth("preview", "-s", stack, "--", "--expect-no-changes", "--refresh")
    assert sorted(str(one.id) for one in first.containers(everything=True)) == before


@pytest.mark.parametrize(("folder", "application"), [("clone", "twins"), ("other", "another")], ids=["a clone", "another application"])
def test_two_folders(folder: str, application: str, first: Project, make_project: Make) -> None:
    project = made(make_project, folder, application, first.stage["mail"]["mailhog"]["ui_port"])
    project.http = first.http
    project.configure()
    ports = chosen(project, "dev")
    project.berth("up")
    assert httpx.get(f"http://127.0.0.1:{ports['proxy.ports.http']}").text == folder
    assert httpx.get(first.url).text == "first"
    project.berth("preview", "--", "--expect-no-changes", "--refresh")
