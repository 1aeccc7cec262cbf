"""`berth prune`: images that this application built and nothing runs any more; the newest of each service stay, for going back."""

from collections.abc import Collection, Sequence
from itertools import groupby

from ops.console import amount, columns, say
from ops.engine import Engine
from ops.objects import Image
from ops.project import Stage


def superfluous(images: Sequence[Image], used: Collection[str], keep: int) -> list[Image]:
    """Images that may go: of each service all but those in use and the newest `keep` others."""
    idle = sorted((image for image in images if image.id not in used), key=lambda image: (image.service, -image.made, image.id))
    return [image for _, of_service in groupby(idle, key=lambda image: image.service) for image in list(of_service)[keep:]]


def prune(stage: Stage, engine: Engine, application: str, keep: int) -> None:
    """Remove them, and say what."""
    gone = [image for image in superfluous(engine.images_of(application), engine.images_in_use(), keep) if engine.remove_image(image.id)]
    if not gone:
        say(f"Nothing to remove: at most {keep} images of each service of {application} lie idle.")
        return
    say(columns(("REMOVED", "SIZE"), [(", ".join(image.tags) or image.id.removeprefix("sha256:")[:12], amount(image.size)) for image in gone]))
    say(f"{len(gone)} images of {application} removed; layers that others share stay")
