"""What the parts of a stage have to agree on: one small rule for each, all of them asked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from components.app import AppConfig, Writers
from components.secrets import Delivery
from config import references
from config.document import Where
from config.problems import suggestion
from config.stage import AnyStage, DevAppConfig, DevStage

Found = Iterator[tuple[Where, str]]


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a stage is given beside its sections."""

    stack: str
    secrets: frozenset[str]
    """Names of the secrets whose values it holds."""


def _names_are_unique(stage: AnyStage, given: Given) -> Found:
    seen: dict[str, str] = dict.fromkeys(("proxy", "mail", "networks", "tools", "secrets", "apps"), "is berth's own")
    for section in ("apps", "workers", "postgres", "redis"):
        for name in getattr(stage, section):
            spelt = name.replace("-", "_")  # as in the variables of both
            if spelt in seen:
                yield (section, name), f"{seen[spelt]}: choose another name, for services find each other by it"
            seen[spelt] = f"stands under {section} too"


def _postgres_names_are_free(stage: AnyStage, given: Given) -> Found:
    for name, server in stage.postgres.items():
        database = server.database or name
        for field, value in (("database", database), ("username", server.username or database)):
            if value in ("postgres", "template0", "template1", "public", "none") or value.startswith("pg_"):
                yield ("postgres", name, field), f"is {value}, a name of Postgres itself: write another {field}"


def _volumes_are_unique(stage: AnyStage, given: Given) -> Found:
    seen = {f"{server}-data": f"the data of {server}" for server in (*stage.postgres, *stage.redis)}
    for name, app in stage.apps.items():
        for volume in app.volumes:
            full = f"{name}-{volume}"
            if full in seen:
                yield ("apps", name, "volumes", volume), f"would be called {full}, as {seen[full]} is: choose another name"
            seen[full] = f"the volume {volume} of {name}"


def _paths_are_unique(stage: AnyStage, given: Given) -> Found:
    for name, app in stage.apps.items():
        seen: dict[str, str] = {}
        for where, path, what in _mounted(app):
            if path in seen:
                yield ("apps", name, *where), f"is {path}, where {seen[path]} is mounted: {_way_out(seen[path], path)}"
            seen.setdefault(path, what)


def _mounted(app: AppConfig) -> Iterator[tuple[Where, str, str]]:
    """What an app has mounted: where that is said, the path inside, and what it is."""
    yield from ((("tmpfs", index), path, "tmpfs") for index, path in enumerate(app.tmpfs))
    yield from ((("volumes", volume, "path"), use.path, f"the volume {volume}") for volume, use in app.volumes.items())
    folders = app.mounts if isinstance(app, DevAppConfig) else {}
    yield from ((("mounts", source), path, f"the folder {source}") for source, path in folders.items())


def _way_out(taken: str, path: str) -> str:
    return f"take {path} out of tmpfs, or choose another path" if taken == "tmpfs" else "choose another path"


def _one_writer_is_one(stage: AnyStage, given: Given) -> Found:
    for name, worker in stage.workers.items():
        app = stage.apps.get(worker.app)
        alone = [volume for volume, use in app.volumes.items() if use.writers is Writers.ONE] if app else []
        if alone:
            text = f"shares the volume {alone[0]} of {worker.app}, which has one writer: set its writers to many if both can use it at once"
            yield ("workers", name, "app"), text


def _uses_exist(stage: AnyStage, given: Given) -> Found:
    services = {*stage.postgres, *stage.redis, *(["mail"] if stage.mail else [])}
    for name, app in stage.apps.items():
        for index, used in enumerate(app.uses):
            if used not in services:
                yield ("apps", name, "uses", index), f"{used!r} is no backing service; there are: {_list(services)}{suggestion(used, services)}"


def _workers_have_apps(stage: AnyStage, given: Given) -> Found:
    for name, worker in stage.workers.items():
        if worker.app not in stage.apps:
            yield ("workers", name, "app"), f"{worker.app!r} is no app; there are: {_list(stage.apps)}{suggestion(worker.app, stage.apps)}"


def _routes_are_unique(stage: AnyStage, given: Given) -> Found:
    seen: dict[str, str] = {}
    for name, app in stage.apps.items():
        for path in app.routes:
            key = path.rstrip("/")
            if key in seen:
                yield ("apps", name, "routes", path), f"leads to {seen[key]} already: a path has one app"
            seen[key] = name


def _secrets_exist(stage: AnyStage, given: Given) -> Found:
    known = {*stage.secrets, *given.secrets}
    for name, app in stage.apps.items():
        for variable, use in app.secrets.items():
            if use.from_ not in known:
                yield ("apps", name, "secrets", variable, "from"), f"{use.from_!r} is no secret; there are: {_list(known)}{suggestion(use.from_, known)}"
            if variable in app.env:
                yield ("apps", name, "secrets", variable), "stands under env too: keep one of them"
    for name, secret in stage.secrets.items():
        if secret.generate is None and secret.required and name not in given.secrets:
            remedy = f"pulumi config set -s {given.stack} --path --secret berth:secrets.{name}"
            yield ("secrets", name), f"has no value in this stage: {remedy}, or let it be derived with generate"


