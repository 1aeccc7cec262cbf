"""What the files of Pulumi's file backend still know of a stage, also when its identity file or its resources are gone."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

INSTANCE = "berth.instance"
"""The label that tells whose a resource is."""

Entry = Mapping[str, Any]  # Any: a resource as Pulumi writes it down


def latest(folder: Path, project: str, stack: str) -> list[Entry]:
    """Resources of the newest state that holds any of berth's; none for a stage that was never up. `down` empties the state, but not its history."""
    history = sorted((folder / "history" / project / stack).glob("*.checkpoint.json"), reverse=True)
    states = (_entries(file) for file in (folder / "stacks" / project / f"{stack}.json", *history))
    return next((entries for entries in states if instance_in(entries)), [])


def instance_in(entries: Iterable[Entry]) -> str | None:
    """The instance id that resources carry; one that waits for its deletion says nothing."""
    return next((found for entry in entries if not entry.get("delete") and (found := labels(entry.get("inputs") or {}).get(INSTANCE))), None)


def labels(inputs: Mapping[str, Any]) -> dict[str, str]:
    """Labels of a container, a network or a volume, as its inputs list them."""
    listed = inputs.get("labels")
    return {str(one.get("label")): str(one.get("value")) for one in listed if isinstance(one, dict)} if isinstance(listed, list) else {}


def _entries(file: Path) -> list[Entry]:
    """Resources of a state file; none when it cannot be read: a killed run leaves half of it."""
    try:
        return [entry for entry in json.loads(file.read_bytes())["checkpoint"]["latest"]["resources"] or () if isinstance(entry, dict)]
    except (OSError, ValueError, KeyError, TypeError):
        return []
