"""What a program costs in Python alone, under Pulumi's mocks.

Each runs once, in a process of its own: `python -m bench.graph base | shop | steps | services N [SWITCH] | keep N FILE | flat FILE [SWITCH | FORM]`.
"""

import gc
import importlib
import inspect
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
SHOP = Path(__file__).parent / "shop"


def no_traces() -> None:
    """Have the SDK take no stack trace of a resource."""
    from pulumi.runtime import resource  # noqa: PLC0415  # what is measured
    from pulumi.runtime.proto import source_pb2  # noqa: PLC0415

    assert callable(resource._get_stack_trace)  # noqa: S101  # else this would switch off nothing
    resource._get_stack_trace = source_pb2.StackTrace


def no_messages() -> None:
    """Have the SDK write no debug messages."""
    import pulumi  # noqa: PLC0415

    pulumi.log.debug = lambda *_, **__: None


SWITCHES: dict[str, Callable[[], None]] = {"gc": gc.enable, "no-gc": gc.disable, "no-traces": no_traces, "no-messages": no_messages}
"""What can be switched in a program, to see what it costs. berth's own runs without the collector (`__main__.py`), others with it."""


class Form(StrEnum):
    """What bare resources may have of berth's, to see what it costs."""

    COMPONENTS = "components"
    """Each lies in the component that it has with berth, and components register their outputs."""
    WAITS = "waits"
    """An input of each waits for the outputs of those that it waits for with berth."""


def base() -> None:
    """Import what every program of this kind imports."""
    import pulumi  # noqa: F401, PLC0415  # what is measured
    import pulumi_docker  # noqa: F401, PLC0415
    import pydantic  # noqa: F401, PLC0415


def program(folder: Path) -> Callable[[], object]:
    """berth's program for the stage `dev` of a folder."""
    from config.identity import Identity  # noqa: PLC0415
    from config.load import Loaded, Source, resolve  # noqa: PLC0415
    from tests.recording import FakeEngine  # noqa: PLC0415
    from topologies import build  # noqa: PLC0415

    values = {"topology": "dev", "application": "app.yaml"}
    found = resolve(Source(root=folder, stack="dev", values=values, secret_keys=frozenset()))
    identity = Identity(instance="0badcafe", root_secret=bytes(32))
    loaded = Loaded(stage=found.stage, identity=identity, secrets=found.secrets, certificate=found.certificate)
    return lambda: build(loaded, FakeEngine())


def under_mocks(build: Callable[[], object]) -> None:
    """Run a program without an engine."""
    import pulumi  # noqa: PLC0415
    from pulumi.runtime import mocks  # noqa: PLC0415

    class Answers(mocks.Mocks):
        def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
            image = {"imageId": "sha256:0"} if args.typ.endswith("RemoteImage") else {}
            return f"{args.name}-id", {"name": args.name, **args.inputs, **image}

        def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], None]:
            return {}, None

    mocks.set_mocks(Answers(), project="berth", stack="dev", preview=False)

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    async def run() -> None:
        built = build()
        if inspect.isawaitable(built):
            await built

    run()


def of_services(count: int, folder: Path) -> None:
    """Write an application of so many services: the proxy, and apps with a few variables."""
    apps = {
        f"app{number}": {"image": "nginx:1.28", "port": 8000, "routes": {f"/{number}": {}}, "env": {"A": "1", "SITE": "${proxy.url}"}}
        for number in range(count - 1)
    }
    (folder / "app.yaml").write_text(json.dumps({"format": 1, "name": "many", "apps": apps}))


def keep(count: int, file: Path) -> None:
    """Write down every resource of an application of so many services, components left out: type, name, inputs, component, and names of those it waits for."""
    from tests.recording import record  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        of_services(count, Path(folder))
        recording = record(program(Path(folder)))
    leaves = [(one.type, one.name, one.inputs, one.parent, one.dependencies) for one in recording.resources if one.type.startswith("docker:")]
    file.write_text(json.dumps(leaves, default=lambda hidden: hidden.value))


def flat(file: Path, *forms: Form) -> Callable[[], object]:
    """A program that creates the same resources one after the other, from values that are known where no form says otherwise."""
    import pulumi  # noqa: PLC0415
    import pulumi_docker as docker  # noqa: PLC0415

    leaves = json.loads(file.read_text())

    def build() -> None:
        made: dict[str, pulumi.CustomResource] = {}
        components: dict[str, pulumi.ComponentResource] = {}
        for kind, name, inputs, parent, dependencies in leaves:
            options = None
            if parent and Form.COMPONENTS in forms:
                if parent not in components:
                    components[parent] = pulumi.ComponentResource(*parent.split("::"))
                    components[parent].register_outputs({})
                options = pulumi.ResourceOptions(parent=components[parent])
            given = {_snake(key): value for key, value in inputs.items()}
            if given and Form.WAITS in forms and (found := [made[one].id for one in dependencies if one in made]):
                first, value = next(iter(given.items()))
                given[first] = pulumi.Output.all(value, *found)[0]
            made[name] = getattr(docker, kind.rsplit(":", 1)[1])(name, opts=options, **given)

    return build


def _snake(key: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", key)


def steps() -> dict[str, float]:
    """What each step of the program takes, in units of the first one, the imports of every such program. One process, from importing to the end."""
    taken: dict[str, float] = {}

    def step(what: str, act: Callable[[], T]) -> T:
        began = time.perf_counter()
        result = act()
        taken[what] = time.perf_counter() - began
        return result

    step("importing pulumi, pulumi_docker and pydantic", base)
    step("importing the Docker SDK", lambda: importlib.import_module("docker"))
    step("importing jinja2, ruamel.yaml and cryptography", lambda: [importlib.import_module(name) for name in ("jinja2", "ruamel.yaml", "cryptography.x509")])
    step("importing berth", lambda: [importlib.import_module(name) for name in ("components.engine", "config.load", "topologies")])
    build = step("reading and checking app.yaml", lambda: program(SHOP))
    step("the graph: the resources and what they are made of", lambda: under_mocks(switched(build, "no-gc")))
    unit = next(iter(taken.values()))
    return {what: seconds / unit for what, seconds in taken.items()}


def switched(build: Callable[[], object], *names: str) -> Callable[[], object]:
    """The same program, when what was asked for is switched: as berth does it, behind what is imported."""
    for name in names:
        SWITCHES[name]()
    return build


def main(what: str, *arguments: str) -> None:
    """What the command line says."""
    match what, arguments:
        case "base", ():
            base()
        case "shop", ():
            under_mocks(switched(program(SHOP), "no-gc"))
        case "services", (count, *switches):
            with tempfile.TemporaryDirectory() as folder:
                of_services(int(count), Path(folder))
                under_mocks(switched(program(Path(folder)), "no-gc", *switches))
        case "steps", ():
            sys.stdout.write(json.dumps(steps()))
        case "keep", (count, file):
            keep(int(count), Path(file))
        case "flat", (file, *words):
            forms = [Form(word) for word in words if word not in SWITCHES]
            under_mocks(switched(flat(Path(file), *forms), *(word for word in words if word in SWITCHES)))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
