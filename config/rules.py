"""What the parts of a stage have to agree on: one small rule for each, all of them asked."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from ipaddress import IPv4Address

from components.app.config import Application
from components.network import halves
from components.secrets import Delivery
from config import backing, references, routing, sharing, storage
from config.agreement import Found, Given, listed
from config.backing import of_backing, parts_of_backing, passwords, valued_secrets
from config.document import Where
from config.files import unreadable
from config.pins import images_are_pinned
from config.problems import suggestion
from config.stage import AnyStage, MonoStage


def _names_are_unique(stage: AnyStage, given: Given) -> Found:
    seen: dict[str, str] = dict.fromkeys(("proxy", "mail", "mono", "networks", "tools", "secrets", "apps"), "is berth's own")
    for section in ("apps", "workers", "postgres", "redis"):
        for name in getattr(stage, section):
            spelt = name.replace("-", "_")  # as in the variables of both
            if spelt in seen:
                yield (section, name), f"{seen[spelt]}: choose another name, for services find each other by it"
            seen[spelt] = f"stands under {section} too"


def _uses_exist(stage: AnyStage, given: Given) -> Found:
    services = {*of_backing(stage), *stage.apps}
    for name, app in stage.apps.items():
        for index, used in enumerate(app.uses):
            if used not in services or used == name:
                others = services - {name}
                yield ("apps", name, "uses", index), f"{used!r} is no other service; there are: {listed(others)}{suggestion(used, others)}"


def _uses_have_an_end(stage: AnyStage, given: Given) -> Found:
    try:
        TopologicalSorter({name: [used for used in app.uses if used != name] for name, app in stage.apps.items()}).prepare()
    except CycleError as circle:
        first, *others = reversed(circle.args[1])
        yield ("apps", first, "uses"), f"leads back to itself ({' uses '.join([first, *others])}): take one of them away, for each would wait for the other"


def _addresses_fit(stage: AnyStage, given: Given) -> Found:
    if isinstance(stage, MonoStage):
        return
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


def _workers_have_apps(stage: AnyStage, given: Given) -> Found:
    for name, worker in stage.workers.items():
        if worker.app not in stage.apps:
            yield ("workers", name, "app"), f"{worker.app!r} is no app; there are: {listed(stage.apps)}{suggestion(worker.app, stage.apps)}"


def _secrets_exist(stage: AnyStage, given: Given) -> Found:
    known = {*stage.secrets, *given.secrets}
    for name, app in stage.apps.items():
        for variable, use in app.secrets.items():
            if use.from_ not in known:
                yield ("apps", name, "secrets", variable, "from"), f"{use.from_!r} is no secret; there are: {listed(known)}{suggestion(use.from_, known)}"
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
        for where, text in _expanded(app):
            here = ("apps", name, *where)
            for reference in references.names(text):
                if reference not in known:
                    yield here, f"${{{reference}}} is unknown{suggestion(reference, known) or f'; there are: {listed(known)}'}"
            if references.unfinished(text):
                yield here, "has a ${ without its }: close it, or write $${ for a literal one"


def _expanded(app: Application) -> Iterator[tuple[Where, str]]:
    """The texts in which references are replaced."""
    yield from ((("env", variable), text) for variable, text in app.env.items())
    for folder, named in app.files.items():
        yield from ((("files", folder, name), file.content) for name, file in named.items() if not (file.template and unreadable(file.template)))


def _references_are_used(stage: AnyStage, given: Given) -> Found:
    backing = of_backing(stage)
    for name, app in stage.apps.items():
        for where, text in _expanded(app):
            for service in {reference.split(".")[0] for reference in references.names(text)} & backing - set(app.uses):
                yield ("apps", name, *where), f"refers to {service}, which the app does not use: add {service} to its uses, or it could not reach it"


def _references_stand_in_env(stage: AnyStage, given: Given) -> Found:
    written = {where for where, _ in passwords(stage)}
    heads = {*stage.postgres, *stage.redis, "apps", "mail", "proxy", "secrets"}
    for path, text in _texts(stage.model_dump(by_alias=True), ()):
        if path[:1] + path[2:3] in {("apps", "env"), ("apps", "files")} or path in written:
            continue
        for reference in references.names(text):
            head, dot, _ = reference.partition(".")
            if dot and head in heads:
                where = "references work in env and files only (and in passwords of services outside)"
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


RULES = (
    _names_are_unique,
    _uses_exist,
    _uses_have_an_end,
    _addresses_fit,
    _workers_have_apps,
    _secrets_exist,
    _variables_are_unique,
    _injected_are_unique,
    _references_resolve,
    _references_are_used,
    _references_stand_in_env,
    images_are_pinned,
    *backing.RULES,
    *routing.RULES,
    *storage.RULES,
    *sharing.RULES,
)


def references_of(stage: AnyStage, given: Given) -> set[str]:
    """Every reference that has a value in a stage."""
    found = {f"proxy.{part}" for part in references.PARTS["proxy"]} | {f"secrets.{name}" for name in valued_secrets(stage, given)}
    found |= {f"apps.{name}.{part}" for name, app in stage.apps.items() if app.port for part in references.PARTS["app"]}
    return found | parts_of_backing(stage)
