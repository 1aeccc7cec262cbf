"""Golden files: what is made, as text to read in review. `make golden` writes them; the tests compare."""

import difflib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.recording import Hidden, Recording, Registered

FOLDER = Path(__file__).parent / "golden"
CHECKOUT = Path(__file__).parents[1]
OWN_LABELS = {"berth.application", "berth.project", "berth.stack", "berth.instance", "berth.service", "berth.role"}
TOLD: dict[str, set[str]] = {
    "Container": {
        *("image", "entrypoints", "command", "start", "user", "readOnly", "capabilities", "memory", "cpus", "networksAdvanced", "ports", "mounts", "tmpfs"),
        *("envs", "uploads", "healthcheck", "waitTimeout", "stopSignal", "stopTimeout", "restart", "labels"),
    },
    "Network": {"internal", "labels"},
    "Volume": {"name", "labels"},
    "RemoteImage": {"name", "build"},
}
"""Inputs that have a line of their own."""
USUAL: dict[str, dict[str, Any]] = {
    "Container": {
        "init": True,
        "securityOpts": ["no-new-privileges:true"],
        "logDriver": "json-file",
        "logOpts": {"max-size": "10m", "max-file": "3"},
        "wait": True,
        "attach": True,
        "mustRun": False,
        "networkMode": "none",
    },
    "Network": {"driver": "bridge"},
    "RemoteImage": {"keepLocally": True},
}
"""Inputs that are said only where they are otherwise."""


def compare(path: Path, text: str) -> None:
    """Compare a text with a golden file, or write the file where BERTH_GOLDEN=1."""
    if os.environ.get("BERTH_GOLDEN") == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    expected = path.read_text() if path.exists() else ""
    if text != expected:
        diff = "\n".join(difflib.unified_diff(expected.splitlines(), text.splitlines(), f"{path.name} as it stands", f"{path.name} as it is made", lineterm=""))
        raise AssertionError(f"{path} differs; if it is meant to, run make golden and read the change:\n{diff}")


def tree(recording: Recording) -> str:
    """Everything that a stage creates, components first, then what they consist of. What differs from run to run is left open."""
    lines = [line for component in _sorted(recording, "") for line in _lines(recording, component, "")]
    lines += ["outputs", *_outputs(recording.outputs)]
    return _stable("\n".join(lines) + "\n")


def _sorted(recording: Recording, parent: str) -> list[Registered]:
    return sorted((one for one in recording.resources if one.parent == parent), key=lambda one: (one.name, one.type))


def _lines(recording: Recording, one: Registered, indent: str) -> Iterator[str]:
    kind = one.type.split(":")[-1]
    yield f"{indent}{kind} {one.name}{_flags(one)}"
    for label, value in _facts(recording, one):
        yield f"{indent}    {label:<12}{value}"
    for child in _sorted(recording, f"{one.type}::{one.name}"):
        yield from _lines(recording, child, indent + "  ")


def _flags(one: Registered) -> str:
    flags = [name for name in ("protect", "retain_on_delete") if one.options[name]]
    return f" ({', '.join(flags)})" if flags else ""


def _facts(recording: Recording, one: Registered) -> Iterator[tuple[str, str]]:
    describe: dict[str, Callable[[Recording, Registered], Iterator[tuple[str, str]]]] = {
        "Container": _container,
        "Network": _network,
        "Volume": _volume,
        "RemoteImage": _image,
    }
    kind = one.type.split(":")[-1]
    if kind in describe:
        yield from describe[kind](recording, one)
    if one.type.startswith("berth:"):
        return
    yield from _labels(one.inputs)
    yield from (("also", f"{key} {_value(value)}") for key, value in sorted(_rest(kind, one.inputs).items()))
    if one.options["ignore_changes"]:
        yield "ignores", f"changes of {', '.join(one.options['ignore_changes'])}"


