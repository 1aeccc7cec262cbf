"""What supervisord and the tools are told of programs: any text arrives as it is."""

import configparser
import shlex
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.model import duration
from components.mono import supervisor
from components.mono.program import Program
from components.mono.supervisor import LISTENER, description, log_space_mib, signal
from components.probe import HealthCheck, ProbeTimes

WEB = Program(name="web", command=("serve", "100%"), health=HealthCheck(test=("ask",)), priority=20, grace_s=30)
JOBS = Program(
    name="jobs",
    command=("work", "two words"),
    health=HealthCheck(test=("alive", "it's"), times=ProbeTimes(timeout=duration("1500ms"))),
    priority=30,
    grace_s=60,
    stop_signal="SIGINT",
    after=("db", "web"),
    once=("migrate", "all"),
    once_s=300,
    directory="/a b",
)


def parsed(text: str) -> configparser.ConfigParser:
    """As supervisord reads it."""
    found = configparser.ConfigParser(inline_comment_prefixes=(";", "#"), interpolation=None, strict=True)
    found.read_string(text)
    return found


def test_each_program_has_its_section() -> None:
    conf = parsed(supervisor.settings([WEB, JOBS]))
    assert [name for name in conf.sections() if ":" in name] == ["rpcinterface:supervisor", f"eventlistener:{LISTENER}", "program:web", "program:jobs"]
    web, jobs = conf["program:web"], conf["program:jobs"]
    assert web["command"] == "/.berth/busybox sh /.berth/program run web"
    assert (web["priority"], web["stopsignal"], web["stopwaitsecs"]) == ("20", "TERM", "30")
    assert (jobs["priority"], jobs["stopsignal"], jobs["stopwaitsecs"]) == ("30", "INT", "60")
    assert {section["autorestart"] for section in (web, jobs)} == {"true"}
    assert jobs["stdout_logfile"] == "/var/log/berth/jobs.log"


def test_output_fits_into_its_folder() -> None:
    conf = parsed(supervisor.settings([WEB, JOBS]))
    programs = [conf[name] for name in conf.sections() if name.startswith("program:")]
    written = sum(int(one["stdout_logfile_maxbytes"].removesuffix("MB")) * (1 + int(one["stdout_logfile_backups"])) for one in programs)
    assert written < log_space_mib([WEB, JOBS])


def test_description() -> None:
    assert description(JOBS, {"B": "x", "A": "it's\n"}) == (
        "export A='it'\"'\"'s\n'\nexport B=x\ncd '/a b'\ncheck 1 alive 'it'\"'\"'s'\nafter db\nafter web\nonce 300 migrate all\nrun work 'two words'\n"
    )
    assert description(WEB, {}) == "cd /\ncheck 3 ask\nrun serve 100%\n"


@settings(derandomize=True, max_examples=40, deadline=None, database=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_any_text_is_a_word(text: str) -> None:
    program = Program(name="x", command=("printf", "%s|%s", text, "$HOME"), health=HealthCheck(test=(text,)), priority=1, grace_s=1)
    script = description(program, {"VALUE": text})
    functions = 'check() { :; }; run() { "$@"; printf "|%s" "$VALUE"; }\n'
    said = subprocess.run(["busybox", "sh", "-eu", "-c", functions + script], capture_output=True, check=True, env={"PATH": "/usr/bin:/bin"})
    assert said.stdout == f"{text}|$HOME|{text}".encode()


@pytest.mark.parametrize(("name", "known"), [("SIGTERM", "TERM"), ("SIGUSR1", "USR1"), ("SIGRTMIN", "34"), ("SIGRTMIN+3", "37")])
def test_signal(name: str, known: str) -> None:
    assert signal(name) == known


def test_commands_are_no_expressions() -> None:
    assert shlex.split(supervisor.settings([WEB]).split("command = ")[2].splitlines()[0].replace("%%", "%")) == [
        "/.berth/busybox", "sh", "/.berth/program", "run", "web"
    ]  # fmt: skip
