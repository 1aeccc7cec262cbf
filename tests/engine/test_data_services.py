"""Everything that can be said about data services, said at once to real ones: databases with owners, extensions, SQL, settings, ports of the host."""

import socket
from pathlib import Path

import httpx
import pytest

from tests.engine.conftest import Make
from tests.engine.project import Project, free_port, said_in

APP = """\
format: 1
name: data
apps:
  web:
    image: python:3.13-slim
    port: 8000
    command: [python, -m, http.server, "8000"]
    uses: [db, cache]
    env: { BOOKS: "${db.databases.books.url}", QUEUE: "${cache.url}/1" }
postgres:
  db:
    build: { context: db }
    database: shop
    extensions: [pg_trgm]
    init: [db/first.sql, db/second.sql]
    databases: { books: { username: reader, extensions: [hstore], init: [db/books.sql] }, stock: { username: reader } }
    settings: { max_connections: "50", "auto_explain.log_min_duration": 250ms }
topologies: { dev: { apps: { web: { publish: WEB_PORT } } } }
redis: { cache: { version: "7", eviction: allkeys-lru, databases: 4, settings: { save: "900 1 300 10", notify-keyspace-events: Ex } } }
"""
FILES = {
    "Dockerfile": "FROM postgres:15\nUSER root\nRUN echo derived >/etc/derived\n",
    "first.sql": "CREATE TABLE price (amount int); INSERT INTO price VALUES (7); ALTER TABLE price OWNER TO shop;\n",
    "second.sql": "INSERT INTO price VALUES (8);\n",
    "books.sql": "CREATE TABLE title (name text); GRANT SELECT ON title TO reader; INSERT INTO title VALUES ('berth');\n",
}


@pytest.fixture(scope="module")
def data(make_project: Make) -> Project:
    published, stored = free_port(), free_port()
    project = make_project("data", stage={"postgres": {"db": {"publish": published}}, "redis": {"cache": {"publish": stored}}})
    (project.root / "app.yaml").write_text(APP.replace("WEB_PORT", str(project.mail_ui)))
    (project.root / "db").mkdir()
    for name, text in FILES.items():
        (project.root / "db" / name).write_text(text)
    project.berth("up")
    return project


def sql(data: Project, role: str, database: str, file: str, statement: str) -> str:
    """What a role hears over TCP, with the password of its file."""
    command = f'PGPASSWORD=$(cat /run/secrets/{file}) psql -XqAtw -h 127.0.0.1 -U {role} -d {database} -c "{statement}"'
    return said_in(data.one("db"), "sh", "-c", command).strip()


def test_each_database_has_its_owner_its_extensions_and_its_sql(data: Project) -> None:
    assert sql(data, "shop", "shop", "password", "SELECT amount FROM price ORDER BY 1") == "7\n8"
    assert sql(data, "shop", "shop", "password", "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'") == "pg_trgm"
    assert sql(data, "reader", "books", "password-reader", "SELECT name FROM title") == "berth"
    assert sql(data, "reader", "books", "password-reader", "SELECT 'a=>1'::hstore -> 'a'") == "1"
    assert sql(data, "reader", "stock", "password-reader", "CREATE TABLE item (x int)") == ""
    assert "permission denied for database" in sql(data, "reader", "shop", "password-reader", "SELECT 1")


def test_the_settings_and_the_memory_count(data: Project) -> None:
    for setting, value in {"max_connections": "50", "shared_buffers": "96MB", "work_mem": "3MB", "auto_explain.log_min_duration": "250ms"}.items():
        assert sql(data, "shop", "shop", "password", f"SHOW {setting}") == value


def test_its_image_is_the_derived_one(data: Project) -> None:
    assert said_in(data.one("db"), "cat", "/etc/derived") == "derived\n"


def test_the_app_is_told_of_every_database(data: Project) -> None:
    ask = (
        "import os, urllib.parse as u; print(*(u.urlsplit(os.environ[n])._replace(netloc=u.urlsplit(os.environ[n]).netloc.rpartition('@')[2]).geturl() for n in"
    )
    said = said_in(
        data.one("web"),
        "/.berth/busybox",
        "sh",
        "/.berth/start",
        "BOOKS",
        "QUEUE",
        "DATABASE_URL",
        "--",
        "python",
        "-c",
        f"{ask} ('BOOKS', 'QUEUE', 'DATABASE_URL')))",
    )
    assert said.split() == ["postgresql://db:5432/books", "redis://cache:6379/1", "postgresql://db:5432/shop"]


def test_redis_does_what_it_is_told(data: Project) -> None:
    ask = "for s in maxmemory-policy databases save notify-keyspace-events; do REDISCLI_AUTH=$(cat /run/secrets/password) redis-cli config get $s | tail -n 1; done"
    assert said_in(data.one("cache"), "sh", "-c", ask).splitlines() == ["allkeys-lru", "4", "900 1 300 10", "xE"]


def test_ports_of_the_host_lead_to_them(data: Project) -> None:
    """A server that was not meant would not answer like this: `N` to a request for TLS (Postgres, "Message Flow"), and NOAUTH."""
    ports = {name: data.stage[kind][name]["publish"] for kind, name in (("postgres", "db"), ("redis", "cache"))}
    bindings = [binding for one in data.containers() for found in one.ports.values() for binding in found or ()]
    asked = {*ports.values(), data.http, data.mail_ui}
    assert {(binding["HostIp"], int(binding["HostPort"])) for binding in bindings} == {("127.0.0.1", port) for port in asked}
    for port, request, answer in ((ports["db"], bytes([0, 0, 0, 8, 4, 210, 22, 47]), b"N"), (ports["cache"], b"PING\r\n", b"-NOAUTH")):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(request)
            assert connection.recv(100).startswith(answer)
    assert httpx.get(data.mail_url).status_code == 200
    assert httpx.get(data.url).status_code == 404, "it has no routes"


def test_sql_that_ran_does_not_run_again_and_a_changed_file_does(data: Project) -> None:
    data.berth("preview", "--", "--expect-no-changes", "--refresh")
    Path(data.root / "db" / "second.sql").write_text("INSERT INTO price VALUES (9);\n")
    data.berth("up")
    assert sql(data, "shop", "shop", "password", "SELECT amount FROM price ORDER BY 1") == "7\n8\n9"
