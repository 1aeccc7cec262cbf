"""berth pin: asks for what the stage pulls, through its mirror, and writes what is read again."""

from pathlib import Path
from typing import cast

import pytest

from config import pins
from ops import pin
from ops.console import Stop
from ops.engine import Engine
from tests.config.samples import project, stage_of


class Registry:
    """Answers with a digest that tells what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def digest(self, reference: str) -> str:
        self.asked.append(reference)
        return "sha256:" + f"{len(self.asked)}" * 64


def stage(root: Path, more: str = "") -> Path:
    project(root)
    (root / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (root / "Pulumi.dev.yaml").write_text(f"config:\n  berth:topology: dev\n  berth:application: app.yaml\n{more}")
    return root


def test_every_tag_gets_its_digest_and_the_stage_runs_it(tmp_path: Path) -> None:
    registry = Registry()
    pin.pin(stage(tmp_path), "dev", cast(Engine, registry))
    assert registry.asked == ["mailhog/mailhog:v1.0.1", "nginx:1.28", "postgres:17", "redis:8"]
    images = stage_of(tmp_path).stage.images
    assert images.resolve("nginx:1.28") == "nginx@sha256:" + "2" * 64
    assert sorted(images.pins) == registry.asked


def test_a_second_time_asks_for_the_tags_again(tmp_path: Path) -> None:
    registry = Registry()
    pin.pin(stage(tmp_path), "dev", cast(Engine, registry))
    pin.pin(tmp_path, "dev", cast(Engine, registry))
    assert registry.asked[4:] == registry.asked[:4]


def test_the_mirror_is_asked(tmp_path: Path) -> None:
    registry = Registry()
    pin.pin(stage(tmp_path, "  berth:images: { mirror: mirror.test }\n"), "dev", cast(Engine, registry))
    assert registry.asked == [
        "mirror.test/mailhog/mailhog:v1.0.1",
        "mirror.test/library/nginx:1.28",
        "mirror.test/library/postgres:17",
        "mirror.test/library/redis:8",
    ]
    assert pins.path_of(tmp_path, "dev").read_text().splitlines()[2] == '"nginx:1.28": "nginx@sha256:' + "2" * 64 + '"'


def test_a_stage_that_pulls_nothing_is_read_again(tmp_path: Path) -> None:
    pins.path_of(stage(tmp_path), "dev").write_text(pin.text({}))
    assert stage_of(tmp_path).stage.images.pins == {}


def test_a_stage_that_is_refused_is_not_pinned(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"this configuration is refused:\nPulumi\.dev\.yaml:4: berth:aps: is no key here"):
        pin.pin(stage(tmp_path, "  berth:aps: {}\n"), "dev", cast(Engine, Registry()))
    assert not pins.path_of(tmp_path, "dev").exists()


@pytest.mark.parametrize(("found", "lines"), [({}, ["{}"]), ({"b:2": "b@sha256:y", "a:1": "a@sha256:x"}, ['"a:1": "a@sha256:x"', '"b:2": "b@sha256:y"'])])
def test_text(found: dict[str, str], lines: list[str]) -> None:
    assert pin.text(found).splitlines()[1:] == lines
