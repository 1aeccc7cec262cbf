"""What the topologies share: variables and secrets of an app, from its configuration and the connections it uses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pulumi

from components.app.config import Application, FileConfig
from components.build import BuildConfig
from components.connection import Connection, joined
from components.engine import Engine
from components.postgres.config import PostgresServer, databases
from components.proxy.certificate import Certificate, expires
from components.proxy.config import SiteConfig
from components.proxy.site import site_url
from components.secrets import Delivery, Secret
from components.stage import Stage
from config import references
from config.load import Loaded
from config.stage import AnyStage

RENEW_DAYS = 30
"""Days before the end of a certificate from which on every run and `berth status` say so."""

Value = pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a reference stands for."""

    value: pulumi.Input[str]
    """Plain text where it is known: an output of its own for each of them would be most of what a program has to wait for."""
    secret: bool


@dataclass(kw_only=True)
class Scope:
    """Every reference of a stage that has a value, filled while the topology creates its services."""

    parts: dict[str, Part] = field(default_factory=dict)

    def plain(self, name: str, value: str) -> None:
        """Give a reference a plain value."""
        self.parts[name] = Part(value=value, secret=False)

    def secret(self, name: str, value: Value) -> None:
        """Give a reference a secret value."""
        self.parts[name] = Part(value=value, secret=True)

    def connection(self, name: str, parts: Iterable[str], connection: Connection) -> None:
        """Give the references of a backing service their values."""
        for part in parts:
            self.parts[f"{name}.{part}"] = Part(value=connection.part(part), secret=part in connection.secret_parts)

    def address(self, app: str, host: str, port: int | None) -> None:
        """Give the references of an app their values; one without a port has none."""
        if port:
            for part, value in {"host": host, "port": str(port), "url": f"http://{host}:{port}"}.items():
                self.plain(f"apps.{app}.{part}", value)

    def expand(self, text: str) -> Part:
        """Replace the references in a value; secret as soon as one of them is."""
        pieces = [self.parts[piece.name] if isinstance(piece, references.Reference) else piece for piece in references.parse(text)]
        value = joined(*(piece.value if isinstance(piece, Part) else piece for piece in pieces))
        return Part(value=value, secret=any(isinstance(piece, Part) and piece.secret for piece in pieces))


def scope(site: SiteConfig, secrets: Mapping[str, Value]) -> Scope:
    """The references that every stage has: its address and its secrets."""
    made = Scope()
    made.plain("proxy.url", site_url(site))
    for name, value in secrets.items():
        made.secret(f"secrets.{name}", value)
    return made


def make_stage(loaded: Loaded, engine: Engine, *, protect_data: bool) -> Stage:
    """The identity that every component carries."""
    return Stage(
        application=loaded.stage.name,
        project=pulumi.get_project(),
        stack=pulumi.get_stack(),
        instance=loaded.identity.instance,
        protect_data=protect_data,
        engine=engine,
        images=loaded.stage.images,
        fingerprint_key=loaded.identity.derive("fingerprint", 32),
    )


def password(loaded: Loaded, service: str, rotation: int) -> Value:
    """The password of a backing service, derived: the same in every run, also after the state was lost, until `rotation` is raised."""
    return pulumi.Output.secret(loaded.identity.password(f"services/{service}", rotation=rotation))


def role_passwords(loaded: Loaded, service: str, config: PostgresServer) -> dict[str, Value]:
    """The password of every role of a Postgres server, by its name: that of its own database first."""
    first, *others = databases(service, config)
    found = {first.username: password(loaded, service, config.rotation)}
    for other in others:
        found.setdefault(other.username, password(loaded, f"{service}/{other.username}", config.rotation))
    return found


def application_secrets(loaded: Loaded) -> dict[str, Value]:
    """Every secret of the section `secrets` and of the stage, by name."""
    found: dict[str, Value] = {name: pulumi.Output.secret(value) for name, value in loaded.secrets.items()}
    for name, config in loaded.stage.secrets.items():
        if config.generate and name not in found:
            found[name] = pulumi.Output.secret(loaded.identity.password(f"secrets/{name}", config.generate.bytes, config.generate.rotation))
    return found


def variables(app: Application, scope: Scope, stage: AnyStage, secrets: Mapping[str, Value]) -> tuple[dict[str, pulumi.Input[str]], dict[str, Secret]]:
    """What an app finds in its environment: injected by `uses`, then its own; and what of it is secret."""
    found = {name: scope.parts[reference] for name, reference in references.injected(app.uses, stage)}
    found |= {name: scope.expand(text) for name, text in app.env.items()}
    plain = {name: part.value for name, part in found.items() if not part.secret}
    hidden = {name: Secret(value=pulumi.Output.from_input(part.value)) for name, part in found.items() if part.secret}
    hidden |= authorities(app.uses, stage)
    hidden |= {name: Secret(value=secrets[use.from_], delivery=use.delivery) for name, use in app.secrets.items() if use.from_ in secrets}
    return {name: value for name, value in plain.items() if name not in hidden}, hidden


def authorities(uses: Iterable[str], stage: AnyStage) -> dict[str, Secret]:
    """What verifies the Postgres servers outside that an app uses. It is no secret; it lies where secrets do, so that a change of it is a new container too."""
    paths = {name: server.external.ca for name, server in stage.postgres.items() if name in uses and server.external and server.external.ca}
    texts = {name: Path(path).read_text(encoding="utf-8") for name, path in paths.items()}
    return {references.authority(name): Secret(value=pulumi.Output.from_input(text), delivery=Delivery.FILE) for name, text in texts.items()}


def files(app: Application, scope: Scope) -> dict[str, dict[str, pulumi.Input[str]]]:
    """The files that an app gets, references replaced. A text with a secret part stays a secret."""
    return {folder: {name: _text(file, scope) for name, file in named.items()} for folder, named in app.files.items()}


def _text(file: FileConfig, scope: Scope) -> pulumi.Input[str]:
    part = scope.expand(file.content)
    return pulumi.Output.secret(part.value) if part.secret else part.value


def build_secrets(build: BuildConfig | None, secrets: Mapping[str, Value]) -> dict[str, Value]:
    """Values that a build may read, by id."""
    return {id_: secrets[use.from_] for id_, use in build.secrets.items() if use.from_ in secrets} if build else {}


def described(kind: str, image: str, *, url: str = "", credentials: str = "", certificate: Certificate | None = None) -> dict[str, str]:
    """One row of the output `services`: what a person wants to know about a service. `certificate`: one that was given, and has to be renewed."""
    until = expires(certificate) if certificate else None
    dates = {"expires": until.isoformat(), "renew": (until - timedelta(days=RENEW_DAYS)).isoformat()} if until else {}
    return {"kind": kind, "image": image, "url": url, "credentials": credentials, **dates}


def image_of(name: str, application: str, build: BuildConfig | None, reference: str | None) -> str:
    """The image of a service as a person would name it."""
    return f"{application}-{name} (built)" if build else reference or ""
