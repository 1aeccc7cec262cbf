"""Images by digest: which a stage pulls, and the file beside it that says what each tag stands for."""

from collections.abc import Iterator
from pathlib import Path

from config import document
from config.document import Document
from config.merge import Layer
from config.stage import AnyStage, DevStage, MonoStage


def path_of(root: Path, stack: str) -> Path:
    """The file of a stage."""
    return root / f"Pulumi.{stack}.pins.yaml"


def layers(root: Path, stack: str) -> list[Layer]:
    """The pins of a stage as a layer, where there is such a file."""
    path = path_of(root, stack)
    if not path.exists():
        return []
    pins: Document = document.read(path, path.name)
    return [Layer(document=pins, data={"images": {"pins": pins.data}}, locate=lambda where: where[2:])]


def references(stage: AnyStage) -> list[str]:
    """Images that a stage pulls, as its files name them."""
    return sorted(set(_references(stage)))


def _references(stage: AnyStage) -> Iterator[str]:
    if isinstance(stage, MonoStage):
        yield from [stage.mono.image] if stage.mono.image else []
        return
    yield stage.proxy.reference
    yield from (server.reference for server in stage.postgres.values())
    yield from (server.reference for server in stage.redis.values())
    yield from (app.image for app in stage.apps.values() if app.image)
    if isinstance(stage, DevStage) and stage.mail:
        yield stage.mail.mailhog.reference
