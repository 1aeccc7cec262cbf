"""Tools: an image, and a volume that is filled from it."""

import pytest

from components.image import BuildArgs, content_hash
from components.tools import CONTEXT, script
from tests.recording import Recording, record, stage, tools


@pytest.fixture(scope="module")
def made() -> Recording:
    return record(lambda: tools(stage()))


def test_creates_exactly_an_image_a_volume_and_its_loader(made: Recording) -> None:
    assert made.tree("berth:index:Tools::tools") == [
        "docker:index/remoteImage:RemoteImage tools",
        "docker:index/volume:Volume tools",
        "docker:index/container:Container tools-loader",
    ]


def test_the_image_is_tagged_by_the_scripts(made: Recording) -> None:
    image = made.one("tools", "RemoteImage").inputs
    assert image["name"] == f"berth-tools:{content_hash(BuildArgs(repository='', context=CONTEXT))}"
    assert image["build"] == {"context": str(CONTEXT), "dockerfile": "Dockerfile"}


def test_every_version_is_a_volume_of_its_own(made: Recording) -> None:
    volume = made.one("tools", "volume:Volume")
    assert volume.inputs["name"] == "shop-dev-0badcafe-tools-tools", "the stage's name and the first digits of the image's id"
    assert volume.options["delete_before_replace"] is False
    assert volume.options["retain_on_delete"], "going back makes the same name again"


def test_the_loader_fills_it_from_the_image(made: Recording) -> None:
    loader = made.container("tools-loader").inputs
    assert (loader["image"], loader["start"], loader["networkMode"]) == ("sha256:tools", False, "none")
    assert loader["mounts"] == [{"type": "volume", "source": "shop-dev-0badcafe-tools-tools", "target": "/.berth"}], "no_copy would leave it empty"


def test_the_dockerfile_takes_every_script_along() -> None:
    scripts = {path.name for path in CONTEXT.iterdir()} - {"Dockerfile"}
    [copied] = [line for line in (CONTEXT / "Dockerfile").read_text().splitlines() if line.startswith("COPY --chmod=644")]
    assert set(copied.split()[2:-1]) == scripts


@pytest.mark.parametrize(("arguments", "expected"), [((), ()), (("http", "80"), ("http", "80"))], ids=["none", "some"])
def test_script(arguments: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert script("probe", *arguments) == ("/.berth/busybox", "sh", "/.berth/probe", *expected)
