"""From merged values to a stage: what the models refuse, said in plain words, and what the parts have to agree on."""

from collections.abc import Callable, Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from ipaddress import IPv4Address
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from components.network import halves
from config import forbidden, references, routing
from config.document import Where
from config.merge import Merged
from config.problems import Problem, Refused, suggestion
from config.stage import TOPOLOGIES, AnyStage, DevStage, Topology

Found = Iterator[tuple[Where, str]]


def validate(merged: Merged, given: Iterable[str]) -> AnyStage:
    """Turn merged values into the model of their topology, or refuse them with every problem. `given`: names of the secrets that the stage gives."""
    topology = Topology(merged.data["topology"])
    try:
        stage = TOPOLOGIES[topology].model_validate(merged.data)
    except ValidationError as refusal:
        raise Refused(_problems(merged, ((_where(error["loc"]), _plain(error, topology)) for error in refusal.errors()))) from None
    found = [problem for rule in RULES for problem in rule(stage, frozenset(given))]
    if found:
        raise Refused(_problems(merged, found))
    return stage


def _problems(merged: Merged, found: Iterable[tuple[Where, str]]) -> list[Problem]:
    return [Problem(place=merged.place(path), path=dotted(path), text=text) for path, text in found]


def dotted(path: Where) -> str:
    """`apps.web.port`."""
    return ".".join(str(step) for step in path)


def _where(location: tuple[str | int, ...]) -> Where:
    return tuple(step for step in location if step != "[key]")


_TEXTS: dict[str, Callable[[ErrorDetails], str]] = {
    "missing": lambda error: "is missing: write it",
    "string_type": lambda error: f'has to be text: quote it, "{str(error["input"]).lower()}"' if isinstance(error["input"], int | float) else "has to be text",
    "int_type": lambda error: "has to be a whole number, without quotes",
    "bool_type": lambda error: "has to be true or false",
    "dict_type": lambda error: "has to be a mapping of keys to values",
    "model_type": lambda error: "has to be a mapping of keys to values",
    "tuple_type": lambda error: "has to be a list, [a, b]",
    "enum": lambda error: f"is {error['input']!r}; allowed: {error['ctx']['expected']}",
    "literal_error": lambda error: f"is {error['input']!r}; allowed: {error['ctx']['expected']}",
    "string_pattern_mismatch": lambda error: f"is {error['input']!r}, which does not match {error['ctx']['pattern']}",
    "value_error": lambda error: str(error["ctx"]["error"]),
}


def _plain(error: ErrorDetails, topology: Topology) -> str:
    if error["type"] == "extra_forbidden":
        path = _where(error["loc"])
        if known := forbidden.reason(topology, path):
            return known
        allowed = sorted(_keys(TOPOLOGIES[topology], path[:-1]))
        return f"is no key here; allowed: {', '.join(allowed)}{suggestion(str(path[-1]), allowed)}"
    text = _TEXTS.get(error["type"])
    return text(error) if text else error["msg"][:1].lower() + error["msg"][1:]


def _keys(model: type[BaseModel], path: Where) -> set[str]:
    """The keys that may stand in the mapping at a path."""
    current: Any = model  # Any: annotations are arbitrary objects
    for step in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            named = {field.alias or name: field.annotation for name, field in current.model_fields.items()}
            current = named.get(str(step))
        else:
            current = _inside(current)
        while not (isinstance(current, type) and issubclass(current, BaseModel)) and _models(current) and not _mapping(current):
            current = _models(current)[0]
    models = [current] if isinstance(current, type) and issubclass(current, BaseModel) else _models(current)
    return {field.alias or name for found in models for name, field in found.model_fields.items()}


def _mapping(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) is dict


def _inside(annotation: Any) -> Any:
    return get_args(annotation)[-1] if get_args(annotation) else None


def _models(annotation: Any) -> list[type[BaseModel]]:
    found = []
    for argument in get_args(annotation):
        if isinstance(argument, type) and issubclass(argument, BaseModel):
            found.append(argument)
        else:
            found.extend(_models(argument))
    return found


