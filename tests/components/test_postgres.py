"""Postgres: what it creates, and the decisions in its pure helpers."""

import pulumi
import pytest

from components.container import Resources
from components.model import duration, size
from components.postgres import Postgres, PostgresArgs, PostgresConfig, health, settings
from tests.recording import Hidden, Recording, record, stage, tools

DEFAULT = PostgresConfig()
EXPLICIT = PostgresConfig(version="15", database="orders", username="clerk", resources=Resources(memory=size("1GiB"), cpus="2"), stop_grace=duration("2m"))


def make(config: PostgresConfig = DEFAULT, **changes: object) -> Recording:
    def build() -> None:
        of = stage(**changes)
        Postgres("db", PostgresArgs(stage=of, tools=tools(of), config=config, network="net-1", password=pulumi.Output.secret("s3cret")))

    return record(build)


@pytest.fixture(scope="module")
def postgres() -> Recording:
    return make()


def test_creates_exactly_its_data_its_secrets_and_a_container(postgres: Recording) -> None:
    assert postgres.tree("berth:index:Postgres::db") == [
        "docker:index/container:Container db",
        "berth:index:DataVolume db-data",
        "  docker:index/volume:Volume db-data",
        "  docker:index/container:Container db-data-owner",
        "docker:index/remoteImage:RemoteImage db-image",
        "berth:index:Files db-secrets",
        "  docker:index/volume:Volume db-secrets",
        "  docker:index/container:Container db-secrets-loader",
    ]


@pytest.mark.parametrize("protect", [True, False])
def test_data_survives(protect: bool) -> None:
    options = make(protect_data=protect).one("db-data", "volume:Volume").options
    assert (options["retain_on_delete"], options["protect"]) == (True, protect)


def test_two_servers_never_share_the_data(postgres: Recording) -> None:
    options = postgres.container("db").options
    assert options["delete_before_replace"] is True
    assert options["replace_on_changes"] == ["*", "#initerror"]


def test_publishes_nothing_on_the_host(postgres: Recording) -> None:
    assert "ports" not in postgres.container("db").inputs
    assert postgres.container("db").inputs["networksAdvanced"] == [{"name": "net-1", "aliases": ["db"]}]


def test_password_never_travels_in_plain(postgres: Recording) -> None:
    assert "s3cret" not in postgres.plain_text()
    assert postgres.container("db-secrets-loader").inputs["uploads"] == [
        {"file": "/files/password", "content": Hidden("s3cret"), "owner": "999", "group": "999", "permissions": "0400"}
    ]
    assert postgres.container("db").inputs["envs"] == []


def test_mounts_and_writable_folders(postgres: Recording) -> None:
    inputs = postgres.container("db").inputs
    assert {mount["target"]: mount["readOnly"] for mount in inputs["mounts"]} == {"/var/lib/postgresql/data": False, "/run/secrets": True, "/.berth": True}
    assert set(inputs["tmpfs"]) == {"/tmp", "/var/run/postgresql"}
    assert (inputs["readOnly"], inputs["shmSize"], inputs["user"]) == (True, 128, "999:999")


def test_a_stop_is_a_fast_shutdown(postgres: Recording) -> None:
    assert postgres.container("db").inputs["stopSignal"] == "SIGINT"


@pytest.mark.parametrize(
    ("config", "image", "grace", "role", "database"),
    [(DEFAULT, "postgres:17", 60, "db", "db"), (EXPLICIT, "postgres:15", 120, "clerk", "orders")],
    ids=["defaults", "explicit"],
)
def test_configuration_reaches_the_container(config: PostgresConfig, image: str, grace: int, role: str, database: str) -> None:
    made = make(config)
    inputs = made.container("db").inputs
    assert made.one("db-image").inputs["name"] == image
    assert (inputs["stopTimeout"], inputs["destroyGraceSeconds"]) == (grace, grace)
    assert inputs["command"] == ["sh", "/.berth/postgres", f"{database}:{role}:password", "--", *settings(config)]
    assert inputs["healthcheck"]["tests"] == ["CMD", *health(role, database).test]
    connection = made.component_outputs["db"]["connection"]
    assert (connection["username"], connection["database"]) == (role, database)
    assert connection["url"] == Hidden(f"postgresql://{role}:s3cret@db:5432/{database}")


def test_the_role_is_named_after_the_database() -> None:
    assert make(PostgresConfig(database="orders")).component_outputs["db"]["connection"]["username"] == "orders"


def test_is_never_killed_at_once() -> None:
    assert make(PostgresConfig(stop_grace=duration("500ms"))).container("db").inputs["destroyGraceSeconds"] == 1


@pytest.mark.parametrize(
    ("config", "expected"), [(DEFAULT, ["-c", "shared_buffers=128MB"]), (EXPLICIT, ["-c", "shared_buffers=256MB"])], ids=["defaults", "explicit"]
)
def test_settings(config: PostgresConfig, expected: list[str]) -> None:
    assert settings(config) == expected


def test_health_logs_in_as_the_application_does_and_bears_a_slow_first_start() -> None:
    check = health("clerk", "orders")
    assert check.test == ("/.berth/busybox", "sh", "/.berth/probe", "postgres", "orders", "clerk", "password")
    assert check.times.start_period == "120s"
