"""What others wrote cannot drive a terminal."""

import pytest

from components.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [("plain text, größer", "plain text, größer"), ("a\tb", "a\tb"), ("\x1b[31mred", "?[31mred"), ("bell\x07 back\rthere\n", "bell? back?there?")],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
