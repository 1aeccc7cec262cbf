"""Health: one way to tell, and the times of the probe."""

import pytest
from pydantic import ValidationError

from components.app.health import FileAge, HealthConfig, check
from components.model import duration
from components.probe import ProbeTimes

PROBE = ("/.berth/busybox", "sh", "/.berth/probe")


@pytest.mark.parametrize(
    ("config", "port", "test"),
    [
        (HealthConfig(), 80, (*PROBE, "tcp", "80")),
        (HealthConfig(path="/up"), 80, (*PROBE, "http", "80", "/up")),
        (HealthConfig(path="/up?deep=1", host="shop.test"), 80, (*PROBE, "http", "80", "/up?deep=1", "shop.test")),
        (HealthConfig(command=("alive", "now")), None, ("alive", "now")),
        (HealthConfig(file=FileAge(path="/tmp/beat", max_age=duration("2m"))), None, (*PROBE, "age", "/tmp/beat", "120")),
        (HealthConfig(file=FileAge(path="/tmp/beat", max_age=duration("10ms"))), None, (*PROBE, "age", "/tmp/beat", "1")),
        (HealthConfig(tcp=9000), 80, (*PROBE, "tcp", "9000")),
    ],
    ids=["port", "path", "path and host", "command", "file", "file within a second", "another port"],
)
def test_probe(config: HealthConfig, port: int | None, test: tuple[str, ...]) -> None:
    assert check(config, port).test == test


@pytest.mark.parametrize(
    ("config", "expected"),
    [(HealthConfig(command=("alive",)), ("start", "KEY", "--", "alive")), (HealthConfig(path="/up"), (*PROBE, "http", "80", "/up"))],
    ids=["its own command", "a probe of the tools"],
)
def test_an_own_command_finds_the_variables_of_the_service(config: HealthConfig, expected: tuple[str, ...]) -> None:
    assert check(config, 80).within(("start", "KEY", "--")).test == expected
    assert check(config, 80).within(()).test == check(config, 80).test


def test_times() -> None:
    assert check(HealthConfig(), 80).times == ProbeTimes()
    assert check(HealthConfig(interval=duration("30s"), retries=5), 80).times == ProbeTimes(interval=duration("30s"), retries=5)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"path": "/", "command": ["x"]}, "has path and command: keep one of them"),
        ({"tcp": 80, "file": {"path": "/x", "max_age": "1s"}}, "has file and tcp: keep one of them"),
        ({"host": "shop.test"}, "has a host and no path: the host belongs to a request, write its path"),
    ],
)
def test_what_it_refuses(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        HealthConfig.model_validate(values)
