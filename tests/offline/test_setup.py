"""offline/setup and offline/clean: nothing twice, clear messages, and a killed run is repaired."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.offline.conftest import CHECKOUT, Kit

FAKE_GO = r"""
case "$1 $2" in
  'env GOVERSION') echo go1.99.0 ;;
  'build '*)
    while [ "$1" != -o ]; do shift; done
    for name in pulumi pulumi-language-python pulumi-resource-docker; do
      printf '#!/bin/sh\necho "$0 $*" >>"%s/calls"\n' "$HOME" >"$2$name"
      chmod 755 "$2$name"
    done
    sleep "${GO_TAKES:-0}" ;;
  'list -m')
    mkdir -p "$HOME/sdk/python/cmd"
    echo '#!/usr/bin/env python3' >"$HOME/sdk/python/cmd/pulumi-language-python-exec"
    echo "$HOME/sdk" ;;
esac
"""


def _run(*command: str) -> tuple[int, str]:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=300)
    return done.returncode, done.stdout


def _one_message(printed: str) -> None:
    """A person reads this: no shell's own words, no traceback."""
    assert "error: " in printed
    for noise in ("unbound variable", "command not found", ": line ", "Traceback", "syntax error"):
        assert noise not in printed


def test_a_second_run_does_nothing() -> None:
    code, printed = _run(str(CHECKOUT / "offline" / "setup"))
    assert code == 0, printed
    assert "built" not in printed
    assert "started" not in printed
    assert printed.count("up to date") + printed.count("used as it is") == 3


def test_check_finds_nothing_missing() -> None:
    assert _run(str(CHECKOUT / "offline" / "setup"), "--check") == (0, "nothing is missing\n")


def test_check_names_what_is_missing_and_changes_nothing(kit: Kit) -> None:
    kit.without("pulumi")
    (kit.programs / "pulumi").unlink()
    code, printed = kit.run("setup", "--check")
    assert code == 1
    assert "pulumi: neither installed nor built" in printed
    assert "environment: .berth/env is not written" in printed
    assert not (kit.checkout / ".berth").exists()


def test_an_unknown_option_is_refused(kit: Kit) -> None:
    code, printed = kit.run("setup", "--all")
    assert code == 2
    assert printed == "error: unknown option --all\n       offline/setup [--check]\n"


def test_what_is_there_is_used_as_it_is(kit: Kit) -> None:
    code, printed = kit.run("setup")
    assert code == 0, printed
    assert "up to date: v3.0.0-stand-in" in printed
    assert "is running, used as it is" in printed
    assert "PULUMI_HOME" not in (kit.checkout / ".berth" / "env").read_text()


def test_no_engine_and_not_root(kit: Kit) -> None:
    kit.program("docker", "exit 1")
    kit.program("id", "echo 1000")
    code, printed = kit.run("setup")
    assert code == 1
    _one_message(printed)
    assert "no Docker engine answers, and only root can set one up." in printed
    assert "error: not complete: engine" in printed


def test_no_engine_and_another_system(kit: Kit, tmp_path: Path) -> None:
    kit.program("docker", "exit 1")
    (tmp_path / "os-release").write_text('ID="fedora"\nVERSION_ID=43\n')
    kit.environment["OS_RELEASE"] = str(tmp_path / "os-release")
    code, printed = kit.run("setup")
    assert code == 1
    _one_message(printed)
    assert "the kit can set one up on Debian 12 and 13 only" in printed
    assert "Docker's own installation" in printed


def test_an_engine_elsewhere_that_does_not_answer(kit: Kit) -> None:
    kit.environment["DOCKER_HOST"] = "unix:///nowhere/docker.sock"
    code, printed = kit.run("setup")
    assert code == 1
    _one_message(printed)
    assert "DOCKER_HOST is unix:///nowhere/docker.sock, and no engine answers there." in printed
    assert "Start that engine, or unset DOCKER_HOST." in printed


def test_neither_pulumi_nor_go(kit: Kit) -> None:
    kit.without("pulumi", "go")
    (kit.programs / "pulumi").unlink()
    code, printed = kit.run("setup")
    assert code == 1
    _one_message(printed)
    assert "there is neither Pulumi nor Go on this machine." in printed


def _compiling(kit: Kit) -> None:
    kit.without("pulumi")
    (kit.programs / "pulumi").unlink()
    kit.program("go", FAKE_GO)


def test_a_go_that_is_too_old(kit: Kit) -> None:
    _compiling(kit)
    kit.program("go", "echo go1.20.1")
    code, printed = kit.run("setup")
    assert code == 1
    _one_message(printed)
    assert "here is go1.20.1" in printed


def test_too_little_space_is_said_before_anything_is_built(kit: Kit) -> None:
    _compiling(kit)
    kit.program("df", "echo Filesystem; echo /dev/x 9 9 3145728 9 /")
    code, printed = kit.run("setup")
    assert code == 1
    _one_message(printed)
    assert "needs about 8 GB of disk while it is made" in printed
    assert "has 3 GB free" in printed
    assert not (kit.cache / "toolchain").exists()


