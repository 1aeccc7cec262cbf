"""Pruning: what runs stays, and the newest of the rest."""

from typing import cast

import pytest

from ops.engine import Engine
from ops.objects import Image
from ops.prune import as_json, own, prune, show, superfluous


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


def pruned(engine: object, application: str, keep: int) -> list[Image]:
    return prune(cast(Engine, engine), application, keep)


def test_says_what_went(capsys: pytest.CaptureFixture[str]) -> None:
    show(pruned(Images(busy="shop-web:a"), "shop", 1), "shop", 1)
    assert capsys.readouterr().out.splitlines() == [
        "REMOVED     SIZE",
        "shop-api:x  5.0 MB",
        "shop-web:b  5.0 MB",
        "2 images of shop removed; layers that others share stay",
    ]


def test_nothing_to_remove(capsys: pytest.CaptureFixture[str]) -> None:
    engine = Images()
    show(pruned(engine, "blog", 3), "blog", 3)
    assert capsys.readouterr().out == "Nothing to remove: at most 3 images of each service of blog lie idle.\n"
    assert engine.removed == []


class Tagged(Images):
    """An engine with one idle image."""

    def __init__(self, *tags: str, busy: str = "") -> None:
        super().__init__(busy=busy)
        self.image = Image(id="sha256:0123456789abcdef", tags=tags, service="web", made=1, size=5_000_000)

    def images_of(self, application: str) -> list[Image]:
        return [self.image]


@pytest.mark.parametrize(
    ("engine", "asked", "gone"),
    [
        (Tagged("shop-web:a", "shop-web:b"), ["shop-web:a", "shop-web:b"], True),
        (Tagged("shop-web:a", "shop-web:b", busy="shop-web:a"), ["shop-web:a", "shop-web:b"], False),
        (Tagged(), ["sha256:0123456789abcdef"], True),
        (Tagged("shop-web:a", "registry.example/web:1"), [], False),
        (Tagged("mine:1"), [], False),
    ],
    ids=["every tag", "in use under one", "without a tag", "named by somebody", "built upon one of these"],
)
def test_an_image_goes_with_all_of_its_tags(engine: Tagged, asked: list[str], gone: bool) -> None:
    assert pruned(engine, "shop", 0) == ([engine.image] if gone else [])
    assert engine.removed == asked


def test_for_programs() -> None:
    said = as_json([image("a")], "shop")
    assert said == {"application": "shop", "removed": [{"id": "a", "tags": ("shop-web:a",), "service": "web", "made": 0, "size": 5_000_000}]}


def test_whose_an_image_is() -> None:
    assert own(image("a"), "shop")
    assert not own(image("a"), "sho")
