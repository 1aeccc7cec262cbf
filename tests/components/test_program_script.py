"""The tools of a mono container, run for real: how a program waits, does what has to be done once, starts and stops, and how its output is told apart."""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from components.tools import CONTEXT
from tests.components.conftest import Run


def described(berth: Path, name: str, *lines: str) -> None:
    """Write what a program is."""
    (berth / "berth" / f"program-{name}").write_text("\n".join(lines) + "\n")


def begun(berth: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """A program in a process group of its own, as supervisord starts it."""
    command = [str(berth / "busybox"), "sh", str(berth / "program"), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, env={"PATH": os.environ["PATH"]})


def said(process: subprocess.Popen[bytes]) -> str:
    return process.communicate(timeout=20)[0].decode()


def test_run_becomes_the_program_in_its_surroundings(berth: Path, run: Run) -> None:
    folder = berth / "a folder"
    folder.mkdir()
    described(
        berth, "web", "export A='it'\"'\"'s'", f"cd {shlex.quote(str(folder))}", "check 5 false", "run sh -c 'echo \"$A|$PWD|$1\"; exit 7' sh 'two words'"
    )
    ended = run("program", "run", "web")
    assert (ended.returncode, ended.stdout.decode(), ended.stderr) == (7, f"it's|{folder}|two words\n", b"")


def test_variables_of_a_program_do_not_disturb_the_tools(berth: Path, run: Run) -> None:
    described(berth, "web", "export name=x", "export job=y", "export code=z", "export b=w", "once 5 true", "run sh -c 'echo $name$job$code$b'")
    assert run("program", "run", "web").stdout == b"xyzw\n"


def test_what_has_to_be_done_once_is_done_once(berth: Path, run: Run) -> None:
    described(berth, "web", "once 5 sh -c 'echo migrated'", "run echo served")
    assert run("program", "run", "web").stdout == b"migrated\nserved\n"
    assert run("program", "run", "web").stdout == b"served\n"


def test_what_fails_is_done_again_and_nothing_starts_before(berth: Path, run: Run) -> None:
    described(berth, "web", "once 5 sh -c 'echo broken; exit 3'", "run echo served")
    for _ in range(2):
        ended = run("program", "run", "web")
        assert (ended.returncode, ended.stdout) == (3, b"broken\n")
        assert b"what web needs to have done once ended with 3" in ended.stderr


def test_what_takes_too_long_is_ended(berth: Path, run: Run) -> None:
    described(berth, "web", "once 1 sleep 60", "run echo served")
    ended = run("program", "run", "web")
    assert (ended.returncode, ended.stdout) == (143, b"")


def test_what_is_being_done_once_hears_the_signal(berth: Path) -> None:
    described(berth, "web", "once 60 sh -c 'trap \"echo stopped; exit 0\" TERM; echo begun; while :; do sleep 0.1; done'", "run echo served")
    process = begun(berth, "run", "web")
    assert process.stdout
    assert process.stdout.readline() == b"begun\n"
    os.kill(process.pid, signal.SIGTERM)
    assert said(process) == "stopped\n"
    assert process.returncode == 143


def test_it_waits_for_others_and_says_so_once(berth: Path) -> None:
    described(berth, "db", f"check 5 test -e {berth}/up")
    described(berth, "web", "after db", "run echo served")
    process = begun(berth, "run", "web")
    assert process.stdout
    assert process.stdout.readline() == b"berth: waits for db\n"
    time.sleep(1.5)
    assert process.poll() is None
    (berth / "up").touch()
    assert said(process) == "served\n"


def test_a_signal_ends_the_waiting(berth: Path) -> None:
    described(berth, "db", "check 5 false")
    described(berth, "web", "after db", "run echo served")
    process = begun(berth, "run", "web")
    assert process.stdout
    assert process.stdout.readline() == b"berth: waits for db\n"
    os.kill(process.pid, signal.SIGTERM)
    assert said(process) == ""
    assert process.returncode == 143


def test_the_program_itself_gets_the_signal(berth: Path) -> None:
    described(berth, "web", "run sh -c 'trap \"echo bye; exit 5\" TERM; echo begun; while :; do sleep 0.1; done'")
    process = begun(berth, "run", "web")
    assert process.stdout
    assert process.stdout.readline() == b"begun\n"
    os.kill(process.pid, signal.SIGTERM)
    assert said(process) == "bye\n"
    assert process.returncode == 5


def test_what_does_not_belong_to_nobody_is_left_alone(berth: Path, run: Run) -> None:
    """Only orphans of the former run are ended: this process has a parent."""
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
        (berth / "berth" / "web.group").write_text(f"{other.pid}\n")
        described(berth, "web", "run echo served")
        assert run("program", "run", "web").stdout == b"served\n"
        assert other.poll() is None
        other.kill()


@pytest.mark.parametrize(("check", "code"), [("true", 0), ("false", 1), ("sh -c 'exit 7'", 7)])
def test_check_asks_and_does_nothing_else(check: str, code: int, berth: Path, run: Run) -> None:
    described(berth, "web", f"check 5 {check}", "after db", "once 5 touch done", "run touch started")
    assert run("program", "check", "web").returncode == code
    assert not (berth / "started").exists()


def test_a_check_that_hangs_has_failed(berth: Path, run: Run) -> None:
    described(berth, "web", "check 1 sleep 60")
    assert run("program", "check", "web").returncode == -signal.SIGTERM


def test_healthy_names_everyone_who_is_not(berth: Path, run: Run) -> None:
    described(berth, "db", "check 5 true")
    described(berth, "web", "check 5 sh -c 'echo no answer >&2; exit 1'")
    described(berth, "jobs", "check 5 false")
    assert run("program", "healthy", "db").returncode == 0
    ended = run("program", "healthy", "db", "web", "jobs")
    assert ended.returncode == 1
    assert sorted(ended.stdout.decode().splitlines()) == ["jobs is not well: its check ended with 1", "web is not well: no answer"]


def test_an_unknown_word_is_refused(run: Run) -> None:
    ended = run("program", "walk")
    assert (ended.returncode, ended.stderr) == (2, b"berth: program knows run, check and healthy, not walk\n")


def event(name: str, text: str) -> bytes:
    """Output of a program as supervisord hands it over: the length is one of characters."""
    payload = f"processname:{name} groupname:{name} pid:7 channel:stdout\n{text}"
    return f"ver:3.0 server:supervisor serial:1 pool:x poolserial:1 eventname:PROCESS_LOG_STDOUT len:{len(payload)}\n{payload}".encode()


@pytest.mark.parametrize(
    ("events", "lines"),
    [
        ([("web", "one\n")], ["web | one"]),
        ([("web", "one\ntwo\n")], ["web | one", "web | two"]),
        ([("web", "o"), ("db", "x\n"), ("web", "ne\n")], ["db | x", "web | one"]),
        ([("web", "\n\n")], ["web | ", "web | "]),
        ([("web", "ünïcödé 🚢\n"), ("web", "after\n")], ["web | ünïcödé 🚢", "web | after"]),
        ([("web", "a\rb\n")], ["web | a\rb"]),
        ([("web", "x" * 40000), ("web", "y\n")], [f"web | {'x' * 16384}", f"web | {'x' * 16384}", f"web | {'x' * 7232}y"]),
    ],
)
def test_logs(events: list[tuple[str, str]], lines: list[str]) -> None:
    ended = subprocess.run([sys.executable, str(CONTEXT / "logs")], input=b"".join(event(*one) for one in events), capture_output=True, check=True, timeout=20)
    assert ended.stderr.decode().split("\n") == [*lines, ""]
    assert ended.stdout == b"READY\n" + b"RESULT 2\nOKREADY\n" * len(events)


def test_logs_loses_nothing_in_a_burst() -> None:
    chunk = "".join(f"{number:07} ü {'x' * 80}\n" for number in range(700))
    many = event("web", chunk) * 500
    ended = subprocess.run([sys.executable, str(CONTEXT / "logs")], input=many, capture_output=True, check=True, timeout=60)
    assert ended.stderr.count(b"\n") == 350_000


def test_logs_takes_what_is_no_text() -> None:
    ended = subprocess.run(
        [sys.executable, str(CONTEXT / "logs")], input=event("web", "a\n").replace(b"a\n", b"\xff\n"), capture_output=True, check=True, timeout=20
    )
    assert ended.stderr == b"web | \xff\n"


@pytest.mark.parametrize(("given", "variable"), [("KEY=web-KEY", "KEY"), ("KEY", "KEY")])
def test_start_takes_a_variable_from_a_file_of_another_name(given: str, variable: str, berth: Path, run: Run) -> None:
    (berth / "secrets" / given.rpartition("=")[2]).write_text("s3cret")
    assert run("start", given, "--", "printenv", variable).stdout == b"s3cret\n"


def test_start_says_which_other_file_is_missing(berth: Path, run: Run) -> None:
    ended = run("start", "KEY=web-KEY", "--", "true")
    assert ended.returncode == 78
    assert f"start: cannot read {berth}/secrets/web-KEY as uid {os.getuid()}" in ended.stderr.decode()


def test_redis_takes_the_password_of_another_file(run: Run) -> None:
    ended = run("redis", PASSWORD_FILE="cache-password")  # the name of a file
    assert "cache-password" in ended.stderr.decode()
    assert ended.returncode != 0
