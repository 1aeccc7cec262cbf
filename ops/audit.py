"""`berth status --audit`: the rules of the policy pack asked of the containers that run, and what no resource can show."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.console import say, show_table
from policies.resource import Kind, Resource
from policies.rule import EVERYWHERE, STRICTEST, Found, Level, Rule, rule
from policies.rules import asked

Detail = Mapping[str, Any]  # Any: what the engine says of a container
HEAD = ("RULE", "CIS", "RESULT", "CONTAINERS")
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


LIVE = (processes_limited_live, own_host_name)
"""What only the engine knows."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A rule, and which containers break it."""

    rule: Rule
    level: Level
    broken: Mapping[str, Sequence[str]]
    """What is wrong, by the name of the container."""

    @property
    def result(self) -> str:
        """`pass`, `advice` or `fail`."""
        return "pass" if not self.broken else "fail" if self.level is Level.MANDATORY else "advice"


def audit(details: Sequence[Detail], outputs: Mapping[str, Any], topology: str) -> list[Finding]:
    """Ask every rule about containers that the topology asks."""
    rules = asked(topology) | {one: EVERYWHERE.get(topology, EVERYWHERE[STRICTEST]) for one in LIVE}
    containers = {str(detail["Name"]).lstrip("/"): resource_of(detail, outputs) for detail in details}
    return [
        Finding(rule=one, level=level, broken={name: found for name, container in sorted(containers.items()) if (found := one.violations(container))})
        for one, level in rules.items()
        if Kind.CONTAINER in one.of
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


def resource_of(detail: Detail, outputs: Mapping[str, Any]) -> Resource:
    """A live container in the words of the resource that it was made of; `outputs` tell what kind of service it is part of."""
    labels = detail["Config"].get("Labels") or {}
    exported = outputs.get("services")
    about = exported.get(labels.get("berth.service"), {}) if isinstance(exported, dict) else {}
    kind = str(about.get("kind", "")) if labels.get("berth.role") != "loader" else ""
    inputs = {**_process(detail), **_confinement(detail["HostConfig"]), **_limits(detail), "networksAdvanced": _networks(detail), "mounts": _mounts(detail)}
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
        "labels": [{"label": key, "value": value} for key, value in (config.get("Labels") or {}).items()],
        "start": None if _started(detail) else False,
        "mustRun": False,  # what was asked for is not to be seen, nor whether it was waited for
        "wait": True,
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


def _networks(detail: Detail) -> list[dict[str, str]]:
    joined = detail.get("NetworkSettings", {}).get("Networks") or {}
    return [{"name": name} for name in joined if name not in ("none", "host")]


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
