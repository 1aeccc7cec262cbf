"""Forms are accepted only with the token that belongs to the visitor's cookie."""

import pytest
from demo.csrf import Csrf, is_foreign

KEY = b"0123456789abcdef"


def test_accepts_its_own_pair_also_in_another_replica() -> None:
    cookie = Csrf(KEY).cookie()
    assert Csrf(KEY).accepts(cookie, Csrf(KEY).token(cookie))


def test_keeps_a_good_cookie_and_replaces_a_bad_one() -> None:
    csrf = Csrf(KEY)
    cookie = csrf.cookie()
    assert csrf.cookie(cookie) == cookie
    assert csrf.cookie("made.up") != "made.up"
    assert csrf.cookie() != csrf.cookie()


def test_refuses_everything_else() -> None:
    csrf, other = Csrf(KEY), Csrf(b"another key of 16")
    cookie, stranger = csrf.cookie(), csrf.cookie()
    foreign = other.cookie()
    for pair in [
        (None, None),
        (cookie, None),
        (None, csrf.token(cookie)),
        (cookie, ""),
        (cookie, csrf.token(stranger)),
        (cookie, other.token(cookie)),
        (foreign, other.token(foreign)),
        (foreign, csrf.token(foreign)),
        ("", csrf.token("")),
        (cookie, "ü"),
        (cookie, "\ud800"),
        (cookie, cookie),
    ]:
        assert not csrf.accepts(*pair), pair


@pytest.mark.parametrize(
    ("origin", "foreign"),
    [
        (None, False),
        ("http://localhost:8080", False),
        ("https://demo.example", False),
        ("http://web:8000", False),
        ("https://evil.test", True),
        ("https://demo.example.evil.test", True),
        ("null", True),
        ("", True),
    ],
)
def test_foreign_pages(origin: str | None, foreign: bool) -> None:
    own = "https://demo.example" if origin != "http://localhost:8080" else "http://localhost"
    assert is_foreign(origin, own, "//web") is foreign
