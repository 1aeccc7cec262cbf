"""The start of Postgres on real servers: names and passwords change, starts are killed, and the data is there for whoever is configured."""

import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from components.postgres import DATA
from tests.engine.conftest import Make
from tests.engine.postgres_server import Server, psql
from tests.engine.project import Project, said_in

NASTY = "'single' \"double\" back\\slash\\ `id` $HOME $(id) %s : # ünïcödé 🚢 \n"


@pytest.fixture
def server(engine: docker.DockerClient, tmp_path: Path) -> Iterator[Server]:
    server = Server(engine, tmp_path)
    yield server
    if server.container:
        server.kill()
    engine.volumes.get(server.volume).remove()


def test_a_role_takes_another_name_with_all_it_has(server: Server) -> None:
    server.up("shop:clerk:p", passwords={"p": "first"})
    made = "CREATE SCHEMA s; CREATE TABLE s.note (id serial, text text); INSERT INTO s.note (text) VALUES ('here'); ALTER ROLE clerk SET work_mem = '7MB'"
    assert server.sql("clerk", "shop", made, "first") == ""
    server.root("shop", "CREATE TABLE rates (x int); GRANT SELECT ON rates TO clerk")

    server.up("shop:cashier:p", passwords={"p": "second"})
    assert server.sql("cashier", "shop", "INSERT INTO s.note (text) VALUES ('too'); SELECT text FROM s.note ORDER BY id", "second") == "here\ntoo"
    assert server.sql("cashier", "shop", "ALTER TABLE s.note ADD more int; DROP TABLE s.note; SELECT count(*) FROM rates; SHOW work_mem", "second") == "0\n7MB"
    assert "FATAL" in server.sql("clerk", "shop", "SELECT 1", "first")
    assert "FATAL" in server.sql("cashier", "shop", "SELECT 1", "first")
    assert "berth: role clerk is now called cashier\n" in server.log()
    server.up("shop:cashier:p", passwords={"p": "second"})
    assert "is now called" not in server.log()


def test_what_a_former_role_owns_changes_hands_in_its_database_alone(server: Server) -> None:
    """Both names are roles already, as after an attempt of an older berth, or when databases swap their owners."""
    passwords = {"p": "pw"}
    server.up("a:x:p", "b:y:p", passwords=passwords)
    for role, database in (("x", "a"), ("y", "b")):
        assert server.sql(role, database, "CREATE TABLE note (t text); INSERT INTO note VALUES (current_user)", "pw") == ""
    server.root("a", "CREATE TABLE roots (x int)")
    server.root("a", "CREATE DATABASE other OWNER x")
    server.up("a:y:p", "b:x:p", passwords=passwords)
    assert server.sql("y", "a", "INSERT INTO note VALUES (current_user); SELECT * FROM note", "pw") == "x\ny"
    assert server.sql("x", "b", "INSERT INTO note VALUES (current_user); SELECT * FROM note", "pw") == "y\nx"
    assert "FATAL" in server.sql("x", "a", "SELECT 1", "pw")
    assert server.root("a", "SELECT tableowner FROM pg_tables WHERE tablename = 'roots'") == "postgres"
    owners = "SELECT datname || ' ' || pg_get_userbyid(datdba) FROM pg_database WHERE NOT datistemplate ORDER BY 1"
    assert server.root("a", owners).split("\n") == ["a y", "b x", "other x", "postgres postgres"]
    assert "database a: what belonged to role x belongs to role y now" in server.log()

    server.up("a:y:p", passwords=passwords)
    said = server.log()
    assert "database b is here too and not configured: kept" in said
    assert "role x is not configured: it can no longer log in" in said
    assert "FATAL" in server.sql("x", "b", "SELECT 1", "pw")
    server.up("a:y:p", "b:y:p", passwords=passwords)
    assert server.sql("y", "b", "SELECT * FROM note", "pw") == "y\nx"


def test_roles_made_by_hand_are_left_alone(server: Server) -> None:
    server.up("shop:shop:p", passwords={"p": "pw"})
    server.root("postgres", "CREATE ROLE reader LOGIN PASSWORD 'r'")
    server.root("postgres", "CREATE DATABASE books OWNER reader")
    server.up("shop:shop:p", passwords={"p": "pw"})
    assert server.sql("reader", "books", "SELECT 1", "r") == "1"


def test_any_password_and_any_name(server: Server) -> None:
    entries = ["my-db:user:p", "order:select:p", "all:current_user:p"]
    server.up(*entries, passwords={"p": NASTY}, arguments=("-c", "log_line_prefix=%m '[%p]' \" "))
    for entry in entries:
        database, role, _ = entry.split(":")
        assert server.sql(role, database, "CREATE TABLE t (x int); SELECT current_user", NASTY) == role
        assert "FATAL" in server.sql(role, database, "SELECT 1", NASTY.strip())
    assert "ünïcödé" not in server.log()
    server.up("my-db:table:p", *entries[1:], passwords={"p": NASTY})
    assert server.sql("table", "my-db", "SELECT count(*) FROM t", NASTY) == "0"


def test_the_probe_needs_the_password_and_the_database(server: Server) -> None:
    server.up("shop:shop:p", passwords={"p": "right"})
    (server.folder / "secrets" / "p").write_text("wrong")
    assert 'password authentication failed for user "shop"' in server.healthy("shop:shop:p")
    (server.folder / "secrets" / "p").write_text("right")
    assert 'database "none" does not exist' in server.healthy("none:shop:p")
    server.root("postgres", "ALTER ROLE shop CONNECTION LIMIT 0")
    assert server.healthy("shop:shop:p") == "", "as many clients as it may have are no reason to restart it"


