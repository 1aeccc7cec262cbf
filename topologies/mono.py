"""The mono topology: everything in one container, mail by a real server, data protected, one published port."""

from components import postgres
from components.connection import Connection
from components.engine import Engine
from components.mono import Mono, MonoApp, MonoArgs
from components.mono.program import LOCAL
from components.postgres.config import PostgresServer, databases
from components.redis.config import PORT as REDIS_PORT
from components.tools import Tools, ToolsArgs
from components.volume import DataVolume, DataVolumeArgs
from config.load import Loaded
from config.references import PARTS
from config.routing import host_ports
from config.stage import MonoStage
from topologies import external, host, steps, wiring


def build(loaded: Loaded, stage: MonoStage, engine: Engine) -> dict[str, object]:
    """Create everything; the result is what the stack exports."""
    made = wiring.make_stage(loaded, engine, protect_data=True)
    host.refuse_impossible(made, stage)
    tools = Tools("tools", ToolsArgs(stage=made))
    secrets = wiring.application_secrets(loaded)
    scope = wiring.scope(stage.proxy, secrets)
    passwords = _servers(loaded, stage, scope, secrets)
    if stage.mail:
        external.smtp(scope, stage.mail, secrets)
    for name, app in stage.apps.items():
        scope.address(name, LOCAL, app.port)
    shared = {
        name: DataVolume(name, DataVolumeArgs(stage=made, tools=tools, owner=config.owner or stage.mono.user, folder=config.folder)).volume
        for name, config in stage.volumes.items()
    }
    args = MonoArgs(
        stage=made,
        tools=tools,
        config=stage.mono,
        networks=stage.networks,
        site=stage.proxy,
        apps={name: _app(name, stage, scope, secrets, passwords) for name in stage.apps},
        workers=stage.workers,
        postgres={name: config for name, config in stage.postgres.items() if name in passwords},
        redis={name: config for name, config in stage.redis.items() if name in passwords},
        passwords=passwords,
        shared=shared,
        build_secrets=wiring.build_secrets(stage.mono.build, secrets),
        certificate=steps.certificate(loaded),
        declared=tuple(host_ports(stage).values()),
    )
    mono = Mono("mono", args)
    image = wiring.image_of("mono", stage.name, stage.mono.build, stage.mono.image)
    about = wiring.described("Everything", image, url=mono.url, credentials=_hint(passwords), certificate=loaded.certificate)
    return {"services": {"mono": about}, "url": mono.url}


def _servers(loaded: Loaded, stage: MonoStage, scope: wiring.Scope, secrets: dict[str, wiring.Value]) -> dict[str, dict[str, wiring.Value]]:
    """Make all servers known, and return the passwords of those in the container, by server and role."""
    found: dict[str, dict[str, wiring.Value]] = {}
    for name, server in stage.postgres.items():
        if server.external:
            external.postgres(scope, name, server.external, secrets)
            continue
        found[name] = wiring.role_passwords(loaded, name, server)
        _databases(name, server, found[name], scope)
    for name, store in stage.redis.items():
        if store.external:
            external.redis(scope, name, store.external, secrets)
            continue
        found[name] = {"": wiring.password(loaded, name, store.rotation)}
        scope.connection(name, PARTS["redis"], Connection(scheme="redis", host=LOCAL, port=REDIS_PORT, password=found[name][""]))
    return found


def _databases(name: str, server: PostgresServer, passwords: dict[str, wiring.Value], scope: wiring.Scope) -> None:
    for number, database in enumerate(databases(name, server)):
        path = f"{name}.databases.{database.name}" if number else name
        scope.connection(path, PARTS["postgres"], postgres.connection(LOCAL, database, passwords))


def _app(name: str, stage: MonoStage, scope: wiring.Scope, secrets: dict[str, wiring.Value], passwords: dict[str, dict[str, wiring.Value]]) -> MonoApp:
    app = stage.apps[name]
    env, hidden = wiring.variables(app, scope, stage, secrets)
    needs = tuple(used for used in app.uses if used in passwords or used in stage.apps)
    return MonoApp(config=app, env=env, secrets=hidden, files=wiring.files(app, scope), needs=needs)


def _hint(passwords: dict[str, dict[str, wiring.Value]]) -> str:
    """Where a person finds the passwords of the servers."""
    return ", ".join(f"/run/secrets/{name}-password" for name in passwords) + " in the container" if passwords else ""
