"""Runs components without an engine and keeps every request that would have gone to Pulumi, as it would have gone."""

import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any, NoReturn

import pulumi
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]  # it has no stubs
from pulumi.runtime import mocks, settings

from components.engine import ImageCommand, overlaps
from components.image import ImagesConfig
from components.stage import Stage
from components.tools import Tools, ToolsArgs

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
COMPUTED_ID = {"docker:index/remoteImage:RemoteImage": "imageId"}


class FakeEngine:
    """Answers what an engine would say of the images here."""

    start_interval = True
    local = False
    cores = 64
    memory = 2**40

    def __init__(self, owners: dict[int, dict[str, str]] | None = None, networks: tuple[dict[str, str], ...] = ()) -> None:
        self.owners = owners or {}
        self.networks = networks
        self.without: set[str] = set()

    def image_command(self, image: str) -> ImageCommand:
        return ImageCommand(entrypoint=("entrypoint",), command=("serve", "--all"))

    def port_owner(self, port: int) -> dict[str, str] | None:
        return self.owners.get(port)

    def networks_at(self, subnet: IPv4Network) -> list[dict[str, str]]:
        return [network for network in self.networks if overlaps(network["subnet"], subnet)]

    def has_path(self, path: str) -> bool:
        return path not in self.without

    def limit_pids(self, container: str, pids: int) -> None:
        raise AssertionError("the recording creates no container that could be limited")

    def limit_new(self, instance: str, label: str) -> None:
        """There will be none."""


@dataclass(frozen=True)
class Registered:
    """One resource as it was asked for."""

    type: str
    name: str
    parent: str
    inputs: dict[str, Any]
    """Plain values; secrets are `Hidden`."""
    options: dict[str, Any]
    dependencies: tuple[str, ...]
    """Names of everything that has to be there first."""
    after: tuple[str, ...] = ()
    """Those of them that the program asked for with `depends_on`."""


@dataclass(frozen=True)
class Hidden:
    """A value that travelled as a secret."""

    value: Any


@dataclass
class Recording:
    """Every resource, in the order of registration."""

    resources: list[Registered] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    component_outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What each component registered, by its name."""

    def one(self, name: str, kind: str = "") -> Registered:
        found = [resource for resource in self.resources if resource.name == name and kind in resource.type]
        assert len(found) == 1, f"{len(found)} resources {kind} {name}: {[(r.type, r.name) for r in self.resources]}"
        return found[0]

    def container(self, name: str) -> Registered:
        return self.one(name, "container:Container")

    def tree(self, parent: str = "", indent: str = "") -> list[str]:
        """Types and names, children below parents, in alphabetical order."""
        lines: list[str] = []
        for resource in sorted((r for r in self.resources if r.parent == parent), key=lambda r: (r.name, r.type)):
            lines.append(f"{indent}{resource.type} {resource.name}")
            lines += self.tree(_key(resource.type, resource.name), indent + "  ")
        return lines

    def plain_text(self) -> str:
        """Everything that travelled in plain."""
        return json.dumps([_without_secrets(resource.inputs) for resource in self.resources], default=str)

    def containers(self) -> Iterator[Registered]:
        return (resource for resource in self.resources if resource.type == "docker:index/container:Container")


def _key(kind: str, name: str) -> str:
    return f"{kind}::{name}"


class _Answers(mocks.Mocks):
    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        outputs = dict(args.inputs)
        if args.typ == "docker:index/remoteImage:RemoteImage":
            outputs["imageId"] = f"sha256:{args.name}"
        outputs.setdefault("name", f"{args.name}-1234567")
        return f"{args.name}-id", outputs

    def call(self, args: mocks.MockCallArgs) -> NoReturn:
        raise AssertionError(f"nothing here asks Pulumi for {args.token}")


class _Monitor(mocks.MockMonitor):
    def __init__(self, recording: Recording) -> None:
        super().__init__(_Answers())
        self.recording = recording

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  # gRPC's name
        if request.type != "pulumi:pulumi:Stack":
            parent = request.parent.split("::")
            parent_key = _key(parent[2].split("$")[-1], parent[3]) if len(parent) > 3 and "Stack" not in parent[2].split("$")[-1] else ""
            options = {
                "protect": request.protect,
                "retain_on_delete": request.retainOnDelete,
                "delete_before_replace": request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
                "replace_on_changes": list(request.replaceOnChanges),
                "ignore_changes": list(request.ignoreChanges),
            }
            dependencies = tuple(sorted({urn.split("::")[-1] for urn in request.dependencies}))
            from_inputs = {urn for property_ in request.propertyDependencies.values() for urn in property_.urns}
            after = tuple(sorted({urn.split("::")[-1] for urn in request.dependencies if urn not in from_inputs}))
            inputs = _plain(MessageToDict(request.object))
            self.recording.resources.append(Registered(request.type, request.name, parent_key, inputs, options, dependencies, after))
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]  # the SDK's mocks are untyped

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802  # gRPC's name
        self.recording.component_outputs[request.urn.split("::")[-1]] = _plain(MessageToDict(request.outputs))
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return Hidden(_plain(value.get("value")))
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Hidden):
        return "[secret]"
    if isinstance(value, dict):
        return {key: _without_secrets(item) for key, item in value.items()}
    return [_without_secrets(item) for item in value] if isinstance(value, list) else value


def stage(**changes: Any) -> Stage:
    """A stage for tests."""
    facts: dict[str, Any] = {
        "application": "shop",
        "project": "berth",
        "stack": "dev",
        "instance": "0badcafe",
        "protect_data": False,
        "engine": FakeEngine(),
        "images": ImagesConfig(),
        "fingerprint_key": b"key",
    }
    return Stage(**facts | changes)


def record(build: Callable[[], Any], stack: str = "dev") -> Recording:
    """Run a piece of a program and return what it asked for."""
    recording = Recording()
    settings.reset_options(project="berth", stack=stack)
    mocks.set_mocks(_Answers(), project="berth", stack=stack, preview=False, monitor=_Monitor(recording))

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    async def program() -> None:
        built = build()
        recording.outputs = (await built if inspect.isawaitable(built) else built) or {}

    program()
    return recording


def tools(of: Stage) -> Tools:
    """The tools that most components want."""
    return Tools("tools", ToolsArgs(stage=of))
