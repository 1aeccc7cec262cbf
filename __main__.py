"""The Pulumi program: load the stage, build its topology, export what people and scripts look for."""

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

try:
    loaded = load(from_pulumi(Path(pulumi.get_root_directory()), pulumi.get_stack(), CONFIG.get() or get_config_env(), frozenset(get_config_secret_keys_env())))
    for name, value in build(loaded, DockerEngine.connect(loaded.stage.engine)).items():
        pulumi.export(name, value)
except (Refused, pulumi.RunError) as refused:
    pulumi.log.error(f"nothing was done:\n{refused}")
    sys.exit(SHOWN)
