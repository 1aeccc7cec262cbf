"""How Pulumi is started and stopped: with a stand-in for it that writes down what it gets."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops.console import Stop
from ops.project import Project, Stage
from ops.pulumi_cli import Pulumi, environment
from tests.ops.samples import project

STAND_IN = """\
#!{python}
import os, signal, sys, time
out = open({out!r}, "a", buffering=1)
def end(*_):
    out.write("asked\\n")
    time.sleep(0.3)
    out.write("saved\\n")
    sys.exit(3)
signal.signal(signal.SIGINT, end)
out.write(" ".join(sys.argv[1:]) + "\\n")
time.sleep(float(os.environ.get("STAY", "0")))
sys.exit(7)
"""


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(STAND_IN.format(python=sys.executable, out=str(tmp_path / "out")))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return Project.find(project(tmp_path / "shop")).stage("dev")


def written(stage: Stage) -> list[str]:
    out = stage.project.root.parent / "out"
    return out.read_text().splitlines() if out.exists() else []


def wait_for(stage: Stage, line: str) -> None:
    deadline = time.monotonic() + 10
    while line not in written(stage):
        assert time.monotonic() < deadline, written(stage)
        time.sleep(0.02)


def running(stage: Stage) -> "subprocess.Popen[bytes]":
    """Another process that streams `pulumi up`; it has SIGINT ignored, as a script's background job has."""
    code = (
        "import signal, sys; from pathlib import Path; from ops.project import Project; from ops.pulumi_cli import Pulumi\n"
        f"sys.exit(Pulumi(Project.find(Path({str(stage.project.root)!r})).stage('dev')).stream('up'))"
    )
    shell = f"trap '' INT; exec {sys.executable} -c \"$0\""
    process = subprocess.Popen(["/bin/sh", "-c", shell, code], cwd=Path(__file__).parents[2], env=os.environ | {"STAY": "60"}, stdout=subprocess.DEVNULL)
    wait_for(stage, "up -s dev --non-interactive")
    return process


def test_the_exit_code_and_the_arguments_are_kept(stage: Stage) -> None:
    assert Pulumi(stage).stream("preview", "--diff") == 7
    assert written(stage) == ["preview -s dev --diff --non-interactive"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_becomes_one_request(stage: Stage, number: int) -> None:
    process = running(stage)
    process.send_signal(number)
    wait_for(stage, "asked")
    process.send_signal(number)
    assert process.wait() == 3
    assert written(stage)[1:] == ["asked", "saved"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has died")
def test_pulumi_ends_with_grace_when_berth_is_killed(stage: Stage) -> None:
    process = running(stage)
    process.kill()
    process.wait()
    wait_for(stage, "saved")


def test_a_killed_pulumi(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "bin" / "pulumi").write_text("#!/bin/sh\nkill -9 $$\n")
    assert Pulumi(stage).stream("up") == 137


def test_a_failed_quiet_call_shows_what_pulumi_said(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "bin" / "pulumi").write_text("#!/bin/sh\necho error: no such thing >&2\nexit 4\n")
    with pytest.raises(Stop, match=r"`pulumi stack select --create dev` failed with exit code 4:\nerror: no such thing"):
        Pulumi(stage).select()
    with pytest.raises(Stop, match=r"`pulumi refresh` failed with exit code 4:\nerror: no such thing"):
        Pulumi(stage).refresh_pending()
    with pytest.raises(Stop, match=r"`pulumi stack export` failed"):
        Pulumi(stage).state()


def test_a_stack_that_does_not_exist(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "bin" / "pulumi").write_text("#!/bin/sh\necho \"error: no stack named 'dev' found\" >&2\nexit 6\n")
    assert not Pulumi(stage).exists()
    assert Pulumi(stage).state().resources == ()


def test_no_pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Stop, match=r"pulumi is not on the PATH: run `\. \.berth/env` first"):
        Pulumi(Project.find(project(tmp_path)).stage("dev"))


NAME = "PULUMI_CONFIG_PASSPHRASE"


@pytest.mark.parametrize(
    ("topology", "given", "expected"),
    [
        ("dev", {}, {NAME: ""}),
        ("dev", {NAME: "x"}, {NAME: "x"}),
        ("dev", {f"{NAME}_FILE": "f"}, {f"{NAME}_FILE": "f"}),
        ("prod", {}, {}),
        ("prod", {NAME: "x"}, {NAME: "x"}),
        ("prod", {NAME: "", f"{NAME}_FILE": "f"}, {f"{NAME}_FILE": "f"}),
    ],
)
def test_passphrase(tmp_path: Path, topology: str, given: dict[str, str], expected: dict[str, str]) -> None:
    assert environment(Project.find(project(tmp_path, topology=topology)).stage("dev"), given) == expected


def test_prod_refuses_an_empty_passphrase(tmp_path: Path) -> None:
    root = project(tmp_path, topology="prod")
    with pytest.raises(Stop, match=f"stage dev refuses an empty {NAME}"):
        environment(Project.find(root).stage("dev"), {NAME: ""})
    (root / "Pulumi.dev.yaml").write_text("secretsprovider: awskms://x\nconfig: { berth:topology: prod }\n")
    assert environment(Project.find(root).stage("dev"), {NAME: ""}) == {NAME: ""}
