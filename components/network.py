"""The four networks of a stage: who can reach whom, and who can reach the world."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

import pulumi
import pulumi_docker as docker
from pydantic import field_validator, model_validator

from components.allowed import allowing
from components.model import Model
from components.stage import Role, Stage, child_of

INTERNAL = {"public": False, "front": True, "data": True, "egress": False}
"""Networks and whether the engine gives them no route out. `public` belongs to the proxy alone, which owns the host's ports;
`front` joins it to the apps; `data` joins data services to those who use them; `egress` is the way out for those who may."""
UNHIDDEN = "com.docker.network.bridge.enable_ip_masquerade"
"""Whether packets to the outside carry the host's address (Docker documentation, "Bridge network driver")."""
LARGEST_PREFIX = 28
"""A smaller network has no room for a few services and their replacements."""


class NetworkConfig(Model):
    """One of the networks of a stage."""

    subnet: IPv4Network | None = None
    """Its addresses, as `172.20.0.0/16`: the lower half is for fixed ones, the upper half for everybody else. None: the engine chooses."""

    gateway: IPv4Address | None = None
    """The host's address in it. None: the first one of `subnet`."""

    internal: bool | None = None
    """Whether it has no route out. None: as the network's purpose asks for it, `front` and `data` have none."""

    @model_validator(mode="after")
    def _fits(self) -> "NetworkConfig":
        if self.subnet and self.subnet.prefixlen > LARGEST_PREFIX:
            raise ValueError(f"has a subnet with too few addresses: write /{LARGEST_PREFIX} or larger")
        if self.subnet and not self.subnet.is_private:
            raise ValueError("has a subnet of public addresses, which would be cut off: write one of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
        if self.gateway and not (self.subnet and self.gateway in halves(self.subnet)[0]):
            raise ValueError("has a gateway outside the lower half of its subnet: write both, or take the gateway away")
        return self

    @property
    def ipam(self) -> list[docker.NetworkIpamConfigArgs] | None:
        """What the engine is told. Subnet and gateway are both given, or the provider sees a change every time."""
        if not self.subnet:
            return None
        gateway = self.gateway or next(self.subnet.hosts())
        return [docker.NetworkIpamConfigArgs(subnet=str(self.subnet), gateway=str(gateway), ip_range=str(halves(self.subnet)[1]))]


def halves(subnet: IPv4Network) -> tuple[IPv4Network, IPv4Network]:
    """Where fixed addresses come from, and where the engine takes the others from."""
    fixed, free = subnet.subnets()
    return fixed, free


class NetworksConfig(Model):
    """The networks of a stage, where something about them has to be fixed."""

    public: NetworkConfig = NetworkConfig()
    """The proxy's own, which owns the ports of the host."""

    front: NetworkConfig = NetworkConfig()
    """Joins the proxy and the apps; fixed addresses of apps are here."""

    data: NetworkConfig = NetworkConfig()
    """Joins data services to those that use them."""

    egress: NetworkConfig = NetworkConfig()
    """The way out, for those that may."""

    @model_validator(mode="after")
    def _apart(self) -> "NetworksConfig":
        given = [(name, config.subnet) for name in INTERNAL if (config := getattr(self, name)).subnet]
        for index, (name, subnet) in enumerate(given):
            for other, taken in given[:index]:
                if subnet.overlaps(taken):
                    raise ValueError(f"has {subnet} for {name}, which overlaps {taken} of {other}: choose another")
        return self


class ServedNetworksConfig(NetworksConfig):
    """The networks of a stage that serves people: that of the data services has no route out, whatever is written."""

    @field_validator("data")
    @classmethod
    def _data_is_closed(cls, network: NetworkConfig) -> NetworkConfig:
        if network.internal is False:
            raise ValueError("is open, and then a database could call out, and be called: take internal away; an app gets its way out by egress")
        return network


@dataclass(frozen=True, kw_only=True)
class NetworksArgs:
    """Whose networks they are."""

    stage: Stage
    config: NetworksConfig = NetworksConfig()


class Networks(pulumi.ComponentResource):
    """Creates the networks `public`, `front`, `data` and `egress`. Outputs: the name of each on the engine."""

    public: pulumi.Output[str]
    front: pulumi.Output[str]
    data: pulumi.Output[str]
    egress: pulumi.Output[str]

    def __init__(self, name: str, args: NetworksArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:Networks", name, None, opts)
        configs: dict[str, NetworkConfig] = {network: getattr(args.config, network) for network in INTERNAL}
        made: dict[str, docker.Network] = {}
        # The engine chooses addresses that nobody has yet: those that are asked for are taken first.
        for network in sorted(INTERNAL, key=lambda network: configs[network].subnet is None):
            before = [] if configs[network].subnet else [one for name, one in made.items() if configs[name].subnet]
            made[network] = self._network(network, configs[network], args.stage, before)
        self.public, self.front, self.data, self.egress = (made[network].name for network in INTERNAL)
        self.register_outputs({network: made[network].name for network in INTERNAL})

    def _network(self, network: str, config: NetworkConfig, stage: Stage, before: list[docker.Network]) -> docker.Network:
        return make_network(network, config, stage, opts=child_of(self, depends_on=before))


def make_network(name: str, config: NetworkConfig, stage: Stage, *, way_out: bool = True, opts: pulumi.ResourceOptions) -> docker.Network:
    """Create one network. Without a way out nobody outside can answer its containers, which publish their ports all the same."""
    internal = INTERNAL[name] if config.internal is None else config.internal
    said = {**stage.labels(name, Role.NETWORK), **allowing(internal=INTERNAL[name] and not internal)}
    labels = [docker.NetworkLabelArgs(label=key, value=value) for key, value in sorted(said.items())]
    options = None if way_out else {UNHIDDEN: "false"}
    # The engine gives no address twice: with a subnet of its own, the old network has to go before the new one comes.
    order = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=bool(config.subnet)))
    return docker.Network(name, driver="bridge", internal=internal, labels=labels, ipam_configs=config.ipam, options=options, opts=order)