def _labels(inputs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for label in inputs.get("labels", []):
        if label["label"] not in OWN_LABELS:
            yield "label", f"{label['label']}={_value(label['value'])}"


def _rest(kind: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """What is out of the ordinary and has no line of its own, so that nothing is made that nobody reads."""
    usual = USUAL.get(kind, {}) | {"memorySwap": inputs.get("memory"), "destroyGraceSeconds": inputs.get("stopTimeout")}
    return {key: value for key, value in inputs.items() if key not in TOLD.get(kind, ()) and (key not in usual or usual[key] != value)}


def _value(value: Any) -> str:
    """A value in one line, secrets without theirs."""
    if isinstance(value, Hidden):
        return "[secret]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_value(inner)}" for key, inner in sorted(value.items())) + "}"
    return f"[{', '.join(_value(inner) for inner in value)}]" if isinstance(value, list) else str(value)


def _network(recording: Recording, one: Registered) -> Iterator[tuple[str, str]]:
    yield "way out", "no" if one.inputs["internal"] else "yes"


def _volume(recording: Recording, one: Registered) -> Iterator[tuple[str, str]]:
    yield "name", one.inputs["name"]


def _image(recording: Recording, one: Registered) -> Iterator[tuple[str, str]]:
    yield "name", one.inputs["name"]
    if build := one.inputs.get("build"):
        yield "built of", " ".join(part for part in (build["context"], build["dockerfile"], build.get("target", "")) if part)
        yield from (("argument", f"{key}={_value(value)}") for key, value in sorted(build.get("buildArgs", {}).items()))


def _container(recording: Recording, one: Registered) -> Iterator[tuple[str, str]]:
    yield from _process(one.inputs)
    yield from _surroundings(one.inputs)
    yield from _contents(one.inputs)
    yield from _life(one.inputs)
    yield "replaced", _order(one)
    if after := sorted({_owner(recording, name, one) for name in one.after}):
        yield "after", ", ".join(after)


def _process(inputs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "image", inputs["image"].removeprefix("sha256:")
    yield "runs", " ".join(_quoted(word) for word in (*inputs["entrypoints"], *inputs["command"])) if inputs.get("start", True) else "never"
    yield "as", f"{inputs.get('user', 'root')}, {'files read-only' if inputs.get('readOnly') else 'files writable'}, {_capabilities(inputs)}"
    if "memory" in inputs:
        yield "limits", f"{inputs['memory']} MiB, {inputs['cpus']} cores"


def _surroundings(inputs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "networks", "; ".join(_joined(network) for network in inputs.get("networksAdvanced", [])) or "none"
    for port in inputs.get("ports", []):
        yield "port", f"{port['ip']}:{port['external']} to {port['internal']}"
    for mount in inputs.get("mounts", []):
        yield "mount", f"{mount['target']}{' read-only' if mount.get('readOnly') else ''} of {mount['type']} {mount['source']}"
    for folder, options in sorted(inputs.get("tmpfs", {}).items()):
        size = re.search(r"size=(\w+)", options)
        yield "memory at", f"{folder}, {size[1] if size else 'without a limit'}"


def _joined(network: dict[str, Any]) -> str:
    names = f" as {', '.join(network['aliases'])}" if network.get("aliases") else ""
    address = f" at {network['ipv4Address']}" if network.get("ipv4Address") else ""
    return f"{network['name']}{names}{address}"


def _contents(inputs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for variable in inputs.get("envs", []):
        yield "variable", "[secret]" if isinstance(variable, Hidden) else variable
    for upload in inputs.get("uploads", []):
        what = "secret" if isinstance(upload["content"], Hidden) else "plain"
        yield "file", f"{upload['file']}, {what}, of {upload['owner']}:{upload['group']}, mode {upload['permissions']}"


def _life(inputs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if check := inputs.get("healthcheck"):
        yield "healthy if", " ".join(_quoted(word) for word in check["tests"][1:])
        yield "probed", f"every {check['interval']}, {check['startInterval']} in the first {check['startPeriod']}; waited for {inputs['waitTimeout']} s"
    if "stopTimeout" in inputs:
        yield "stops by", f"{inputs.get('stopSignal', 'SIGTERM')}, within {inputs['stopTimeout']} s; restart {inputs['restart']}"


def _order(one: Registered) -> str:
    if not one.options["delete_before_replace"]:
        return "start first"
    if one.inputs.get("ports"):
        return "stop first, it owns a port"
    fixed = any(network.get("ipv4Address") for network in one.inputs.get("networksAdvanced", []))
    return "stop first, it has a fixed address" if fixed else "stop first, it has a volume of one writer"


def _owner(recording: Recording, name: str, one: Registered) -> str:
    """The component that stands for a resource, seen from another one: its topmost one, or itself within the same."""
    return name if _top(recording, name) == _top(recording, one.name) else _top(recording, name)


def _top(recording: Recording, name: str) -> str:
    parents = {resource.name: resource.parent.partition("::")[2] for resource in recording.resources if not resource.parent.endswith(f"::{resource.name}")}
    while parents.get(name):
        name = parents[name]
    return name


def _capabilities(inputs: dict[str, Any]) -> str:
    capabilities = inputs.get("capabilities")
    if capabilities is None:
        return "the engine's capabilities"
    return f"capabilities {', '.join(capabilities.get('adds', [])) or 'none'}"


def _quoted(word: str) -> str:
    return f"'{word}'" if not word or re.search(r"\s", word) else word


def _outputs(value: Any, indent: str = "    ") -> Iterator[str]:
    for key, inner in sorted(value.items()):
        if isinstance(inner, dict):
            yield f"{indent}{key}"
            yield from _outputs(inner, indent + "  ")
        else:
            yield f"{indent}{key}: {inner}" if inner else f"{indent}{key}: -"


def _stable(text: str) -> str:
    text = text.replace(str(CHECKOUT), "<checkout>").replace("-1234567", "")
    return re.sub(r"(?<=[:-])[0-9a-f]{12}\b", "<version>", text)
