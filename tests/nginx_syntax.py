"""The grammar of nginx.conf: words, quotes, escapes and blocks, as ngx_conf_file.c reads them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

ESCAPES = {'"': '"', "'": "'", "\\": "\\", "t": "\t", "r": "\r", "n": "\n"}


@dataclass
class Directive:
    """A directive, and what its block holds, if it has one."""

    name: str
    args: tuple[str, ...]
    inner: list["Directive"] = field(default_factory=list)

    def all(self, *names: str) -> Iterator["Directive"]:
        """Those of some names directly inside."""
        return (one for one in self.inner if one.name in names)

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], "Directive"]]:
        """Everything inside, each with the names of the blocks around it."""
        for one in self.inner:
            yield path, one
            yield from one.walk((*path, one.name))


def parse(text: str) -> Directive:
    """Read a configuration, or fail like nginx."""
    root = Directive("", ())
    blocks, words = [root], []
    for kind, word in _tokens(text):
        if kind == "word":
            words.append(word)
        elif kind == "}":
            assert not words, f"}} after {words}"
            blocks.pop()
            assert blocks, "a } too many"
        else:
            assert words, f"{kind} without a directive"
            made = Directive(words[0], tuple(words[1:]))
            blocks[-1].inner.append(made)
            if kind == "{":
                blocks.append(made)
            words = []
    assert blocks == [root], "a block is not closed"
    assert not words
    return root


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] == "#":
            at = text.index("\n", at)
        elif text[at] in "{};":
            yield text[at], text[at]
            at += 1
        else:
            word, at = _word(text, at)
            yield "word", word


def _word(text: str, at: int) -> tuple[str, int]:
    quote = text[at] if text[at] in "\"'" else ""
    at += len(quote)
    word = ""
    while True:
        here = text[at]
        if here == "\\":
            word += ESCAPES.get(text[at + 1], text[at : at + 2])
            at += 2
            continue
        if quote and here == quote:
            assert text[at + 1] in " ;{\n", f"after the quote: {text[at + 1]!r}"
            return word, at + 1
        if not quote and (here.isspace() or here in ";{") and not (here == "{" and word.endswith("$")):
            return word, at
        word += here
        at += 1
