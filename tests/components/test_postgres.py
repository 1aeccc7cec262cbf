"""Postgres: what it creates, and the decisions in its pure helpers."""

from pathlib import Path

import pulumi
import pytest

from components.build import BuildConfig
from components.container import Logs, Resources
from components.model import duration, size
from components.postgres import Postgres, PostgresArgs, entry, health, settings, tuning
from components.postgres.config import Database, DatabaseConfig, PostgresConfig, databases
from components.probe import HEAL
from tests.recording import Hidden, Recording, record, stage, tools

DEFAULT = PostgresConfig()
EXPLICIT = PostgresConfig(
    version="15",
    database="orders",
    username="clerk",
    settings={"max_connections": "200", "work_mem": "9MB"},
    resources=Resources(memory=size("1GiB"), cpus="2"),
    stop_grace=duration("2m"),
    logs=Logs(files=2),
)
MANY = PostgresConfig(
    image="postgis:15",
    extensions=("postgis", "hstore"),
    databases={"books": DatabaseConfig(username="reader", extensions=("pg_trgm",)), "stock": DatabaseConfig(username="reader")},
)


def make(config: PostgresConfig = DEFAULT, **changes: object) -> Recording:
    def build() -> None:
        of = stage(**changes)
        passwords = {one.username: pulumi.Output.secret(f"s3cret-of-{one.username}") for one in databases("db", config)}
        Postgres("db", PostgresArgs(stage=of, tools=tools(of), config=config, network="net-1", passwords=passwords))

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
        {"file": "/files/password", "content": Hidden("s3cret-of-db"), "owner": "999", "group": "999", "permissions": "0400"}
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
    ("config", "image", "grace", "role", "database", "files"),
    [(DEFAULT, "postgres:17", 60, "db", "db", "3"), (EXPLICIT, "postgres:15", 120, "clerk", "orders", "2")],
    ids=["defaults", "explicit"],
)
def test_configuration_reaches_the_container(config: PostgresConfig, image: str, grace: int, role: str, database: str, files: str) -> None:
    made = make(config)
    inputs = made.container("db").inputs
    assert made.one("db-image").inputs["name"] == image
    assert (inputs["stopTimeout"], inputs["destroyGraceSeconds"]) == (grace, grace)
    assert inputs["command"] == ["sh", "/.berth/postgres", f"{database}:{role}:password", "--", *settings(config)]
    assert inputs["logOpts"]["max-file"] == files
    assert inputs["healthcheck"]["tests"] == ["CMD", *HEAL, "3", "3", "SIGINT", str(grace), "--", *health(Database(name=database, username=role)).test]
    connection = made.component_outputs["db"]["connection"]
    assert (connection["username"], connection["database"]) == (role, database)
    assert connection["url"] == Hidden(f"postgresql://{role}:s3cret-of-{role}@db:5432/{database}")


def test_the_role_is_named_after_the_database() -> None:
    assert make(PostgresConfig(database="orders")).component_outputs["db"]["connection"]["username"] == "orders"


def test_is_never_killed_at_once() -> None:
    assert make(PostgresConfig(stop_grace=duration("500ms"))).container("db").inputs["destroyGraceSeconds"] == 1


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (DEFAULT, {"shared_buffers": "96MB", "effective_cache_size": "288MB", "maintenance_work_mem": "24MB", "work_mem": "1MB"}),
        (
            EXPLICIT,
            {"shared_buffers": "256MB", "effective_cache_size": "768MB", "maintenance_work_mem": "64MB", "work_mem": "9MB", "max_connections": "200"},
        ),
    ],
    ids=["defaults", "explicit"],
)
def test_settings(config: PostgresConfig, expected: dict[str, str]) -> None:
    words = settings(config)
    assert words[::2] == ["-c"] * len(expected)
    assert dict(word.split("=") for word in words[1::2]) == expected


@pytest.mark.parametrize(
    ("memory", "clients", "expected"),
    [("64MiB", 100, ("16MB", "4MB", "1MB")), ("64GiB", 100, ("16384MB", "2047MB", "327MB")), ("1GiB", 0, ("256MB", "64MB", "512MB"))],
    ids=["the least", "much", "a number that the server refuses"],
)
def test_tuning_has_its_limits(memory: str, clients: int, expected: tuple[str, ...]) -> None:
    made = tuning(size(memory).amount, clients)
    assert (made["shared_buffers"], made["maintenance_work_mem"], made["work_mem"]) == expected


def test_more_databases_each_with_its_owner() -> None:
    made = make(MANY)
    assert made.container("db").inputs["command"][2:6] == [
        "db:db:password:postgis,hstore",
        "books:reader:password-reader:pg_trgm",
        "stock:reader:password-reader",
        "--",
    ]
    uploads = {upload["file"]: upload["content"] for upload in made.container("db-secrets-loader").inputs["uploads"]}
    assert uploads == {"/files/password": Hidden("s3cret-of-db"), "/files/password-reader": Hidden("s3cret-of-reader")}
    others = made.component_outputs["db"]["databases"]
    assert {name: other["url"] for name, other in others.items()} == {
        "books": Hidden("postgresql://reader:s3cret-of-reader@db:5432/books"),
        "stock": Hidden("postgresql://reader:s3cret-of-reader@db:5432/stock"),
    }


def test_a_role_of_two_databases_has_one_password_file() -> None:
    made = databases("db", PostgresConfig(databases={"books": DatabaseConfig(username="db")}))
    assert [entry(made, one) for one in made] == ["db:db:password", "books:db:password"]


def test_init_files_lie_where_the_start_finds_them(tmp_path: Path) -> None:
    for name in ("first.sql", "second.sql"):
        (tmp_path / name).write_text(f"-- {name}")
    config = PostgresConfig(init=(f"{tmp_path}/second.sql", f"{tmp_path}/first.sql"), databases={"books": DatabaseConfig(init=(f"{tmp_path}/first.sql",))})
    made = make(config)
    assert made.container("db").inputs["command"][2:4] == ["db:db:password::db-01-second.sql,db-02-first.sql", "books:books:password-books::books-01-first.sql"]
    uploads = {upload["file"]: upload["content"] for upload in made.container("db-init-loader").inputs["uploads"]}
    assert uploads == {"/files/db-01-second.sql": "-- second.sql", "/files/db-02-first.sql": "-- first.sql", "/files/books-01-first.sql": "-- first.sql"}
    assert {"target": "/run/init", "readOnly": True}.items() <= made.container("db").inputs["mounts"][1].items()


def test_its_image_may_be_built(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM postgres:17\n")
    made = make(PostgresConfig(build=BuildConfig(context=str(tmp_path)))).one("db-image").inputs
    assert made["name"].startswith("shop-db:")
    assert make(MANY).one("db-image").inputs["name"] == "postgis:15"


def test_health_logs_in_as_the_application_does_and_bears_a_slow_first_start() -> None:
    check = health(Database(name="orders", username="clerk"))
    assert check.test == ("/.berth/busybox", "sh", "/.berth/probe", "postgres", "orders", "clerk", "password")
    assert check.times.start_period == "120s"
