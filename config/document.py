"""YAML files with the line of every value."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

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


class _Constructor(SafeConstructor):
    """Knows the line of a value that looks like a number or a date and is none, or one that nobody could write down again."""

    def construct_object(self, node: Node, deep: bool = False) -> object:
        try:
            value: object = super().construct_object(node, deep)
            if isinstance(value, int):
                value.to_bytes(8, "big", signed=True)  # OverflowError: no setting is that large
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as problem:
            if not isinstance(node, ScalarNode):
                raise
            kind = str(node.tag).rsplit(":", maxsplit=1)[-1]
            raise ConstructorError(problem=f"this cannot be read as {kind}: quote it if it is text", problem_mark=node.start_mark) from problem
        return value


def read(path: Path, name: str) -> Document:
    """Read a file, or refuse it with the line of its first mistake."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:
        reason = _unreadable(problem)
        raise Refused([Problem(place=name, path="", text=f"cannot be read: {reason}")]) from None
    return parse(text, name)


def _unreadable(problem: OSError | ValueError) -> str:
    if isinstance(problem, OSError):
        return problem.strerror or "the system does not say why"
    return "is not UTF-8 text" if isinstance(problem, UnicodeDecodeError) else "no file can have this name"


def parse(text: str, name: str) -> Document:
    """Parse the text of a file."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    try:
        node = yaml.compose(text)
        lines: dict[Where, int] = {}
        _collect(node, (), lines)
        data = yaml.constructor.construct_document(node) if node else None
    except Exception as problem:  # ruamel lets a good many through that are no YAMLError, and a slip in a file must not end in a traceback
        mark = problem.problem_mark if isinstance(problem, MarkedYAMLError) else None
        place = f"{name}:{mark.line + 1}" if mark else name
        raise Refused([Problem(place=place, path="", text=_reason(problem))]) from None
    if not isinstance(data, dict):
        raise Refused([Problem(place=name, path="", text="has to be a mapping of keys to values")])
    return Document(name=name, data=data, lines=lines)


def _reason(problem: Exception) -> str:
    if isinstance(problem, RecursionError):
        return "is no YAML: an alias stands inside what it names, or it is nested without end"
    reason = str(problem.problem) if isinstance(problem, MarkedYAMLError) else f"{problem}\n".splitlines()[0]
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
