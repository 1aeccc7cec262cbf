"""What is wrong with a configuration: every problem at once, each with its place and its remedy."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing to change."""

    place: str
    """`file:line`, or the file alone where no line is known."""
    path: str
    """Dotted path of the value."""
    text: str
    """What is wrong, what is allowed, what to change."""

    def __str__(self) -> str:
        return printable(f"{self.place}: {self.path}: {self.text}" if self.path else f"{self.place}: {self.text}")


class Refused(Exception):
    """The configuration cannot be used; Docker was not touched."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def printable(text: str) -> str:
    """One line that every terminal can show: what cannot be seen is written as `\\n`, `\\x00`, `\\ud800`."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def suggestion(word: str, allowed: Iterable[str]) -> str:
    """The nearest right name, as a question to append, or nothing."""
    near = get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""
