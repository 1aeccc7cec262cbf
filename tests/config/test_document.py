"""YAML files: plain values, the line of each, and one message for every way to break them."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.document import Where, parse, read
from config.problems import Refused

TEXT = """\
# a comment
name: shop

apps:
  web:
    port: 8000
    uses: [db,
      cache]
    command:
      - serve
      - --all
"""


def test_values_are_plain() -> None:
    document = parse(TEXT, "app.yaml")
    assert document.data == {"name": "shop", "apps": {"web": {"port": 8000, "uses": ["db", "cache"], "command": ["serve", "--all"]}}}
    assert type(document.data["apps"]) is dict


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("name",), "app.yaml:2"),
        (("apps",), "app.yaml:4"),
        (("apps", "web"), "app.yaml:5"),
        (("apps", "web", "port"), "app.yaml:6"),
        (("apps", "web", "uses", 0), "app.yaml:7"),
        (("apps", "web", "uses", 1), "app.yaml:8"),
        (("apps", "web", "command", 1), "app.yaml:11"),
        (("apps", "web", "health", "path"), "app.yaml:5"),
        (("apps", "web", "uses", 7, "x"), "app.yaml:7"),
        (("postgres",), "app.yaml"),
        ((), "app.yaml"),
    ],
)
def test_place_is_that_of_the_value_or_the_nearest_around_it(path: Where, place: str) -> None:
    assert parse(TEXT, "app.yaml").place(path) == place


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 'app.yaml:3: found duplicate key "a": keep one of them'),
        ("a:\n\tb: 1\n", "app.yaml:2: a tab stands here: indent with spaces"),
        ("- a\n- b\n", "app.yaml: has to be a mapping of keys to values"),
        ("just words\n", "app.yaml: has to be a mapping of keys to values"),
        ("", "app.yaml: has to be a mapping of keys to values"),
        ("a: 'never closed\n", "app.yaml:2: is no YAML: found unexpected end of stream"),
        ("a: *nobody\n", "app.yaml:1: is no YAML: found undefined alias 'nobody'"),
        ("a: 1\n---\nb: 2\n", "app.yaml:2: is no YAML: but found another document"),
        (
            "a: !!python/object:os.system x\n",
            "app.yaml:1: is no YAML: could not determine a constructor for the tag 'tag:yaml.org,2002:python/object:os.system'",
        ),
        ("a: \x00\n", "app.yaml: is no YAML: unacceptable character #x0000: special characters are not allowed"),
        ("? [a]\n: b\n", "app.yaml: is no YAML: unhashable type: 'list'"),
        ("a: &x [*x]\n", "app.yaml: is no YAML: an alias stands inside what it names, or it is nested without end"),
        ("a: " + "[" * 1000, "app.yaml: is no YAML: an alias stands inside what it names, or it is nested without end"),
        ("a: 1\nb: " + "9" * 5000, "app.yaml:2: is no YAML: this cannot be read as int: quote it if it is text"),
        ("a: 0x" + "f" * 5000, "app.yaml:1: is no YAML: this cannot be read as int: quote it if it is text"),
        ("a: [2001-99-99]\n", "app.yaml:1: is no YAML: this cannot be read as timestamp: quote it if it is text"),
        ("a: 1\nb: !!bool x\n", "app.yaml:2: is no YAML: this cannot be read as bool: quote it if it is text"),
        ("%YAML 1.3\n---\na: b\n", "app.yaml: is no YAML: version minor part can only be 2 or 1, got (1, 3)"),
    ],
)
def test_what_is_no_document(text: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(text, "app.yaml")
    assert str(refused.value) == message


def test_reads_a_file(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("name: übung\n", encoding="utf-8")
    assert read(tmp_path / "app.yaml", "app.yaml").data == {"name": "übung"}


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"^demo/app\.yaml: cannot be read: No such file or directory$"):
        read(tmp_path / "app.yaml", "demo/app.yaml")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"^demo: cannot be read: Is a directory$"):
        read(tmp_path, "demo")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_bytes(b"name: \xff\xfe\n")
    with pytest.raises(Refused, match=r"^app\.yaml: cannot be read: is not UTF-8 text$"):
        read(tmp_path / "app.yaml", "app.yaml")


@pytest.mark.parametrize(
    ("name", "reason"), [("a\0b", "no file can have this name"), ("\ud800", "no file can have this name"), ("x" * 5000, "File name too long")]
)
def test_a_name_that_no_file_has(name: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=f": cannot be read: {reason}$"):
        read(tmp_path / name, name)


PIECES = [*"a1:-?[]{},&*!|>'\"%@#~ \n\t\\0xeE.", "!!int ", "!!set ", "<<: ", "---\n", "\\ud800", "2001-99-99"]


@settings(max_examples=500)
@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    said = "app.yaml"
    try:
        assert type(parse(text, "app.yaml").data) is dict
    except Refused as refused:
        said = str(refused)
    assert re.fullmatch(r"app\.yaml(:\d+)?(: .+)?", said)
    assert said.isprintable()
