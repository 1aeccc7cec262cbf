"""YAML files with the line of every value."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from config.problems import Problem, Refused

Where = tuple[str | int, ...]
"""Path of a value: keys and list indices."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A mapping read from a file, as plain Python values."""

    name: str
    """The file, as messages show it."""
    data: dict[str, Any]  # Any: YAML may hold anything, the models decide
    lines: dict[Where, int] = field(default_factory=dict)

    def place(self, path: Where) -> str:
        """`file:line` of the value at a path, or of the nearest one around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.name}:{self.lines[path]}" if path in self.lines else self.name


def read(path: Path, name: str) -> Document:
    """Read a file, or refuse it with the line of its first mistake."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:  # ValueError: bytes that are no UTF-8, a path with NUL
        reason = problem.strerror if isinstance(problem, OSError) else "is not UTF-8 text"
        raise Refused([Problem(place=name, path="", text=f"cannot be read: {reason}")]) from None
    return parse(text, name)


def parse(text: str, name: str) -> Document:
    """Parse the text of a file."""
    yaml = YAML(typ="safe", pure=True)
    try:
        data = yaml.load(text)
        lines: dict[Where, int] = {}
        _collect(YAML(typ="safe", pure=True).compose(text), (), lines)
    except (YAMLError, TypeError, RecursionError, AssertionError) as problem:  # ruamel lets the last three through
        mark = problem.problem_mark if isinstance(problem, MarkedYAMLError) else None
        place = f"{name}:{mark.line + 1}" if mark else name
        raise Refused([Problem(place=place, path="", text=_reason(problem))]) from None
    if not isinstance(data, dict):
        raise Refused([Problem(place=name, path="", text="has to be a mapping of keys to values")])
    return Document(name=name, data=data, lines=lines)


def _reason(problem: Exception) -> str:
    if isinstance(problem, RecursionError):
        return "is no YAML: an alias stands inside what it names"
    reason = str(problem.problem) if isinstance(problem, MarkedYAMLError) else str(problem).splitlines()[0]
    if "duplicate key" in reason:
        return f"{reason.split(' with value', maxsplit=1)[0]}: keep one of them"
    if "'\\t'" in reason:
        return "a tab stands here: indent with spaces"
    return f"is no YAML: {reason}"


def _collect(node: Node | None, path: Where, lines: dict[Where, int]) -> None:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            lines[(*path, key.value)] = key.start_mark.line + 1
            _collect(value, (*path, key.value), lines)
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            lines[(*path, index)] = item.start_mark.line + 1
            _collect(item, (*path, index), lines)
