"""What a stage wants of the engine's host and cannot have: found before anything is made, all of it at once."""

import errno
import os
import re
import socket
from collections.abc import Iterator, Mapping

import pulumi

from components.app.config import Process
from components.container import MIB, Resources
from components.proxy import CHECK_MEMORY
from components.proxy.switch import SWITCH_MEMORY
from components.stage import Stage
from config.check import dotted
from config.document import Where
from config.routing import address_of, host_ports
from config.stage import AnyStage, DevAppConfig, DevStage, MonoStage

PORTS = 65536
"""Ports are below that."""
ELSEWHERE = " on the engine's host"


def refuse_impossible(stage: Stage, configured: AnyStage) -> None:
    """End the program if the host cannot give a stage what it wants: the engine would find it in the middle of the work."""
    found = [text for problems in PROBLEMS for text in problems(stage, configured)]
    if found:
        raise pulumi.RunError("\n".join(found))
    if said := memory_too_little(stage, configured):
        pulumi.log.warn(said)


def another_engine(stage: Stage, configured: AnyStage) -> Iterator[str]:
    """An engine that the environment does not name too: the provider takes it from there, and so does what builds images."""
    wanted = configured.engine.host
    if wanted and os.environ.get("DOCKER_HOST") != wanted:
        yield f"engine.host: is {wanted}, and plain Pulumi does not know: use berth up -s {stage.stack}, or export DOCKER_HOST={wanted}"


def taken_ports(stage: Stage, configured: AnyStage) -> Iterator[str]:
    """Ports of the host that belong to somebody else, each with one that is free. Of another host only what the engine publishes can be seen from here."""
    wanted = host_ports(configured)
    spoken_for = set(wanted.values())
    for path, port in wanted.items():
        address = address_of(configured, path)
        who = _port_owner(stage, address, port)
        if who and who.get("berth.instance") != stage.instance:
            free = next((above for above in range(port + 1, PORTS) if above not in spoken_for and not _port_owner(stage, address, above)), None)
            spoken_for |= {free} if free else set()
            choice = f"another port{f', {free} is free' if free else ''}: pulumi config set -s {stage.stack} --path {_config_key(path)} {free or 'PORT'}"
            yield f"{dotted(path)}: port {port} belongs to {who['name']}{_stage_of(who)}: stop it, or choose {choice}"


def _port_owner(stage: Stage, address: str, port: int) -> Mapping[str, str] | None:
    """Whom a port of the host belongs to: labels and a `name`."""
    if owner := stage.engine.port_owner(port):
        return {**owner, "name": f"container {owner['name']}"}
    return {"name": "another program of this host"} if stage.engine.local and not can_bind(address, port) else None


def can_bind(address: str, port: int) -> bool:
    """Whether a port of this host is free, or at least not ours to judge (a port below 1024 may need the engine's rights)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError:
            return True
        except OSError as problem:
            return problem.errno != errno.EADDRINUSE
    return True


def missing_folders(stage: Stage, configured: AnyStage) -> Iterator[str]:
    """Folders of volumes that are not there: on another host only the engine can tell."""
    there = os.path.isdir if stage.engine.local else stage.engine.has_path
    for name, config in configured.volumes.items():
        if config.folder and not there(config.folder):
            yield f"volumes.{name}.folder: {config.folder} is no folder{'' if stage.engine.local else ELSEWHERE}: make it, or correct the path"


def missing_mounts(stage: Stage, configured: AnyStage) -> Iterator[str]:
    """Folders of this machine that apps mount, where the engine does not see them: it runs on another one, or apart from this one's files."""
    for name, app in configured.apps.items():
        for source in app.mounts if isinstance(app, DevAppConfig) else ():
            if not stage.engine.has_path(source):
                remedy = f"let the image bring the files (mounts: null for {name} under berth:apps takes the mounts away)"
                yield f"apps.{name}.mounts: {source} is here, and not{ELSEWHERE}: work with an engine of this machine, or {remedy}"


