"""How rules answer."""

import pytest

from config.agreement import Given, listed


@pytest.mark.parametrize(("words", "text"), [([], "none"), (["a"], "a"), (("b", "a"), "a, b"), ({"b": 1, "a": 2}, "a, b")])
def test_names_for_a_message(words: list[str], text: str) -> None:
    assert listed(words) == text


def test_what_is_given_is_fixed() -> None:
    assert Given(stack="dev", secrets=frozenset({"key"})) == Given(stack="dev", secrets=frozenset({"key"}))
