"""One program of a mono container: what it runs, when it is well, what has to be well or done before, and how it is told to stop."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components import postgres, redis
from components.app.health import check
from components.model import Unit, duration
from components.mono.config import CONFIGURATION, RUN, MonoAppConfig, MonoConfig
from components.postgres.config import PostgresServer, databases
from components.probe import HealthCheck, ProbeTimes
from components.proxy.config import SiteConfig
from components.proxy.nginx import HEALTH_PORT
from components.redis.config import RedisServer
from components.secrets import FOLDER, Delivery, Secret
from components.tools import script
from components.worker import WorkerProgram, around, health

LOCAL = "127.0.0.1"
PROXY = "proxy"
"""Name of the program nginx: no service may be called so."""
SHARE = 4
"""Part of the container's memory that Postgres and Redis are each set up for."""
DATA, APPS, WORKERS, SITE = 10, 20, 30, 40
"""Priorities: supervisord starts the lower ones first, and stops them last."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program, as plain values."""

    name: str
    command: tuple[str, ...]
    health: HealthCheck
    priority: int
    grace_s: int
    stop_signal: str = "SIGTERM"
    after: tuple[str, ...] = ()
    """Programs that have to be well first."""
    once: tuple[str, ...] = ()
    """What has to be done once in the life of the container, before the program starts."""
    once_s: int = 0
    """How long that may take."""
    directory: str = "/"
    env: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Variables, beside those of the image."""


def postgres_program(name: str, config: PostgresServer, memory: int) -> Program:
    """The server of the image. `memory`: bytes that the container has."""
    made, file = databases(name, config), password_file(name)
    entries = (postgres.entry(made, database, file) for database in made)
    return Program(
        name=name,
        command=script("postgres", *entries, "--", *postgres.server_settings(config, memory // SHARE), "-c", f"listen_addresses={LOCAL}"),
        health=postgres.health(made[0], file),
        priority=DATA,
        grace_s=seconds(config.stop_grace),
        stop_signal="SIGINT",
    )


def redis_program(name: str, config: RedisServer, memory: int) -> Program:
    """The server of the image. `memory`: bytes that the container has."""
    return Program(
        name=name,
        command=script("redis", *redis.server_settings(config, memory // SHARE), "--bind", LOCAL),
        health=HealthCheck(test=redis.ping(password_file(name))),
        priority=DATA,
        grace_s=seconds(config.stop_grace),
        env={"PASSWORD_FILE": password_file(name)},
    )


def app_program(name: str, config: MonoAppConfig, env: Mapping[str, pulumi.Input[str]], secrets: Mapping[str, Secret], needs: tuple[str, ...]) -> Program:
    """An app. `needs`: the programs that it uses."""
    start = starter(name, secrets)
    return Program(
        name=name,
        command=(*start, *config.command),
        health=check(config.health, config.port).within(start),
        priority=APPS,
        grace_s=seconds(config.stop_grace),
        stop_signal=config.stop_signal or "SIGTERM",
        after=needs,
        once=(*start, *config.migrate) if config.migrate else (),
        once_s=seconds(config.migrate_timeout),
        directory=config.directory,
        env={**env, **paths(name, secrets)},
    )


def worker_program(name: str, config: WorkerProgram, app: Program, secrets: Mapping[str, Secret]) -> Program:
    """A worker, in the surroundings of its app."""
    start, mark = starter(app.name, secrets), f"{RUN}/{name}.ran"
    return Program(
        name=name,
        command=(*start, *around(config, mark), *config.command),
        health=health(config, mark).within(start),
        priority=WORKERS,
        grace_s=seconds(config.stop_grace),
        stop_signal=config.stop_signal or "SIGTERM",
        after=(app.name,),
        directory=app.directory,
        env=app.env,
    )


def proxy_program(config: SiteConfig) -> Program:
    """nginx. It waits for nobody: an app that is not there yet is answered for by 502."""
    return Program(
        name=PROXY,
        command=("nginx", "-c", f"{CONFIGURATION}/nginx.conf", "-e", "/dev/stderr"),
        health=HealthCheck(test=script("probe", "http", str(HEALTH_PORT), "/")),
        priority=SITE,
        grace_s=seconds(config.stop_grace),
        stop_signal="SIGQUIT",
    )


def password_file(service: str) -> str:
    """Where the password of a server lies, below /run/secrets. No variable has a dash in its name."""
    return f"{service}-password"


def secret_files(app: str, secrets: Mapping[str, Secret]) -> dict[str, str]:
    """Where each secret of an app lies, below /run/secrets: under its own name only where the app has to find it there."""
    return {name: name if secret.delivery is Delivery.FILE else f"{app}-{name}" for name, secret in secrets.items()}


def paths(app: str, secrets: Mapping[str, Secret]) -> dict[str, str]:
    """The variables that only name a file."""
    files = secret_files(app, secrets)
    return {f"{name}_FILE": f"{FOLDER}/{files[name]}" for name, secret in secrets.items() if secret.delivery is Delivery.FILE_ENV}


def starter(app: str, secrets: Mapping[str, Secret]) -> tuple[str, ...]:
    """What sets the secret variables of an app, where there are any, and then becomes the command behind it."""
    files = secret_files(app, secrets)
    variables = sorted(f"{name}={files[name]}" for name, secret in secrets.items() if secret.delivery is Delivery.ENV)
    return script("start", *variables, "--") if variables else ()


def health_of(programs: tuple[Program, ...]) -> HealthCheck:
    """One probe for all. It waits for the slowest start: programs wait for each other, and for what has to be done once."""
    own = [program.health.times for program in programs]
    known = {program.name: program for program in programs}

    def start_ms(program: Program) -> int:
        before = max((start_ms(known[name]) for name in program.after), default=0)
        return before + (program.once_s * 1000 if program.once else 0) + program.health.times.start_period.amount

    times = ProbeTimes(
        interval=min((times.interval for times in own), key=_amount),
        timeout=duration(f"{max(seconds(times.timeout) for times in own) + 1}s"),
        retries=max(times.retries for times in own),
        start_period=duration(f"{max(start_ms(program) for program in programs)}ms"),
        start_interval=min((times.start_interval for times in own), key=_amount),
    )
    return HealthCheck(test=script("program", "healthy", *known), times=times)


def grace_s(config: MonoConfig, programs: tuple[Program, ...]) -> int:
    """How long everything may take to stop: supervisord stops one program after the other."""
    return seconds(config.stop_grace) if config.stop_grace else sum(program.grace_s for program in programs) + 5


def seconds(time: Unit) -> int:
    """Whole seconds, at least one."""
    return max(1, time.amount // 1000)


def _amount(time: Unit) -> int:
    return time.amount