def taken_subnets(stage: Stage, configured: AnyStage) -> Iterator[str]:
    """Addresses that belong to a network of somebody else."""
    for name in type(configured.networks).model_fields:
        subnet = getattr(configured.networks, name).subnet
        for owner in stage.engine.networks_at(subnet) if subnet else ():
            if owner.get("berth.instance") != stage.instance:
                whose = f"overlaps {owner['subnet']} of network {owner['name']}{_stage_of(owner)}"
                yield f"networks.{name}.subnet: {subnet} {whose}: choose another, or remove that network"


def cores_too_many(stage: Stage, configured: AnyStage) -> Iterator[str]:
    """Limits above the cores that there are, which the engine refuses."""
    there = stage.engine.cores
    for path, cpus in _cpus(configured.model_dump(), ()):
        if float(cpus) > there:
            yield f"{dotted(path)}: is {cpus}, more than the {there} of the engine's host, which it refuses: write that or less, or choose a larger host"


def memory_too_little(stage: Stage, configured: AnyStage) -> str:
    """A line where the limits of all that may run at once are more than the host's memory; empty where they are not. It may work for long: nothing takes all
    that it may, until one day everything does."""
    (runs, roll), there = most_mib(configured), stage.engine.memory // MIB
    if max(runs, roll) <= there:
        return ""
    sums = f"{runs:,} MiB" if runs == roll else f"{runs:,} MiB, and {roll:,} MiB while it is rolled"
    remedy = "lower them by resources.memory or replicas (docs/sizing.md)"
    return f"memory: the limits of this stage come to {sums}; the engine's host has {there:,} MiB: {remedy}"


def most_mib(configured: AnyStage) -> tuple[int, int]:
    """Limits of all that runs for good, and of all that may run at once while everything that starts before the old one stops is replaced."""
    if isinstance(configured, MonoStage):
        return (_mib(configured.mono.resources),) * 2
    servers = [_mib(one.resources) for one in configured.postgres.values() if not one.external]
    servers += [_mib(one.resources) for one in configured.redis.values() if not one.external]
    mail = _mib(configured.mail.mailhog.resources) if isinstance(configured, DevStage) and configured.mail else 0
    apps, owned = configured.apps, {name for name, app in configured.apps.items() if any(use.exclusive for use in app.volumes.values())}
    processes = [(_all(app), name in owned or app.address is not None) for name, app in apps.items()]
    processes += [(_all(worker), worker.app in owned) for worker in configured.workers.values()]
    runs = sum(servers) + mail + sum(memory for memory, _ in processes) + _mib(configured.proxy.resources)
    beside = (SWITCH_MEMORY.amount + CHECK_MEMORY.amount) // MIB
    return runs, runs + mail + sum(memory for memory, stops_first in processes if not stops_first) + beside


def _all(process: Process) -> int:
    """Of all replicas."""
    return process.replicas * _mib(process.resources)


def _mib(resources: Resources) -> int:
    return resources.memory.amount // MIB


PROBLEMS = (another_engine, taken_ports, missing_folders, missing_mounts, taken_subnets, cores_too_many)


def _cpus(value: object, path: Where) -> Iterator[tuple[Where, str]]:
    """Every limit of cores in a stage."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "cpus" and path[-1:] == ("resources",):
                yield (*path, key), str(inner)
            yield from _cpus(inner, (*path, key))


def _stage_of(owner: Mapping[str, str]) -> str:
    """Whose something is, where it is another stage's."""
    return f" (stage {owner['berth.stack']} of {owner['berth.application']})" if "berth.instance" in owner else ""


def _config_key(path: Where) -> str:
    """A path as `pulumi config set --path` takes it in a shell."""
    steps = [f".{step}" if re.fullmatch(r"[A-Za-z0-9_-]+", str(step)) else f'["{step}"]' for step in path]
    key = f"berth:{''.join(steps).removeprefix('.')}"
    return f"'{key}'" if "[" in key else key
