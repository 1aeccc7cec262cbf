"""Redis: what it creates, and the decisions in its pure helpers."""

import pulumi
import pytest

from components.container import Logs, Resources
from components.model import duration, size
from components.probe import HEAL
from components.redis import Redis, RedisArgs, settings
from components.redis.config import Eviction, Persistence, RedisConfig
from tests.recording import Hidden, Recording, record, stage, tools

DEFAULT = RedisConfig()
EXPLICIT = RedisConfig(
    version="7",
    persistence=Persistence.NONE,
    eviction=Eviction.ALLKEYS_LRU,
    databases=4,
    settings={"save": "900 1 300 10", "notify-keyspace-events": ""},
    resources=Resources(memory=size("64MiB"), cpus="0.25"),
    stop_grace=duration("5s"),
    logs=Logs(files=2),
)


def make(config: RedisConfig = DEFAULT, **changes: object) -> Recording:
    def build() -> None:
        of = stage(**changes)
        Redis("cache", RedisArgs(stage=of, tools=tools(of), config=config, network="net-1", password=pulumi.Output.secret("s3cret")))

    return record(build)


@pytest.fixture(scope="module")
def redis() -> Recording:
    return make()


def test_creates_exactly_its_data_its_secrets_and_a_container(redis: Recording) -> None:
    assert redis.tree("berth:index:Redis::cache") == [
        "docker:index/container:Container cache",
        "berth:index:DataVolume cache-data",
        "  docker:index/volume:Volume cache-data",
        "  docker:index/container:Container cache-data-owner",
        "docker:index/remoteImage:RemoteImage cache-image",
        "berth:index:Files cache-secrets",
        "  docker:index/volume:Volume cache-secrets",
        "  docker:index/container:Container cache-secrets-loader",
    ]


@pytest.mark.parametrize("protect", [True, False])
def test_data_survives(protect: bool) -> None:
    options = make(protect_data=protect).one("cache-data", "volume:Volume").options
    assert options["retain_on_delete"]
    assert options["protect"] is protect
    assert options["ignore_changes"] == ["labels", "driver", "driverOpts"]


def test_publishes_nothing_on_the_host(redis: Recording) -> None:
    assert "ports" not in redis.container("cache").inputs
    assert redis.container("cache").inputs["networksAdvanced"] == [{"name": "net-1", "aliases": ["cache"]}]


def test_password_never_travels_in_plain(redis: Recording) -> None:
    assert "s3cret" not in redis.plain_text()
    assert redis.container("cache-secrets-loader").inputs["uploads"][0]["content"] == Hidden("s3cret")


def test_its_owner_is_the_account_that_runs_it(redis: Recording) -> None:
    assert redis.container("cache").inputs["user"] == "999:999"
    assert redis.container("cache-data-owner").inputs["command"] == ["sh", "/.berth/own", "999:999", "/volume"]
    assert redis.container("cache-secrets-loader").inputs["uploads"][0]["owner"] == "999"


def test_stops_before_it_starts_anew(redis: Recording) -> None:
    options = redis.container("cache").options
    assert options["delete_before_replace"] is True
    assert options["replace_on_changes"] == ["*", "#initerror"]


def test_mounts(redis: Recording) -> None:
    mounts = {mount["target"]: mount["readOnly"] for mount in redis.container("cache").inputs["mounts"]}
    assert mounts == {"/data": False, "/run/secrets": True, "/.berth": True}


def test_is_healthy_when_it_answers_to_its_password(redis: Recording) -> None:
    *check, command = redis.container("cache").inputs["healthcheck"]["tests"]
    assert check == ["CMD", *HEAL, "3", "3", "SIGTERM", "30", "--", "/.berth/busybox", "sh", "-c"]
    assert command == "REDISCLI_AUTH=$(/.berth/busybox cat /run/secrets/password) redis-cli ping | /.berth/busybox grep -qx PONG"


def test_connection(redis: Recording) -> None:
    connection = redis.component_outputs["cache"]["connection"]
    assert connection["url"] == Hidden("redis://:s3cret@cache:6379")
    assert (connection["host"], connection["port"], connection["username"], connection["password"]) == ("cache", "6379", "", Hidden("s3cret"))


@pytest.mark.parametrize(
    ("config", "image", "memory", "cpus", "grace", "files"),
    [(DEFAULT, "redis:8", 128, "0.5", 30, "3"), (EXPLICIT, "redis:7", 64, "0.25", 5, "2")],
    ids=["defaults", "explicit"],
)
def test_configuration_reaches_the_container(config: RedisConfig, image: str, memory: int, cpus: str, grace: int, files: str) -> None:
    made = make(config)
    assert made.one("cache-image").inputs["name"] == image
    inputs = made.container("cache").inputs
    assert (inputs["image"], inputs["memory"], inputs["cpus"], inputs["stopTimeout"]) == ("sha256:cache-image", memory, cpus, grace)
    assert inputs["logOpts"]["max-file"] == files
    assert inputs["command"] == ["sh", "/.berth/redis", *settings(config)]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (DEFAULT, ["--dir", "/data", "--appendonly", "yes", "--maxmemory", "96mb", "--maxmemory-policy", "noeviction", "--databases", "16"]),
        (
            EXPLICIT,
            [
                *["--dir", "/data", "--appendonly", "no", "--save", "", "--maxmemory", "48mb", "--maxmemory-policy", "allkeys-lru", "--databases", "4"],
                *["--save", "900", "1", "300", "10", "--notify-keyspace-events", ""],
            ],
        ),
    ],
    ids=["defaults", "explicit"],
)
def test_settings(config: RedisConfig, expected: list[str]) -> None:
    assert settings(config) == expected
