"""Everything in one container: supervisord runs nginx, the apps, the workers and the servers they use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import pulumi

from components import postgres, redis
from components.allowed import allowing
from components.app import files_name
from components.build import service_image
from components.container import Attachment, ContainerSpec, Mount, PublishedPort, run
from components.files import Files, FilesArgs
from components.model import Unit, size
from components.mono import program
from components.mono.config import (
    CONFIGURATION,
    LOGS,
    RUN,
    SUPERVISOR,
    MonoAppConfig,
    MonoConfig,
    MonoNetworksConfig,
)
from components.mono.program import LOCAL, Program
from components.mono.supervisor import description, log_space_mib, settings
from components.network import make_network
from components.postgres.config import PostgresServer, databases
from components.proxy import SPOOL
from components.proxy.certificate import Certificate
from components.proxy.config import SiteConfig
from components.proxy.nginx import Upstream, render
from components.proxy.site import ProxyRoute, host_ports, site, site_url, volume_path
from components.redis.config import RedisServer
from components.scratch import Scratch, ScratchArgs
from components.secrets import FOLDER, Secret
from components.stage import Stage, child_of, declared
from components.tools import PATH, Tools
from components.volume import DataVolume, DataVolumeArgs
from components.worker import WorkerProgram

SUPERVISORD = ("supervisord", "-c", f"{SUPERVISOR}/supervisord.conf")
TMP = "/tmp"  # noqa: S108  # a path inside the container


@dataclass(frozen=True, kw_only=True)
class MonoApp:
    """An app in the container, references resolved."""

    config: MonoAppConfig
    env: Mapping[str, pulumi.Input[str]]
    secrets: Mapping[str, Secret]
    files: Mapping[str, Mapping[str, pulumi.Input[str]]] = field(default_factory=dict)
    """Contents by folder and name."""
    needs: tuple[str, ...] = ()
    """Programs that have to be well first."""


@dataclass(frozen=True, kw_only=True)
class MonoArgs:
    """Wiring of the container."""

    stage: Stage
    tools: Tools
    config: MonoConfig
    networks: MonoNetworksConfig
    site: SiteConfig
    apps: Mapping[str, MonoApp]
    workers: Mapping[str, WorkerProgram]
    postgres: Mapping[str, PostgresServer] = field(default_factory=dict)
    """One at most, and none that is outside."""
    redis: Mapping[str, RedisServer] = field(default_factory=dict)
    """One at most, and none that is outside."""
    passwords: Mapping[str, Mapping[str, pulumi.Output[str]]]
    """By server and role, for Redis by an empty one; secret, each reaches its server as a file."""
    shared: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Names on the engine of the volumes that several apps share, by name."""
    build_secrets: Mapping[str, pulumi.Output[str]] = field(default_factory=dict)
    """Values that a build of the image may read, by id."""
    certificate: Certificate | None = None
    """Wanted where TLS ends here."""
    declared: tuple[int, ...] = ()
    """Ports of the host that the stage asks for, wherever it does."""


