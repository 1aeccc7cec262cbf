"""What may be said about a mono stage: what it starts from, and what it refuses."""

from typing import Any

import pytest
from pydantic import ValidationError

from components.app.config import AppConfig
from components.mono.config import MonoAppConfig, MonoConfig, MonoNetworksConfig
from components.postgres.config import PostgresConfig, PostgresServer
from components.redis.config import RedisConfig, RedisServer

APP: dict[str, Any] = {"port": 8000, "command": ["serve"]}


def test_defaults() -> None:
    config = MonoConfig(image="all")
    assert (config.user, config.read_only, config.egress, config.stop_grace) == ("10001:10001", True, True, None)
    assert (str(config.resources.memory), config.resources.cpus, config.resources.pids) == ("1GiB", "2.0", 1024)
    assert {path: str(size) for path, size in config.tmpfs.items()} == {"/tmp": "256MiB"}


def test_limits_written_in_part_go_over_the_defaults() -> None:
    config = MonoConfig.model_validate({"image": "all", "resources": {"memory": "2GiB"}})
    assert (str(config.resources.memory), config.resources.cpus, config.resources.pids) == ("2GiB", "2.0", 1024)


@pytest.mark.parametrize("given", [{}, {"image": "all", "build": {"context": "."}}])
def test_one_image(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="needs exactly one of build and image"):
        MonoConfig.model_validate(given)


def test_no_root() -> None:
    with pytest.raises(ValidationError, match="should match pattern"):
        MonoConfig(image="all", user="0:0")


def test_its_network_has_a_way_in() -> None:
    with pytest.raises(ValidationError, match="is internal, and then nobody could reach the site"):
        MonoNetworksConfig.model_validate({"public": {"internal": True}})
    assert MonoNetworksConfig.model_validate({"public": {"internal": False}}).public.internal is False


def test_an_app_is_what_it_is_elsewhere_but_for_its_container() -> None:
    only_here = MonoAppConfig.model_fields.keys() - AppConfig.model_fields.keys()
    only_elsewhere = AppConfig.model_fields.keys() - MonoAppConfig.model_fields.keys()
    assert only_here == {"directory"}
    assert only_elsewhere == {
        "address", "build", "capabilities", "egress", "image", "labels", "logs", "read_only", "replicas", "resources", "roll", "tmpfs", "user"
    }  # fmt: skip
    assert MonoAppConfig.model_validate(APP).directory == "/"


def test_servers_are_what_they_are_elsewhere_but_for_their_containers() -> None:
    assert PostgresConfig.model_fields.keys() - PostgresServer.model_fields.keys() == {"version", "image", "build", "resources", "logs"}
    assert RedisConfig.model_fields.keys() - RedisServer.model_fields.keys() == {"version", "image", "resources", "logs"}


@pytest.mark.parametrize("given", [{"routes": {"/": {}}, "command": ["x"]}, {"command": ["x"]}])
def test_an_app_can_be_reached_or_asked(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"has routes and no port|has neither port nor health\.command"):
        MonoAppConfig.model_validate(given)
