"""The prod topology: code from images only, mail by a real server, data protected, one published port."""

from components.engine import Engine
from config.load import Loaded
from config.stage import ProdStage
from topologies import external, steps


async def build(loaded: Loaded, stage: ProdStage, engine: Engine) -> dict[str, object]:
    """Create everything; the result is what the stack exports."""
    site = await steps.begin(loaded, stage, engine, protect_data=True)
    steps.databases(site)
    steps.stores(site)
    steps.volumes(site)
    if stage.mail:
        external.smtp(site.scope, stage.mail, site.secrets)
    steps.applications(site)
    return steps.front_door(site)
