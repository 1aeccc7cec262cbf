"""The steps that topologies have in common, each creating one kind of service and noting what the next ones need."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from graphlib import TopologicalSorter

import pulumi

from components.app import App, AppArgs
from components.app.config import AppConfig
from components.container import Mount
from components.engine import Engine
from components.network import Networks, NetworksArgs
from components.postgres import Postgres, PostgresArgs
from components.postgres.config import PORT as POSTGRES_PORT
from components.postgres.config import DevPostgresConfig
from components.proxy import Proxy, ProxyArgs, ProxyBackend
from components.proxy.certificate import MATERIAL_BYTES, Certificate, days_left, self_signed
from components.proxy.site import ProxyPage, ProxyRoute, ProxyStream, hosts_of, site_url
from components.redis import Redis, RedisArgs
from components.redis.config import PORT as REDIS_PORT
from components.redis.config import DevRedisConfig
from components.stage import Stage
from components.tools import Tools, ToolsArgs
from components.volume import DataVolume, DataVolumeArgs
from components.worker import Worker, WorkerArgs
from config.load import Loaded
from config.references import PARTS
from config.routing import host_ports
from config.stage import DevAppConfig, DevStage, ProdStage
from topologies import external, host, wiring

SENDING_S = 0.05
"""Time that the SDK is given to send them then: should it be too short, they are sent later, and nothing else is different."""
PASSWORD_HINT = "/run/secrets/password in the container"  # noqa: S105  # where it is, not what

BROWSERS_WARN = "proxy.tls.self_signed: browsers will warn of this certificate, which nobody vouches for: name yours under proxy.tls.files before people come"


@dataclass(frozen=True, kw_only=True)
class Site:
    """A stage in the making: what is there already."""

    loaded: Loaded
    config: DevStage | ProdStage
    stage: Stage
    networks: Networks
    tools: Tools
    secrets: dict[str, wiring.Value]
    scope: wiring.Scope
    backing: dict[str, pulumi.Resource] = field(default_factory=dict)
    """Backing services that run here, by name, for those who need them healthy."""
    streams: list[ProxyStream] = field(default_factory=list)
    """Ports of services that the host hands out (dev only)."""
    volumes: dict[str, pulumi.Output[str]] = field(default_factory=dict)
    """Names on the engine of the volumes that several services share, by name."""
    apps: dict[str, App] = field(default_factory=dict)
    services: dict[str, dict[str, str]] = field(default_factory=dict)
    """A row for each service: what the stack exports for people."""


async def begin(loaded: Loaded, config: DevStage | ProdStage, engine: Engine, *, protect_data: bool) -> Site:
    """Create what a topology of many containers starts with, networks and tools, unless a port of the host is taken.

    The provider takes two seconds for a network, and Pulumi's SDK sends nothing while the program computes: so these are sent before the rest is made.
    """
    stage = wiring.make_stage(loaded, engine, protect_data=protect_data)
    host.refuse_impossible(stage, loaded.stage)
    secrets = wiring.application_secrets(loaded)
    site = Site(
        loaded=loaded,
        config=config,
        stage=stage,
        networks=Networks("networks", NetworksArgs(stage=stage, config=config.networks)),
        tools=Tools("tools", ToolsArgs(stage=stage)),
        secrets=secrets,
        scope=wiring.scope(loaded.stage.proxy, secrets),
    )
    await site.networks.urn.future()  # they are not sent before their component is there
    await asyncio.sleep(SENDING_S)
    return site


def databases(site: Site) -> None:
    """Create the Postgres servers, and take note of those that somebody else runs."""
    for name, config in site.config.postgres.items():
        if config.external:
            external.postgres(site.scope, name, config.external, site.secrets)
            continue
        args = PostgresArgs(
            stage=site.stage,
            tools=site.tools,
            config=config,
            network=site.networks.data,
            passwords=wiring.role_passwords(site.loaded, name, config),
            build_secrets=wiring.build_secrets(config.build, site.secrets),
        )
        site.backing[name] = server = Postgres(name, args)
        site.scope.connection(name, PARTS["postgres"], server.connection)
        for database, connection in server.databases.items():
            site.scope.connection(f"{name}.databases.{database}", PARTS["postgres"], connection)
        if isinstance(config, DevPostgresConfig):
            _publish(site, name, config.publish, POSTGRES_PORT)
        image = wiring.image_of(name, site.config.name, config.build, config.reference)
        site.services[name] = wiring.described("Postgres", image, credentials=PASSWORD_HINT)


def stores(site: Site) -> None:
    """Create the Redis servers, and take note of those that somebody else runs."""
    for name, config in site.config.redis.items():
        if config.external:
            external.redis(site.scope, name, config.external, site.secrets)
            continue
        args = RedisArgs(
            stage=site.stage, tools=site.tools, config=config, network=site.networks.data, password=wiring.password(site.loaded, name, config.rotation)
        )
        site.backing[name] = server = Redis(name, args)
        site.scope.connection(name, PARTS["redis"], server.connection)
        if isinstance(config, DevRedisConfig):
            _publish(site, name, config.publish, REDIS_PORT)
        site.services[name] = wiring.described("Redis", config.reference, credentials=PASSWORD_HINT)


def _publish(site: Site, name: str, host_port: int | None, port: int) -> None:
    if host_port:
        site.streams.append(ProxyStream(service=name, host_port=host_port, port=port))


def volumes(site: Site) -> None:
    """Create the data volumes that several services share."""
    for name, config in site.config.volumes.items():
        owner = config.owner or next(app.user for app in site.config.apps.values() if name in app.volumes)
        made = DataVolume(name, DataVolumeArgs(stage=site.stage, tools=site.tools, owner=owner, folder=config.folder))
        site.volumes[name] = made.volume


def no_mounts(app: AppConfig) -> tuple[Mount, ...]:
    """Outside dev, nothing of the host is in an app."""
    return ()


def applications(site: Site, mounts: Callable[[AppConfig], tuple[Mount, ...]] = no_mounts) -> None:
    """Create the apps, each after the backing services that it uses, and their workers after them."""
    stage, networks = site.config, site.networks
    for name, app in stage.apps.items():
        site.scope.address(name, name, app.port)
    for name in TopologicalSorter({name: [used for used in app.uses if used in stage.apps] for name, app in stage.apps.items()}).static_order():
        app = stage.apps[name]
        env, hidden = wiring.variables(app, site.scope, stage, site.secrets)
        args = AppArgs(
            stage=site.stage,
            tools=site.tools,
            config=app,
            networks=(networks.front, *([networks.data] if site.backing.keys() & {*app.uses} else []), *([networks.egress] if app.egress else [])),
            env=env,
            secrets=hidden,
            files=wiring.files(app, site.scope),
            build_secrets=wiring.build_secrets(app.build, site.secrets),
            shared=site.volumes,
            mounts=mounts(app),
            needs=[found[used] for used in app.uses for found in (site.backing, site.apps) if used in found],
        )
        site.apps[name] = App(name, args)
        if isinstance(app, DevAppConfig) and app.port:
            _publish(site, name, app.publish, app.port)
        site.services[name] = wiring.described("App", wiring.image_of(name, stage.name, app.build, app.image), url=site_url(stage.proxy) if app.routes else "")
    for name, worker in stage.workers.items():
        app_of = site.apps[worker.app]
        Worker(name, WorkerArgs(stage=site.stage, config=worker, release=app_of.release, needs=[app_of]))
        site.services[name] = wiring.described("Worker", site.services[worker.app]["image"])


def front_door(site: Site, pages: tuple[ProxyPage, ...] = ()) -> dict[str, object]:
    """Create the proxy, last of all; the result is what the stack exports. It is on the data services' network only where it hands out their ports."""
    stage, networks = site.config, site.networks
    served = {name: app for name, app in stage.apps.items() if app.routes}
    shown: tuple[ProxyPage | ProxyStream, ...] = (*pages, *site.streams)
    args = ProxyArgs(
        stage=site.stage,
        tools=site.tools,
        config=stage.proxy,
        networks=(networks.public, networks.front, *([networks.data] if site.backing.keys() & {stream.service for stream in site.streams} else [])),
        routes=tuple(ProxyRoute(pattern=pattern, app=name, config=route) for name, app in served.items() for pattern, route in app.routes.items()),
        backends=tuple(
            ProxyBackend(app=name, hosts=site.apps[name].hosts, port=app.port, volumes=site.apps[name].release.volumes) for name, app in served.items()
        ),
        pages=pages,
        streams=tuple(site.streams),
        certificate=certificate(site.loaded),
        declared=tuple(host_ports(stage).values()),
        needs=[*site.apps.values(), *(site.backing[one.service] for one in shown if one.service in site.backing)],
    )
    proxy = Proxy("proxy", args)
    site.services["proxy"] = wiring.described("Proxy", stage.proxy.reference, url=proxy.url, certificate=site.loaded.certificate)
    return {"services": site.services, "url": proxy.url}


def certificate(loaded: Loaded) -> Certificate | None:
    """The site's certificate: the one that was given, with a warning when it is about to expire, or the stage's own, with a word of what browsers do."""
    config = loaded.stage.proxy
    if not config.serves_tls:
        return None
    if not loaded.certificate:
        pulumi.log.warn(BROWSERS_WARN)
        patterns = [pattern for app in loaded.stage.apps.values() for pattern in app.routes]
        return self_signed(hosts_of(config, patterns), loaded.identity.derive("proxy/tls", MATERIAL_BYTES))
    left = days_left(loaded.certificate, datetime.now(UTC))
    if left < wiring.RENEW_DAYS:
        pulumi.log.warn(f"proxy.tls.files.certificate: expires in {left} days: renew it, then run up again")
    return loaded.certificate
