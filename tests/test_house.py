"""The rules of the house that can be checked: who may know whom, what has its test, what is said once."""

import ast
import dataclasses
import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest
from pydantic_core import PydanticUndefined

from components.model import Model
from config.docstrings import docstrings
from tests.recording import record

ROOT = Path(__file__).parents[1]
ROOMS = ("components", "config", "policies", "topologies")
MAY_KNOW = {"components": {"components"}, "config": {"components", "config"}, "policies": {"policies"}, "topologies": {"components", "config", "topologies"}}
ALL_ROOMS = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
WITHOUT_MODULE = {
    "tests/components/test_scripts.py": "components/tools/image",
    "tests/components/test_program_script.py": "components/tools/image/program",
    "tests/components/test_switch_scripts.py": "components/tools/image",
    "tests/components/test_heal_script.py": "components/tools/image/heal",
    "tests/components/test_every_script.py": "components/tools/image/every",
    "tests/config/test_parity.py": "config",
    "tests/policies/test_shipped.py": "demo",
    "tests/components/test_visitors.py": "components/proxy/nginx.conf.j2",
    "tests/topologies/test_demo.py": "demo",
    "tests/topologies/test_sizing.py": "docs/sizing.md",
    "tests/topologies/test_examples.py": "examples",
    "tests/topologies/test_any_stage.py": "tests/config/variations.py",
}
"""Tests of something that is no Python module, and where that is."""
WORLD = {"environ", "getenv", "Config", "get_stack", "get_project", "get_organization", "export"}
"""What a component may not read or write: it gets everything as arguments."""


def modules(*rooms: str) -> list[str]:
    """Source files of rooms, relative to the checkout. What runs when it is imported is none of them."""
    return sorted(str(path.relative_to(ROOT)) for room in rooms for path in (ROOT / room).rglob("*.py") if path.name != "__main__.py")


def dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def the_test_of(path: str) -> str:
    """The test of a module: a package's is named after it, and one called `config` after its package too."""
    *_, package, module = ("", *dotted(path).split("."))
    return f"tests/{path.split('/', maxsplit=1)[0]}/test_{f'{package}_config' if module == 'config' and package else module}.py"


def parsed(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


def imported(path: str) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("path", [path for path in modules(*ROOMS) if path.count("/") > 1 or not path.endswith("__init__.py")])
def test_every_module_has_its_test(path: str) -> None:
    assert (ROOT / the_test_of(path)).is_file(), f"{path} has no {the_test_of(path)}"


@pytest.mark.parametrize("path", [path for path in modules(*(f"tests/{room}" for room in ROOMS)) if Path(path).name.startswith("test_")])
def test_every_test_has_its_module(path: str) -> None:
    known = {the_test_of(module) for module in modules(*ROOMS)}
    assert path in known or (ROOT / WITHOUT_MODULE[path]).exists()


def test_every_shipped_stage_has_its_golden_file() -> None:
    own = {f"demo-{path.name.split('.')[1]}" for path in ROOT.glob("Pulumi.*.yaml")}
    examples = {f"{path.parent.name}-{path.name.split('.')[1]}" for path in ROOT.glob("examples/*/Pulumi.*.yaml")}
    assert {path.stem for path in (ROOT / "tests" / "golden").glob("*.txt")} == own | examples


@pytest.mark.parametrize("path", modules(*ROOMS))
def test_who_may_know_whom(path: str) -> None:
    room = path.split("/", maxsplit=1)[0]
    assert set(imported(path)) & ALL_ROOMS <= MAY_KNOW[room]


@pytest.mark.parametrize("path", modules("components"))
def test_components_are_told_everything(path: str) -> None:
    named = {node.attr for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)}
    named |= {alias.name for node in ast.walk(parsed(path)) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert not named & WORLD


def test_importing_makes_nothing() -> None:
    kept = {name: module for name, module in sys.modules.items() if name.split(".")[0] in ROOMS}

    def program() -> None:
        for name in kept:
            del sys.modules[name]
        for path in modules(*ROOMS):
            importlib.import_module(dotted(path))

    try:
        made = record(program)
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] in ROOMS]:
            del sys.modules[name]
        sys.modules.update(kept)
    assert made.resources == []
    assert made.outputs == {}


@pytest.mark.parametrize("path", [*modules(*ROOMS, "ops", "tests"), "__main__.py"])
def test_a_file_can_be_read_at_a_sitting(path: str) -> None:
    assert len((ROOT / path).read_text().splitlines()) <= 300


def classes(of: type) -> list[type]:
    """Classes of the rooms that derive from one."""
    found = []
    for path in modules(*ROOMS):
        module = importlib.import_module(dotted(path))
        found += [one for _, one in inspect.getmembers(module, inspect.isclass) if one.__module__ == module.__name__ and issubclass(one, of)]
    return found


COMPONENTS = classes(pulumi.ComponentResource)
MODELS = [model for model in classes(Model) if model is not Model]


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__)
def test_the_form_of_a_component(component: type) -> None:
    module = inspect.getmodule(component)
    name = component.__name__
    assert f'"berth:index:{name}"' in inspect.getsource(component)
    assert list(inspect.signature(component).parameters) == ["name", "args", "opts"]
    args = getattr(module, f"{name}Args")
    assert dataclasses.is_dataclass(args)
    assert vars(args)["__hash__"] is not None, "it is not frozen"
    assert all(field.kw_only for field in dataclasses.fields(args))
    assert inspect.getsource(component).count("self.register_outputs(") == 1


def test_all_components_are_known() -> None:
    assert {component.__name__ for component in COMPONENTS} == {
        "App", "DataVolume", "Files", "Mailhog", "Mono", "Networks", "Postgres", "Proxy", "Redis", "Scratch", "Switch", "Tools", "Worker"
    }  # fmt: skip


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_default_is_given_once(model: type[Model]) -> None:
    for name, field in model.model_fields.items():
        if name in model.__annotations__:
            for parent in model.__mro__[1:]:
                above = getattr(parent, "model_fields", {}).get(name)
                assert above is None or field.default is PydanticUndefined or field.default != above.default, f"{name} says again what {parent.__name__} says"
        assert "default" not in docstrings(model).get(name, "").lower(), f"{name}: the default is in the code, the reference shows it"
