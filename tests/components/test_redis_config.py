"""What may be said about Redis, and what is refused."""

import re

import pytest
from pydantic import ValidationError

from components.redis.config import ExternalRedisConfig, RedisConfig


@pytest.mark.parametrize(
    ("config", "reference"), [(RedisConfig(), "redis:8"), (RedisConfig(version="7"), "redis:7"), (RedisConfig(version="7", image="valkey:8"), "valkey:8")]
)
def test_reference(config: RedisConfig, reference: str) -> None:
    assert config.reference == reference


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"external": {"host": "h"}, "version": "8"}, "has external and version: keep external alone, for that server is as it is"),
        ({"external": {"host": "h"}, "logs": {}, "version": "8"}, "has external and logs, version: keep external alone, for that server is as it is"),
        ({"settings": {"maxmemory": "1mb"}}, "is not written here: use resources.memory"),
        ({"settings": {"appendonly": "no"}}, "is not written here: use persistence"),
        ({"settings": {"requirepass": "x"}}, "is berth's own, for the start of the server and its probe rest on it: take it away"),
        ({"settings": {"save": "--port 1"}}, "has a word that begins with --, as another setting would: write that one under its own name"),
        ({"databases": 0}, "greater than or equal to 1"),
    ],
)
def test_refused(said: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        RedisConfig.model_validate(said)


def test_an_external_server_is_reached_by_tls_unless_somebody_says_otherwise() -> None:
    assert ExternalRedisConfig(host="h") == ExternalRedisConfig(host="h", port=6379, username="", password=None, tls=True)
