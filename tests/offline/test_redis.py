"""The Redis images: reachable from outside, never root, data that lasts."""

import pytest

from tests.offline.conftest import Start, docker, eventually, inspect

MAJORS = ["8", "7"]


def _cli(name: str, *command: str) -> str:
    return docker("exec", name, "redis-cli", *command, check=False)


@pytest.mark.parametrize("major", MAJORS)
def test_it_runs_as_redis_and_keeps_its_data(volume: str, start: Start, major: str) -> None:
    name = start("--volume", f"{volume}:/data", f"redis:{major}", "--appendonly", "yes")
    eventually(lambda: _cli(name, "ping") == "PONG")
    assert _cli(name, "config", "get", "protected-mode").split() == ["protected-mode", "no"]
    assert docker("exec", name, "stat", "-c", "%u:%g", "/proc/1", "/data/appendonlydir").split() == ["999:999", "999:999"]
    assert _cli(name, "set", "key", "value") == "OK"
    docker("stop", name)
    assert inspect(name)["State"]["ExitCode"] == 0
    assert "Ready to accept connections" in docker("logs", name)
    docker("start", name)
    eventually(lambda: _cli(name, "get", "key") == "value")


@pytest.mark.parametrize("major", MAJORS)
def test_another_container_reaches_it(start: Start, major: str) -> None:
    name = start(f"redis:{major}")
    eventually(lambda: _cli(name, "ping") == "PONG")
    address = inspect(name)["NetworkSettings"]["IPAddress"]
    client = start(f"redis:{major}", "redis-cli", "-h", address, "ping")
    docker("wait", client)
    assert docker("logs", client) == "PONG"


@pytest.mark.parametrize("major", MAJORS)
def test_any_user_a_read_only_root_and_a_configuration_file(start: Start, major: str) -> None:
    conf = "requirepass canary\nprotected-mode yes\nbind *\n"
    name = start(
        *("--user", "1234:1234", "--read-only", "--cap-drop", "ALL", "--tmpfs", "/data:uid=1234", "--env", f"CONF={conf}"),
        *(f"redis:{major}", "sh", "-c", 'printf "%s" "$CONF" >/data/redis.conf && exec docker-entrypoint.sh /data/redis.conf'),
    )
    eventually(lambda: _cli(name, "--no-auth-warning", "-a", "canary", "ping").endswith("PONG"))
    assert "NOAUTH" in _cli(name, "ping")
    assert _cli(name, "--no-auth-warning", "-a", "canary", "config", "get", "protected-mode").split()[-1] == "yes"
