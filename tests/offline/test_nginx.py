"""The nginx image: templates, hooks, logs, a read-only root, a graceful stop."""

import urllib.request
from pathlib import Path

import pytest

from tests.offline.conftest import Start, docker, eventually, inspect, run_once

READ_ONLY = ("--read-only", "--tmpfs", "/run", "--tmpfs", "/var/cache/nginx")
TEMPLATE = 'server { listen 8080; location / { return 200 "${GREETING} $host"; } }'


def _get(name: str, port: int) -> str:
    address = docker("port", name, f"{port}/tcp").splitlines()[0]
    with urllib.request.urlopen(f"http://{address}/", timeout=5) as answer:
        text: bytes = answer.read()
    return text.decode()


def _serves(name: str, port: int) -> bool:
    try:
        return bool(_get(name, port))
    except OSError:
        return False


def test_it_serves_its_page_and_logs_to_stdout(start: Start) -> None:
    name = start("--publish", "127.0.0.1::80", "nginx:1.28")
    eventually(lambda: _serves(name, 80))
    assert "Welcome to nginx!" in _get(name, 80)
    eventually(lambda: '"GET / HTTP/1.1" 200' in docker("logs", name))
    docker("stop", name)
    assert inspect(name)["State"]["ExitCode"] == 0
    assert "gracefully shutting down" in docker("logs", name)  # SIGQUIT, the stop signal of the image


@pytest.mark.parametrize("user", ["0", "101:101"])
def test_templates_know_only_the_variables_that_are_set(start: Start, tmp_path: Path, user: str) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.conf.template").write_text(TEMPLATE)
    (tmp_path / "hook.sh").write_text("#!/bin/sh\necho hook was here\n")
    (tmp_path / "hook.sh").chmod(0o755)
    tmp_path.chmod(0o755)
    name = start(
        *("--publish", "127.0.0.1::8080", "--user", user, "--env", "GREETING=hello"),
        *("--volume", f"{tmp_path}/site:/etc/nginx/templates:ro", "--volume", f"{tmp_path}/hook.sh:/docker-entrypoint.d/1-hook.sh:ro"),
        *(part for folder in ("/etc/nginx/conf.d", "/run", "/var/cache/nginx") for part in ("--tmpfs", f"{folder}:uid={user.split(':', maxsplit=1)[0]}")),
        *("--read-only", "nginx:1.28"),
    )
    eventually(lambda: _serves(name, 8080))
    assert _get(name, 8080).startswith("hello 127.0.0.1")
    assert "hook was here" in docker("logs", name)


def test_a_configuration_is_checked_without_a_server() -> None:
    assert "test is successful" in run_once(*READ_ONLY, "nginx:1.28", "nginx", "-t")


def test_it_has_the_modules_of_the_official_build() -> None:
    built = run_once("nginx:1.28", "nginx", "-V")
    for module in ("http_ssl", "http_v2", "http_v3", "http_realip", "http_stub_status", "http_auth_request", "stream_ssl"):
        assert f"--with-{module}_module" in built
