"""The scripts of the tools image, run for real by the busybox of this machine (Debian: busybox-static)."""

import os
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.components.conftest import Run


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        "",
        "one newline\n",
        "many\n\n\n",
        "\nfirst",
        "two\nlines",
        "'single' \"double\" `back` $HOME $(id) \\n \\",
        "ünïcödé 🚢",
        " spaces ",
        "-- x",
        "%s%n",
    ],
    ids=repr,
)
def test_start_hands_over_any_value_as_it_is(value: str, berth: Path, run: Run) -> None:
    (berth / "secrets" / "KEY").write_text(value)
    ended = run("start", "KEY", "--", "printenv", "KEY")
    assert (ended.returncode, ended.stdout.decode(), ended.stderr) == (0, value + "\n", b"")


def test_start_sets_many_and_becomes_the_command(berth: Path, run: Run) -> None:
    for name in ("A", "B", "value"):
        (berth / "secrets" / name).write_text(f"secret of {name}")
    script = 'echo "$A|$B|$value|$2|$C"'
    ended = run("start", "A", "value", "B", "--", "sh", "-c", script, "sh", "1", "two words", C="kept")
    assert ended.stdout.decode() == "secret of A|secret of B|secret of value|two words|kept\n"


@pytest.mark.parametrize("code", [0, 7])
def test_start_ends_as_its_command_does(code: int, berth: Path, run: Run) -> None:
    (berth / "secrets" / "A").write_text("x")
    assert run("start", "A", "--", "sh", "-c", f"exit {code}").returncode == code


def test_start_says_which_file_is_missing(berth: Path, run: Run) -> None:
    (berth / "secrets" / "A").write_text("s3cret")
    ended = run("start", "A", "B", "--", "printenv")
    assert (ended.returncode, ended.stdout) == (78, b"")
    assert f"start: cannot read {berth}/secrets/B as uid {os.getuid()}" in ended.stderr.decode()
    assert "s3cret" not in ended.stderr.decode()


class Answers(BaseHTTPRequestHandler):
    """Answers the status that the path names; /host says which host was asked; /slow never answers."""

    hosts: list[str]

    def do_GET(self) -> None:
        self.hosts.append(self.headers["Host"])
        if self.path.startswith("/slow"):
            time.sleep(30)
        self.send_response(int(self.path.strip("/").split("?")[0]))
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()
        self.wfile.write(b"x" * 200_000)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class calls it so
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    handler = type("Handler", (Answers,), {"hosts": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "healthy"),
    [
        ("/200", True),
        ("/204", True),
        ("/302", True),
        ("/308", True),
        ("/200?limit=1", True),
        ("/400", False),
        ("/404", False),
        ("/500", False),
        ("/503", False),
    ],
)
def test_probe_http_takes_2xx_and_3xx(path: str, healthy: bool, server: ThreadingHTTPServer, run: Run) -> None:
    ended = run("probe", "http", str(server.server_port), path)
    assert (ended.returncode == 0) is healthy, ended.stderr
    if not healthy:
        assert f"probe: {path} answers HTTP/1.0 {path[1:4]}" in ended.stderr.decode()


@pytest.mark.parametrize(("given", "asked"), [((), None), (("shop.test",), "shop.test")], ids=["defaults", "explicit"])
def test_probe_http_asks_for_a_host(given: tuple[str, ...], asked: str | None, server: ThreadingHTTPServer, run: Run) -> None:
    assert run("probe", "http", str(server.server_port), "/200", *given).returncode == 0
    assert server.RequestHandlerClass.hosts == [asked or f"127.0.0.1:{server.server_port}"]  # type: ignore[attr-defined]


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("kind", ["http", "tcp"])
def test_probe_fails_where_nobody_listens(kind: str, closed_port: int, run: Run) -> None:
    ended = run("probe", kind, str(closed_port), *(["/"] if kind == "http" else []))
    assert ended.returncode == 1
    assert "refused" in ended.stderr.decode()


def test_probe_tcp(server: ThreadingHTTPServer, run: Run) -> None:
    assert run("probe", "tcp", str(server.server_port)).returncode == 0


@pytest.mark.parametrize(("age", "limit", "healthy"), [(0, 5, True), (4, 30, True), (60, 30, False)])
def test_probe_age(age: int, limit: int, healthy: bool, tmp_path: Path, run: Run) -> None:
    beat = tmp_path / "beat"
    beat.touch()
    os.utime(beat, (time.time() - age,) * 2)
    assert (run("probe", "age", str(beat), str(limit)).returncode == 0) is healthy


def test_probe_age_of_a_file_that_is_not_there(tmp_path: Path, run: Run) -> None:
    assert run("probe", "age", str(tmp_path / "beat"), "5").returncode == 1


def test_probe_of_an_unknown_kind(run: Run) -> None:
    ended = run("probe", "udp", "53")
    assert (ended.returncode, ended.stderr) == (2, b"probe: unknown kind udp\n")


