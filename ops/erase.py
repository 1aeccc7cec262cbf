"""What `down` keeps, and how `erase` removes that too."""

import sys
from dataclasses import dataclass

import typer

from ops import data
from ops.console import Stop, amount, columns, say
from ops.engine import TROUBLE, Engine
from ops.project import Stage
from ops.pulumi_cli import Pulumi
from ops.state import IMAGE, State


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What outlives `down`."""

    volumes: tuple[str, ...]
    secrets: bool
    """Whether the file with the identity and the root secret exists."""

    def __bool__(self) -> bool:
        return bool(self.volumes or self.secrets)


@dataclass(frozen=True, kw_only=True)
class Built:
    """An image that a stage built for its application."""

    tag: str
    application: str


def kept(stage: Stage, engine: Engine, known: State) -> Kept:
    """Find it. A volume put back by hand is known by its name alone."""
    labelled = {volume.name for volume in engine.objects(stage).volumes if volume.role == data.DATA}
    by_name = data.known(known) & engine.volume_names()
    return Kept(volumes=tuple(sorted(labelled | by_name)), secrets=stage.identity_file.is_file())


def built(state: State) -> list[Built]:
    """Images that the stage built, apart from berth's own tools, which every stage uses."""
    images = [resource.inputs for resource in state.resources if resource.type == IMAGE]
    labelled = [(inputs.get("name"), ((inputs.get("build") or {}).get("label") or {}).get("berth.application")) for inputs in images]
    found = {Built(tag=str(tag), application=str(application)) for tag, application in labelled if tag and application}
    return sorted(found, key=lambda image: image.tag)


def list_kept(stage: Stage, engine: Engine, known: State) -> None:
    """Say what is still there of what was known, and how to get rid of it."""
    found = kept(stage, engine, known)
    if not found:
        say("Nothing is kept.")
        return
    sizes = _sizes(engine) if found.volumes else {}
    rows = [("volume", name, amount(sizes[name]) if sizes.get(name, -1) >= 0 else "") for name in found.volumes]
    if found.secrets:
        rows.append(("secrets", str(stage.identity_file), ""))
    say(f"Kept for the next berth up -s {stage.stack}:")
    say(columns(("WHAT", "NAME", "SIZE"), rows))
    if stage.topology == "dev":
        say(f"To delete that too: berth erase -s {stage.stack} --confirm {stage.stack}")


def _sizes(engine: Engine) -> dict[str, int]:
    try:
        return engine.volume_sizes()
    except TROUBLE:
        return {}  # a nicety: never a reason to fail


def refuse_other_than_dev(stage: Stage) -> None:
    """Data of any other stage is not for one command to delete."""
    if stage.topology != "dev":
        says = f"{stage.file.name} says berth:topology: {stage.topology or '(nothing)'}"
        raise Stop(f"erase is for dev stages only, and {says}. berth down -s {stage.stack} keeps data")


def confirmed(stage: Stage, confirm: str | None) -> None:
    """Have the name of the stack typed, or given by `--confirm`."""
    if confirm is None:
        if not sys.stdin.isatty():
            raise Stop(f"erase deletes all data of stage {stage.stack}: say so with berth erase -s {stage.stack} --confirm {stage.stack}")
        confirm = typer.prompt(f"This deletes all data and secrets of stage {stage.stack}. Type its name to go on", default="", show_default=False)
    if confirm != stage.stack:
        raise Stop(f"{confirm!r} is not the name of the stack ({stage.stack!r}): nothing was erased")


def erase(stage: Stage, engine: Engine, pulumi: Pulumi, known: State) -> None:
    """Delete what `down` kept, and the images that the stage was last known to have built."""
    for volume in kept(stage, engine, known).volumes:
        if not engine.remove_volume(volume):
            raise Stop(f"volume {volume} is used by a foreign container: find it (docker ps -a --filter volume={volume}), remove it and run this again")
        say(f"erased volume {volume}")
    for image in built(known):
        say(_erase_image(engine, image))
    if pulumi.exists():
        pulumi.forget()
        say(f"erased stack {stage.stack}")
    if stage.identity_file.exists():
        stage.identity_file.unlink()
        say(f"erased {stage.identity_file}")


def _erase_image(engine: Engine, image: Built) -> str:
    """An image is named by its content: other stages of the application may come back to it, also when no container of theirs is up."""
    if others := engine.owners(f"berth.application={image.application}"):
        return f"kept image {image.tag}: stage {others[0].stack} of project {others[0].project} may need it"
    return f"erased image {image.tag}" if engine.remove_image(image.tag) else f"kept image {image.tag}: a container uses it"
