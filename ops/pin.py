"""`berth pin`: what the tags of a stage stand for now, written beside it, so that every later run pulls the very same images."""

import json
from collections.abc import Mapping
from pathlib import Path

from components.image import ImagesConfig, without_tag
from config import pins
from config.load import resolve
from config.problems import Refused
from config.stage_file import source_of
from ops.console import Stop, columns, say
from ops.engine import Engine

HEAD = "# Written by berth pin: what each image was when it ran. Run it again to take newer ones."


def pin(root: Path, stack: str, engine: Engine) -> None:
    """Ask the registry for the digest of every image that the stage pulls by a tag, and write them down."""
    try:
        stage = resolve(source_of(root, stack)).stage
    except Refused as refused:
        raise Stop(f"this configuration is refused:\n{refused}") from None
    asked = ImagesConfig(mirror=stage.images.mirror)
    tags = [reference for reference in pins.references(stage) if "@" not in reference]
    found = {reference: f"{without_tag(reference)}@{engine.digest(asked.resolve(reference))}" for reference in tags}
    path = pins.path_of(root, stack)
    path.write_text(text(found))
    say(columns(("IMAGE", "DIGEST"), [(reference, pinned.partition("@")[2]) for reference, pinned in found.items()]))
    say(f"{len(found)} images pinned in {path}: commit it, and berth up -s {stack} runs them")


def text(found: Mapping[str, str]) -> str:
    """The file: quoted, for a tag may look like a number; an empty mapping for a stage that pulls nothing."""
    lines = [f"{json.dumps(reference)}: {json.dumps(pinned)}" for reference, pinned in sorted(found.items())]
    return "\n".join([HEAD, *(lines or ["{}"])]) + "\n"
