"""Images by digest: which a stage pulls, and the file beside it that says what each tag stands for."""

from collections.abc import Iterator
from pathlib import Path

from config import document
from config.agreement import Found, Given
from config.document import Document, Where
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
    return sorted({reference for _, reference in pulled(stage)})


def pulled(stage: AnyStage) -> Iterator[tuple[Where, str]]:
    """Images that a stage pulls, as its files name them, and the services that want them."""
    if isinstance(stage, MonoStage):
        yield from [(("mono",), stage.mono.image)] if stage.mono.image else []
        return
    yield ("proxy",), stage.proxy.reference
    yield from ((("postgres", name), one.reference) for name, one in stage.postgres.items() if not (one.external or one.build))
    yield from ((("redis", name), one.reference) for name, one in stage.redis.items() if not one.external)
    yield from ((("apps", name), app.image) for name, app in stage.apps.items() if app.image)
    if isinstance(stage, DevStage) and stage.mail:
        yield ("mail", "mailhog"), stage.mail.mailhog.reference


def images_are_pinned(stage: AnyStage, given: Given) -> Found:
    """What serves people is the same tomorrow."""
    if isinstance(stage, DevStage) or stage.images.moving_tags or not given.runs:
        return
    for where, reference in pulled(stage):
        if "@" not in stage.images.pins.get(reference, reference):
            text = f"pulls {reference} by a tag, which may stand for something else tomorrow: berth pin -s {given.stack} writes down what it is"
            yield where, f"{text}, or write name@sha256:... yourself"
