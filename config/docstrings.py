"""What every field of the models says of itself: the docstring below it.

Pydantic can read them when a model is made, which every run of the program would pay for. Only the reference, the schemas and their tests want them.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from components.model import Model


def describe(base: type[Model] = Model) -> None:
    """Give every field of a model, and of all that derive from it, its docstring as its description."""
    models = list(family(base))
    for model in models:
        texts = {name: text for parent in reversed(model.__mro__) if issubclass(parent, Model) for name, text in docstrings(parent).items()}
        for name, field in model.model_fields.items():
            field.description = texts.get(name)
    for model in models:
        model.model_rebuild(force=True)


def family(base: type[Model]) -> Iterator[type[Model]]:
    """A model and all that derive from it."""
    yield base
    for child in base.__subclasses__():
        yield from family(child)


@cache
def docstrings(model: type[Model]) -> dict[str, str]:
    """The docstring below each field that the class itself names."""
    (named,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(named, ast.ClassDef)  # noqa: S101  # for the type
    found = {}
    for line, below in pairwise(named.body):
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[line.target.id] = inspect.cleandoc(str(below.value.value))
    return found