class Mono(pulumi.ComponentResource):
    """Creates the image, the data volumes, files with secrets and settings, and one container that is healthy when every program in it is.

    Output: `url` of the site.
    """

    url: str

    def __init__(self, name: str, args: MonoArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:Mono", name, None, opts)
        config, stage = args.config, args.stage
        made = programs(args)
        image = service_image(name, stage, build=config.build, reference=config.image or "", secrets=args.build_secrets, opts=child_of(self))
        network = make_network("public", args.networks.public, stage, way_out=config.egress, opts=child_of(self))
        spool = Scratch(f"{name}-spool", ScratchArgs(stage=stage, tools=args.tools, service=name, owner=config.user), opts=child_of(self))
        mounts = (
            Mount(source=args.tools.volume, path=PATH, read_only=True),
            *self._data(args),
            *self._files(name, args, made),
            Mount(source=spool.volume, path=SPOOL),
        )
        spec = ContainerSpec(
            image=image.image_id,
            command=list(SUPERVISORD),
            user=config.user,
            resources=config.resources,
            networks=(Attachment(network=network.name, aliases=(name,)),),
            health=program.health_of(made),
            mounts=mounts,
            ports=tuple(
                PublishedPort(address=args.site.ports.address, host=port, container=inside) for port, inside in host_ports(args.site, routes(args), ()).items()
            ),
            tmpfs=tmpfs(args, made, mounts),
            read_only=config.read_only,
            labels={**config.labels, **declared(args.declared), **allowing(read_only=not config.read_only)},
            logs=config.logs,
            grace_s=program.grace_s(config, made),
            shm_mib=128 if args.postgres else None,
            heals=False,  # supervisord starts again what ends, and one program that is not well is no reason to end the others
        )
        run(name, spec, stage, service=name, opts=child_of(self))
        self.url = site_url(args.site)
        self.register_outputs({"url": self.url})

    def _data(self, args: MonoArgs) -> Iterator[Mount]:
        """A mount for each place where somebody has a volume."""
        for folder, servers in {postgres.DATA: args.postgres, redis.DATA: args.redis}.items():
            yield from (Mount(source=self._volume(f"{server}-data", args), path=folder, exclusive=True) for server in servers)
        seen: set[str] = set()
        for name, app in args.apps.items():
            for volume, use in app.config.volumes.items():
                source = args.shared[volume] if volume in args.shared else self._volume(f"{name}-{volume}", args)
                if use.path not in seen:
                    yield Mount(source=source, path=use.path, exclusive=use.exclusive, read_only=use.read_only)
                seen.add(use.path)
                if any(route.config.static and route.config.static.volume == volume for route in routes(args) if route.app == name):
                    yield Mount(source=source, path=volume_path(name, volume), read_only=True)

    def _volume(self, name: str, args: MonoArgs) -> pulumi.Output[str]:
        return DataVolume(name, DataVolumeArgs(stage=args.stage, tools=args.tools, owner=args.config.user), opts=child_of(self)).volume

    def _files(self, name: str, args: MonoArgs, made: tuple[Program, ...]) -> Iterator[Mount]:
        folders: dict[str, tuple[str, Mapping[str, pulumi.Input[str]]]] = {
            f"{name}-secrets": (FOLDER, secrets(args)),
            f"{name}-config": (CONFIGURATION, configuration(args, made)),
            f"{name}-supervisor": (SUPERVISOR, {"supervisord.conf": settings(made)}),
            f"{name}-init": (postgres.INIT, postgres.scripts(args.postgres)),
            **{f"{app}-{files_name(folder)}": (folder, contents) for app, of in args.apps.items() for folder, contents in of.files.items()},
        }
        for files, (folder, contents) in folders.items():
            if contents:
                of = FilesArgs(stage=args.stage, tools=args.tools, service=name, files=contents, owner=args.config.user)
                yield Mount(source=Files(files, of, opts=child_of(self)).volume, path=folder, read_only=True)


def programs(args: MonoArgs) -> tuple[Program, ...]:
    """Every program of the container, in the order in which supervisord starts them."""
    memory = args.config.resources.memory.amount
    apps = {name: program.app_program(name, app.config, app.env, app.secrets, app.needs) for name, app in args.apps.items()}
    return (
        *(program.postgres_program(name, config, memory) for name, config in args.postgres.items()),
        *(program.redis_program(name, config, memory) for name, config in args.redis.items()),
        *apps.values(),
        *(program.worker_program(name, config, apps[config.app], args.apps[config.app].secrets) for name, config in args.workers.items()),
        program.proxy_program(args.site),
    )


def routes(args: MonoArgs) -> tuple[ProxyRoute, ...]:
    """Every route of the site."""
    return tuple(ProxyRoute(pattern=pattern, app=name, config=route) for name, app in args.apps.items() for pattern, route in app.config.routes.items())


def secrets(args: MonoArgs) -> dict[str, pulumi.Input[str]]:
    """What lies in /run/secrets: passwords of the servers, and the secrets of all apps."""
    found: dict[str, pulumi.Input[str]] = {}
    for server, passwords in args.passwords.items():
        made = databases(server, args.postgres[server]) if server in args.postgres else ()
        first = program.password_file(server)
        found |= {postgres.password_file(made, role, first) if made else first: password for role, password in passwords.items()}
    for name, app in args.apps.items():
        found |= {file: app.secrets[secret].value for secret, file in program.secret_files(name, app.secrets).items()}
    return found


def configuration(args: MonoArgs, made: tuple[Program, ...]) -> dict[str, pulumi.Input[str]]:
    """What lies in /etc/berth: settings of nginx and what each program is."""
    upstreams = [Upstream(name=name, servers=(f"{LOCAL}:{app.config.port}",)) for name, app in args.apps.items()]
    files: dict[str, pulumi.Input[str]] = {"nginx.conf": render(replace(site(args.site, routes(args), upstreams, embedded=True), spool=SPOOL))}
    if args.certificate:
        files |= {"tls.crt": args.certificate.chain, "tls.key": pulumi.Output.secret(args.certificate.key)}
    return files | {f"program-{one.name}": pulumi.Output.from_input(dict(one.env)).apply(partial(description, one)) for one in made}


def tmpfs(args: MonoArgs, made: tuple[Program, ...], mounts: tuple[Mount, ...]) -> dict[str, Unit]:
    """Folders in memory: those that were asked for, and what berth and the programs cannot do without."""
    needed = {TMP: size("64MiB"), RUN: size("1MiB"), LOGS: size(f"{log_space_mib(made)}MiB")} | ({postgres.SOCKET: size("1MiB")} if args.postgres else {})
    there = {mount.path for mount in mounts}
    return {path: space for path, space in (needed | args.config.tmpfs).items() if path not in there}