def _variables_are_unique(stage: AnyStage, given: Given) -> Found:
    for name, app in stage.apps.items():
        others = {**dict.fromkeys(app.env, "env"), **{variable: "secrets" for variable, use in app.secrets.items() if use.delivery is not Delivery.FILE}}
        for variable, use in app.secrets.items():
            path = f"{variable}_FILE"
            if use.delivery is Delivery.FILE_ENV and path in others:
                yield ("apps", name, "secrets", variable), f"would set {path}, which stands under {others[path]} too: keep one of them"


def _injected_are_unique(stage: AnyStage, given: Given) -> Found:
    for name, app in stage.apps.items():
        seen: dict[str, str] = {}
        for variable, reference in references.injected(app.uses, stage):
            if seen.setdefault(variable, reference) != reference:
                yield ("apps", name, "uses"), f"would set {variable} to {seen[variable]} and to {reference}: give one of the two services another name"


def _references_resolve(stage: AnyStage, given: Given) -> Found:
    known = references_of(stage, given)
    for name, app in stage.apps.items():
        for variable, text in app.env.items():
            here = ("apps", name, "env", variable)
            for reference in references.names(text):
                if reference not in known:
                    yield here, f"${{{reference}}} is unknown{suggestion(reference, known) or f'; there are: {_list(known)}'}"
            if references.unfinished(text):
                yield here, "has a ${ without its }: close it, or write $${ for a literal one"


def _references_are_used(stage: AnyStage, given: Given) -> Found:
    backing = {*stage.postgres, *stage.redis, *(["mail"] if stage.mail else [])}
    for name, app in stage.apps.items():
        for variable, text in app.env.items():
            for service in {reference.split(".")[0] for reference in references.names(text)} & backing - set(app.uses):
                yield ("apps", name, "env", variable), f"refers to {service}, which the app does not use: add {service} to its uses, or it could not reach it"


def _references_stand_in_env(stage: AnyStage, given: Given) -> Found:
    heads = {*stage.postgres, *stage.redis, "apps", "mail", "proxy", "secrets"}
    for path, text in _texts(stage.model_dump(by_alias=True), ()):
        if path[:1] + path[2:3] == ("apps", "env") or path == ("mail", "smtp", "password"):
            continue
        for reference in references.names(text):
            head, dot, _ = reference.partition(".")
            if dot and head in heads:
                where = "references work in env only (and in mail.smtp.password)"
                yield path, f"holds ${{{reference}}}, but {where}: give the app a variable, or write the value here"


def _texts(value: object, path: Where) -> Iterator[tuple[Where, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))


def _ports_are_unique(stage: AnyStage, given: Given) -> Found:
    if isinstance(stage, DevStage) and stage.mail and stage.mail.mailhog.ui_port == stage.proxy.ports.http:
        yield ("mail", "mailhog", "ui_port"), f"is {stage.proxy.ports.http}, the port of the site: choose another"


def _smtp_password_is_secret(stage: AnyStage, given: Given) -> Found:
    if isinstance(stage, DevStage) or not stage.mail or not stage.mail.smtp.password:
        return
    names = references.parse(stage.mail.smtp.password)
    known = {f"secrets.{name}" for name in _valued_secrets(stage, given)}
    if len(names) != 1 or not isinstance(names[0], references.Reference) or names[0].name not in known:
        yield ("mail", "smtp", "password"), f"has to be one reference to a secret, ${{secrets.NAME}}; there are: {_list(known)}"


RULES = (
    _names_are_unique,
    _postgres_names_are_free,
    _volumes_are_unique,
    _paths_are_unique,
    _one_writer_is_one,
    _uses_exist,
    _workers_have_apps,
    _routes_are_unique,
    _secrets_exist,
    _variables_are_unique,
    _injected_are_unique,
    _references_resolve,
    _references_are_used,
    _references_stand_in_env,
    _ports_are_unique,
    _smtp_password_is_secret,
)


def references_of(stage: AnyStage, given: Given) -> set[str]:
    """Every reference that has a value in a stage."""
    found = {f"proxy.{part}" for part in references.PARTS["proxy"]} | {f"secrets.{name}" for name in _valued_secrets(stage, given)}
    kinds: dict[str, Iterable[str]] = {"postgres": stage.postgres, "redis": stage.redis}
    for kind, named in kinds.items():
        found |= {f"{name}.{part}" for name in named for part in references.PARTS[kind]}
    found |= {f"apps.{name}.{part}" for name, app in stage.apps.items() if app.port for part in references.PARTS["app"]}
    return found | ({f"mail.{part}" for part in references.PARTS["mail"]} if stage.mail else set())


def _valued_secrets(stage: AnyStage, given: Given) -> set[str]:
    """Secrets that have a value, or whose missing one is said elsewhere: an optional one that is not given cannot be part of a value."""
    return {name for name, secret in stage.secrets.items() if secret.generate or secret.required} | given.secrets


def _list(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "none"
