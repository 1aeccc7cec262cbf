"""What backing services of a stage have to agree on, with each other and with the apps that use them."""

from collections.abc import Iterator

from components.app.config import AppConfig
from components.postgres.config import PostgresServer, databases
from config import references
from config.agreement import Found, Given, listed
from config.document import Where
from config.stage import AnyStage, DevStage, MonoStage

RESERVED = frozenset({"postgres", "template0", "template1", "public", "none"})


def postgres_names_are_free(stage: AnyStage, given: Given) -> Found:
    """Postgres has a few databases and roles of its own."""
    for name, server in stage.postgres.items():
        for place, database in zip(_places(name, server), databases(name, server), strict=True) if not server.external else ():
            for field, value in {"database": database.name, "username": database.username}.items():
                if value in RESERVED or value.startswith("pg_"):
                    at = place if place[2:] and field == "database" else (*place, field)
                    yield at, f"is {value}, a name of Postgres itself: write another {field}"


def _places(name: str, server: PostgresServer) -> Iterator[Where]:
    """Where each database of a server is said."""
    yield ("postgres", name)
    yield from (("postgres", name, "databases", other) for other in server.databases)


def databases_are_unique(stage: AnyStage, given: Given) -> Found:
    """A server has one database of a name."""
    for name, server in stage.postgres.items():
        own = server.external.database if server.external else server.database
        if (own or name) in (server.external or server).databases:
            path = ("external", "databases") if server.external else ("databases",)
            yield ("postgres", name, *path, own or name), "is the server's own database already: choose another name, or take it away"


def passwords_are_secrets(stage: AnyStage, given: Given) -> Found:
    """Nobody writes a password down; what is written refers to a secret."""
    known = {f"secrets.{name}" for name in valued_secrets(stage, given)}
    for where, text in passwords(stage):
        parts = references.parse(text)
        if len(parts) != 1 or not isinstance(parts[0], references.Reference) or parts[0].name not in known:
            yield where, f"has to be one reference to a secret, ${{secrets.NAME}}; there are: {listed(known)}"


def passwords(stage: AnyStage) -> Iterator[tuple[Where, str]]:
    """What is written where a password of somebody else's service belongs."""
    found: dict[Where, str | None] = {}
    if not isinstance(stage, DevStage) and stage.mail:
        found["mail", "smtp", "password"] = stage.mail.smtp.password
    for name, server in stage.postgres.items():
        if outside := server.external:
            here = ("postgres", name, "external")
            found[(*here, "password")] = outside.password
            found |= {(*here, "databases", other, "password"): more.password for other, more in outside.databases.items()}
    found |= {("redis", name, "external", "password"): one.external.password for name, one in stage.redis.items() if one.external}
    return ((where, text) for where, text in found.items() if text is not None)


def outside_is_reached(stage: AnyStage, given: Given) -> Found:
    """Who uses what is outside has a way out."""
    outside = {name for servers in (stage.postgres, stage.redis) for name, server in servers.items() if server.external}
    if not isinstance(stage, DevStage) and stage.mail:
        outside.add("mail")
    for name, app in stage.apps.items():
        far = sorted(outside & {*app.uses})
        where: Where = ("mono", "egress") if isinstance(stage, MonoStage) else ("apps", name, "egress")
        if far and not (stage.mono.egress if isinstance(stage, MonoStage) else isinstance(app, AppConfig) and app.egress):
            yield where, f"is off, and {listed(far)} {'are' if len(far) > 1 else 'is'} outside: switch it on, or the app would not get there"


def of_backing(stage: AnyStage) -> set[str]:
    """Names of the backing services."""
    return {*stage.postgres, *stage.redis, *(["mail"] if stage.mail else [])}


def parts_of_backing(stage: AnyStage) -> set[str]:
    """Every reference to a part of a backing service."""
    found = {f"mail.{part}" for part in references.PARTS["mail"]} if stage.mail else set()
    found |= {f"{name}.{part}" for name in stage.redis for part in references.PARTS["redis"]}
    for name, server in stage.postgres.items():
        others = (server.external or server).databases
        found |= {f"{path}.{part}" for path in (name, *(f"{name}.databases.{other}" for other in others)) for part in references.PARTS["postgres"]}
    return found


def valued_secrets(stage: AnyStage, given: Given) -> set[str]:
    """Secrets that have a value, or whose missing one is said elsewhere: an optional one that is not given cannot be part of a value."""
    return {name for name, secret in stage.secrets.items() if secret.generate or secret.required} | given.secrets


RULES = (postgres_names_are_free, databases_are_unique, passwords_are_secrets, outside_is_reached)
