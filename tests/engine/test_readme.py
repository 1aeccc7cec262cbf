"""The README does what it says: its files make an application, its commands exist and work."""

import re
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.engine.conftest import Make
from tests.engine.project import CHECKOUT

README = (CHECKOUT / "README.md").read_text()
SERVER = """\
FROM python:3.13-slim
COPY . .
CMD ["python3", "-m", "http.server", "8000"]
"""


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_every_make_target_exists() -> None:
    targets = re.findall(r"^([a-z-]+):.*##", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    named = set(re.findall(r"\bmake ([a-z-]+)", README))
    assert named - set(targets) == set()
    assert {"up", "test"} <= named


def test_the_two_commands_are_the_first() -> None:
    assert snippets("sh")[:2] == ["make up\n", "make test\n"]


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)", README):
        assert (CHECKOUT / target).exists(), target


def test_an_application_of_ones_own(make_project: Make) -> None:
    """The files of the README, with a port that is free, and its commands in a shell that is as bare as a user's."""
    project = make_project("shop")
    (project.root.parent / "berth").symlink_to(CHECKOUT)
    pulumi_yaml, stage, app = snippets("yaml")[:3]
    (project.root / "Pulumi.yaml").write_text(pulumi_yaml)
    (project.root / "Pulumi.dev.yaml").write_text(f"{stage}  berth:proxy: {{ ports: {{ http: {project.http} }} }}\n")
    (project.root / "app.yaml").write_text(app)
    (project.root / "web").mkdir()
    (project.root / "web" / "Dockerfile").write_text(SERVER)
    (project.root / "web" / "index.html").write_text("my shop")
    for command in ("berth up", "pulumi preview -s dev --expect-no-changes"):
        script = f". ../berth/.berth/env\n{command}"
        done = subprocess.run(["sh", "-euc", script], cwd=project.root, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        assert done.returncode == 0, done.stdout
    assert httpx.get(project.url).text == "my shop"


@pytest.mark.parametrize("stage", ["Pulumi.dev.yaml"])
def test_ports_by_argument_write_what_the_readme_says(stage: str, make_project: Make) -> None:
    project = make_project("ports")
    (project.root / "app.yaml").write_text("format: 1\nname: ports\napps: {}\nmail: { from: a@b.test }\n")
    arguments = re.findall(r'make up ARGS="(--config-path.*?)"', README)[0].split()
    project.berth("preview", "--", *arguments, fails=False)
    written = Path(project.root / stage).read_text()
    assert re.search(r"http: [\"']?8081", written)
