"""The four networks of a stage: who can reach whom, and who can reach the world."""

from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.stage import Role, Stage, child_of

INTERNAL = {"public": False, "front": True, "data": True, "egress": False}
"""Networks and whether the engine gives them no route out. `public` belongs to the proxy alone, which owns the host's ports;
`front` joins it to the apps; `data` joins data services to those who use them; `egress` is the way out for those who may."""


@dataclass(frozen=True, kw_only=True)
class NetworksArgs:
    """Whose networks they are."""

    stage: Stage


class Networks(pulumi.ComponentResource):
    """Creates the networks `public`, `front`, `data` and `egress`. Outputs: the name of each on the engine."""

    public: pulumi.Output[str]
    front: pulumi.Output[str]
    data: pulumi.Output[str]
    egress: pulumi.Output[str]

    def __init__(self, name: str, args: NetworksArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:Networks", name, None, opts)
        made = {network: self._network(network, internal, args.stage) for network, internal in INTERNAL.items()}
        self.public, self.front, self.data, self.egress = (made[network].name for network in INTERNAL)
        self.register_outputs({network: made[network].name for network in INTERNAL})

    def _network(self, network: str, internal: bool, stage: Stage) -> docker.Network:
        labels = [docker.NetworkLabelArgs(label=key, value=value) for key, value in sorted(stage.labels(network, Role.NETWORK).items())]
        return docker.Network(network, driver="bridge", internal=internal, labels=labels, opts=child_of(self))
