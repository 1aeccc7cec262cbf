"""What a killed run left behind, and how it is mended: a few pure decisions, then the acts, each said in one line."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from ops import drift, locks
from ops.console import Stop, say
from ops.engine import Engine
from ops.objects import Container, Objects
from ops.project import Stage
from ops.pulumi_cli import Pulumi
from ops.state import CONTAINER, IMAGE, NETWORK, VOLUME, State, mend_file

FILES = "files"
ROUNDS = 5
"""Looks at the engine until nothing more turns up: it finishes what a killed client had asked for."""


@dataclass(frozen=True, kw_only=True)
class Untracked:
    """Objects of this stage that its state does not know."""

    containers: tuple[Container, ...] = ()
    networks: tuple[tuple[str, str], ...] = ()
    """Ids and names."""
    volumes: tuple[str, ...] = ()
    """Volumes of files only: data is nobody's to remove."""

    def __bool__(self) -> bool:
        return bool(self.containers or self.networks or self.volumes)


def untracked(there: Objects, state: State) -> Untracked:
    """Find what carries the stage's label and is not in its state."""
    containers, networks, volumes = state.ids(CONTAINER), state.ids(NETWORK), state.ids(VOLUME)
    return Untracked(
        containers=tuple(container for container in there.containers if container.id not in containers),
        networks=tuple(sorted((id_, name) for id_, name in there.networks.items() if id_ not in networks)),
        volumes=tuple(sorted(volume.name for volume in there.volumes if volume.role == FILES and volume.name not in volumes)),
    )


def lost(there: Objects, volumes: Collection[str], state: State) -> list[str]:
    """Names of resources that are not on the engine any more, or stand still although they should run: only a refresh sees that.

    `volumes`: the names of all that the engine has, for one put back by hand has no labels.
    """
    alive = {container.id: container.status not in {"exited", "dead", "created"} for container in there.containers}
    missing = []
    for resource in state.resources:
        if resource.type == CONTAINER:
            must_run = resource.inputs.get("mustRun", True) and resource.inputs.get("start", True)
            gone = resource.id not in alive or (must_run and not alive[resource.id])
        else:
            gone = (resource.type == NETWORK and resource.id not in there.networks) or (resource.type == VOLUME and resource.id not in volumes)
        if gone:
            missing.append(resource.name)
    return missing


def lost_images(engine: Engine, state: State) -> list[str]:
    """Names of images that are not on the engine any more."""
    images = [(resource.name, resource.outputs.get("imageId")) for resource in state.resources if resource.type == IMAGE]
    return [name for name, image in images if isinstance(image, str) and not engine.has_image(image)]


def due(stage: Stage, engine: Engine, state: State) -> list[str]:
    """What the next `berth up` would mend."""
    there = engine.objects(stage)
    found = untracked(there, state)
    left = [f"container {container.name}" for container in found.containers] + [f"network {name}" for _, name in found.networks]
    left += [f"volume {name}" for name in found.volumes] + [f"a pending operation on {name}" for name in state.pending]
    return left + [str(one) for one in drift.astray(there, state)]


def prepare(stage: Stage, engine: Engine, pulumi: Pulumi, check: Callable[[State], None] | None = None) -> State:
    """Make sure that the stack exists, nobody else is at work on it, and nothing is left of a run that was killed.

    `check` may refuse the state, before anything on the engine is touched.
    """
    project = stage.project
    folders = (project.root, project.program)
    dead: Sequence[locks.Lock] = ()
    if project.state:
        dead = locks.wait_for_living(locks.folder_of(project.state, project.name, stage.stack), folders, stage.stack)
        locks.end_orphans(folders)
        if source := mend_file(project.state, project.name, stage.stack):
            say(f"repair: the state was half-written; took the newest whole one, {source}")
    pulumi.make()
    state = pulumi.state()
    refuse_forgotten(stage, engine.objects(stage), state, killed=bool(dead or state.pending))
    if check:
        check(state)
    sweep(stage, engine, state)
    # The dead lock goes last: until here it keeps others from starting
    for lock in dead:
        locks.remove(lock)
        say(f"repair: removed the lock of a dead run ({lock})")
    if state.pending:
        say(f"repair: asking the engine about unfinished operations ({', '.join(state.pending)})")
        pulumi.refresh_pending()
        state = pulumi.state()
    return state


def sweep(stage: Stage, engine: Engine, state: State) -> None:
    """Remove everything untracked: containers first, for they hold the networks and volumes."""
    removed: set[str] = set()
    for _ in range(ROUNDS):
        found = untracked(engine.objects(stage), state)
        fresh = Untracked(containers=found.containers, networks=found.networks, volumes=tuple(name for name in found.volumes if name not in removed))
        if not fresh:
            return
        engine.remove_containers(fresh.containers)
        for container in fresh.containers:
            say(f"repair: removed container {container.name}, which the state does not know")
        for network, name in fresh.networks:
            engine.remove_network(network)
            say(f"repair: removed network {name}, which the state does not know")
        for volume in fresh.volumes:
            removed.add(volume)
            if engine.remove_volume(volume):
                say(f"repair: removed volume {volume} (files), which the state does not know")


def refuse_forgotten(stage: Stage, there: Objects, state: State, *, killed: bool) -> None:
    """A state that knows nothing of a stage that serves is a wrong state, not a killed run; in dev it costs only a restart."""
    serving = [container for container in there.containers if container.role == "service" and container.status == "running"]
    if stage.topology == "dev" or killed or not serving or state.ids(CONTAINER):
        return
    owner = {"instance": stage.instance, "stack": stage.stack, "project": stage.project.name}
    labels = " ".join(f"--filter label=berth.{key}={value}" for key, value in owner.items())
    raise Stop(
        f"the state of stage {stage.stack} knows no container, but {len(serving)} are running ({serving[0].name}, ...): this is not the state of that stage. "
        f"Name the right one (PULUMI_BACKEND_URL), or restore it: pulumi stack import -s {stage.stack} --file BACKUP. "
        f"If it is lost for good: docker rm -f $(docker ps -aq {labels}), then berth up -s {stage.stack} starts the stage anew with its data"
    )
