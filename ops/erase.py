"""What `down` keeps, and how `erase` removes that too."""

import sys
from dataclasses import dataclass

import typer

from ops.console import Stop, amount, columns, say
from ops.engine import TROUBLE, Engine, Objects
from ops.project import Stage
from ops.pulumi_cli import Pulumi

DATA = "data"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What outlives `down`."""

    volumes: tuple[str, ...]
    secrets: bool
    """Whether the file with the identity and the root secret exists."""

    def __bool__(self) -> bool:
        return bool(self.volumes or self.secrets)


def kept(stage: Stage, there: Objects) -> Kept:
    """Find it."""
    return Kept(volumes=tuple(sorted(volume.name for volume in there.volumes if volume.role == DATA)), secrets=stage.identity_file.is_file())


def list_kept(stage: Stage, engine: Engine) -> None:
    """Say what is still there, and how to get rid of it."""
    found = kept(stage, engine.objects(stage))
    if not found:
        say("Nothing is kept.")
        return
    sizes = _sizes(engine) if found.volumes else {}
    rows = [("volume", name, amount(sizes[name]) if sizes.get(name, -1) >= 0 else "") for name in found.volumes]
    if found.secrets:
        rows.append(("secrets", str(stage.identity_file), ""))
    say("Kept for the next `make up`:")
    say(columns(("WHAT", "NAME", "SIZE"), rows))
    if stage.topology == "dev":
        say(f"To delete that too: make erase STACK={stage.stack} CONFIRM={stage.stack}")


def _sizes(engine: Engine) -> dict[str, int]:
    try:
        return engine.volume_sizes()
    except TROUBLE:
        return {}  # a nicety: never a reason to fail


def refuse_other_than_dev(stage: Stage) -> None:
    """Data of any other stage is not for one command to delete."""
    if stage.topology != "dev":
        raise Stop(f"erase is for dev stages only, and {stage.file.name} says berth:topology: {stage.topology or '(nothing)'}. `berth down` keeps data")


def confirmed(stage: Stage, confirm: str | None) -> None:
    """Have the name of the stack typed, or given by `--confirm`."""
    if confirm is None:
        if not sys.stdin.isatty():
            raise Stop(f"erase deletes all data of stage {stage.stack}: say so with --confirm {stage.stack} (make erase CONFIRM={stage.stack})")
        confirm = typer.prompt(f"This deletes all data and secrets of stage {stage.stack}. Type its name to go on", default="", show_default=False)
    if confirm != stage.stack:
        raise Stop(f"{confirm!r} is not the name of the stack ({stage.stack!r}): nothing was erased")


def erase(stage: Stage, engine: Engine, pulumi: Pulumi) -> None:
    """Delete what `down` kept."""
    there = engine.objects(stage)
    for volume in kept(stage, there).volumes:
        if not engine.remove_volume(volume):
            raise Stop(f"volume {volume} is used by a foreign container: find it (docker ps -a --filter volume={volume}), remove it and run this again")
        say(f"erased volume {volume}")
    application = stage.application or there.application
    for tag in engine.built_tags(application) if application else ():
        say(f"erased image {tag}" if engine.remove_image(tag) else f"kept image {tag}: a container uses it")
    if pulumi.exists():
        pulumi.forget()
        say(f"erased stack {stage.stack}")
    if stage.identity_file.exists():
        stage.identity_file.unlink()
        say(f"erased {stage.identity_file}")
