"""Where the secrets of a stage come from."""

import sys
from pathlib import Path
from typing import Any

import pytest

from config.given import given, is_source

SAY = [sys.executable, "-c", "print('s3cret')"]


@pytest.fixture(autouse=True)
def _sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    (tmp_path / "lines").write_text("one\ntwo\n\n")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "bytes").write_bytes(b"\xff")
    monkeypatch.setenv("SHOP_KEY", "s3cret")
    monkeypatch.setenv("SHOP_EMPTY", "")
    monkeypatch.delenv("SHOP_NONE", raising=False)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("s3cret", "s3cret"),
        ({"file": "key"}, "s3cret"),
        ({"file": "lines"}, "one\ntwo\n"),
        ({"environment": "SHOP_KEY"}, "s3cret"),
        ({"command": SAY}, "s3cret"),
        ({"command": [sys.executable, "-c", "print(open('key').read(), end='')"]}, "s3cret"),
    ],
    ids=["text", "file", "one newline goes", "variable", "command", "command at the project's root"],
)
def test_sources(source: Any, value: str, tmp_path: Path) -> None:
    assert given({"key": source}, tmp_path) == ({"key": value}, {})


def test_a_file_may_lie_anywhere(tmp_path: Path) -> None:
    assert given({"key": {"file": str(tmp_path / "key")}}, Path("/")) == ({"key": "s3cret"}, {})


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("", "is empty: write its text"),
        ("a\0b", "holds a NUL character, which no variable can hold"),
        (17, "has to be an encrypted text, or a mapping with one of command, environment, file"),
        ({}, "has to be an encrypted text, or a mapping with one of command, environment, file"),
        ({"file": "key", "environment": "SHOP_KEY"}, "has to be an encrypted text, or a mapping with one of command, environment, file"),
        ({"vault": "key"}, "has to be an encrypted text, or a mapping with one of command, environment, file"),
        ({"file": ["key"]}, "has a file that is no text: write its path, relative to Pulumi.yaml"),
        ({"file": "none"}, "cannot be read from {root}/none (No such file or directory): correct the path, or make the file"),
        ({"file": "bytes"}, "cannot be read from {root}/bytes (is not UTF-8 text): correct the path, or make the file"),
        ({"file": "empty"}, "is empty: write the secret into {root}/empty"),
        ({"environment": 1}, "has an environment that is no text: write the name of a variable"),
        ({"environment": "SHOP_NONE"}, "is not in the environment: export SHOP_NONE before you run this"),
        ({"environment": "SHOP_EMPTY"}, "is empty: give SHOP_EMPTY a value"),
        ({"command": "vault kv get key"}, "has a command that is no list of texts: write [program, argument, ...]"),
        ({"command": []}, "has a command that is no list of texts: write [program, argument, ...]"),
        (
            {"command": ["no-such-vault", "get"]},
            "could not be asked for (no-such-vault: No such file or directory): run it yourself to see why: no-such-vault get",
        ),
        ({"command": ["sh", "-c", "echo s3cret; exit 3"]}, "could not be asked for (sh ended with 3): run it yourself to see why: sh -c echo s3cret; exit 3"),
        ({"command": ["true"]}, "is empty: run it yourself to see why: true"),
    ],
)
def test_problems(source: Any, problem: str, tmp_path: Path) -> None:
    assert given({"good": "x", "key": source}, tmp_path) == ({"good": "x"}, {"key": problem.replace("{root}", str(tmp_path))})


def test_what_a_failed_command_wrote_is_not_shown(tmp_path: Path) -> None:
    script = tmp_path / "vault"
    script.write_text("#!/bin/sh\necho s3cret; echo s3cret >&2; exit 3\n")
    script.chmod(0o755)
    assert "s3cret" not in str(given({"key": {"command": [str(script)]}}, tmp_path))


@pytest.mark.parametrize(("value", "is_one"), [({"file": "x"}, True), ({"secure": "x"}, False), ("x", False), ({"file": "x", "command": []}, False)])
def test_what_says_where_a_secret_is(value: Any, is_one: bool) -> None:
    assert is_source(value) is is_one
