"""How Pulumi is started and stopped: with a stand-in for it that writes down what it gets."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops.console import Stop
from ops.project import CHECKOUT, Project, Stage
from ops.pulumi_cli import Pulumi, environment
from ops.state import state_file
from tests.components.conftest import until
from tests.ops.samples import export, project
from tests.terminal import CTRL_C, Terminal

STAND_IN = """\
#!{python}
import os, signal, sys, time, tty
out = open({out!r}, "a", buffering=1)
def end(*_):
    out.write("asked\\n")
    time.sleep(0.3)
    out.write("saved\\n")
    sys.exit(3)
signal.signal(signal.SIGINT, end)
if "RAW" in os.environ:
    tty.setraw(0)
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
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "of this test")
    return Project.find(project(tmp_path / "shop")).stage("dev")


def written(stage: Stage) -> list[str]:
    out = stage.project.root.parent / "out"
    return out.read_text().splitlines() if out.exists() else []


def wait_for(stage: Stage, line: str) -> None:
    deadline = time.monotonic() + 60
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


def test_ctrl_c_stops_both_though_pulumi_reads_the_keys_itself(stage: Stage) -> None:
    code = (
        "from pathlib import Path; from ops.project import Project; from ops.pulumi_cli import Pulumi\n"
        f"pulumi = Pulumi(Project.find(Path({str(stage.project.root)!r})).stage('dev'))\n"
        "print(pulumi.stream('up'), pulumi.stopped)"
    )
    with Terminal([sys.executable, "-c", code], Path(__file__).parents[2], os.environ | {"STAY": "60", "RAW": "1"}) as terminal:
        wait_for(stage, "up -s dev")
        until(terminal.takes_keys_for_signals)  # which the stand-in had stopped
        terminal.type(CTRL_C)
        assert terminal.ended() == 0
    assert terminal.said.splitlines()[-1] == "3 True"
    assert written(stage)[1:] == ["asked", "saved"]


def test_what_somebody_says_meanwhile_has_lines_of_its_own(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []
    monkeypatch.setenv("STAY", "2")
    assert Pulumi(stage).stream("up", look=lambda: looks.append("look")) == 7
    assert written(stage) == ["up -s dev --non-interactive --suppress-progress"]
    assert looks[:1] == ["look"]


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
    with pytest.raises(Stop, match=r"`pulumi refresh` failed with exit code 4:\nerror: no such thing"):
        Pulumi(stage).refresh_pending()
    with pytest.raises(Stop, match=r"`pulumi stack export` failed"):
        Pulumi(stage).state()


def test_a_stack_that_does_not_exist(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "bin" / "pulumi").write_text("#!/bin/sh\necho \"error: no stack named 'dev' found\" >&2\nexit 6\n")
    assert not Pulumi(stage).exists()
    assert Pulumi(stage).state().resources == ()
    with pytest.raises(Stop, match=r"`pulumi stack select --create dev` failed with exit code 6:\nerror: no stack named"):
        Pulumi(stage).make()


def test_a_state_in_a_file_is_read_without_pulumi(stage: Stage) -> None:
    assert stage.project.state
    file = state_file(stage.project.state, stage.project.name, stage.stack)
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": export(outputs={"url": "u"})}}))
    pulumi = Pulumi(stage)
    pulumi.make()
    assert pulumi.exists()
    assert pulumi.state().outputs == {"url": "u"}
    assert written(stage) == []


def test_no_pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Stop, match=r"pulumi is not on the PATH: run `\. /.*/\.berth/env` first \(/.*/offline/setup makes that file\)"):
        Pulumi(Project.find(project(tmp_path)).stage("dev"))


NAME = "PULUMI_CONFIG_PASSPHRASE"


@pytest.mark.parametrize(
    ("topology", "given", "expected"),
    [
        ("dev", {}, {NAME: ""}),
        ("dev", {NAME: "x"}, {NAME: "x"}),
        ("dev", {f"{NAME}_FILE": "/f"}, {f"{NAME}_FILE": "/f"}),
        ("dev", {NAME: "", f"{NAME}_FILE": "/f"}, {f"{NAME}_FILE": "/f"}),
        ("prod", {}, {}),
        ("prod", {NAME: "x"}, {NAME: "x"}),
        ("prod", {NAME: "x", f"{NAME}_FILE": "/f"}, {NAME: "x", f"{NAME}_FILE": "/f"}),
        ("prod", {NAME: "", f"{NAME}_FILE": "/f"}, {f"{NAME}_FILE": "/f"}),
    ],
)
def test_passphrase(tmp_path: Path, topology: str, given: dict[str, str], expected: dict[str, str]) -> None:
    assert environment(Project.find(project(tmp_path, topology=topology)).stage("dev"), given, tmp_path) == expected