def _names_are_unique(stage: AnyStage, given: frozenset[str]) -> Found:
    seen: dict[str, str] = dict.fromkeys(("proxy", "mail", "networks", "tools", "secrets", "apps"), "is berth's own")
    for section in ("apps", "workers", "postgres", "redis"):
        for name in getattr(stage, section):
            spelt = name.replace("-", "_")  # as in the variables of both
            if spelt in seen:
                yield (section, name), f"{seen[spelt]}: choose another name, for services find each other by it"
            seen[spelt] = f"stands under {section} too"


def _postgres_names_are_free(stage: AnyStage, given: frozenset[str]) -> Found:
    for name, server in stage.postgres.items():
        database = server.database or name
        for field, value in (("database", database), ("username", server.username or database)):
            if value in ("postgres", "template0", "template1", "public", "none") or value.startswith("pg_"):
                yield ("postgres", name, field), f"is {value}, a name of Postgres itself: write another {field}"


def _volumes_are_unique(stage: AnyStage, given: frozenset[str]) -> Found:
    seen = {f"{server}-data": f"the data of {server}" for server in (*stage.postgres, *stage.redis)}
    for volume in stage.volumes:
        if volume in seen:
            yield ("volumes", volume), f"is the name of {seen[volume]}: choose another name"
        seen[volume] = f"the shared volume {volume}"
    for name, app in stage.apps.items():
        for volume in app.volumes.keys() - stage.volumes.keys():
            full = f"{name}-{volume}"
            if full in seen:
                yield ("apps", name, "volumes", volume), f"would be called {full}, as {seen[full]} is: choose another name"
            seen[full] = f"the volume {volume} of {name}"


def _shared_volumes_are_shared(stage: AnyStage, given: frozenset[str]) -> Found:
    for volume in stage.volumes:
        users = {name: app.volumes[volume] for name, app in stage.apps.items() if volume in app.volumes}
        if not users:
            yield ("volumes", volume), "is mounted by no app: write it under volumes of an app, or take it away"
        writing = [name for name, use in users.items() if not use.read_only]
        for name in writing:
            if len(writing) > 1 and users[name].exclusive:
                text = f"is written by {_list(writing)}: set writers to many in each if they can share it, or read_only where they only read"
                yield ("apps", name, "volumes", volume, "writers"), text


def _addresses_fit(stage: AnyStage, given: frozenset[str]) -> Found:
    front = stage.networks.front
    taken: dict[IPv4Address, str] = {front.gateway: "the gateway"} if front.gateway else {}
    for name, app in stage.apps.items():
        if not app.address:
            continue
        here = ("apps", name, "address")
        if not front.subnet:
            yield here, "needs a network that is known: write networks.front.subnet, or take the address away"
        elif app.address not in (fixed := halves(front.subnet)[0]) or app.address in (fixed[0], fixed[1]):
            yield here, f"has to be in {fixed}, the lower half of networks.front.subnet, and not one of its first two addresses"
        elif app.address in taken:
            yield here, f"belongs to {taken[app.address]} already: choose another"
        taken[app.address] = name


def _one_writer_is_one(stage: AnyStage, given: frozenset[str]) -> Found:
    for name, worker in stage.workers.items():
        app = stage.apps.get(worker.app)
        alone = [volume for volume, use in app.volumes.items() if use.exclusive] if app else []
        if alone:
            text = f"shares the volume {alone[0]} of {worker.app}, which has one writer: set its writers to many if both can use it at once"
            yield ("workers", name, "app"), text


def _uses_exist(stage: AnyStage, given: frozenset[str]) -> Found:
    services = {*_backing(stage), *stage.apps}
    for name, app in stage.apps.items():
        for index, used in enumerate(app.uses):
            if used not in services or used == name:
                others = services - {name}
                yield ("apps", name, "uses", index), f"{used!r} is no other service; there are: {_list(others)}{suggestion(used, others)}"


