"""Templates: a value that is missing is an error, and what is compiled is kept where that is possible."""

from pathlib import Path

import jinja2
import pytest

from components.templates import templates


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.j2").write_text("{% if loud %}\n{{ text|loud }}\n{% endif %}\n<&>\n")
    return tmp_path


def rendered(folder: Path, **values: object) -> str:
    return templates(folder, {"loud": lambda text: str(text).upper()}).get_template("one.j2").render(**values)


def test_lines_of_the_template_itself_leave_none(folder: Path) -> None:
    assert rendered(folder, loud=True, text="a") == "A\n<&>\n"


def test_a_missing_value_is_an_error(folder: Path) -> None:
    with pytest.raises(jinja2.UndefinedError, match="'loud' is undefined"):
        rendered(folder)


def test_what_is_compiled_is_kept_beside_the_bytecode_and_follows_its_template(folder: Path) -> None:
    cache = folder / "__pycache__"
    cache.mkdir()
    rendered(folder, loud=False)
    (kept,) = cache.iterdir()
    before = kept.stat().st_mtime_ns
    rendered(folder, loud=False)
    assert kept.stat().st_mtime_ns == before
    (folder / "one.j2").write_text("changed\n")
    assert rendered(folder) == "changed\n"


def test_without_a_place_for_it_nothing_is_kept(folder: Path) -> None:
    assert rendered(folder, loud=False) == "<&>\n"
    assert [one.name for one in folder.iterdir()] == ["one.j2"]
