"""Logs: whose are shown, in which order, and nothing that could drive a terminal."""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

import pytest

from ops import logs
from ops.console import Stop
from ops.engine import Engine
from ops.logs import Line, chosen, read
from ops.objects import Container, Objects
from ops.project import Stage
from tests.ops.samples import container

WEB, DB, JOB, LOADER = (
    container("1", name="web-1"),
    container("2", service="db", name="db"),
    container("3", role="job", name="web-migrate"),
    container("4", role="loader", name="web-secrets"),
)
ALL = [WEB, DB, JOB, LOADER]


@pytest.mark.parametrize(
    ("names", "expected"),
    [((), [WEB, DB, JOB]), (("web",), [WEB, JOB]), (("db", "web-1"), [WEB, DB]), (("web-migrate",), [JOB])],
    ids=["all that run something", "a service", "several", "one container"],
)
def test_chosen(names: tuple[str, ...], expected: list[Container]) -> None:
    assert chosen(ALL, names) == expected


@pytest.mark.parametrize(
    ("there", "message"),
    [
        (ALL, "no container of 'wep' is there. Services of this stage: db, web"),
        ([], "no container of 'wep' is there. Services of this stage: none, it is not up"),
    ],
)
def test_a_name_that_nothing_has(there: list[Container], message: str) -> None:
    with pytest.raises(Stop, match=f"^{re.escape(message)}$"):
        chosen(there, ["wep"])


def test_read() -> None:
    lines = [b"2026-01-01T00:00:00.5Z hello world", b"2026-01-01T00:00:01Z ", b"2026-01-01T00:00:02Z \xff"]
    assert [(line.time[-3:], line.container, line.service, line.text) for line in read(WEB, lines)] == [
        (".5Z", "web-1", "web", "hello world"),
        ("01Z", "web-1", "web", ""),
        ("02Z", "web-1", "web", "\ufffd"),
    ]


class Lines:
    """An engine with two logs, of which one goes on."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def objects(self, stage: Stage) -> Objects:
        return Objects(containers=(WEB, DB))

    def log_lines(self, container: str, lines: int) -> list[bytes]:
        self.asked.append((container, lines))
        return {"1": [b"2026-01-01T00:00:02Z second\x1b[31m", b"2026-01-01T00:00:04Z fourth"], "2": [b"2026-01-01T00:00:03Z third"]}[container]

    def follow(self, container: str, since: float | None) -> Iterator[bytes]:
        assert since, "what was shown already is not shown again"
        yield b"2026-01-01T00:00:05Z fifth"


def shown(capsys: pytest.CaptureFixture[str], **options: Any) -> list[str]:
    logs.show(cast(Stage, None), cast(Engine, Lines()), (), **({"lines": 7, "follow": False, "as_json": False} | options))
    return capsys.readouterr().out.splitlines()


def test_lines_stand_in_the_order_of_time_and_drive_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys) == ["web-1 | second?[31m", "db    | third", "web-1 | fourth"]


def test_for_programs_each_line_is_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(shown(capsys, as_json=True)[1]) == {"time": "2026-01-01T00:00:03Z", "service": "db", "container": "db", "text": "third"}


def test_following_goes_on_until_it_is_stopped(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Line] = []

    def write(line: Line) -> None:
        written.append(line)
        if [one.text for one in written].count("fifth") == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(logs, "_printer", lambda names: write)
    with pytest.raises(KeyboardInterrupt):
        shown(capsys, follow=True)
    assert sorted(line.container for line in written if line.text == "fifth") == ["db", "web-1"]
