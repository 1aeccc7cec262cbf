"""The proxy: nginx, the only container that owns ports of the host."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi

from components.container import Attachment, ContainerSpec, HealthCheck, Mount, PublishedPort, Resources, run
from components.files import Files, FilesArgs
from components.image import pulled
from components.model import Address, Duration, Model, Port, Size, duration, size
from components.proxy.nginx import HEALTH_PORT, Site, Upstream, render
from components.stage import Stage, child_of
from components.tools import PATH, Tools, script

USER = "101:101"
"""The account `nginx` of the official image."""
FOLDER = "/etc/berth"
FIRST_INSIDE = 8080
"""Inside, the first published port and those after it: below 1024 a process would need a capability."""


class ProxyPorts(Model):
    """Where the site is reached on the host."""

    address: Address = "127.0.0.1"
    """Address of the host that the ports are bound to. 0.0.0.0 is every network, and a firewall on the host does not see it (Docker bypasses UFW)."""

    http: Port = 8080
    """Port of the site."""


class ProxyConfig(Model):
    """How the site is served."""

    version: str = "1.28"
    """Release line of nginx, quoted, 1.27.3 or later: a tag of the official image."""

    ports: ProxyPorts = ProxyPorts()
    """Where the site is reached on the host."""

    body_limit: Size = size("10MiB")
    """Largest request body; a larger one is answered 413."""

    read_timeout: Duration = duration("60s")
    """How long an app may be silent before the answer is 504."""

    resources: Resources = Resources(memory=size("128MiB"), cpus="1.0")
    """Limits of the container."""


@dataclass(frozen=True, kw_only=True)
class ProxyRoute:
    """A path of the site and the app it leads to."""

    path: str
    app: str
    websocket: bool


@dataclass(frozen=True, kw_only=True)
class ProxyBackend:
    """An app behind the proxy."""

    app: str
    hosts: pulumi.Input[Sequence[str]]
    port: int


@dataclass(frozen=True, kw_only=True)
class ProxyPage:
    """A backing service's own page, on a port of its own (dev only)."""

    service: str
    host_port: int
    port: int


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
    needs: Sequence[pulumi.Resource] = field(default_factory=tuple)
    """What has to be healthy first."""


class Proxy(pulumi.ComponentResource):
    """Creates nginx with its configuration on a read-only volume; healthy when it serves. Output: `url` of the site on this host."""

    url: str

    def __init__(self, name: str, args: ProxyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:Proxy", name, None, opts)
        config, child = args.config, child_of(self)
        image = pulled(f"{name}-image", f"nginx:{config.version}", opts=child)
        files = Files(
            f"{name}-config",
            FilesArgs(stage=args.stage, tools=args.tools, service=name, files={"nginx.conf": _configuration(args)}, owner=USER),
            opts=child,
        )
        published = [config.ports.http, *(page.host_port for page in args.pages)]
        spec = ContainerSpec(
            image=image.image_id,
            command=["nginx", "-c", f"{FOLDER}/nginx.conf", "-e", "/dev/stderr"],
            user=USER,
            resources=config.resources,
            networks=tuple(Attachment(network=network, aliases=(name,)) for network in args.networks),
            health=HealthCheck(test=script("probe", "http", str(HEALTH_PORT), "/")),
            mounts=(Mount(source=files.volume, path=FOLDER, read_only=True), Mount(source=args.tools.volume, path=PATH, read_only=True)),
            ports=tuple(PublishedPort(address=config.ports.address, host=port, container=FIRST_INSIDE + place) for place, port in enumerate(published)),
            grace_s=30,
            stop_signal="SIGQUIT",
        )
        run(name, spec, args.stage, service=name, opts=child_of(self, depends_on=list(args.needs)))
        self.url = site_url(config)
        self.register_outputs({"url": self.url})


def site_url(config: ProxyConfig) -> str:
    """Where a browser on this host finds the site."""
    port = config.ports.http
    return "http://localhost" if port == 80 else f"http://localhost:{port}"  # the scheme's own port


def _configuration(args: ProxyArgs) -> pulumi.Output[str]:
    hosts = pulumi.Output.all(*(backend.hosts for backend in args.backends))
    return hosts.apply(lambda lists: render(_site(args, lists)))


def _site(args: ProxyArgs, hosts: Sequence[Sequence[str]]) -> Site:
    return Site(
        port=FIRST_INSIDE,
        body_limit=args.config.body_limit.amount,
        read_timeout_s=max(1, args.config.read_timeout.amount // 1000),
        upstreams=tuple(
            Upstream(name=backend.app, servers=tuple(f"{host}:{backend.port}" for host in names)) for backend, names in zip(args.backends, hosts, strict=True)
        ),
        routes=tuple(sorted(((route.path.rstrip("/"), route.app, route.websocket) for route in args.routes), reverse=True)),
        pages=tuple((FIRST_INSIDE + 1 + place, f"{page.service}:{page.port}") for place, page in enumerate(args.pages)),
    )
