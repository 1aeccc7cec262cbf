"""Images: a tag that changes with everything a build can see, and with nothing else."""

import os
from collections.abc import Callable
from pathlib import Path

import pulumi
import pytest

from components.image import BuildArgs, ImagesConfig, built, content_hash, pulled, without_tag
from tests.recording import record

IGNORED = "*.log\n# a comment\n\nbuild\n!build/keep.txt\n  spaced  \n.dockerignore\n"


@pytest.fixture
def context(tmp_path: Path) -> Path:
    for name, text in {
        "Dockerfile": "FROM scratch\n",
        "app.py": "print(1)\n",
        "sub/module.py": "x = 1\n",
        "debug.log": "noise\n",
        "build/out.bin": "binary\n",
        "build/keep.txt": "kept\n",
        "spaced": "noise\n",
        ".dockerignore": IGNORED,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o644)
    (tmp_path / "link").symlink_to("app.py")
    return tmp_path


def relink(context: Path) -> None:
    (context / "link").unlink()
    (context / "link").symlink_to("sub/module.py")


SEEN: dict[str, Callable[[Path], object]] = {
    "content": lambda context: (context / "app.py").write_text("print(2)\n"),
    "content in a folder": lambda context: (context / "sub" / "module.py").write_text("x = 2\n"),
    "new file": lambda context: (context / "new.py").write_text(""),
    "file gone": lambda context: (context / "app.py").unlink(),
    "name": lambda context: (context / "app.py").rename(context / "main.py"),
    "executable": lambda context: (context / "app.py").chmod(0o755),
    "who may read": lambda context: (context / "app.py").chmod(0o600),
    "Dockerfile": lambda context: (context / "Dockerfile").write_text("FROM scratch\nUSER 1\n"),
    "target of a link": relink,
    "excepted from what is ignored": lambda context: (context / "build" / "keep.txt").write_text("other\n"),
    "what is ignored": lambda context: (context / ".dockerignore").write_text(IGNORED + "sub\n"),
}
UNSEEN: dict[str, Callable[[Path], object]] = {
    "nothing": lambda context: None,
    "ignored by pattern": lambda context: (context / "debug.log").write_text("more\n"),
    "new ignored file": lambda context: (context / "other.log").write_text("more\n"),
    "ignored folder": lambda context: (context / "build" / "out.bin").write_text("other\n"),
    "ignored with spaces around": lambda context: (context / "spaced").write_text("other\n"),
    "time": lambda context: os.utime(context / "app.py", (1, 1)),
    "same content again": lambda context: (context / "app.py").write_text("print(1)\n"),
}


@pytest.mark.parametrize("change", SEEN.values(), ids=SEEN.keys())
def test_what_changes_the_tag(change: Callable[[Path], object], context: Path) -> None:
    before = content_hash(BuildArgs(repository="shop-web", context=context))
    change(context)
    assert content_hash(BuildArgs(repository="shop-web", context=context)) != before


@pytest.mark.parametrize("change", UNSEEN.values(), ids=UNSEEN.keys())
def test_what_does_not(change: Callable[[Path], object], context: Path) -> None:
    before = content_hash(BuildArgs(repository="shop-web", context=context))
    change(context)
    assert content_hash(BuildArgs(repository="shop-web", context=context)) == before


def test_every_way_to_build_has_its_tag(context: Path) -> None:
    (context / "other.Dockerfile").write_text("FROM scratch\nUSER 2\n")
    ways = [
        BuildArgs(repository="x", context=context),
        BuildArgs(repository="x", context=context, target="prod"),
        BuildArgs(repository="x", context=context, target="dev"),
        BuildArgs(repository="x", context=context, arguments={"V": "1"}),
        BuildArgs(repository="x", context=context, arguments={"V": "2"}),
        BuildArgs(repository="x", context=context, dockerfile="other.Dockerfile"),
    ]
    assert len({content_hash(way) for way in ways}) == len(ways)


def test_arguments_count_in_any_order_and_the_name_does_not(context: Path) -> None:
    one = BuildArgs(repository="x", context=context, arguments={"A": "1", "B": "2"})
    other = BuildArgs(repository="y", context=context, arguments={"B": "2", "A": "1"})
    assert content_hash(one) == content_hash(other)


def test_the_place_of_the_context_does_not_count(context: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("clone") / "x"
    before = content_hash(BuildArgs(repository="x", context=context))
    context.rename(elsewhere)
    assert content_hash(BuildArgs(repository="x", context=elsewhere)) == before


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        ({}, {"dockerfile": "Dockerfile"}),
        ({"target": "prod", "arguments": {"V": "1"}}, {"dockerfile": "Dockerfile", "target": "prod", "buildArgs": {"V": "1"}}),
    ],
    ids=["defaults", "explicit"],
)
def test_a_built_image(build: dict[str, object], expected: dict[str, object], context: Path) -> None:
    args = BuildArgs(repository="shop-web", context=context, **build)  # type: ignore[arg-type]
    inputs = record(lambda: built("web-image", args, opts=pulumi.ResourceOptions())).one("web-image").inputs
    assert inputs == {"name": f"shop-web:{content_hash(args)}", "keepLocally": True, "build": {"context": str(context), **expected}}


def test_a_pulled_image() -> None:
    inputs = record(lambda: pulled("web-image", ImagesConfig(), "nginx:1.28", opts=pulumi.ResourceOptions())).one("web-image").inputs
    assert inputs == {"name": "nginx:1.28", "keepLocally": True}


D = "@sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("mirror", "reference", "pulled"),
    [
        (None, "postgres:17", "postgres:17"),
        (None, "redis:8", f"redis{D}"),
        ("mirror.test:5000", "postgres:17", "mirror.test:5000/library/postgres:17"),
        ("mirror.test/hub", "mailhog/mailhog:v1", "mirror.test/hub/mailhog/mailhog:v1"),
        ("mirror.test", "redis:8", f"mirror.test/library/redis{D}"),
        ("mirror.test", "ghcr.test/a/b:1", "ghcr.test/a/b:1"),
        ("mirror.test", "localhost/b:1", "localhost/b:1"),
        ("mirror.test", "host:5000/b:1", "host:5000/b:1"),
    ],
)
def test_where_an_image_comes_from(mirror: str | None, reference: str, pulled: str) -> None:
    assert ImagesConfig(mirror=mirror, pins={"redis:8": f"redis{D}"}).resolve(reference) == pulled


@pytest.mark.parametrize(
    ("reference", "name"),
    [("postgres:17", "postgres"), ("postgres", "postgres"), ("host:5000/a/b:1", "host:5000/a/b"), ("host:5000/a", "host:5000/a")],
)
def test_without_tag(reference: str, name: str) -> None:
    assert without_tag(reference) == name
