"""From merged values to a stage: what the models refuse, said in plain words, and what its parts do not agree on."""

import re
from collections.abc import Callable, Iterable
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config import forbidden
from config.agreement import Found, Given
from config.document import Where
from config.merge import Merged
from config.problems import Problem, Refused, suggestion
from config.rules import RULES
from config.stage import CHOSEN, TOPOLOGIES, AnyStage, Topology

NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""Characters that no file, variable or message of Pulumi can hold: NUL, and halves of a pair."""
_SHOWN = 80
"""Letters of a wrong value that a message shows."""


def validate(merged: Merged, given: Given) -> AnyStage:
    """Turn merged values into the model of their topology, or refuse them with every problem."""
    if odd := list(_no_texts(merged.data, ())):
        raise Refused(_problems(merged, [*merged.problems, *odd]))
    topology = Topology(merged.data["topology"])
    try:
        stage = TOPOLOGIES[topology].model_validate(merged.data)
    except ValidationError as refusal:
        known = {path for path, _ in merged.problems}
        refused = ((_where(error["loc"]), _plain(error, topology)) for error in refusal.errors())
        raise Refused(_problems(merged, [*merged.problems, *((path, text) for path, text in refused if path not in known)])) from None
    found = [*merged.problems, *(problem for rule in RULES for problem in rule(stage, given))]
    if found:
        raise Refused(_problems(merged, found))
    return stage


def _no_texts(value: Any, path: Where) -> Found:
    if isinstance(value, str) and (odd := NO_TEXT.search(value)):
        yield path, f"holds {odd[0]!r}, which is no character of a text: take it out, or write the character itself"
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _no_texts(key, (*path, key))
            yield from _no_texts(inner, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _no_texts(item, (*path, index))


def _problems(merged: Merged, found: Iterable[tuple[Where, str]]) -> list[Problem]:
    return [Problem(place=merged.place(path), path=dotted(path), text=text) for path, text in found]


def dotted(path: Where) -> str:
    """`apps.web.port`."""
    return ".".join(str(step) for step in path)


def _where(location: tuple[str | int, ...]) -> Where:
    return tuple(step for step in location if step != "[key]")


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."


def _choice(error: ErrorDetails) -> str:
    return f"is {_shown(error['input'])}; allowed: {error['ctx']['expected']}"


_MAPPING = "has to be a mapping of keys to values"
_TEXTS: dict[str, Callable[[ErrorDetails], str]] = {
    "string_type": lambda error: "has to be text" if isinstance(error["input"], dict | list) else "has to be text: put it in quotes",
    "int_type": lambda error: "has to be a whole number, without quotes",
    "bool_type": lambda error: "has to be true or false",
    "bool_parsing": lambda error: "has to be true or false",
    "dict_type": lambda error: _MAPPING,
    "model_type": lambda error: _MAPPING,
    "tuple_type": lambda error: "has to be a list, [a, b]",
    "too_short": lambda error: "is an empty list: write at least one word",
    "enum": _choice,
    "literal_error": _choice,
    "string_pattern_mismatch": lambda error: f"is {_shown(error['input'])}, which does not match {error['ctx']['pattern']}",
    "greater_than_equal": lambda error: f"is {_shown(error['input'])}: write {error['ctx']['ge']} or more",
    "less_than_equal": lambda error: f"is {_shown(error['input'])}: write {error['ctx']['le']} or less",
    "value_error": lambda error: str(error["ctx"]["error"]),
}


def _plain(error: ErrorDetails, topology: Topology) -> str:
    path = _where(error["loc"])
    if error["type"] == "missing":
        return forbidden.lack(topology, path)
    if error["type"] == "extra_forbidden":
        if known := forbidden.reason(topology, path):
            return known
        model = TOPOLOGIES[topology]
        allowed = sorted(_keys(model, path[:-1]) if len(path) > 1 else _sections(model))
        return f"is no key here; allowed: {', '.join(allowed)}{suggestion(str(path[-1]), allowed)}"
    text = _TEXTS.get(error["type"])
    return text(error) if text else error["msg"][:1].lower() + error["msg"][1:]


def _sections(model: type[BaseModel]) -> set[str]:
    """The keys of app.yaml: its topology is the stage's to choose."""
    return _keys(model, ()) - CHOSEN | {"topologies"}


def _keys(model: type[BaseModel], path: Where) -> set[str]:
    """The keys that may stand in the mapping at a path."""
    current: Any = model  # Any: annotations are arbitrary objects
    for step in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            named = {field.alias or name: field.annotation for name, field in current.model_fields.items()}
            current = named.get(str(step))
        else:
            current = _inside(current)
        while not (isinstance(current, type) and issubclass(current, BaseModel)) and _models(current) and not _mapping(current):
            current = _models(current)[0]
    models = [current] if isinstance(current, type) and issubclass(current, BaseModel) else _models(current)
    return {field.alias or name for found in models for name, field in found.model_fields.items()}


def _mapping(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) is dict


def _inside(annotation: Any) -> Any:
    return get_args(annotation)[-1] if get_args(annotation) else None


def _models(annotation: Any) -> list[type[BaseModel]]:
    found = []
    for argument in get_args(annotation):
        if isinstance(argument, type) and issubclass(argument, BaseModel):
            found.append(argument)
        else:
            found.extend(_models(argument))
    return found
