"""The Pulumi program: load the stage, build its topology, export what people and scripts look for."""

import gc
import sys
from pathlib import Path

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, get_config_secret_keys_env

from components.engine import DockerEngine
from config.load import from_pulumi, load
from config.problems import Refused
from topologies import build

SHOWN = 32
"""Exit code with which Pulumi's language host adds no message of its own (pulumi-language-python-exec)."""


async def main() -> dict[str, object]:
    """Load the stage, and create everything that it consists of; the result is what the stack exports."""
    root, stack = Path(pulumi.get_root_directory()), pulumi.get_stack()
    try:
        loaded = load(from_pulumi(root, stack, CONFIG.get() or get_config_env(), frozenset(get_config_secret_keys_env())))
        return await build(loaded, DockerEngine.connect(loaded.stage.engine))
    except (Refused, pulumi.RunError) as refused:
        pulumi.log.error(f"nothing was done:\n{refused}")
        sys.exit(SHOWN)


# Most of what the program makes lives as long as it does: looking for rubbish would cost more than it frees.
gc.disable()
pulumi.run(main)
