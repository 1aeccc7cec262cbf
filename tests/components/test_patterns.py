"""Words that go into nginx.conf: what they may be, and that nothing else passes."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from components.proxy.patterns import HeaderName, HeaderText, Host, Origin, RelativePath, RoutePattern, Target, split

WORDS = {
    "host": (TypeAdapter(Host), ("demo.example", "a", "127.0.0.1", "xn--bcher-kva.example"), ("", "A.example", "a..b", "-a", "a-", ".a", "a/", "a:1", "*.a", "a" * 254)),
    "route": (TypeAdapter(RoutePattern), ("/", "/api/", "a.example/", "a.example/x.y/@~_-"), ("", "api", "A/x", "/a b", "/a//b", "/../a", "/.", "/a;", "/a{", "a.example")),
    "path": (TypeAdapter(RelativePath), ("", "a", "a/b/", ".well-known/x"), ("/a", "..", "a/../b", "a//b", "./a", "a b", "$x", "a;")),
    "origin": (TypeAdapter(Origin), ("*", "https://a.example", "http://localhost:5173"), ("", "a.example", "https://a/", "https://*.a", "null", "https://a:0", "ftp://a")),
    "target": (TypeAdapter(Target), ("/", "/new", "https://a.example", "http://a:8080/x?y=z&w#f"), ("", "//evil", "a", "javascript:1", "https://", "/a b", '/a"', "/$a")),
    "name": (TypeAdapter(HeaderName), ("X-A", "a1"), ("", "1a", "X A", "X:A", "X_A", "é")),
    "text": (TypeAdapter(HeaderText), ("x", 'a "b" $c {}; \\'), ("", " a", "a ", "a\nb", "é", "a\0")),
}  # fmt: skip


def accepts(kind: str, text: str) -> bool:
    try:
        WORDS[kind][0].validate_python(text)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("kind", WORDS)
def test_words(kind: str) -> None:
    _, right, wrong = WORDS[kind]
    assert [text for text in right if not accepts(kind, text)] == []
    assert [text for text in wrong if accepts(kind, text)] == []


@pytest.mark.parametrize("kind", WORDS)
@settings(derandomize=True, deadline=None, database=None, max_examples=30)
@given(end=st.text(alphabet="\n\r\0\"'{};$\\ é", min_size=1, max_size=3))
@example(end="\n")
def test_no_word_ends_in_what_ends_a_word(kind: str, end: str) -> None:
    word = WORDS[kind][1][-1]
    assert not accepts(kind, word + end + "x\n")
    harmless = {"text": "\"'{};$\\ ", "target": ";'"}.get(kind, "")  # in double quotes
    if set(end) - set(harmless):
        assert not accepts(kind, word + end)


@pytest.mark.parametrize(
    ("pattern", "parts"), [("/", ("", "")), ("/api/", ("", "/api")), ("a.example/", ("a.example", "")), ("a.example/x/y", ("a.example", "/x/y"))]
)
def test_split(pattern: str, parts: tuple[str, str]) -> None:
    assert split(pattern) == parts
