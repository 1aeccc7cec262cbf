"""`berth status --audit`: the rules of the policy pack asked of containers, networks and volumes as the engine has them, and what no resource can show."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.console import say, show_table
from policies import belongings
from policies.publishing import DATA_SERVICES
from policies.resource import Kind, Resource
from policies.rule import EVERYWHERE, STRICTEST, Found, Level, Rule, rule
from policies.rules import asked

Detail = Mapping[str, Any]  # Any: what the engine says of a container, a network or a volume
HEAD = ("RULE", "CIS", "RESULT", "BROKEN BY")
SUFFIX = re.compile(r"-[0-9a-f]{7}$")
"""What Pulumi puts behind the name that the program gave."""
NEVER = "0001-"
"""Begins the engine's time of something that never was."""
NANO = 1e9
COMPONENTS = {"Everything": "Mono"}
"""Components by the kinds that the program exports, where they differ."""
STYLES = {"pass": "green", "advice": "yellow", "fail": "red"}


@rule(Kind.CONTAINER, cis=("5.29",))
def processes_limited_live(container: Resource) -> Found:
    """The engine limits the number of processes, as the label `berth.pids` says."""
    limit, wanted = container.number("pidsLimit"), container.label("pids")
    if limit <= 0 or str(int(limit)) != wanted:
        may = int(limit) if limit > 0 else "as many as it likes"
        yield f"may have {may} instead of {wanted or 'a number that berth knows'}: remove it, and berth up makes it anew"


@rule(Kind.CONTAINER, cis=("5.21",))
def own_host_name(container: Resource) -> Found:
    """The UTS namespace is the container's own: it cannot rename the host."""
    if container.text("utsMode") == "host":
        yield "has the host's UTS namespace"


@rule(Kind.CONTAINER)
def data_services_closed_live(container: Resource) -> Found:
    """Every network that a data service is in right now has no route out, whoever put it there."""
    for network in container.entries("networksAdvanced") if container.component in DATA_SERVICES else ():
        if network.get("internal") is not True:
            yield f"is in {network['name']}, which has a way out: docker network disconnect {network['name']}, or let berth up put it right"


