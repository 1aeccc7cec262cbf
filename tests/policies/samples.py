"""Resources to judge: a good one of each kind, and what is recorded of a whole stage."""

from collections.abc import Iterable
from typing import Any

from policies.resource import Kind, Mark, Resource
from policies.rule import Rule
from tests.recording import Hidden, Recording, Registered

OWN = {"application": "shop", "project": "berth", "stack": "prod", "instance": "0badcafe"}


def labels(role: str, **more: str) -> list[dict[str, str]]:
    """Labels of everything, and more."""
    every = {f"berth.{key}": value for key, value in {**OWN, "service": "web", "role": role, **more}.items()}
    return [{"label": key, "value": value} for key, value in every.items()]


SERVICE: dict[str, Any] = {
    "image": f"shop@sha256:{'0' * 64}",
    "entrypoints": ["serve"],
    "command": ["--all"],
    "user": "10001:10001",
    "envs": ["DB_HOST=db", "DB_PASSWORD_FILE=/run/secrets/DB_PASSWORD", "SMTP_PASSWORD=", "USE_TOKEN=true", "SITE_URL=http://localhost"],
    "labels": labels("service", pids="512"),
    "networkMode": "bridge",
    "networksAdvanced": [{"name": "front-1234567", "aliases": ["web"]}],
    "mounts": [{"type": "volume", "source": "shop-prod-0badcafe-media", "target": "/media"}],
    "tmpfs": {"/tmp": "rw,noexec,nosuid,nodev,size=64m,mode=1777"},
    "readOnly": True,
    "capabilities": {"drops": ["ALL"]},
    "securityOpts": ["no-new-privileges:true"],
    "memory": 512,
    "memorySwap": 512,
    "cpus": "1.0",
    "logDriver": "json-file",
    "logOpts": {"max-size": "10m", "max-file": "3"},
    "restart": "unless-stopped",
    "healthcheck": {"tests": ["CMD", "true"]},
    "wait": True,
    "destroyGraceSeconds": 30,
}
JOB = SERVICE | {"labels": labels("job", pids="512"), "restart": "no", "mustRun": False}
LOADER = {
    "image": SERVICE["image"],
    "entrypoints": ["/.berth/busybox"],
    "command": ["true"],
    "start": False,
    "labels": labels("loader", pids="16"),
    "networkMode": "none",
    "restart": "no",
    "mustRun": False,
    "memory": 32,
    "memorySwap": 32,
    "cpus": "0.5",
    "logDriver": "json-file",
    "logOpts": {"max-size": "1m", "max-file": "1"},
    "mounts": [{"type": "volume", "source": "shop-prod-0badcafe-files", "target": "/files"}],
}
OWNER = {key: value for key, value in LOADER.items() if key != "start"} | {
    "command": ["chown", "999:999", "/volume"],
    "user": "0:0",
    "readOnly": True,
    "capabilities": {"drops": ["ALL"], "adds": ["CAP_CHOWN"]},
    "securityOpts": ["no-new-privileges:true"],
    "attach": True,
}
PORT = {"ip": "0.0.0.0", "external": 443, "internal": 8443}


def container(component: str = "App", name: str = "web-1", of: dict[str, Any] = SERVICE, **changes: Any) -> Resource:
    """A good container with changes; None takes an input away."""
    return _made(Kind.CONTAINER, name, component, of | changes)


def job(**changes: Any) -> Resource:
    return container(name="web-migrate", of=JOB, **changes)


def loader(**changes: Any) -> Resource:
    return container("Files", "web-secrets-loader", LOADER, **changes)


def owner(**changes: Any) -> Resource:
    return container("DataVolume", "db-data-owner", OWNER, **changes)


def proxy(**changes: Any) -> Resource:
    return container("Proxy", "proxy", SERVICE | {"ports": [PORT], "labels": labels("service", pids="512", publishes="443,8443")}, **changes)


def volume(*, protect: bool = True, retained: bool | None = True, **changes: Any) -> Resource:
    inputs = {"name": "shop-prod-0badcafe-db-data", "labels": labels("data")} | changes
    return _made(Kind.VOLUME, "db-data", "DataVolume", inputs, protect=protect, retained=retained)


def network(**changes: Any) -> Resource:
    return _made(Kind.NETWORK, "data", "Networks", {"internal": True, "labels": labels("network", service="data")} | changes)


def image(**changes: Any) -> Resource:
    return _made(Kind.IMAGE, "db-image", "Postgres", {"name": f"postgres@sha256:{'0' * 64}"} | changes)


def _made(kind: Kind, name: str, component: str, inputs: dict[str, Any], **options: Any) -> Resource:
    given = {key: value for key, value in inputs.items() if value is not None}
    return Resource(type=kind.value, name=name, component=component, inputs=given, **options)


GOOD = {
    "service": container(),
    "job": job(),
    "loader": loader(),
    "owner": owner(),
    "proxy": proxy(),
    "volume": volume(),
    "network": network(),
    "image": image(),
}
Case = tuple[Rule, Resource, str]
"""A rule, a resource that violates it, and words of what is said."""


def said(rule: Rule, resource: Resource) -> str:
    """What a rule says, nothing where it has nothing to say."""
    return "\n".join(rule.violations(resource))


def ids(cases: Iterable[Case]) -> list[str]:
    return [f"{rule.name}: {words}" for rule, _, words in cases]


def recorded(recording: Recording) -> list[Resource]:
    """Everything that a stage asked for, as rules see it."""
    return [_recorded(one) for one in recording.resources]


def _recorded(one: Registered) -> Resource:
    component = one.parent.split("::")[0].removeprefix("berth:index:")
    options = {"protect": bool(one.options["protect"]), "retained": bool(one.options["retain_on_delete"])}
    return Resource(type=one.type, name=one.name, component=component, inputs=_marked(one.inputs), **options)


def _marked(value: Any) -> Any:
    if isinstance(value, Hidden):
        return Mark.SECRET
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in value.items()}
    return [_marked(item) for item in value] if isinstance(value, list) else value
