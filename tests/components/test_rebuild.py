"""Why an image does not build: the command that repeats it, and what is told of it."""

from pathlib import Path
from typing import Any

import pulumi
import pytest

from components import rebuild
from components.rebuild import LINES, command, explanation, told

ALL = {
    "context": "/srv/web",
    "dockerfile": "docker/Dockerfile",
    "target": "prod",
    "buildArgs": {"B": "2", "A": "1 and more"},
    "secrets": [{"id": "token", "src": "/tmp/token"}],
}


@pytest.mark.parametrize(
    ("build", "words"),
    [
        ({"context": "/srv/web", "dockerfile": "Dockerfile"}, ["--file", "/srv/web/Dockerfile", "/srv/web"]),
        (
            ALL,
            [
                *("--file", "/srv/web/docker/Dockerfile", "--target", "prod", "--build-arg", "A=1 and more", "--build-arg", "B=2"),
                *("--secret", "id=token,src=/tmp/token", "/srv/web"),
            ],
        ),
    ],
    ids=["the least", "everything"],
)
def test_command(build: dict[str, Any], words: list[str]) -> None:
    assert command(build) == ["docker", "build", "--progress=plain", *words]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the client: whatever is written there is what it does."""
    program = tmp_path / "docker"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return program


def said(docker: Path, script: str) -> str:
    docker.write_text(f"#!/bin/sh\n{script}\n")
    return explanation("web", {"context": "/srv/web", "dockerfile": "Dockerfile"})


def test_the_last_lines(docker: Path) -> None:
    text = said(docker, "seq 100; printf 'no such \\033[1mfile\\n' >&2; exit 1")
    first, *lines = text.splitlines()
    assert first == "web: /srv/web/Dockerfile does not build; the last lines of its output:"
    assert lines == [*(f"    {number}" for number in range(102 - LINES, 101)), "    no such ?[1mfile"]


BUILD = {"build": {"context": "/srv/web"}}


@pytest.mark.parametrize(
    ("inputs", "error", "repeated"),
    [(BUILD, "failed to solve", True), (BUILD, "Error: context canceled", False), ({}, "failed to solve", False), (None, "failed to solve", False)],
    ids=["a build that fails", "one that was stopped", "an image that is pulled", "one that is deleted"],
)
def test_what_is_repeated(inputs: dict[str, Any] | None, error: str, repeated: bool, docker: Path) -> None:
    docker.write_text("#!/bin/sh\nexit 1\n")
    failed = pulumi.ErrorHookArgs(urn="u", id="", name="web-image", type="t", new_inputs=inputs, errors=[error])
    assert bool(told("web", failed)) is repeated


def test_one_that_does_build_now(docker: Path) -> None:
    assert said(docker, "exit 0") == "web: /srv/web/Dockerfile did not build the first time, and does now: run this again"


def test_one_that_does_not_end(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "PATIENCE_S", 0.2)
    assert said(docker, "exec sleep 60").startswith("web: /srv/web/Dockerfile does not build within 0.2 s. See why: docker build ")


def test_without_the_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    text = explanation("web", {"context": "/srv/web", "dockerfile": "Dockerfile"})
    assert text == "web: /srv/web/Dockerfile does not build. See why: docker build --progress=plain --file /srv/web/Dockerfile /srv/web"
