"""The local registry: what is pushed there is pulled by its plain name, as from anywhere in the world."""

import uuid
from collections.abc import Iterator

import pytest

from tests.offline.conftest import LABEL, docker


@pytest.fixture
def published() -> Iterator[tuple[str, str]]:
    """Publish an image that only the local registry has: its name and digest."""
    mirrors = docker("info", "--format", '{{join .RegistryConfig.Mirrors " "}}').split()
    (registry,) = [mirror.removeprefix("http://").rstrip("/") for mirror in mirrors if mirror.startswith("http://localhost:")]
    name = f"berth-offline-{uuid.uuid4().hex[:10]}:1"
    pushed = f"{registry}/library/{name}"
    docker("build", "--quiet", "--label", LABEL, "--label", f"name={name}", "--tag", pushed, "-", stdin="FROM scratch\nLABEL canary=1\n")
    docker("push", pushed)
    digest = docker("image", "inspect", "--format", "{{index .RepoDigests 0}}", pushed).split("@")[1]
    docker("rmi", pushed)
    yield name, digest
    docker("rmi", "--force", name, f"{name.split(':', maxsplit=1)[0]}@{digest}", check=False)


def test_the_engine_asks_the_local_registry_first(published: tuple[str, str]) -> None:
    name, digest = published
    assert digest in docker("pull", name)
    docker("rmi", name)
    by_digest = f"{name.split(':', maxsplit=1)[0]}@{digest}"
    assert digest in docker("pull", by_digest)
    docker("build", "--quiet", "-", stdin=f"FROM {by_digest}\nLABEL more=1\n")
