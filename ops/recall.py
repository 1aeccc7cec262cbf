"""Whose a stage is: what Pulumi knows of it when its identity file is gone, and who else says to be it."""

from dataclasses import replace

from config import checkpoints, identity
from config.problems import Refused
from ops.console import Stop
from ops.engine import Engine
from ops.project import Stage
from ops.pulumi_cli import Pulumi
from ops.state import State, resources


def last_known(stage: Stage, pulumi: Pulumi) -> State:
    """The newest state that knew anything of the stage: after `down` that is an older one, where states are kept in files."""
    project = stage.project
    if project.state is None:
        return pulumi.state()
    return State(resources=resources(checkpoints.latest(project.state, project.name, stage.stack)))


def recalled(stage: Stage, pulumi: Pulumi) -> Stage:
    """The stage, under the instance id that Pulumi knows if its identity file is gone: what must find its things still does."""
    return stage if stage.instance else replace(stage, recalled=last_known(stage, pulumi).instance)


def refuse_another(stage: Stage, pulumi: Pulumi) -> None:
    """Refuse a stage that Pulumi knows under another instance id: it would start without its data."""
    known, own = last_known(stage, pulumi).instance, stage.instance
    if stage.topology == "dev":
        try:
            identity.refuse_another(stage.identity_file, stage.stack, own, known)
        except Refused as refused:
            raise Stop(str(refused)) from None
    elif known not in {None, own}:
        raise Stop(
            f"{stage.file.name} says berth:instance {own}, but Pulumi's state knows this stage as {known}: it would start without its data. "
            f"Set it back: pulumi config set -s {stage.stack} berth:instance {known}"
        )


def refuse_shared(stage: Stage, engine: Engine) -> None:
    """Refuse an instance id that another stack or project uses on this engine: both would take the other's things for their own."""
    if stage.instance is None:
        return
    own = (stage.project.name, stage.stack)
    for owner in engine.owners(f"berth.instance={stage.instance}"):
        if (owner.project, owner.stack) != own:
            remedy = (
                f"if {stage.identity_file} was copied from there, remove it"
                if stage.topology == "dev"
                else f"give this one its own: pulumi config set -s {stage.stack} berth:instance {identity.NEW_INSTANCE}"
            )
            raise Stop(
                f"instance {stage.instance} is that of stage {owner.stack} of project {owner.project}, too ({owner.example}): {remedy}; "
                "if the project or the stage was renamed, give it its old name back"
            )