def test_a_disk_that_fills_up_meanwhile(kit: Kit) -> None:
    _compiling(kit)
    kit.program("go", 'if [ "$1" = env ]; then echo go1.99.0; else echo "write /x: no space left on device"; exit 1; fi')
    code, printed = kit.run("setup")
    assert code == 1
    _one_message(printed)
    assert "pulumi: the disk is full" in printed


def test_a_failed_build_shows_its_last_words(kit: Kit) -> None:
    _compiling(kit)
    kit.program("go", 'if [ "$1" = env ]; then echo go1.99.0; else echo "some.go:1: the cause"; exit 1; fi')
    code, printed = kit.run("setup")
    assert code == 1
    _one_message(printed)
    assert "| some.go:1: the cause" in printed


def test_the_toolchain_is_built_once_and_its_caches_go(kit: Kit) -> None:
    _compiling(kit)
    code, printed = kit.run("setup")
    assert code == 0, printed
    assert "v3.259.0 built" in printed
    assert not (kit.cache / "go").exists()
    (folder,) = [path for path in (kit.cache / "toolchain").iterdir() if path.is_dir()]
    assert os.access(folder / "pulumi-language-python-exec", os.X_OK)
    calls = (folder.parents[2].parent / "calls").read_text()
    assert "plugin install resource docker v5.2.0" in calls
    code, printed = kit.run("setup")
    assert code == 0
    assert "up to date: v3.259.0" in printed
    assert f"_berth_path '{folder}'" in (kit.checkout / ".berth" / "env").read_text()


def test_a_killed_run_is_repaired_by_the_next_one(kit: Kit) -> None:
    _compiling(kit)
    kit.environment["GO_TAKES"] = "2"
    first = kit.start("setup")
    half = kit.cache / "tmp" / "toolchain" / "pulumi"
    while not half.exists():
        time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    first.wait()
    kit.environment["GO_TAKES"] = "0"
    code, printed = kit.run("setup")  # waits for what the killed run had started
    assert code == 0, printed
    assert not list((kit.cache / "now").iterdir())
    assert kit.run("setup", "--check") == (0, "nothing is missing\n")


def test_an_interrupted_run_leaves_no_process(kit: Kit) -> None:
    _compiling(kit)
    kit.environment["GO_TAKES"] = "61.5"
    first = kit.start("setup")
    half = kit.cache / "tmp" / "toolchain" / "pulumi"
    while not half.exists():
        time.sleep(0.05)
    first.send_signal(signal.SIGTERM)
    assert first.wait(timeout=20) == 143
    assert _run("pgrep", "--full", "sleep 61.5")[1] == ""


def test_two_runs_at_once_wait_for_each_other(kit: Kit) -> None:
    kit.cache.mkdir(parents=True)
    with subprocess.Popen(["flock", str(kit.cache / "lock"), "sleep", "60"]) as other:
        while not (kit.cache / "lock").exists() or subprocess.run(["flock", "-n", str(kit.cache / "lock"), "true"], check=False).returncode == 0:
            time.sleep(0.05)
        waiting = kit.start("setup")
        assert waiting.stdout is not None
        assert "another setup is at work on this machine: waiting for it" in waiting.stdout.readline()
        subprocess.run(["pkill", "-P", str(other.pid)], check=True)
    assert "used as it is" in waiting.communicate(timeout=60)[0]
    assert waiting.returncode == 0


@pytest.mark.parametrize(("word", "ours"), [("python", True), ("/some/where/daemon.json", False)])
def test_a_pid_alone_proves_nothing(tmp_path: Path, word: str, ours: bool) -> None:
    (tmp_path / "pid").write_text(f"{os.getpid()}\n")
    script = f'KIT={CHECKOUT}/offline; . "$KIT/lib.sh"; runs "{tmp_path}/pid" "{word}"'
    assert (_run("bash", "-c", script)[0] == 0) is ours


def test_clean_asks_and_removes_only_what_is_the_kits(kit: Kit, tmp_path: Path) -> None:
    plugins = tmp_path / ".docker" / "cli-plugins"
    plugins.mkdir(parents=True)
    (plugins / "docker-buildx").symlink_to(kit.cache / "engine" / "docker-buildx")
    (plugins / "docker-other").symlink_to("/bin/true")
    code, printed = kit.run("setup")
    assert code == 0, printed
    code, printed = kit.run("clean")
    assert code == 2
    assert "CONFIRM=yes" in printed
    assert kit.cache.exists()
    kit.environment["CONFIRM"] = "yes"
    code, printed = kit.run("clean")
    assert code == 0, printed
    assert not kit.cache.exists()
    assert not (kit.checkout / ".berth" / "env").exists()
    assert [link.name for link in plugins.iterdir()] == ["docker-other"]
    assert kit.run("clean")[1].startswith("nothing to remove")
    assert _run("docker", "version")[0] == 0  # an engine that is not this kit's goes on
