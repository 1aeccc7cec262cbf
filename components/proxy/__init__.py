"""The proxy: nginx, the only container that owns ports of the host."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.container import PUBLISHES, Attachment, ContainerSpec, HealthCheck, Mount, PublishedPort, run
from components.files import Files, FilesArgs
from components.image import pulled
from components.proxy.certificate import Certificate
from components.proxy.config import ProxyConfig
from components.proxy.nginx import HEALTH_PORT, Upstream, render
from components.proxy.site import ProxyPage, ProxyRoute, ProxyStream, host_ports, site, site_url, volume_path
from components.stage import Stage, child_of
from components.tools import PATH, Tools, script

USER = "101:101"
"""The account `nginx` of the official image."""
FOLDER = "/etc/berth"


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
    """Wanted when `config.tls` is set."""
    declared: tuple[int, ...] = ()
    """Ports of the host that the stage asks for, wherever it does."""
    needs: Sequence[pulumi.Resource] = field(default_factory=tuple)
    """What has to be healthy first."""


class Proxy(pulumi.ComponentResource):
    """Creates nginx with its configuration on a read-only volume; healthy when it serves. Output: `url` of the site."""

    url: str

    def __init__(self, name: str, args: ProxyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:Proxy", name, None, opts)
        config, child = args.config, child_of(self)
        image = pulled(f"{name}-image", args.stage.images.resolve(config.reference), opts=child)
        files = Files(f"{name}-config", FilesArgs(stage=args.stage, tools=args.tools, service=name, files=_files(args), owner=USER), opts=child)
        spec = ContainerSpec(
            image=image.image_id,
            command=["nginx", "-c", f"{FOLDER}/nginx.conf", "-e", "/dev/stderr"],
            user=USER,
            resources=config.resources,
            networks=tuple(Attachment(network=network, aliases=(name,)) for network in args.networks),
            health=HealthCheck(test=script("probe", "http", str(HEALTH_PORT), "/")),
            mounts=(
                Mount(source=files.volume, path=FOLDER, read_only=True),
                Mount(source=args.tools.volume, path=PATH, read_only=True),
                *_static_volumes(args),
            ),
            ports=tuple(
                PublishedPort(address=config.ports.address, host=port, container=inside)
                for port, inside in host_ports(config, args.routes, (*args.pages, *args.streams)).items()
            ),
            grace_s=max(1, config.stop_grace.amount // 1000),
            stop_signal="SIGQUIT",
            labels={PUBLISHES: ",".join(str(port) for port in sorted(args.declared))} if args.declared else {},
            logs=config.logs,
        )
        run(name, spec, args.stage, service=name, opts=child_of(self, depends_on=list(args.needs)))
        self.url = site_url(config)
        self.register_outputs({"url": self.url})


def _files(args: ProxyArgs) -> dict[str, pulumi.Input[str]]:
    files: dict[str, pulumi.Input[str]] = {"nginx.conf": _configuration(args)}
    if args.certificate:
        files |= {"tls.crt": args.certificate.chain, "tls.key": pulumi.Output.secret(args.certificate.key)}
    return files


def _configuration(args: ProxyArgs) -> pulumi.Output[str]:
    return pulumi.Output.all(*(backend.hosts for backend in args.backends)).apply(
        lambda hosts: render(site(args.config, args.routes, _upstreams(args.backends, hosts), args.pages, args.streams))
    )


def _upstreams(backends: Sequence[ProxyBackend], hosts: Sequence[Sequence[str]]) -> list[Upstream]:
    return [Upstream(name=backend.app, servers=tuple(f"{host}:{backend.port}" for host in names)) for backend, names in zip(backends, hosts, strict=True)]


def _static_volumes(args: ProxyArgs) -> list[Mount]:
    """A mount for each volume that routes serve files of."""
    sources = {(backend.app, name): source for backend in args.backends for name, source in backend.volumes.items()}
    used = sorted({(route.app, route.config.static.volume) for route in args.routes if route.config.static})
    return [Mount(source=sources[app, volume], path=volume_path(app, volume), read_only=True) for app, volume in used]
