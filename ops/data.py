"""Data volumes: which are lost, and which nobody uses any more."""

from collections.abc import Collection

from ops.console import Stop, say
from ops.engine import Engine
from ops.objects import Objects
from ops.project import Stage
from ops.state import VOLUME, Resource, State
from policies.resource import DATA_VOLUME

DATA = "data"
"""Value of the label `berth.role`."""
ACCEPT = "--accept-lost-data"


def known(state: State) -> set[str]:
    """Names of the data volumes that a state knows, also of those that were put back by hand, which have no labels."""
    return {one.id for one in _known(state)}


def _known(state: State) -> list[Resource]:
    volumes = [one for one in state.resources if one.type == VOLUME and not one.deleting]
    return [one for one in volumes if one.component == DATA_VOLUME or one.labels.get("berth.role") == DATA]


def lost(state: State, volumes: Collection[str]) -> list[str]:
    """Data volumes that the state knows and the engine does not; `volumes`: the names of all it has, for one put back by hand has no labels.

    What lies in a folder of the host is not lost with its volume: the next run makes it anew over the same folder.
    """
    return sorted({one.id for one in _known(state) if not (one.inputs.get("driverOpts") or {}).get("device")} - set(volumes))


def unused(there: Objects, state: State) -> list[str]:
    """Data volumes of the stage that nothing in it uses: what stays when an application, a service or a volume is renamed."""
    return sorted({volume.name for volume in there.volumes if volume.role == DATA} - known(state))


def refuse_lost(stage: Stage, engine: Engine, state: State, *, accept: bool) -> None:
    """Refuse to start empty what had data; in dev, or when that is accepted, say so."""
    gone = lost(state, engine.volume_names())
    if not gone:
        return
    what = f"data is lost: volume {', '.join(gone)} is not on the engine any more"
    if stage.topology != "dev" and not accept:
        raise Stop(f"{what}. Nothing was touched: restore it from a backup under that name, or start empty with berth up -s {stage.stack} {ACCEPT}")
    say(f"{what}; what used it starts empty", style="yellow")


def mention_unused(there: Objects, state: State) -> None:
    """Name data that was left behind: renaming is no reason to think it gone."""
    if left := unused(there, state):
        say(f"data kept but not used any more: {', '.join(left)} (docker volume rm deletes it)", style="yellow")
