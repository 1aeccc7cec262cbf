"""The policy pack on its way to Pulumi."""

from ops.project import CHECKOUT, Stage

PACK = CHECKOUT / "policies"


def arguments(stage: Stage, *, asked: bool) -> list[str]:
    """What hands the pack to Pulumi: for every stage that is not dev, and for dev where somebody asks."""
    return ["--policy-pack", str(PACK)] if asked or stage.topology != "dev" else []
