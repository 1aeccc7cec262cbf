"""How an application is laid out on a host: one module for each topology, straight-line wiring."""

import pulumi

from components.container import PIDS
from components.engine import Engine
from config.load import Loaded
from config.stage import DevStage, ProdStage
from topologies import dev, mono, prod


async def build(loaded: Loaded, engine: Engine) -> dict[str, object]:
    """Create everything that a stage consists of; the result is what the stack exports."""
    if not pulumi.runtime.is_dry_run():
        engine.limit_new(loaded.identity.instance, PIDS)
    if isinstance(loaded.stage, DevStage):
        return await dev.build(loaded, loaded.stage, engine)
    if isinstance(loaded.stage, ProdStage):
        return await prod.build(loaded, loaded.stage, engine)
    return mono.build(loaded, loaded.stage, engine)
