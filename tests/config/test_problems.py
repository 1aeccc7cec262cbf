"""Problems: how they read."""

import pytest

from config.problems import Problem, Refused, printable, suggestion


@pytest.mark.parametrize(("path", "text"), [("apps.web", "app.yaml:3: apps.web: is wrong"), ("", "app.yaml:3: is wrong")], ids=["with a path", "without"])
def test_a_problem_is_one_line(path: str, text: str) -> None:
    assert str(Problem(place="app.yaml:3", path=path, text="is wrong")) == text


def test_a_refusal_says_them_all() -> None:
    refused = Refused(Problem(place="f", path="", text=text) for text in ("one", "two"))
    assert str(refused) == "f: one\nf: two"
    assert len(refused.problems) == 2


@pytest.mark.parametrize(("word", "expected"), [("prt", "; did you mean port?"), ("xyz", ""), ("port", "; did you mean port?")])
def test_suggestion(word: str, expected: str) -> None:
    assert suggestion(word, ["port", "build", "image"]) == expected


@pytest.mark.parametrize(
    ("text", "shown"), [("größe, 'x' \\ \"y\"", "größe, 'x' \\ \"y\""), ("a\nb\0\ud800\x1b", r"a\nb\x00\ud800\x1b")], ids=["as it is", "escaped"]
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert str(Problem(place="f", path=text, text="x")) == f"f: {shown}: x"
