"""Who owns ports of the host, and which."""

from collections.abc import Iterator
from ipaddress import ip_address

from policies.resource import LABEL, Entry, Kind, Resource
from policies.rule import DEV, SERVING, Found, rule

FRONT_DOORS = frozenset({"Proxy", "Mono"})
"""Components that may own ports of the host."""
DATA_SERVICES = frozenset({"Postgres", "Redis"})
DATA_PORTS = {1433: "SQL Server", 3306: "MySQL", 5432: "Postgres", 6379: "Redis", 9200: "Elasticsearch", 11211: "memcached", 27017: "MongoDB"}
PUBLISHES = f"{LABEL}publishes"
"""Label that holds the ports which the configuration declares, apart from 80 and 443."""
USUAL = frozenset({80, 443})
PRIVILEGED = 1024
CHOSEN = "of the engine's choice"
SSH = frozenset({"sshd", "dropbear"})


def ports(container: Resource) -> Iterator[tuple[int | None, Entry]]:
    """Each port of the host that leads into a container, None where the engine chooses one."""
    for port in container.entries("ports"):
        external = port.get("external")
        yield (int(external) if isinstance(external, int | float) and external else None), port


@rule(Kind.CONTAINER, cis=("5.9",))
def only_the_proxy_publishes(container: Resource) -> Found:
    """Only the proxy, or the container of mono, owns ports of the host."""
    if container.component in FRONT_DOORS:
        return
    for external, _ in ports(container):
        yield f"publishes port {external or CHOSEN}: let the proxy lead there, by a route"


@rule(Kind.CONTAINER, cis=("5.9",), levels=SERVING)
def only_declared_ports(container: Resource) -> Found:
    """A port of the host is 80, 443 or one that the configuration declares, `proxy.ports` or `listen` of a route; never one of the engine's choice."""
    declared = USUAL | {int(word) for word in container.label("publishes").split(",") if word.isdecimal()}
    if container.get("publishAllPorts"):
        yield "publishes whatever ports its image names: take publish_all_ports away"
    for external, _ in ports(container):
        if external is None:
            yield "publishes a port of the engine's choice: name one"
        elif external not in declared:
            yield f"publishes port {external}, which the configuration does not declare: write it under proxy.ports"


@rule(Kind.CONTAINER, levels=SERVING)
def data_services_not_published(container: Resource) -> Found:
    """No database or store is published, neither by itself nor by anybody else."""
    for external, port in ports(container):
        what = container.component if container.component in DATA_SERVICES else DATA_PORTS.get(int(port.get("internal") or 0))
        if what:
            yield f"publishes {what} at port {external or CHOSEN}: take it away; those who use it are in its network"


@rule(Kind.CONTAINER, cis=("5.8",))
def privileged_ports(container: Resource) -> Found:
    """Ports below 1024 are the proxy's, or mono's."""
    for external, _ in ports(container):
        if external and external < PRIVILEGED and container.component not in FRONT_DOORS:
            yield f"publishes port {external}: ports below {PRIVILEGED} are for the proxy alone"


@rule(Kind.CONTAINER, cis=("5.14",))
def address_stated(container: Resource) -> Found:
    """A published port says at which address of the host; only the proxy, or mono, may be at all of them."""
    for external, port in ports(container):
        address = str(port.get("ip") or "")
        if not address:
            yield f"publishes port {external} at every address of the host without saying so: write ip"
        elif ip_address(address).is_unspecified and container.component not in FRONT_DOORS:
            yield f"publishes port {external} at every address of the host: write 127.0.0.1, or one of the host's own"


@rule(Kind.CONTAINER, cis=("5.14",), levels=DEV)
def dev_is_for_this_machine(container: Resource) -> Found:
    """What is being worked on is reached from this machine alone."""
    for external, port in ports(container):
        address = str(port.get("ip") or "0.0.0.0")  # noqa: S104  # what the engine takes it for
        if not ip_address(address).is_loopback:
            yield f"publishes port {external} at {address}: the network around can see it. Write 127.0.0.1 as proxy.ports.address"


@rule(Kind.CONTAINER, cis=("5.7",))
def no_ssh(container: Resource) -> Found:
    """No SSH server runs inside: `berth exec` needs none."""
    words = {word.rpartition("/")[2] for key in ("entrypoints", "command") for word in container.texts(key)}
    if found := words & SSH:
        yield f"runs {', '.join(sorted(found))}: take it away, berth exec needs none"


RULES = (
    only_the_proxy_publishes,
    only_declared_ports,
    data_services_not_published,
    privileged_ports,
    address_stated,
    dev_is_for_this_machine,
    no_ssh,
)