def test_extensions_and_sql_of_the_superuser(server: Server) -> None:
    entry = "shop:shop:p:uuid-ossp,earthdistance:seed.sql,more.sql"
    seed = "CREATE TABLE seed (x int);\nINSERT INTO seed VALUES (1);\nGRANT ALL ON seed TO shop;\nSELECT 'quiet'"
    broken = "INSERT INTO seed VALUES (2);\nINSERT INTO sed VALUES (3);\n"
    said = server.fails(entry, passwords={"p": "pw"}, init={"seed.sql": seed, "more.sql": broken})
    assert said == 'database shop, more.sql undone and tried again at the next start: more.sql:2: ERROR:  relation "sed" does not exist at character 13'
    assert "database system was shut down" in server.log() or "database system is shut down" in server.log()
    server.up(entry, passwords={"p": "pw"}, init={"more.sql": broken.replace("sed ", "seed ")})
    assert "berth: database shop: ran more.sql\n" in server.log()
    assert "quiet" not in server.log()
    server.up(entry, passwords={"p": "pw"})
    assert ": ran " not in server.log()
    assert server.sql("shop", "shop", "SELECT x FROM seed", "pw") == "1\n2\n3"
    assert server.sql("shop", "shop", "SELECT extname FROM pg_extension ORDER BY 1", "pw").split() == ["cube", "earthdistance", "plpgsql", "uuid-ossp"]
    assert server.sql("shop", "shop", "SELECT uuid_nil()", "pw").startswith("00000000")
    assert server.fails("shop:shop:p:nonsense", passwords={"p": "pw"}).startswith('database shop, extensions nonsense: ERROR:  extension "nonsense" is not')


def test_a_database_that_its_application_made_odd_starts_again(server: Server) -> None:
    server.up("shop:shop:p", passwords={"p": "pw"})
    trojan = "BEGIN RAISE 'the superuser ran what the application made'; END"
    for arguments in ("text, text", "text, name", "text, name, text"):
        made = f"CREATE FUNCTION public.format({arguments}) RETURNS text LANGUAGE plpgsql AS $$ {trojan} $$"
        assert server.sql("shop", "shop", made, "pw") == ""
    for setting in ("statement_timeout = 90", "search_path = evil", "default_transaction_read_only = on"):
        assert server.sql("shop", "shop", f"ALTER DATABASE shop SET {setting}", "pw") == ""
    server.up("shop:clerk:p:citext:s.sql", passwords={"p": "pw"}, init={"s.sql": "CREATE TABLE made AS SELECT pg_sleep(0.1)::text"})
    assert server.sql("clerk", "shop", "SET statement_timeout = 0; SELECT count(*) FROM public.made", "pw").startswith("ERROR:  permission denied")


@pytest.mark.thorough
@pytest.mark.parametrize("seconds", [0.3, 0.7, 1.1, 1.5, 1.9])
def test_killed_at_its_first_start(seconds: float, server: Server) -> None:
    server.start("shop:clerk:p", passwords={"p": "pw"})
    time.sleep(seconds)
    server.kill()
    server.up("shop:clerk:p", passwords={"p": "pw"})


@pytest.mark.thorough
def test_killed_while_names_change(server: Server) -> None:
    server.up("shop:one:p", passwords={"p": "pw"})
    assert server.sql("one", "shop", "CREATE TABLE note (t text)", "pw") == ""
    for turn, role in enumerate(("two", "one", "two", "one", "two")):
        server.start(f"shop:{role}:p", passwords={"p": "pw"})
        time.sleep(0.25 + turn * 0.12)
        server.kill()
    server.up("shop:last:p", passwords={"p": "pw"})
    assert server.sql("last", "shop", "INSERT INTO note VALUES ('x'); ALTER TABLE note ADD y int; SELECT t FROM note", "pw") == "x"


def test_damaged_data_is_not_taken_for_none(server: Server) -> None:
    server.up("shop:shop:p", passwords={"p": "pw"})
    server.run("rm", f"{DATA}/cluster/PG_VERSION")
    said = server.fails("shop:shop:p", passwords={"p": "pw"})
    assert said == f"the data is damaged, {DATA}/cluster/PG_VERSION is gone: erase it and restore a backup"


APP = """\
format: 1
name: renamed
apps:
  web: {{ image: "postgres:17", port: 9000, command: [sleep, infinity], uses: [db], health: {{ command: ["true"] }} }}
postgres: {{ db: {{ database: shop, username: {role} }} }}
"""


def asked(project: Project, statement: str) -> str:
    """What the application hears, with the address and the password that it was given."""
    command = [*psql("$DATABASE_URL"), "-c", statement]
    script = " ".join(f'"{word}"' for word in command)
    return said_in(project.one("web"), "/.berth/busybox", "sh", "/.berth/start", "DATABASE_URL", "--", "sh", "-c", script).strip()


def test_an_application_whose_username_changes_finds_its_data(make_project: Make) -> None:
    project = make_project("renamed")
    (project.root / "app.yaml").write_text(APP.format(role="clerk"))
    project.berth("up")
    assert asked(project, "CREATE TABLE note (t text); INSERT INTO note VALUES (current_user)") == ""
    (project.root / "app.yaml").write_text(APP.format(role="user"))
    project.berth("up")
    assert asked(project, "ALTER TABLE note ADD id serial; INSERT INTO note VALUES (current_user); SELECT t FROM note") == "clerk\nuser"
    assert said_in(project.one("db"), *psql("shop"), "-c", "SELECT count(*) FROM pg_roles WHERE rolname = 'clerk'").strip() == "0"
    password = said_in(project.one("db"), "cat", "/run/secrets/password")
    assert password
    assert password not in str(project.one("db").attrs) + project.one("db").logs().decode()
    project.berth("preview", "--", "--expect-no-changes", "--refresh")
