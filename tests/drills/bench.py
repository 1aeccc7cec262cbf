"""The scored checks of docker-bench-security 1.6.0 (sections 4 and 5 of the CIS Docker Benchmark), asked of one container as that script asks them.

It is another reader than `berth status --audit`, on purpose: it knows nothing of berth.
"""

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Detail = Mapping[str, Any]  # Any: what the engine says of a container
HARMLESS = {
    *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP"),
    *("SETUID", "SYS_CHROOT"),
}
SENSITIVE = {"/", "/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr"}
UNREACHABLE = {
    "4.5": "content trust is a variable of the shell that asks",
    "4.6": "it asks the images that other people publish for HEALTHCHECK; 5.27 asks the containers",
    "5.2": "the host has no AppArmor",
    "5.23": "it reads the audit log of the host, and says nothing by itself",
}
"""Scored, and not to be had by what a container is told."""


def _ports(one: Detail) -> Iterator[tuple[str, int]]:
    for bindings in (one["HostConfig"]["PortBindings"] or {}).values():
        for binding in bindings:
            yield binding["HostIp"], int(binding["HostPort"])


def _options(one: Detail) -> list[str]:
    return one["HostConfig"]["SecurityOpt"] or []


def _folders(one: Detail) -> set[str]:
    return {mount["Source"] for mount in one["Mounts"] if mount["RW"]}


CHECKS: dict[str, Callable[[Detail], bool]] = {
    "4.1": lambda one: one["Config"]["User"].split(":")[0] not in ("", "0", "root"),
    "5.1": lambda one: "com.docker.swarm.service.id" not in one["Config"]["Labels"],
    "5.3": lambda one: bool(_options(one)),
    "5.4": lambda one: {name.removeprefix("CAP_") for name in one["HostConfig"]["CapAdd"] or ()} <= HARMLESS,
    "5.5": lambda one: not one["HostConfig"]["Privileged"],
    "5.6": lambda one: not _folders(one) & SENSITIVE,
    "5.7": lambda one: "sshd" not in str(one["Processes"]),
    "5.8": lambda one: all(port > 1024 for _, port in _ports(one)),
    "5.10": lambda one: one["HostConfig"]["NetworkMode"] != "host",
    "5.11": lambda one: one["HostConfig"]["Memory"] > 0,
    "5.12": lambda one: one["HostConfig"]["NanoCpus"] > 0 or one["HostConfig"]["CpuShares"] > 0,
    "5.13": lambda one: bool(one["HostConfig"]["ReadonlyRootfs"]),
    "5.14": lambda one: all(address not in ("", "0.0.0.0", "::") for address, _ in _ports(one)),
    "5.15": lambda one: one["HostConfig"]["RestartPolicy"]["MaximumRetryCount"] <= 5,
    "5.16": lambda one: one["HostConfig"]["PidMode"] != "host",
    "5.17": lambda one: one["HostConfig"]["IpcMode"] != "host",
    "5.20": lambda one: all("shared" not in mount["Propagation"] for mount in one["Mounts"]),
    "5.21": lambda one: one["HostConfig"]["UTSMode"] != "host",
    "5.22": lambda one: not any("seccomp" in option and "unconfined" in option for option in _options(one)),
    "5.25": lambda one: not one["HostConfig"]["CgroupParent"],
    "5.26": lambda one: any(option.startswith("no-new-privileges") for option in _options(one)),
    "5.27": lambda one: "Health" in one["State"],
    "5.29": lambda one: (one["HostConfig"]["PidsLimit"] or 0) > 0,
    "5.31": lambda one: one["HostConfig"]["UsernsMode"] != "host",
    "5.32": lambda one: "docker.sock" not in str(one["Mounts"]),
}
"""By their numbers."""


def failing(one: Detail) -> list[str]:
    """Numbers of the checks that a container fails."""
    return [number for number, check in CHECKS.items() if not check(one)]


def on_the_sites_own_ports(one: Detail) -> Detail:
    """The proxy as it would stand on 80 and 443 of every address."""
    moved = copy.deepcopy(dict(one))
    for bindings, port in zip((moved["HostConfig"]["PortBindings"] or {}).values(), ("80", "443"), strict=False):
        bindings[:] = [{"HostIp": "0.0.0.0", "HostPort": port}]
    return moved