def test_a_file_is_found_from_where_berth_was_started(tmp_path: Path) -> None:
    stage = Project.find(project(tmp_path, topology="prod")).stage("dev")
    assert environment(stage, {f"{NAME}_FILE": "f"}, tmp_path / "web") == {f"{NAME}_FILE": f"{tmp_path}/web/f"}


@pytest.mark.parametrize("given", [{NAME: ""}, {f"{NAME}_FILE": "empty"}, {NAME: "", f"{NAME}_FILE": "empty"}, {f"{NAME}_FILE": "/dev/null"}])
def test_prod_refuses_an_empty_passphrase(tmp_path: Path, given: dict[str, str]) -> None:
    (project(tmp_path, topology="prod") / "empty").write_text("\n")
    expected = f"stage dev refuses an empty passphrase: anybody could read its secrets. Set {NAME}, or {NAME}_FILE to a file that holds one"
    with pytest.raises(Stop, match=f"^{expected}$"):
        environment(Project.find(tmp_path).stage("dev"), given, tmp_path)


@pytest.mark.parametrize("topology", ["dev", "prod"])
@pytest.mark.parametrize("given", [{}, {NAME: ""}])
def test_a_stage_whose_key_a_service_keeps_is_given_no_passphrase(tmp_path: Path, topology: str, given: dict[str, str]) -> None:
    root = project(tmp_path)
    (root / "Pulumi.dev.yaml").write_text(f"secretsprovider: awskms://x\nconfig: {{ berth:topology: {topology} }}\n")
    assert environment(Project.find(root).stage("dev"), given, tmp_path) == given


@pytest.mark.parametrize(("topology", "expected"), [("dev", 0o700), ("prod", 0o755)], ids=["dev is closed", "prod is its owner's to decide"])
def test_the_folder_of_states_is_private_from_the_beginning(stage: Stage, topology: str, expected: int) -> None:
    root = stage.project.root
    Pulumi(stage)
    assert stat.S_IMODE((root / ".pulumi").stat().st_mode) == 0o700
    (root / ".pulumi").chmod(0o755)
    project(root, topology=topology)
    Pulumi(Project.find(root).stage("dev"))
    assert stat.S_IMODE((root / ".pulumi").stat().st_mode) == expected


def test_a_state_elsewhere_is_left_alone(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for backend in (f"file://{tmp_path}/elsewhere", "s3://states"):
        monkeypatch.setenv("PULUMI_BACKEND_URL", backend)
        Pulumi(Project.find(stage.project.root).stage("dev"))
    assert not (tmp_path / "elsewhere").exists()
    assert not (stage.project.root / ".pulumi").exists()


@pytest.mark.parametrize(("more", "host"), [("", "unix:///own"), ("  berth:engine: { host: ssh://deploy@host.test }\n", "ssh://deploy@host.test")])
def test_pulumi_goes_to_the_engine_of_the_stage(more: str, host: str, tmp_path: Path) -> None:
    stage = Project.find(project(tmp_path, more=more)).stage("dev")
    assert environment(stage, {"DOCKER_HOST": "unix:///own"}, tmp_path)["DOCKER_HOST"] == host


@pytest.mark.parametrize(
    ("salt", "expected"),
    [(CHECKOUT / "Pulumi.dev.yaml", ""), (None, "of prod")],
    ids=["a stage of the empty one", "a stage that has none yet"],
)
def test_a_passphrase_of_prod_in_the_shell_is_none_of_dev(salt: Path | None, expected: str, tmp_path: Path) -> None:
    line = next(line for line in salt.read_text().splitlines() if line.startswith("encryptionsalt")) if salt else ""
    stage = Project.find(project(tmp_path, more=f"{line}\n")).stage("dev")
    assert environment(stage, {NAME: "of prod"}, tmp_path)[NAME] == expected
