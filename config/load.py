"""From `pulumi.Config("berth")` and app.yaml to one checked stage."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi

from components.model import NAME
from components.proxy.certificate import Certificate
from config import certificates, check, document, files, given, identity, owners, pins
from config.agreement import Given
from config.document import Document, Where
from config.merge import Layer, Merged, odd_key
from config.problems import Problem, Refused, suggestion
from config.profiles import profile
from config.stage import CHOSEN, AnyStage, Topology
from config.unused import without_unused

OWN_KEYS = frozenset({"topology", "application", "secrets", "instance", "root_secret"})
"""Keys of the stage that say something about the stage itself; the others are sections of app.yaml."""
SECTIONS = frozenset({"apps", "workers", "postgres", "redis", "mail", "proxy", "volumes", "networks", "images", "engine", "mono"})


SEALED = "[secret]"
"""Stands for a value that nobody decrypted."""


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """A stage in which nothing is wrong, and where its values come from."""

    stage: AnyStage
    merged: Merged
    file: Document
    """The stage file."""
    secrets: Mapping[str, str] = field(repr=False)
    """Values of the secrets that the stage gives, by name."""
    certificate: Certificate | None
    """Of the site, where the stage names files for it."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A stage that can be built."""

    stage: AnyStage
    identity: identity.Identity
    secrets: Mapping[str, str] = field(repr=False)
    """Values of the secrets that the stage gives, by name."""
    certificate: Certificate | None
    """Of the site, where the stage names files for it."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """What Pulumi knows of the stage."""

    root: Path
    """Folder of Pulumi.yaml."""
    stack: str
    values: Mapping[str, Any] = field(repr=False)  # Any: structured configuration
    """Values of the namespace `berth`, decrypted."""
    secret_keys: frozenset[str]
    """Those that are encrypted in the stage file."""
    sealed: bool = False
    """Whether encrypted values are unknown here, because nobody decrypted them."""


def load(source: Source) -> Loaded:
    """Load, merge and check; raises `Refused` with every problem found."""
    resolved = resolve(source)
    own = _identity(source, resolved.stage.topology)
    return Loaded(stage=resolved.stage, identity=own, secrets=resolved.secrets, certificate=resolved.certificate)


def resolve(source: Source) -> Resolved:
    """Load all but the identity of the stage; makes nothing."""
    stage_file = _stage_file(source)
    problems = list(_stage_problems(source, stage_file))
    if problems:
        raise Refused(problems)
    topology = Topology(source.values["topology"])
    app_path = source.root / source.values["application"]
    app = document.read(app_path, source.values["application"])
    _refuse_odd_sections(app)
    merged = owners.merge_with(_layers(app, app_path.parent, stage_file, source, topology))
    secrets = _given(source, stage_file)
    problems = list(_identity_problems(source, stage_file)) if not source.sealed and topology is not Topology.DEV else []
    try:
        stage = check.validate(merged, Given(stack=source.stack, secrets=frozenset(secrets), runs=not source.sealed))
        files.refuse_missing(stage, merged)
        certificate = certificates.read(stage, merged)
    except Refused as refused:
        raise Refused([*problems, *refused.problems]) from None
    if problems:
        raise Refused(problems)
    return Resolved(stage=stage, merged=merged, file=stage_file, secrets=secrets, certificate=certificate)


def _stage_file(source: Source) -> Document:
    name = f"Pulumi.{source.stack}.yaml"
    path = source.root / name
    return document.read(path, name) if path.exists() else Document(name=name, data={})


def _stage_problems(source: Source, file: Document) -> list[Problem]:
    found: list[Problem] = []
    allowed = OWN_KEYS | SECTIONS
    strangers = sorted(set(source.values) - allowed)
    found.extend(_problem(file, key, f"is no key here; allowed: {', '.join(sorted(allowed))}{suggestion(key, allowed)}") for key in strangers)
    topologies = [topology.value for topology in Topology]
    remedy = remedy_for_secrets(source.stack)
    if source.values.get("topology") not in topologies:
        found.append(_problem(file, "topology", f"has to be one of {', '.join(topologies)}"))
    if not isinstance(source.values.get("application"), str):
        found.append(_problem(file, "application", "has to be the path of app.yaml, relative to Pulumi.yaml"))
    leaking = f"holds an encrypted value, which would become plain here: give it under berth:secrets and use it by a reference; {remedy}"
    found.extend(_problem(file, key, leaking) for key in sorted(source.secret_keys & SECTIONS))
    if "secrets" in source.values and "secrets" not in source.secret_keys and not _only_sources(source.values["secrets"]):
        found.append(_problem(file, "secrets", f"stand here in plain text: {remedy}"))
    elif plain := _plain_secrets(file):
        found.append(_problem(file, "secrets", f"{', '.join(plain)} stands here in plain text: {remedy}"))
    return found


def remedy_for_secrets(stack: str) -> str:
    """How a secret gets into the stage file."""
    return f"set each with pulumi config set -s {stack} --path --secret berth:secrets.NAME"


def _only_sources(secrets: object) -> bool:
    """Whether nothing of the secrets stands in the stage file but where they are."""
    return isinstance(secrets, dict) and all(given.is_source(value) for value in secrets.values())


def _plain_secrets(file: Document) -> list[str]:
    """Names of secrets that stand in the stage file beside encrypted ones, and are not."""
    config = file.data.get("config")
    values = config.get("berth:secrets") if isinstance(config, dict) else None
    return sorted(str(name) for name, value in values.items() if not isinstance(value, dict)) if isinstance(values, dict) else []


def _refuse_odd_sections(app: Document) -> None:
    """What no layer may say, and overlays of topologies that there are not."""
    overlays = app.data.get("topologies") or {}
    if not isinstance(overlays, dict):
        raise Refused([_problem_at(app, ("topologies",), "has to be a mapping of topologies to sections")])
    found = [_problem_at(app, (key,), _chosen(key)) for key in sorted(CHOSEN & app.data.keys())]
    found.extend(_problem_at(app, where, text) for name, overlay in overlays.items() for where, text in _overlay_problems(name, overlay))
    if found:
        raise Refused(found)


def _overlay_problems(name: object, overlay: object) -> Iterator[tuple[Where, str]]:
    allowed = [topology.value for topology in Topology]
    if not isinstance(name, str):
        yield ("topologies",), odd_key(name)
    elif name not in allowed:
        yield ("topologies", name), f"is no topology; allowed: {', '.join(allowed)}{suggestion(name, allowed)}"
    elif not isinstance(overlay, dict | None):
        yield ("topologies", name), "has to be a mapping of keys to values"
    else:
        yield from ((("topologies", name, key), _chosen(key)) for key in sorted(CHOSEN & (overlay or {}).keys()))


def _chosen(key: str) -> str:
    return f"is not for app.yaml to say: the stage chooses it, with berth:{key}"


def _problem_at(app: Document, path: Where, text: str) -> Problem:
    return Problem(place=app.place(path), path=check.dotted(path), text=text)


def _problem(file: Document, key: str, text: str) -> Problem:
    return Problem(place=file.place(("config", f"berth:{key}")), path=f"berth:{key}", text=text)


def _layers(app: Document, folder: Path, stage_file: Document, source: Source, topology: Topology) -> list[Layer]:
    own = {key: value for key, value in app.data.items() if key != "topologies"}
    overlay = (app.data.get("topologies") or {}).get(topology.value) or {}
    stage = {key: value for key, value in source.values.items() if key in SECTIONS}
    return [
        profile(topology),
        Layer(document=app, data=files.absolute(without_unused(topology, own), folder), locate=lambda path: path),
        Layer(document=app, data=files.absolute(overlay, folder), locate=lambda path: ("topologies", topology.value, *path)),
        *pins.layers(source.root, source.stack),
        Layer(document=stage_file, data={"topology": topology.value, **files.absolute(stage, source.root)}, locate=_in_stage_file),
    ]


def _in_stage_file(path: Where) -> Where:
    return ("config", f"berth:{path[0]}", *path[1:]) if path else ("config",)


def _given(source: Source, file: Document) -> dict[str, str]:
    secrets = source.values.get("secrets") or {}
    if not isinstance(secrets, dict):
        raise Refused([_problem(file, "secrets", "has to be a mapping of names to texts")])
    odd = {name: f"is no name of a secret: it has to match {NAME}" for name in secrets if not re.fullmatch(NAME, name)}
    named = {name: value for name, value in secrets.items() if name not in odd}
    values, wrong = (dict.fromkeys(named, SEALED), {}) if source.sealed else given.given(named, source.root)
    wrong |= odd | {name: "holds a character that no text can have: set it again" for name, value in values.items() if check.NO_TEXT.search(value)}
    if wrong:
        raise Refused(Problem(place=file.place(("config", "berth:secrets", name)), path=f"berth:secrets.{name}", text=wrong[name]) for name in sorted(wrong))
    return values


def _identity(source: Source, topology: Topology) -> identity.Identity:
    if topology is Topology.DEV:
        return identity.keep(source.root, source.stack, pulumi.get_project())
    return identity.Identity(instance=str(source.values["instance"]), root_secret=bytes.fromhex(source.values["root_secret"]))


def _identity_problems(source: Source, file: Document) -> Iterator[Problem]:
    """What keeps a stage that serves people from knowing who it is."""
    instance, root_secret = source.values.get("instance"), source.values.get("root_secret")
    if not isinstance(instance, str) or not re.fullmatch(identity.INSTANCE, instance):
        text = (
            "is missing or not eight hexadecimal digits in quotes (YAML takes 01234567 for a number): "
            f"pulumi config set -s {source.stack} berth:instance {identity.NEW_INSTANCE}, once for this stage's life"
        )
        yield _problem(file, "instance", text)
    encrypted = "root_secret" in source.secret_keys
    well_formed = source.sealed or (isinstance(root_secret, str) and re.fullmatch(f"[0-9a-f]{{{2 * identity.ROOT_BYTES}}}", root_secret))
    if not encrypted or not well_formed:
        remedy = f"pulumi config set -s {source.stack} --secret berth:root_secret $(openssl rand -hex 32), and keep a copy: passwords derive from it"
        text = f"is missing, not encrypted or not 64 hexadecimal digits: {remedy}"
        yield _problem(file, "root_secret", text)
    if not source.sealed and not identity.own_secrets(file.data) and identity.no_passphrase(os.environ, source.root):
        kind = source.values["topology"]
        passphrase = f"{identity.PASSPHRASE} or the file of {identity.PASSPHRASE_FILE}"
        text = f"a {kind} stage refuses an empty passphrase ({passphrase}): anybody could read its secrets"
        yield Problem(place=file.name, path="", text=text)


def from_pulumi(root: Path, stack: str, config: Mapping[str, str], secret_keys: frozenset[str]) -> Source:
    """Take the namespace `berth` out of Pulumi's configuration."""
    prefix = "berth:"
    values = {key.removeprefix(prefix): _structured(value) for key, value in config.items() if key.startswith(prefix)}
    return Source(root=root, stack=stack, values=values, secret_keys=frozenset(key.removeprefix(prefix) for key in secret_keys))


def _structured(value: str) -> Any:
    """Objects and lists arrive as JSON; everything else is text."""
    if value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value
