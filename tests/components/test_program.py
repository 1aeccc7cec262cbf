"""Programs of a mono container: what each runs, what it waits for, when all of them are well."""

from typing import Any

import pulumi
import pytest

from components.app.config import SecretUse
from components.model import duration
from components.mono import program
from components.mono.config import MonoAppConfig, MonoConfig
from components.mono.program import Program
from components.postgres.config import PostgresServer
from components.probe import HealthCheck, ProbeTimes
from components.proxy.config import SiteConfig
from components.redis.config import RedisServer
from components.secrets import Delivery, Secret
from components.worker import WorkerProgram

GIB = 1024**3
APP: dict[str, Any] = {"port": 8000, "command": ["serve"]}


def secret(delivery: Delivery = Delivery.ENV) -> Secret:
    return Secret(value=pulumi.Output.secret("s3cret"), delivery=delivery)


def app(secrets: dict[str, Secret] | None = None, **values: Any) -> Program:
    return program.app_program("web", MonoAppConfig.model_validate(APP | values), {"A": "b"}, secrets or {}, ("db",))


def test_an_app() -> None:
    made = app()
    assert (made.command, made.after, made.once, made.directory, made.grace_s, made.stop_signal) == (("serve",), ("db",), (), "/", 30, "SIGTERM")
    assert made.health.test[-2:] == ("tcp", "8000")
    made = app(migrate=["migrate"], migrate_timeout="1m", directory="/app", stop_grace="5s", stop_signal="SIGINT")
    assert (made.once, made.once_s, made.directory, made.grace_s, made.stop_signal) == (("migrate",), 60, "/app", 5, "SIGINT")


def test_secrets_of_an_app_lie_under_names_of_its_own() -> None:
    secrets = {"KEY": secret(), "PLAIN": secret(Delivery.FILE), "TOKEN": secret(Delivery.FILE_ENV)}
    assert program.secret_files("web", secrets) == {"KEY": "web-KEY", "PLAIN": "PLAIN", "TOKEN": "web-TOKEN"}
    made = app(secrets, migrate=["migrate"])
    start = ("/.berth/busybox", "sh", "/.berth/start", "KEY=web-KEY", "--")
    assert (made.command, made.once) == ((*start, "serve"), (*start, "migrate"))
    assert made.env == {"A": "b", "TOKEN_FILE": "/run/secrets/web-TOKEN"}
    assert SecretUse.model_validate({"from": "x"}).delivery is Delivery.ENV


def test_a_worker_has_the_surroundings_of_its_app() -> None:
    secrets = {"KEY": secret()}
    of = app(secrets, directory="/app")
    config = WorkerProgram.model_validate({"app": "web", "command": ["work"], "schedule": {"every": "1m"}})
    made = program.worker_program("jobs", config, of, secrets)
    assert made.command == (*of.command[:-1], "/.berth/busybox", "sh", "/.berth/every", "60", "3600", "60", "/run/berth/jobs.ran", "work")
    assert made.health.test[-3:] == ("schedule", "/run/berth/jobs.ran", "3720")
    assert (made.env, made.directory, made.after) == (of.env, "/app", ("web",))


def test_postgres_is_set_up_for_its_share_of_the_memory() -> None:
    made = program.postgres_program("db", PostgresServer.model_validate({"settings": {"work_mem": "7MB"}}), GIB)
    assert made.command[3:5] == ("db:db:db-password", "--")
    assert "shared_buffers=64MB" in made.command
    assert "work_mem=7MB" in made.command
    assert made.command[-2:] == ("-c", "listen_addresses=127.0.0.1"), "the last one counts"
    assert made.health.test[-4:] == ("postgres", "db", "db", "db-password")
    assert (made.stop_signal, made.grace_s, made.priority) == ("SIGINT", 60, program.DATA)


def test_redis_is_set_up_for_its_share_of_the_memory() -> None:
    made = program.redis_program("cache", RedisServer.model_validate({"settings": {"hz": "20"}}), GIB)
    assert "192mb" in made.command
    assert made.command[-4:] == ("--hz", "20", "--bind", "127.0.0.1")
    assert made.env == {"PASSWORD_FILE": "cache-password"}
    assert "/run/secrets/cache-password" in made.health.test[-1]


def site(**values: Any) -> SiteConfig:
    return SiteConfig.model_validate({"ports": {"address": "127.0.0.1", "http": 80, "https": 443}} | values)


def test_nginx() -> None:
    made = program.proxy_program(site(stop_grace="7s"))
    assert (made.stop_signal, made.grace_s, made.after, made.name) == ("SIGQUIT", 7, (), "proxy")
    assert made.health.test[-2:] == ("8079", "/")


def timed(name: str, after: tuple[str, ...] = (), once_s: int = 0, **times: Any) -> Program:
    health = HealthCheck(test=("x",), times=ProbeTimes.model_validate(times))
    return Program(name=name, command=("x",), health=health, priority=1, grace_s=10, after=after, once=("m",) if once_s else (), once_s=once_s)


def test_the_probe_asks_for_all_and_waits_for_the_slowest_chain() -> None:
    made = (
        timed("db", start_period="100s", interval="20s", timeout="9s"),
        timed("web", ("db",), once_s=50, start_period="30s", retries=5),
        timed("api", ("db",), start_period="40s", start_interval="250ms"),
        timed("proxy"),
    )
    health = program.health_of(made)
    assert health.test == ("/.berth/busybox", "sh", "/.berth/program", "healthy", "db", "web", "api", "proxy")
    times = health.times
    assert (times.start_period.amount, times.interval, times.retries, times.start_interval, times.timeout) == (180_000, "5s", 5, "250ms", duration("10s"))


@pytest.mark.parametrize(("given", "seconds"), [({}, 25), ({"stop_grace": "3m"}, 180)], ids=["defaults", "explicit"])
def test_everything_stops_one_after_the_other(given: dict[str, str], seconds: int) -> None:
    config = MonoConfig.model_validate({"image": "x"} | given)
    assert program.grace_s(config, (timed("a"), timed("b"))) == seconds
