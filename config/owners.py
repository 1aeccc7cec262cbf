"""Whose the folders are that a dev stage mounts: an app that does not say as whom it runs, runs as their owner, who can then edit what it writes there."""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config.document import Document, Where
from config.merge import Layer, Merged, merge
from config.stage import Topology

Apps = Mapping[str, Mapping[str, Any]]  # Any: not yet validated


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whom a folder of this host belongs to."""

    folder: str
    uid: int
    gid: int


def owner_of(folder: str) -> Owner | None:
    """The owner of a folder of this host; None where it is not there, and where it is root's: no app runs as root, nor in its group."""
    try:
        found = os.stat(folder)
    except (OSError, ValueError):  # ValueError: NUL
        return None
    return Owner(folder=folder, uid=found.st_uid, gid=found.st_gid or found.st_uid) if found.st_uid else None


def merge_with(written: list[Layer]) -> Merged:
    """Merge what is written, and over it the owner's id for each app of a dev stage whose `user` nobody wrote."""
    merged = merge(written)
    if merged.data.get("topology") != Topology.DEV.value or not _here(merged.data):
        return merged
    apps = {name: app for name, app in _mapping(merged.data.get("apps")).items() if isinstance(app, dict) and "user" not in app}
    owners = {name: [owner for folder in _mapping(app.get("mounts")) if (owner := owner_of(folder))] for name, app in apps.items()}
    found = {name: of[0] for name, of in owners.items() if of}
    found |= _sharing(apps, _mapping(merged.data.get("volumes")).keys(), found)
    owned = merge([*written, *(_layer(name, owner) for name, owner in found.items())])
    owned.problems.extend(problem for name, of in owners.items() for problem in _at_odds(name, of))
    return owned


def _here(data: Mapping[str, Any]) -> bool:
    """Whether the engine sees the folders of this host: what lies under a path of another one, nobody knows here."""
    host = _mapping(data.get("engine")).get("host") or os.environ.get("DOCKER_HOST") or ""
    return not host or str(host).startswith("unix://")


def _at_odds(name: str, owners: list[Owner]) -> Iterator[tuple[Where, str]]:
    """Folders that several users own: whoever the app ran as, somebody could not edit what it writes."""
    if len({owner.uid for owner in owners}) > 1:
        whose = ", ".join(f"{owner.folder} is {owner.uid}:{owner.gid}'s" for owner in owners)
        yield ("apps", name, "mounts"), f"have several owners ({whose}): write user, the uid:gid that the app runs as, or give the folders to one of them"


def _sharing(apps: Apps, shared: Collection[str], found: Mapping[str, Owner]) -> dict[str, Owner]:
    """Apps without sources that share a volume with one that has an owner: both have to be able to write there."""
    volumes = {name: _mapping(app.get("volumes")).keys() & shared for name, app in apps.items()}
    pairs = ((other, owner) for name, owner in reversed([*found.items()]) for other in apps if other not in found and volumes[other] & volumes[name])
    return dict(pairs)


def _layer(name: str, owner: Owner) -> Layer:
    document = Document(name=f"owner of {owner.folder}", data={})
    return Layer(document=document, data={"apps": {name: {"user": f"{owner.uid}:{owner.gid}"}}}, locate=lambda path: path, built_in=True)


def _mapping(value: object) -> Mapping[str, Any]:  # Any: not yet validated
    return value if isinstance(value, dict) else {}
