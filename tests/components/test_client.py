"""Which engine is asked."""

from unittest import mock

import docker
import pytest

from components.client import client


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("unix:///run/other.sock", {"base_url": "unix:///run/other.sock", "use_ssh_client": False}),
        ("ssh://deploy@host.test", {"base_url": "ssh://deploy@host.test", "use_ssh_client": True}),
        ("tcp://host.test:2376", {"base_url": "tcp://host.test:2376", "use_ssh_client": False}),
    ],
)
def test_a_named_engine_is_the_one_that_is_asked(host: str, expected: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/not-this-one.sock")
    monkeypatch.delenv("DOCKER_CERT_PATH", raising=False)
    with mock.patch.object(docker, "DockerClient") as made:
        client(host)
    made.assert_called_once_with(**expected)


def test_otherwise_the_environment_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock.patch.object(docker, "from_env") as made:
        assert client(None) is made.return_value
