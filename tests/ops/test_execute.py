"""Commands in containers: in which one, and with which variables."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ops import execute
from ops.console import Stop
from ops.execute import arguments, pick, wrapped
from ops.objects import Container
from tests.ops.samples import container

START = ["/.berth/busybox", "sh", "/.berth/start", "DATABASE_URL", "KEY", "--", "entrypoint", "serve", "--all"]


def test_a_healthy_one_is_picked_before_another() -> None:
    sick, well, job = container("1", name="web-1", health="unhealthy"), container("2", name="web-2"), container("3", name="web-0", role="job")
    assert pick([sick, well, job], "web") == well
    assert pick([sick, well, job], "web-1") == sick
    assert pick([sick], "web") == sick


@pytest.mark.parametrize(
    ("containers", "known"), [([container("1"), container("2", service="db")], "db, web"), ([container("1", Status="exited")], "none, it is not up")]
)
def test_none_to_pick(containers: list[Container], known: str) -> None:
    with pytest.raises(Stop, match=rf"^no container of 'wep' is running\. Running services of this stage: {re.escape(known)}$"):
        pick(containers, "wep")


@pytest.mark.parametrize(
    ("own", "probe", "expected"),
    [
        (START, [], ["/.berth/busybox", "sh", "/.berth/start", "DATABASE_URL", "KEY", "--", "psql", "-l"]),
        (["entrypoint", "serve"], [], ["psql", "-l"]),
        (["nginx", "--", "x"], [], ["psql", "-l"]),
        (
            ["x"],
            ["CMD", "/.berth/busybox", "sh", "/.berth/probe", "postgres", "shop", "clerk", "p"],
            [*execute.SHELL, "-c", execute.POSTGRES, "sh", "p", "shop", "clerk", "psql", "-l"],
        ),
        (["/.berth/busybox", "sh", "/.berth/redis", "--dir", "/data"], [], [*execute.SHELL, "-c", execute.REDIS, "sh", "psql", "-l"]),
    ],
    ids=["an app with secrets", "without", "dashes of its own", "Postgres", "Redis"],
)
def test_wrapped(own: list[str], probe: list[str], expected: list[str]) -> None:
    assert wrapped(own, probe, ["psql", "-l"]) == expected


@pytest.mark.parametrize(("terminal", "options"), [(True, ["--interactive", "--tty"]), (False, ["--interactive"])])
def test_arguments(terminal: bool, options: list[str]) -> None:
    assert arguments("c1", ["a", "b c"], terminal=terminal) == ["docker", "exec", *options, "c1", "a", "b c"]


def test_without_dockers_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Stop, match=r"^the program docker is missing, which connects the terminal: install Docker's command line client$"):
        execute.become(container("1"), ["x"], None, {})


@pytest.mark.parametrize(("host", "expected"), [(None, "unix:///own"), ("ssh://deploy@host.test", "ssh://deploy@host.test")])
def test_it_becomes_the_client_on_the_engine_of_the_stage(host: str | None, expected: str, tmp_path: Path) -> None:
    client = tmp_path / "docker"
    client.write_text('#!/bin/sh\necho "$DOCKER_HOST $*"\nexit 7\n')
    client.chmod(0o755)
    program = "import os, sys\nfrom ops import execute\nfrom tests.ops.samples import container\n"
    program += f"os.environ['PATH'] = '{tmp_path}:' + os.environ['PATH']\nexecute.become(container('c1'), ['a'], {host!r}, {{**os.environ, 'DOCKER_HOST': 'unix:///own'}})"
    done = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (7, f"{expected} exec --interactive c1 a\n"), done.stderr
