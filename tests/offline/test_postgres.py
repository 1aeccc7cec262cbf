"""The Postgres images: first start, secrets from files, init scripts, any user, shutdown."""

import gzip
from pathlib import Path

import pytest

from tests.offline.conftest import Start, docker, eventually, inspect

MAJORS = ["17", "15"]
PASSWORD = "se'cret $1"


def _ready(name: str) -> bool:
    # over TCP: the server of the first start is not on the network
    return "accepting connections" in docker("exec", name, "pg_isready", "--host", "127.0.0.1", "--username", "shop", check=False)


def _query(name: str, sql: str, *, password: str = PASSWORD, user: str = "shop", database: str = "shopdb") -> str:
    address = docker("exec", name, "hostname", "-i")  # not 127.0.0.1, which the official image trusts as well
    url = ["--host", address, "--username", user, "--dbname", database]
    return docker("exec", "--env", f"PGPASSWORD={password}", name, "psql", *url, "-Atc", sql, check=False)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Make a password file and an init directory with every kind of script."""
    (tmp_path / "password").write_text(PASSWORD + "\n")
    init = tmp_path / "init"
    init.mkdir()
    (init / "1.sql").write_text("create table t (a int); insert into t values (1);")
    (init / "2.sql.gz").write_bytes(gzip.compress(b"insert into t values (2);"))
    (init / "3-run.sh").write_text('#!/bin/sh\npsql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -c "insert into t values (4)"\n')
    (init / "3-run.sh").chmod(0o755)
    (init / "4-source.sh").write_text("docker_process_sql -c 'insert into t values (8)'\n")
    tmp_path.chmod(0o755)
    return tmp_path


def _options(files: Path) -> list[str]:
    return [
        *("--env", "POSTGRES_USER=shop", "--env", "POSTGRES_DB=shopdb", "--env", "POSTGRES_PASSWORD_FILE=/run/secrets/password"),
        *("--volume", f"{files / 'password'}:/run/secrets/password:ro", "--volume", f"{files / 'init'}:/docker-entrypoint-initdb.d:ro"),
    ]


@pytest.mark.parametrize("major", MAJORS)
def test_first_start_restart_and_stop(start: Start, files: Path, major: str) -> None:
    name = start(*_options(files), f"postgres:{major}")
    eventually(lambda: _ready(name))
    assert _query(name, "select sum(a) from t") == "15"
    assert "password authentication failed" in _query(name, "select 1", password="wrong")
    assert _query(name, "show server_encoding") == "UTF8"
    assert docker("exec", "--user", "999", name, "stat", "-c", "%u:%g %a", "/var/lib/postgresql/data") == "999:999 700"
    docker("restart", name)
    eventually(lambda: _ready(name))
    assert _query(name, "select sum(a) from t") == "15"
    docker("stop", name)
    assert inspect(name)["State"]["ExitCode"] == 0
    log = docker("logs", name)
    assert "received fast shutdown request" in log  # SIGINT, the stop signal of the image
    assert PASSWORD not in log


@pytest.mark.parametrize("major", MAJORS)
def test_any_user_and_a_read_only_root(start: Start, files: Path, major: str) -> None:
    data = "/var/lib/postgresql/data"
    name = start(
        *_options(files),
        *("--user", "1234:1234", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
        *("--tmpfs", f"{data}:uid=1234,gid=1234,mode=700", "--tmpfs", "/tmp", "--tmpfs", "/var/run/postgresql:uid=1234,gid=1234"),
        f"postgres:{major}",
    )
    eventually(lambda: _ready(name))
    assert _query(name, "select sum(a) from t") == "15"
    assert docker("exec", name, "id", "-u") == "1234"


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ([], "POSTGRES_PASSWORD is empty"),
        (["POSTGRES_PASSWORD=a", "POSTGRES_PASSWORD_FILE=/etc/hostname"], "POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are both set"),
    ],
)
def test_what_is_wrong_with_the_password_is_said(start: Start, environment: list[str], message: str) -> None:
    options = [option for variable in environment for option in ("--env", variable)]
    name = start(*options, "postgres:17")
    assert docker("wait", name) == "1"
    assert message in docker("logs", name)


def test_trust_needs_no_password_and_other_commands_run_as_they_are(start: Start) -> None:
    name = start("--env", "POSTGRES_HOST_AUTH_METHOD=trust", "postgres:17", "-c", "max_connections=7")
    eventually(lambda: _ready(name))
    assert _query(name, "show max_connections", password="", user="postgres", database="postgres") == "7"
    assert docker("exec", name, "gosu", "postgres", "id", "-u") == "999"
