"""Headers of every answer: which there are, and which a file may name. Exact refusals stand in tests/config/proxy_mistakes.py."""

import pytest
from pydantic import ValidationError

from components.proxy.headers import SECURITY_HEADERS, all_headers
from tests.sites import proxy_config


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, SECURITY_HEADERS),
        (
            {"x-frame-options": "DENY", "Referrer-Policy": None, "X-Own": "1", **dict.fromkeys(list(SECURITY_HEADERS)[3:])},
            {"X-Content-Type-Options": "nosniff", "x-frame-options": "DENY", "X-Own": "1"},
        ),
        (dict.fromkeys(SECURITY_HEADERS), {}),
    ],
    ids=["defaults", "explicit", "none"],
)
def test_headers(said: dict[str, str | None], expected: dict[str, str]) -> None:
    assert all_headers(proxy_config(headers=said).headers) == expected


@pytest.mark.parametrize("name", ["Strict-Transport-Security", "Access-Control-Allow-Origin", "vary", "Set-Cookie"])
def test_headers_that_stand_elsewhere(name: str) -> None:
    with pytest.raises(ValidationError, match=f"has {name}, which"):
        proxy_config(headers={name: "x"})


def test_pages_may_be_framed_as_their_app_says() -> None:
    """Browsers that find `frame-ancestors` look no more at X-Frame-Options, where Django says DENY (Content Security Policy Level 3, 6.4.2)."""
    assert "frame-ancestors" not in SECURITY_HEADERS["Content-Security-Policy"]
