"""What Pulumi would hand the program, read from the files alone: no Pulumi, no passphrase, and encrypted values stay closed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from config import document
from config.document import Document
from config.load import SEALED, Source, from_pulumi, remedy_for_secrets
from config.problems import Problem, Refused

PREFIX = "berth:"


def source_of(root: Path, stack: str) -> Source:
    """Read Pulumi.yaml, whose configuration is for all stages, and Pulumi.<stack>.yaml."""
    project = document.read(root / "Pulumi.yaml", "Pulumi.yaml")
    stage = document.read(root / f"Pulumi.{stack}.yaml", f"Pulumi.{stack}.yaml")
    written = {key: _of_all_stages(value) for key, value in _settings(project).items()} | _settings(stage)
    if _encrypted(written.get("secrets")):
        text = f"is encrypted as one value, and the names in it cannot be read without the passphrase: {remedy_for_secrets(stack)}"
        raise Refused([Problem(place=stage.place(("config", f"{PREFIX}secrets")), path=f"{PREFIX}secrets", text=text)])
    texts = {PREFIX + key: _text(value) for key, value in written.items() if value is not None}
    secret = frozenset(PREFIX + key for key, value in written.items() if _holds_encrypted(value))
    return replace(from_pulumi(root, stack, texts, secret), sealed=True)


def _settings(file: Document) -> dict[str, Any]:  # Any: not yet validated
    config = file.data.get("config") or {}
    if not isinstance(config, dict):
        raise Refused([Problem(place=file.place(("config",)), path="config", text="has to be a mapping of keys to values")])
    return {str(key).removeprefix(PREFIX): value for key, value in config.items() if str(key).startswith(PREFIX)}


def _of_all_stages(setting: Any) -> Any:  # Any: as it stands in the file
    """A setting of Pulumi.yaml may be written with its type and a description."""
    return next((setting[key] for key in ("value", "default") if key in setting), setting) if isinstance(setting, dict) else setting


def _text(value: Any) -> str:  # Any: as it stands in the file
    """The value as Pulumi hands it over: structures as JSON."""
    opened = _opened(value)
    return opened if isinstance(opened, str) else json.dumps(opened, default=str)


def _opened(value: Any) -> Any:  # Any: as it stands in the file
    if _encrypted(value):
        return SEALED
    if isinstance(value, dict):
        return {key: _opened(inner) for key, inner in value.items()}
    return [_opened(inner) for inner in value] if isinstance(value, list) else value


def _encrypted(value: Any) -> bool:  # Any: as it stands in the file
    return isinstance(value, dict) and value.keys() == {"secure"} and isinstance(value["secure"], str)


def _holds_encrypted(value: Any) -> bool:  # Any: as it stands in the file
    if _encrypted(value):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_holds_encrypted(one) for one in inner)
