"""Pruning: what runs stays, and the newest of the rest."""

from typing import cast

import pytest

from ops.engine import Engine
from ops.objects import Image
from ops.project import Stage
from ops.prune import prune, superfluous


def image(id_: str, service: str = "web", made: int = 0) -> Image:
    return Image(id=id_, tags=(f"shop-{service}:{id_}",), service=service, made=made, size=5_000_000)


IMAGES = [image("a", made=1), image("b", made=2), image("c", made=3), image("d", made=4), image("x", "api", made=1), image("y", "api", made=2)]


@pytest.mark.parametrize(
    ("used", "keep", "gone"),
    [
        ((), 3, ["a"]),
        ((), 1, ["x", "c", "b", "a"]),
        (("a", "d"), 1, ["x", "b"]),
        (("a", "b", "c", "d", "x", "y"), 0, []),
        (("a",), 0, ["y", "x", "d", "c", "b"]),
    ],
    ids=["the oldest beyond three", "one of each service", "what runs does not count", "all run", "none is kept"],
)
def test_superfluous(used: tuple[str, ...], keep: int, gone: list[str]) -> None:
    assert [one.id for one in superfluous(IMAGES, used, keep)] == gone


class Images:
    def __init__(self, *, busy: str = "") -> None:
        self.removed: list[str] = []
        self.busy = busy

    def images_of(self, application: str) -> list[Image]:
        return IMAGES if application == "shop" else []

    def images_in_use(self) -> frozenset[str]:
        return frozenset({"d"})

    def remove_image(self, image: str) -> bool:
        self.removed.append(image)
        return image != self.busy


def test_says_what_went(capsys: pytest.CaptureFixture[str]) -> None:
    prune(cast(Stage, None), cast(Engine, Images(busy="a")), "shop", 1)
    assert capsys.readouterr().out.splitlines() == [
        "REMOVED     SIZE",
        "shop-api:x  5.0 MB",
        "shop-web:b  5.0 MB",
        "2 images of shop removed; layers that others share stay",
    ]


def test_nothing_to_remove(capsys: pytest.CaptureFixture[str]) -> None:
    engine = Images()
    prune(cast(Stage, None), cast(Engine, engine), "blog", 3)
    assert capsys.readouterr().out == "Nothing to remove: at most 3 images of each service of blog lie idle.\n"
    assert engine.removed == []
