"""A bad resource for each rule about what is shared, and what may be."""

import pytest

from policies import isolation
from policies.resource import Mark, Resource
from policies.rule import Rule
from tests.policies.samples import Case, container, ids, labels, loader, network, said, volume


def bind(source: str, **more: object) -> Resource:
    return container(mounts=[{"type": "bind", "source": source, "target": "/x", **more}])


BIND = [{"type": "bind", "source": "/srv/shop", "target": "/x"}]
BAD: list[Case] = [
    (isolation.own_network, container(networkMode="host", networksAdvanced=None), "network_mode host"),
    (isolation.own_network, container(networkMode="container:0123456789ab"), "network_mode container:"),
    (isolation.no_default_bridge, container(networksAdvanced=None), "is in Docker's default bridge"),
    (isolation.no_default_bridge, container(networksAdvanced=[], networkMode=None), "is in Docker's default bridge"),
    (isolation.no_default_bridge, container(networksAdvanced=[{"name": "front-1"}, {"name": "bridge"}]), "joins Docker's default bridge"),
    (isolation.own_processes, container(pidMode="host"), "pid_mode host"),
    (isolation.own_processes, container(pidMode="container:0123456789ab"), "pid_mode container:"),
    (isolation.own_ipc, container(ipcMode="host"), "ipc_mode host"),
    (isolation.own_ipc, container(ipcMode="shareable"), "ipc_mode shareable"),
    (isolation.own_users, container(usernsMode="host"), "userns_mode host"),
    (isolation.own_cgroup, container(cgroupParent="/mine"), "cgroup_parent"),
    (isolation.own_cgroup, container(cgroupnsMode="host"), "cgroupns_mode host"),
    (isolation.no_devices, container(devices=[{"hostPath": "/dev/kvm"}]), "devices"),
    (isolation.no_devices, container(gpus="all"), "gpus"),
    (isolation.no_sensitive_folders, bind("/etc/ssl"), "/etc/ssl of the host"),
    (isolation.no_sensitive_folders, bind("/"), "has / of the host"),
    (isolation.no_sensitive_folders, container(volumes=[{"hostPath": "/usr", "containerPath": "/x"}]), "/usr of the host"),
    (isolation.no_sensitive_folders, volume(driverOpts={"type": "none", "o": "bind", "device": "/var/lib/docker"}), "/var/lib/docker of the host"),
    (isolation.no_docker_socket, bind("/var/run/docker.sock"), "root on the host"),
    (isolation.no_docker_socket, container(volumes=[{"hostPath": "/run/containerd/containerd.sock", "containerPath": "/x"}]), "root on the host"),
    (isolation.no_shared_mounts, bind("/srv", bindOptions={"propagation": "rshared"}), "propagation rshared"),
    (isolation.no_host_folders, bind("/srv/shop"), "/srv/shop of the host"),
    (isolation.no_host_folders, volume(driverOpts={"type": "none", "o": "bind", "device": "/srv/shop"}), "/srv/shop of the host"),
    (isolation.no_host_folders, container(mounts=BIND, labels=labels("service", allows="folder")), "/srv/shop of the host"),
    (isolation.closed_networks, network(internal=False), "has a way out"),
    (isolation.closed_networks, network(internal=False, labels=labels("network", service="data", allows="internal")), "has a way out"),
    (isolation.closed_networks, network(internal=False, labels=labels("network", service="front")), "has a way out"),
    (isolation.closed_networks, network(internal=None), "has a way out"),
]
GOOD: list[tuple[Rule, Resource]] = [
    (isolation.no_default_bridge, loader()),
    (isolation.no_default_bridge, container(networksAdvanced=[{"name": Mark.UNKNOWN}])),
    (isolation.own_ipc, container(ipcMode="private")),
    (isolation.no_sensitive_folders, bind("/srv/etc")),
    (isolation.no_sensitive_folders, bind("/etcetera")),
    (isolation.no_sensitive_folders, volume(driverOpts={"type": "none", "o": "bind", "device": "/srv/data"})),
    (isolation.no_shared_mounts, bind("/srv", bindOptions={"propagation": "rprivate"})),
    (isolation.no_host_folders, container(mounts=[{"type": "volume", "source": Mark.UNKNOWN, "target": "/x"}])),
    (isolation.no_host_folders, volume(driverOpts={"type": "nfs", "o": "addr=192.0.2.1", "device": ":/shop"})),
    (isolation.no_host_folders, volume(driverOpts={"type": "none", "o": "bind", "device": "/srv/shop"}, labels=labels("data", allows="folder"))),
    (isolation.closed_networks, network(internal=False, labels=labels("network", service="egress"))),
    (isolation.closed_networks, network(internal=False, labels=labels("network", service="front", allows="internal"))),
]


@pytest.mark.parametrize(("rule", "bad", "words"), BAD, ids=ids(BAD))
def test_bad(rule: Rule, bad: Resource, words: str) -> None:
    assert words in said(rule, bad)


@pytest.mark.parametrize(("rule", "good"), GOOD, ids=[rule.name for rule, _ in GOOD])
def test_good(rule: Rule, good: Resource) -> None:
    assert said(rule, good) == ""


@pytest.mark.parametrize("folder", ["/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr"])
def test_every_folder_that_cis_names_is_sensitive(folder: str) -> None:
    assert said(isolation.no_sensitive_folders, bind(folder))
