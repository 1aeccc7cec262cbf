"""The proxy: nginx, the only container that owns ports of the host."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pulumi

from components.container import Attachment, ContainerSpec, Mount, PublishedPort, Resources, run
from components.image import pulled
from components.job import run_job
from components.model import duration, size
from components.probe import HealthCheck
from components.proxy.certificate import Certificate
from components.proxy.config import ProxyConfig
from components.proxy.nginx import HEALTH_PORT, Upstream, render
from components.proxy.site import LOOPBACK, ProxyPage, ProxyRoute, ProxyStream, host_ports, site, site_url, volume_path
from components.proxy.switch import STATE, WANTED, Switch, SwitchArgs
from components.scratch import Scratch, ScratchArgs
from components.stage import Stage, child_of, declared
from components.tools import PATH, Tools, script

USER = "101:101"
"""The account `nginx` of the official image."""
SPOOL = "/var/cache/nginx"
"""Where bodies and answers wait: on the disk, for in a tmpfs a few large ones would use up the memory, and break off."""

CHECK = ("nginx", "-t", "-q", "-e", "stderr", "-c", f"{WANTED}/nginx.conf")
CHECK_MEMORY = size("32MiB")
CHECKED_IN = duration("60s")
"""How long nginx may take to judge its configuration, on a busy host."""


@dataclass(frozen=True, kw_only=True)
class ProxyBackend:
    """An app behind the proxy."""

    app: str
    hosts: pulumi.Input[Sequence[str]]
    port: int | None
    """None: it is asked nothing, its files are served."""
    volumes: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Names on the engine of its data volumes, by their names in the configuration."""


@dataclass(frozen=True, kw_only=True)
class ProxyArgs:
    """Wiring of the proxy."""

    stage: Stage
    tools: Tools
    config: ProxyConfig
    networks: tuple[pulumi.Input[str], ...]
    routes: tuple[ProxyRoute, ...]
    backends: tuple[ProxyBackend, ...]
    pages: tuple[ProxyPage, ...] = ()
    streams: tuple[ProxyStream, ...] = ()
    certificate: Certificate | None = None
    """Wanted where TLS ends here."""
    declared: tuple[int, ...] = ()
    """Ports of the host that the stage asks for, wherever it does."""
    needs: Sequence[pulumi.Resource] = field(default_factory=tuple)
    """What has to be healthy first."""


class Proxy(pulumi.ComponentResource):
    """Creates nginx with a spool for large bodies, and brings it to its configuration, also to another one later, while it serves. Output: `url` of the site.

    Done when it serves by that configuration, and whoever an earlier one led to may go. One that nginx refuses fails, and the earlier one serves on.
    Another image is tried with the configuration by a job, before the container with the old one goes.
    """

    url: str

    def __init__(self, name: str, args: ProxyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:Proxy", name, None, opts)
        config, child = args.config, child_of(self)
        image = pulled(f"{name}-image", args.stage.images, config.reference, opts=child)
        spool = Scratch(f"{name}-spool", ScratchArgs(stage=args.stage, tools=args.tools, service=name, owner=USER), opts=child)
        files, version = _files(args)
        switch = Switch(f"{name}-switch", SwitchArgs(stage=args.stage, tools=args.tools, owner=USER, files=files, version=version), opts=child)
        spec = ContainerSpec(
            image=image.image_id,
            command=list(script("proxy")),
            user=USER,
            resources=config.resources,
            networks=tuple(Attachment(network=network, aliases=(name,)) for network in args.networks),
            health=HealthCheck(test=script("probe", "http", str(HEALTH_PORT), "/")),
            mounts=(
                Mount(source=switch.wanted, path=WANTED, read_only=True),
                Mount(source=switch.state, path=STATE),
                Mount(source=args.tools.volume, path=PATH, read_only=True),
                Mount(source=spool.volume, path=SPOOL),
                *_static_volumes(args),
            ),
            ports=_ports(args),
            grace_s=max(1, config.stop_grace.amount // 1000),
            serves=True,
            stop_signal="SIGQUIT",
            labels=declared(args.declared),
            logs=config.logs,
        )
        check = run_job(f"{name}-check", _check(spec), args.stage, service=name, timeout=CHECKED_IN, opts=child_of(self, depends_on=[switch.filled]))
        run(name, spec, args.stage, service=name, opts=child_of(self, depends_on=[*args.needs, check]))
        switch.acknowledged([*args.needs, check], drain=config.drain, grace=config.stop_grace)
        self.url = site_url(config)
        self.register_outputs({"url": self.url})


def _check(proxy: ContainerSpec) -> ContainerSpec:
    """Ask nginx of an image about the configuration, in a container that nobody reaches."""
    mounts = tuple(mount for mount in proxy.mounts if mount.path in {WANTED, PATH})
    return ContainerSpec(
        image=proxy.image,
        command=CHECK,
        user=proxy.user,
        resources=Resources(memory=CHECK_MEMORY, cpus="0.5"),
        networks=(),
        health=None,
        mounts=mounts,
        tmpfs={SPOOL: size("1MiB")},
        logs=proxy.logs,
    )


def _ports(args: ProxyArgs) -> tuple[PublishedPort, ...]:
    """The site's ports at the address that is configured, and those of single services on this machine alone."""
    shown: tuple[ProxyPage | ProxyStream, ...] = (*args.pages, *args.streams)
    apart = {one.host_port for one in shown}
    return tuple(
        PublishedPort(address=LOOPBACK if port in apart else args.config.ports.address, host=port, container=inside)
        for port, inside in host_ports(args.config, args.routes, shown).items()
    )


def _files(args: ProxyArgs) -> tuple[dict[str, pulumi.Input[str]], pulumi.Output[str]]:
    """What the proxy serves by, and the version of it, a keyed hash that may stand in the plan."""
    shape = pulumi.Output.all(*(backend.hosts for backend in args.backends)).apply(
        lambda hosts: replace(
            site(args.config, args.routes, _upstreams(args.backends, hosts), args.pages, args.streams), spool=SPOOL, kept_ms=args.config.kept_ms
        )
    )
    certificate = {"tls.crt": args.certificate.chain, "tls.key": args.certificate.key} if args.certificate else {}
    version = shape.apply(lambda made: args.stage.fingerprint(render(made), *certificate.values()))
    configuration = pulumi.Output.all(shape, version).apply(lambda made: render(replace(made[0], version=made[1])))
    return {"nginx.conf": configuration, **{name: pulumi.Output.secret(text) if name == "tls.key" else text for name, text in certificate.items()}}, version


def _upstreams(backends: Sequence[ProxyBackend], hosts: Sequence[Sequence[str]]) -> list[Upstream]:
    return [Upstream(name=backend.app, servers=tuple(f"{host}:{backend.port}" for host in names)) for backend, names in zip(backends, hosts, strict=True)]


def _static_volumes(args: ProxyArgs) -> list[Mount]:
    """A mount for each volume that routes serve files of."""
    sources = {(backend.app, name): source for backend in args.backends for name, source in backend.volumes.items()}
    used = sorted({(route.app, route.config.static.volume) for route in args.routes if route.config.static})
    return [Mount(source=sources[app, volume], path=volume_path(app, volume), read_only=True) for app, volume in used]