def _uses_have_an_end(stage: AnyStage, given: frozenset[str]) -> Found:
    try:
        TopologicalSorter({name: [used for used in app.uses if used != name] for name, app in stage.apps.items()}).prepare()
    except CycleError as circle:
        first, *others = reversed(circle.args[1])
        yield ("apps", first, "uses"), f"leads back to itself ({' uses '.join([first, *others])}): take one of them away, for each would wait for the other"


def _backing(stage: AnyStage) -> set[str]:
    return {*stage.postgres, *stage.redis, *(["mail"] if stage.mail else [])}


def _workers_have_apps(stage: AnyStage, given: frozenset[str]) -> Found:
    for name, worker in stage.workers.items():
        if worker.app not in stage.apps:
            yield ("workers", name, "app"), f"{worker.app!r} is no app; there are: {_list(stage.apps)}{suggestion(worker.app, stage.apps)}"


def _secrets_exist(stage: AnyStage, given: frozenset[str]) -> Found:
    known = {*stage.secrets, *given}
    for name, app in stage.apps.items():
        for variable, use in app.secrets.items():
            if use.from_ not in known:
                yield ("apps", name, "secrets", variable, "from"), f"{use.from_!r} is no secret; there are: {_list(known)}{suggestion(use.from_, known)}"
            if variable in app.env:
                yield ("apps", name, "secrets", variable), "stands under env too: keep one of them"
    for name, secret in stage.secrets.items():
        if secret.generate is None and secret.required and name not in given:
            yield (
                ("secrets", name),
                f"has no value in this stage: pulumi config set --path --secret berth:secrets.{name} VALUE, or let it be derived with generate",
            )


def _references_resolve(stage: AnyStage, given: frozenset[str]) -> Found:
    known = references_of(stage, given)
    for name, app in stage.apps.items():
        for variable, text in app.env.items():
            here = ("apps", name, "env", variable)
            for reference in references.names(text):
                if reference not in known:
                    yield here, f"${{{reference}}} is unknown{suggestion(reference, known) or f'; there are: {_list(known)}'}"
            if references.unfinished(text):
                yield here, "has a ${ without its }: close it, or write $${ for a literal one"
            if "\0" in text:
                yield here, "has a NUL character, which no variable can hold: take it out"


def _references_are_used(stage: AnyStage, given: frozenset[str]) -> Found:
    backing = _backing(stage)
    for name, app in stage.apps.items():
        for variable, text in app.env.items():
            for service in {reference.split(".")[0] for reference in references.names(text)} & backing - set(app.uses):
                yield ("apps", name, "env", variable), f"refers to {service}, which the app does not use: add {service} to its uses, or it could not reach it"


def _smtp_password_is_secret(stage: AnyStage, given: frozenset[str]) -> Found:
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
    _shared_volumes_are_shared,
    _addresses_fit,
    _one_writer_is_one,
    _uses_exist,
    _uses_have_an_end,
    _workers_have_apps,
    _secrets_exist,
    _references_resolve,
    _references_are_used,
    _smtp_password_is_secret,
    *routing.RULES,
)


def references_of(stage: AnyStage, given: Iterable[str]) -> set[str]:
    """Every reference that has a value in a stage."""
    found = {f"proxy.{part}" for part in references.PARTS["proxy"]} | {f"secrets.{name}" for name in _valued_secrets(stage, given)}
    kinds: dict[str, Iterable[str]] = {"postgres": stage.postgres, "redis": stage.redis}
    for kind, named in kinds.items():
        found |= {f"{name}.{part}" for name in named for part in references.PARTS[kind]}
    found |= {f"apps.{name}.{part}" for name, app in stage.apps.items() if app.port for part in references.PARTS["app"]}
    return found | ({f"mail.{part}" for part in references.PARTS["mail"]} if stage.mail else set())


def _valued_secrets(stage: AnyStage, given: Iterable[str]) -> set[str]:
    """Secrets that have a value, or whose missing one is said elsewhere: an optional one that is not given cannot be part of a value."""
    given = frozenset(given)
    return {name for name, secret in stage.secrets.items() if secret.generate or secret.required or name in given} | given


def _list(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "none"
