"""Backing services that somebody else runs: nothing is created, and the application finds the same parts as with one of berth's."""

from collections.abc import Mapping

from components.connection import Connection
from components.postgres.config import ExternalPostgresConfig, PostgresTls
from components.redis.config import ExternalRedisConfig
from components.secrets import FOLDER
from config import references
from config.references import PARTS
from config.stage import Security, SmtpMailConfig
from topologies.wiring import Scope, Value


def postgres(scope: Scope, name: str, config: ExternalPostgresConfig, secrets: Mapping[str, Value]) -> None:
    """Give the references of a server and of its other databases their values."""
    own = config.database or name
    verified = f"{FOLDER}/{references.authority(name)}"
    scope.connection(name, PARTS["postgres"], _database(config, verified, own, config.username, secret(config.password, secrets)))
    for other, login in config.databases.items():
        scope.connection(f"{name}.databases.{other}", PARTS["postgres"], _database(config, verified, other, login.username, secret(login.password, secrets)))


def _database(server: ExternalPostgresConfig, verified: str, name: str, username: str | None, password: Value | None) -> Connection:
    return Connection(
        scheme="postgresql",
        host=server.host,
        port=server.port,
        username=username or name,
        password=password,
        database=name,
        parameters={PostgresTls.VERIFY_FULL: f"sslmode=verify-full&sslrootcert={verified}", PostgresTls.REQUIRE: "sslmode=require"}.get(server.tls, ""),
    )


def redis(scope: Scope, name: str, config: ExternalRedisConfig, secrets: Mapping[str, Value]) -> None:
    """Give the references of a server their values."""
    scheme = "rediss" if config.tls else "redis"
    password = secret(config.password, secrets)
    scope.connection(name, PARTS["redis"], Connection(scheme=scheme, host=config.host, port=config.port, username=config.username, password=password))


def smtp(scope: Scope, mail: SmtpMailConfig, secrets: Mapping[str, Value]) -> None:
    """Give the references of the mail server their values."""
    config = mail.smtp
    scheme = "smtps" if config.security is Security.TLS else "smtp"
    password = secret(config.password, secrets)
    sender(scope, Connection(scheme=scheme, host=config.host, port=config.reached_at, username=config.username, password=password), mail.from_, config.security)


def sender(scope: Scope, server: Connection, address: str, security: Security) -> None:
    """Give the references of mail their values, whoever takes it."""
    told = {"from": address, "security": security.value, "starttls": _word(security is Security.STARTTLS), "tls": _word(security is Security.TLS)}
    scope.connection("mail", (part for part in PARTS["mail"] if part not in told), server)
    for part, text in told.items():
        scope.plain(f"mail.{part}", text)


def secret(reference: str | None, secrets: Mapping[str, Value]) -> Value | None:
    """The value of a secret that a configuration refers to, `${secrets.NAME}`."""
    return secrets[references.names(reference)[0].removeprefix("secrets.")] if reference else None


def _word(value: bool) -> str:
    """A switch as most configurations read it."""
    return "true" if value else "false"