def test_job_leaves_a_sign_of_success_and_stays_until_it_was_seen(berth: Path) -> None:
    command = [str(berth / "busybox"), "sh", str(berth / "job"), "sh", "-c", "echo done"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as job:
        assert job.stdout
        assert job.stdout.readline() == b"done\n"
        deadline = time.monotonic() + 5
        while not (berth / "tmp" / ".berth-done").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert (berth / "tmp" / ".berth-done").exists()
        assert job.poll() is None
        job.terminate()


def test_a_failed_job_leaves_none(berth: Path, run: Run) -> None:
    ended = run("job", "sh", "-c", "echo broken >&2; exit 7")
    assert (ended.returncode, ended.stderr) == (7, b"broken\n")
    assert not (berth / "tmp" / ".berth-done").exists()


def program(folder: Path, name: str, script: str) -> str:
    """Put a program in the way of the real one, and return the search path that finds it first."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@pytest.mark.parametrize("password", ["plain", "'single' \"double\" $HOME `id` \\ : % # ü", "two\nlines\n"], ids=repr)
def test_probe_postgres_logs_in_with_the_password_of_the_file(password: str, berth: Path, tmp_path: Path, run: Run) -> None:
    (berth / "secrets" / "p").write_text(password)
    program(tmp_path / "bin", "postgres", "exit 9")
    path = program(tmp_path / "bin", "psql", f'printf %s "$PGPASSWORD" >{tmp_path}/password; echo "$@" >{tmp_path}/arguments')
    ended = run("probe", "postgres", "shop", "clerk", "p", PATH=path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    assert (tmp_path / "password").read_text() == password
    assert (tmp_path / "arguments").read_text() == "-X -q -w -h 127.0.0.1 -U clerk -d shop -c SELECT 1\n"


@pytest.mark.parametrize(
    ("said", "healthy"),
    [
        ('FATAL:  password authentication failed for user "clerk"', False),
        ('FATAL:  database "shop" does not exist', False),
        ("Connection refused", False),
        ("FATAL:  sorry, too many clients already", True),
        ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", True),
        ('FATAL:  too many connections for role "clerk"', True),
    ],
)
def test_probe_postgres_says_what_is_wrong(said: str, healthy: bool, berth: Path, tmp_path: Path, run: Run) -> None:
    """As many clients as the server may have are no reason to restart it."""
    (berth / "secrets" / "p").write_text("s3cret")
    program(tmp_path / "bin", "postgres", "exit 9")
    ended = run("probe", "postgres", "shop", "clerk", "p", PATH=program(tmp_path / "bin", "psql", f"echo '{said}' >&2; exit 2"))
    assert (ended.returncode, ended.stderr.decode()) == ((0, "") if healthy else (1, f"{said}\n"))


def test_probe_postgres_does_not_wait_for_a_server_that_hangs(berth: Path, tmp_path: Path, run: Run) -> None:
    script = (berth / "probe").read_text()
    assert script.count("timeout 4 ") == 1
    (berth / "probe").write_text(script.replace("timeout 4 ", "timeout 1 "))
    (berth / "secrets" / "p").write_text("s3cret")
    program(tmp_path / "bin", "postgres", "exit 9")
    ended = run("probe", "postgres", "shop", "clerk", "p", PATH=program(tmp_path / "bin", "psql", "exec sleep 30"))
    assert ended.returncode == 1
    assert ended.stderr.decode().endswith("no answer\n")


@pytest.mark.parametrize(
    ("database", "said"),
    [
        ("postgres:clerk:p", "database postgres is the server's own: choose another name"),
        ("template1:clerk:p", "database template1 is the server's own: choose another name"),
        ("shop:postgres:p", "role postgres is the server's own: choose another username"),
        ("shop:pg_clerk:p", "role pg_clerk is the server's own: choose another username"),
        ("shop:public:p", "role public is the server's own: choose another username"),
        ("shop:clerk:p:citext:seed.sql", "the password of role clerk is missing: {secrets}/p is empty or not there"),
        ("shop:clerk:empty", "the password of role clerk is missing: {secrets}/empty is empty or not there"),
    ],
)
def test_postgres_refuses_before_it_touches_anything(database: str, said: str, berth: Path, run: Run) -> None:
    (berth / "secrets" / "good").write_text("s3cret")
    (berth / "secrets" / "empty").write_text("")
    ended = run("postgres", "first:first:good", database, "--", "-c", "port=1")
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert ended.stderr.decode() == f"berth: {said.format(secrets=berth / 'secrets')}\n"


def test_redis_does_not_start_without_a_password(berth: Path, run: Run) -> None:
    (berth / "secrets" / "password").write_text("")
    ended = run("redis")
    assert ended.returncode == 1
    assert ended.stderr.decode() == f"berth: the password is missing: {berth}/secrets/password is empty\n"


@pytest.mark.parametrize("password", ["plain", 'with "quotes"', "back\\slash\\", "spaces and # hash", "$HOME `id`", "ünï", "&|/"])
def test_redis_reads_the_password_from_its_file_alone(password: str, berth: Path, tmp_path: Path, run: Run) -> None:
    (berth / "secrets" / "password").write_text(password)
    ended = run("redis", "--dir", "/data", PATH=program(tmp_path / "bin", "redis-server", 'cat "$1"\nshift\necho "$@"'))
    escaped = password.replace("\\", "\\\\").replace('"', '\\"')
    assert ended.stdout.decode() == f'requirepass "{escaped}"\n--dir /data\n', ended.stderr
    assert stat.S_IMODE((berth / "tmp" / "redis.conf").stat().st_mode) == 0o600