LIVE = (processes_limited_live, own_host_name, data_services_closed_live)
"""What only the engine knows."""
UNSEEN = frozenset({belongings.jobs_end, belongings.data_protected, belongings.data_retained})
"""Rules about what was asked of Pulumi, of which the engine knows nothing."""
SHOWN = frozenset({Kind.CONTAINER, Kind.NETWORK, Kind.VOLUME})


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A rule, and what breaks it."""

    rule: Rule
    level: Level
    broken: Mapping[str, Sequence[str]]
    """What is wrong, by the name on the engine."""

    @property
    def result(self) -> str:
        """`pass`, `advice` or `fail`."""
        return "pass" if not self.broken else "fail" if self.level is Level.MANDATORY else "advice"


def resources(containers: Sequence[Detail], networks: Sequence[Detail], volumes: Sequence[Detail], outputs: Mapping[str, Any]) -> dict[str, Resource]:
    """What is on the engine, by name, in the words of the resources that it was made of."""
    internal = {str(one["Name"]): one.get("Internal") is True for one in networks}
    found = {str(one["Name"]).lstrip("/"): resource_of(one, outputs, internal) for one in containers}
    return found | {str(one["Name"]): _network(one) for one in networks} | {str(one["Name"]): _volume(one) for one in volumes}


def audit(live: Mapping[str, Resource], topology: str) -> list[Finding]:
    """Ask every rule that the topology asks, and whose answer the engine has."""
    rules = asked(topology) | {one: EVERYWHERE.get(topology, EVERYWHERE[STRICTEST]) for one in LIVE}
    return [
        Finding(rule=one, level=level, broken={name: found for name, resource in sorted(live.items()) if (found := one.violations(resource))})
        for one, level in rules.items()
        if one not in UNSEEN and SHOWN & {*one.of}
    ]


def show(findings: Sequence[Finding]) -> None:
    """Print the table, and what is wrong."""
    rows = [(one.rule.name, ", ".join(one.rule.cis) or "own", one.result, ", ".join(one.broken) or "-") for one in findings]
    show_table(HEAD, rows, [STYLES[one.result] for one in findings])
    for one in findings:
        for name, texts in one.broken.items():
            say(f"{one.rule.name}: {name} {'; '.join(texts)}")
    results = [one.result for one in findings]
    say(f"{results.count('pass')} of {len(results)} rules hold, {results.count('advice')} would be better kept, {results.count('fail')} fail")


def as_json(findings: Sequence[Finding]) -> list[dict[str, object]]:
    """The same for programs."""
    return [{"rule": one.rule.name, "cis": list(one.rule.cis), "asks": one.rule.asks, "result": one.result, "broken": dict(one.broken)} for one in findings]


def resource_of(detail: Detail, outputs: Mapping[str, Any], internal: Mapping[str, bool]) -> Resource:
    """A live container; `outputs` tell what kind of service it is part of, `internal` which networks of the stage have no route out."""
    labels = detail["Config"].get("Labels") or {}
    exported = outputs.get("services")
    about = exported.get(labels.get("berth.service"), {}) if isinstance(exported, dict) else {}
    kind = str(about.get("kind", "")) if labels.get("berth.role") != "loader" else ""
    inputs = {
        **_process(detail),
        **_confinement(detail["HostConfig"]),
        **_limits(detail),
        "networksAdvanced": _joined(detail, internal),
        "mounts": _mounts(detail),
    }
    given = {key: value for key, value in inputs.items() if value is not None}
    return Resource(type=Kind.CONTAINER.value, name=SUFFIX.sub("", str(detail["Name"]).lstrip("/")), component=COMPONENTS.get(kind, kind), inputs=given)


def _process(detail: Detail) -> dict[str, Any]:
    config = detail["Config"]
    return {
        "image": config["Image"],
        "entrypoints": config.get("Entrypoint"),
        "command": config.get("Cmd"),
        "user": config.get("User"),
        "envs": config.get("Env"),
        "labels": _labels(config),
        "start": None if _started(detail) else False,
        "wait": True,  # whether it was waited for is not to be seen
        "healthcheck": {"tests": (config.get("Healthcheck") or {}).get("Test")},
        "destroyGraceSeconds": config.get("StopTimeout"),
    }


def _started(detail: Detail) -> bool:
    return not str(detail["State"].get("StartedAt") or NEVER).startswith(NEVER)


def _confinement(host: Mapping[str, Any]) -> dict[str, Any]:
    """What the engine lets it do. (On cgroup v1 every container has the host's cgroup namespace: that is no one's choice.)"""
    return {
        "privileged": host.get("Privileged"),
        "capabilities": {"drops": host.get("CapDrop") or [], "adds": host.get("CapAdd") or []},
        "securityOpts": host.get("SecurityOpt"),
        "readOnly": host.get("ReadonlyRootfs"),
        "groupAdds": host.get("GroupAdd"),
        "networkMode": host.get("NetworkMode"),
        "pidMode": host.get("PidMode"),
        "ipcMode": host.get("IpcMode"),
        "utsMode": host.get("UTSMode"),
        "usernsMode": host.get("UsernsMode"),
        "cgroupParent": host.get("CgroupParent"),
        "devices": host.get("Devices"),
        "deviceRequests": host.get("DeviceRequests"),
        "deviceCgroupRules": host.get("DeviceCgroupRules"),
    }


def _limits(detail: Detail) -> dict[str, Any]:
    host = detail["HostConfig"]
    policy, logs = host.get("RestartPolicy") or {}, host.get("LogConfig") or {}
    return {
        "memory": host.get("Memory"),
        "memorySwap": host.get("MemorySwap"),
        "cpus": (host.get("NanoCpus") or 0) / NANO,
        "cpuQuota": host.get("CpuQuota"),
        "pidsLimit": host.get("PidsLimit"),
        "ulimits": [{"name": one.get("Name"), "soft": one.get("Soft"), "hard": one.get("Hard")} for one in host.get("Ulimits") or ()],
        "tmpfs": host.get("Tmpfs"),
        "logDriver": logs.get("Type"),
        "logOpts": logs.get("Config"),
        "restart": policy.get("Name"),
        "maxRetryCount": policy.get("MaximumRetryCount"),
        "publishAllPorts": host.get("PublishAllPorts"),
        "ports": list(_ports(host.get("PortBindings") or {})),
    }


def _ports(bindings: Mapping[str, Any]) -> Iterator[dict[str, object]]:
    for inside, outside in bindings.items():
        for one in outside or ():
            yield {"ip": one.get("HostIp") or None, "external": int(one.get("HostPort") or 0) or None, "internal": int(inside.split("/")[0])}


def _joined(detail: Detail, internal: Mapping[str, bool]) -> list[dict[str, object]]:
    joined = detail.get("NetworkSettings", {}).get("Networks") or {}
    return [{"name": name, "internal": internal.get(name, False)} for name in joined if name not in ("none", "host")]


def _network(detail: Detail) -> Resource:
    inputs = {"internal": detail.get("Internal"), "labels": _labels(detail)}
    return Resource(type=Kind.NETWORK.value, name=SUFFIX.sub("", str(detail["Name"])), component="", inputs=inputs)


def _volume(detail: Detail) -> Resource:
    inputs = {"name": detail["Name"], "driverOpts": detail.get("Options") or {}, "labels": _labels(detail)}
    return Resource(type=Kind.VOLUME.value, name=str(detail["Name"]), component="", inputs=inputs)


def _labels(detail: Detail) -> list[dict[str, str]]:
    return [{"label": key, "value": value} for key, value in (detail.get("Labels") or {}).items()]


def _mounts(detail: Detail) -> list[dict[str, Any]]:
    return [
        {
            "type": one.get("Type"),
            "source": one.get("Source") if one.get("Type") == "bind" else one.get("Name"),
            "target": one.get("Destination"),
            "bindOptions": {"propagation": one.get("Propagation")} if one.get("Type") == "bind" else None,
        }
        for one in detail.get("Mounts") or ()
    ]
