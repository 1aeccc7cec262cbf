"""`berth prune`: images that this application built and nothing runs any more; the newest of each service stay, for going back."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from itertools import groupby

from ops.console import amount, say, show_table
from ops.engine import Engine
from ops.objects import Image


def superfluous(images: Sequence[Image], used: Collection[str], keep: int) -> list[Image]:
    """Images that may go: of each service all but those in use and the newest `keep` others."""
    idle = sorted((image for image in images if image.id not in used), key=lambda image: (image.service, -image.made, image.id))
    return [image for _, of_service in groupby(idle, key=lambda image: image.service) for image in list(of_service)[keep:]]


def own(image: Image, application: str) -> bool:
    """Whether berth alone has named an image: what is built upon one of berth's has its labels too, and who gave one another name may want it."""
    return all(tag.startswith(f"{application}-{image.service}:") for tag in image.tags)


def prune(engine: Engine, application: str, keep: int) -> list[Image]:
    """Remove them, each with all of its tags; gives those that are gone."""
    images = [image for image in engine.images_of(application) if own(image, application)]
    return [image for image in superfluous(images, engine.images_in_use(), keep) if _remove(engine, image)]


def _remove(engine: Engine, image: Image) -> bool:
    """The engine refuses to remove by its id what has several tags, as an image has to which a change of its sources made no difference."""
    return False not in [engine.remove_image(name) for name in image.tags or (image.id,)]


def show(gone: Sequence[Image], application: str, keep: int) -> None:
    """Say what is gone."""
    if not gone:
        say(f"Nothing to remove: at most {keep} images of each service of {application} lie idle.")
        return
    rows = [(", ".join(image.tags) or image.id.removeprefix("sha256:")[:12], amount(image.size)) for image in gone]
    show_table(("REMOVED", "SIZE"), rows, [""] * len(rows))
    say(f"{len(gone)} image{'s' if len(gone) > 1 else ''} of {application} removed; layers that others share stay")


def as_json(gone: Sequence[Image], application: str) -> dict[str, object]:
    """The same for programs; sizes in bytes."""
    return {"application": application, "removed": [asdict(image) for image in gone]}
