"""What a container shares with the host and with others: namespaces, devices, folders, networks."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from policies.resource import Kind, Resource
from policies.rule import SERVING, Found, rule

SENSITIVE = tuple(
    PurePosixPath(path)
    for path in (
        "/bin",
        "/boot",
        "/dev",
        "/etc",
        "/lib",
        "/lib64",
        "/proc",
        "/run",
        "/sbin",
        "/sys",
        "/usr",
        "/var/run",
        "/var/lib/docker",
        "/var/lib/containerd",
    )
)
SOCKETS = frozenset({"docker.sock", "containerd.sock", "podman.sock", "crio.sock"})
DATA_NETWORK = "data"
CLOSED = frozenset({"front", DATA_NETWORK})
"""Networks without a route out."""


def host_folders(resource: Resource) -> Iterator[str]:
    """Paths of the host that a container mounts, or that hold a volume."""
    for mount in resource.entries("mounts"):
        if mount.get("type") == "bind" and isinstance(mount.get("source"), str):
            yield mount["source"]
    for volume in resource.entries("volumes"):
        if isinstance(volume.get("hostPath"), str):
            yield volume["hostPath"]
    device = resource.inside("driverOpts").get("device")
    if isinstance(device, str) and device.startswith("/"):
        yield device


@rule(Kind.CONTAINER, cis=("5.10",))
def own_network(container: Resource) -> Found:
    """The network is the container's own, neither the host's nor another container's."""
    mode = container.text("networkMode")
    if mode == "host" or mode.startswith("container:"):
        yield f"has network_mode {mode}: give it networks of the stage, or none"


@rule(Kind.CONTAINER, cis=("5.30",))
def no_default_bridge(container: Resource) -> Found:
    """Docker's default bridge, where everybody meets, is not used: a container has networks of the stage, or none."""
    networks = container.entries("networksAdvanced")
    if not networks and container.text("networkMode") in ("", "default", "bridge"):
        yield "is in Docker's default bridge: give it networks of the stage, or network_mode none"
    elif any(network.get("name") == "bridge" for network in networks):
        yield "joins Docker's default bridge: give it networks of the stage alone"


@rule(Kind.CONTAINER, cis=("5.16",))
def own_processes(container: Resource) -> Found:
    """No process of the host or of another container is seen."""
    if mode := container.text("pidMode"):
        yield f"has pid_mode {mode}: take it away"


@rule(Kind.CONTAINER, cis=("5.17",))
def own_ipc(container: Resource) -> Found:
    """Shared memory is the container's own, neither the host's nor another container's."""
    mode = container.text("ipcMode")
    if mode in ("host", "shareable") or mode.startswith("container:"):
        yield f"has ipc_mode {mode}: take it away"


@rule(Kind.CONTAINER, cis=("5.31",))
def own_users(container: Resource) -> Found:
    """Where the engine maps users, they are mapped."""
    if container.text("usernsMode") == "host":
        yield "has the host's users: take userns_mode host away"


@rule(Kind.CONTAINER, cis=("5.25",))
def own_cgroup(container: Resource) -> Found:
    """The control group is the engine's choice, so that its limits hold."""
    if container.text("cgroupParent"):
        yield "has a cgroup_parent, whose limits are not the engine's: take it away"
    if container.text("cgroupnsMode") == "host":
        yield "sees the control groups of the host: take cgroupns_mode host away"


@rule(Kind.CONTAINER, cis=("5.18",))
def no_devices(container: Resource) -> Found:
    """No device of the host is inside."""
    given = [key for key in ("devices", "deviceCgroupRules", "deviceRequests", "gpus") if container.get(key)]
    if given:
        yield f"has devices of the host ({', '.join(given)}): take them away"


@rule(Kind.CONTAINER, Kind.VOLUME, cis=("5.6",))
def no_sensitive_folders(resource: Resource) -> Found:
    """No folder of the host's own system is inside, not as a volume either: /etc, /usr, /proc and the like."""
    for folder in host_folders(resource):
        path = PurePosixPath(folder)
        if path == PurePosixPath("/") or any(path.is_relative_to(sensitive) for sensitive in SENSITIVE):
            yield f"has {folder} of the host: use a volume, or a folder made for it"


@rule(Kind.CONTAINER, cis=("5.32",))
def no_docker_socket(container: Resource) -> Found:
    """No engine's socket is inside: who has it is root on the host."""
    for folder in host_folders(container):
        if PurePosixPath(folder).name in SOCKETS:
            yield f"has {folder}, with which it is root on the host: take it away"


@rule(Kind.CONTAINER, cis=("5.20",))
def no_shared_mounts(container: Resource) -> Found:
    """What is mounted inside later does not appear on the host."""
    for mount in container.entries("mounts"):
        options = mount.get("bindOptions") or {}
        if options.get("propagation") in ("shared", "rshared"):
            yield f"shares mounts below {mount.get('target')} with the host: take propagation {options['propagation']} away"


@rule(Kind.CONTAINER, Kind.VOLUME, levels=SERVING)
def no_host_folders(resource: Resource) -> Found:
    """Code comes from images and data from volumes of the engine: no folder of the host is mounted, nor holds a volume unless `volumes.*.folder` names it."""
    if resource.type == Kind.VOLUME and "folder" in resource.allowed:
        return
    for folder in host_folders(resource):
        yield f"has {folder} of the host: build it into the image, or use a volume"


@rule(Kind.NETWORK)
def closed_networks(network: Resource) -> Found:
    """The networks `front` and `data` have no route out, `front` unless `networks.front.internal: false` allows it."""
    name = network.label("service")
    allowed = name != DATA_NETWORK and "internal" in network.allowed
    if name in CLOSED and not allowed and network.get("internal") is not True:
        yield "has a way out, for everything in it: leave internal on, and give egress to those that need it"


RULES = (
    own_network,
    no_default_bridge,
    own_processes,
    own_ipc,
    own_users,
    own_cgroup,
    no_devices,
    no_sensitive_folders,
    no_docker_socket,
    no_shared_mounts,
    no_host_folders,
    closed_networks,
)
