"""The seam to the engine: the whole rendered container, its probes, and who goes first when it is replaced."""

from contextlib import nullcontext
from dataclasses import replace
from typing import Annotated, Any

import pulumi
import pytest
from pydantic import TypeAdapter, ValidationError

from components.container import Attachment, ContainerSpec, Logs, Mount, PublishedPort, Resources, arguments, least_memory, limits, run
from components.model import Capability, duration, size
from components.probe import HEAL, HealthCheck, ProbeTimes, health_arguments
from components.stage import Role
from tests.recording import FakeEngine, Registered, record, stage

PLAIN = ContainerSpec(image="sha256:1", command=["serve", "--all"], user="10001:10001", resources=Resources(), networks=(), health=None)
LABELS = [
    {"label": "berth.application", "value": "shop"},
    {"label": "berth.instance", "value": "0badcafe"},
    {"label": "berth.pids", "value": "512"},
    {"label": "berth.project", "value": "berth"},
    {"label": "berth.role", "value": "service"},
    {"label": "berth.service", "value": "web"},
    {"label": "berth.stack", "value": "dev"},
]
HARDENED = {
    "readOnly": True,
    "capabilities": {"drops": ["ALL"]},
    "securityOpts": ["no-new-privileges:true"],
    "logDriver": "json-file",
    "logOpts": {"max-size": "10m", "max-file": "3"},
    "init": True,
}


def spec(**changes: Any) -> ContainerSpec:
    return ContainerSpec(**{name: getattr(PLAIN, name) for name in PLAIN.__dataclass_fields__} | changes)


def made(of: ContainerSpec, **facts: Any) -> Registered:
    return record(lambda: run("web-1", of, stage(**facts), service="web", opts=pulumi.ResourceOptions())).container("web-1")


def test_the_whole_default_container() -> None:
    assert made(PLAIN).inputs == HARDENED | {
        "image": "sha256:1",
        "entrypoints": ["serve"],
        "command": ["--all"],
        "user": "10001:10001",
        "envs": [],
        "labels": LABELS,
        "networksAdvanced": [],
        "networkMode": "none",
        "mounts": [],
        "tmpfs": {"/tmp": "rw,noexec,nosuid,nodev,size=64m,mode=1777,uid=10001,gid=10001"},
        "memory": 256,
        "memorySwap": 256,
        "cpus": "1.0",
        "restart": "unless-stopped",
        "stopTimeout": 30,
        "destroyGraceSeconds": 30,
    }


def test_the_whole_explicit_container() -> None:
    full = ContainerSpec(
        image=pulumi.Output.from_input("sha256:2"),
        command=pulumi.Output.from_input(["one"]),
        user="101:101",
        resources=Resources(memory=size("1GiB"), memory_reservation=size("512MiB"), cpus="0.50", pids=64),
        networks=(Attachment(network="front-1", aliases=("web", "www"), address="172.20.0.5"), Attachment(network="data-1")),
        health=HealthCheck(test=("probe", "it")),
        env={"B": "2", "A": pulumi.Output.from_input("1")},
        mounts=(Mount(source="v", path="/z", exclusive=True), Mount(source="/home/me/src", path="/a", bind=True, read_only=True)),
        ports=(PublishedPort(address="127.0.0.1", host=9000, container=8081), PublishedPort(address="0.0.0.0", host=80, container=8080)),
        tmpfs={"/tmp": size("64MiB"), "/run": size("16KiB")},
        read_only=False,
        grace_s=7,
        stop_signal="SIGQUIT",
        restart="no",
        shm_mib=128,
        capabilities=("CAP_SYS_NICE", "CAP_CHOWN"),
        labels={"team": "shop", "a.b": "c"},
        logs=Logs(size=size("512KiB"), files=2),
    )
    tmpfs = "rw,noexec,nosuid,nodev,size=64m,mode=1777,uid=101,gid=101"
    assert made(full).inputs == HARDENED | {
        "image": "sha256:2",
        "entrypoints": ["one"],
        "command": [],
        "user": "101:101",
        "envs": ["A=1", "B=2"],
        "labels": [{"label": "a.b", "value": "c"}, *LABELS[:2], {"label": "berth.pids", "value": "64"}, *LABELS[3:], {"label": "team", "value": "shop"}],
        "capabilities": {"drops": ["ALL"], "adds": ["CAP_CHOWN", "CAP_SYS_NICE"]},
        "logOpts": {"max-size": "512k", "max-file": "2"},
        "networksAdvanced": [{"name": "front-1", "aliases": ["web", "www"], "ipv4Address": "172.20.0.5"}, {"name": "data-1", "aliases": []}],
        "mounts": [
            {"type": "bind", "source": "/home/me/src", "target": "/a", "readOnly": True},
            {"type": "volume", "source": "v", "target": "/z", "readOnly": False, "volumeOptions": {"noCopy": True}},
        ],
        "ports": [
            {"ip": "0.0.0.0", "external": 80, "internal": 8080, "protocol": "tcp"},
            {"ip": "127.0.0.1", "external": 9000, "internal": 8081, "protocol": "tcp"},
        ],
        "tmpfs": {"/tmp": tmpfs, "/run": tmpfs.replace("64m", "16k")},
        "readOnly": False,
        "memory": 1024,
        "memorySwap": 1024,
        "memoryReservation": 512,
        "cpus": "0.5",
        "shmSize": 128,
        "restart": "no",
        "stopSignal": "SIGQUIT",
        "stopTimeout": 7,
        "destroyGraceSeconds": 7,
        "wait": True,
        "waitTimeout": 89,
        "healthcheck": {
            "tests": ["CMD", *HEAL, "3", "3", "SIGQUIT", "7", "--", "probe", "it"],
            "interval": "5s",
            "timeout": "5s",
            "retries": 3,
            "startPeriod": "1m0s",
            "startInterval": "500ms",
        },
    }


def test_no_name_is_given_for_old_and_new_live_side_by_side() -> None:
    assert "name" not in made(PLAIN).inputs


@pytest.mark.parametrize(
    ("changes", "stop_first"),
    [
        ({}, False),
        ({"mounts": (Mount(source="v", path="/v"),)}, False),
        ({"mounts": (Mount(source="v", path="/v"), Mount(source="w", path="/w", exclusive=True))}, True),
        ({"ports": (PublishedPort(address="127.0.0.1", host=80, container=8080),)}, True),
        ({"networks": (Attachment(network="front-1", address="172.20.0.5"),)}, True),
    ],
    ids=["owns nothing", "shared volume", "volume with one writer", "host port", "fixed address"],
)
def test_replace_order(changes: dict[str, Any], stop_first: bool) -> None:
    assert spec(**changes).stop_first is stop_first
    options = made(spec(**changes)).options
    assert options["delete_before_replace"] is stop_first
    assert options["replace_on_changes"] == ["*", "#initerror"]


def test_role_becomes_a_label() -> None:
    container = record(lambda: run("m", PLAIN, stage(), service="web", role=Role.JOB, opts=pulumi.ResourceOptions())).container("m")
    assert {"label": "berth.role", "value": "job"} in container.inputs["labels"]


def test_an_old_engine_is_not_sent_what_it_refuses() -> None:
    class Old(FakeEngine):
        start_interval = False

    check = made(spec(health=HealthCheck(test=("x",))), engine=Old()).inputs["healthcheck"]
    assert check == {"tests": ["CMD", *HEAL, "3", "3", "SIGTERM", "30", "--", "x"], "interval": "2s", "timeout": "5s", "retries": 3, "startPeriod": "1m0s"}


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [({}, "30"), ({"serves": True}, "5"), ({"serves": True, "grace_s": 2}, "2"), ({"serves": True, "grace_s": 300}, "5"), ({"grace_s": 300}, "300")],
)
def test_time_to_stop_for_one_that_hangs(changes: dict[str, Any], seconds: str) -> None:
    """Visitors wait for what serves them; a database and a job in hand have all of their grace."""
    inputs = made(spec(health=HealthCheck(test=("x",)), **changes)).inputs
    assert inputs["healthcheck"]["tests"] == ["CMD", *HEAL, "3", "3", "SIGTERM", seconds, "--", "x"]
    assert inputs["stopTimeout"] == changes.get("grace_s", 30)


@pytest.mark.parametrize(("timeout", "own", "engine"), [("3s", "3", "5s"), ("10s", "10", "12s"), ("500ms", "1", "2.5s"), ("2500ms", "3", "4.5s")])
def test_the_engine_waits_longer_for_a_probe_than_what_heals(timeout: str, own: str, engine: str) -> None:
    check = HealthCheck(test=("x",), times=ProbeTimes(timeout=duration(timeout)))
    healed, plain = (made(spec(health=check, heals=heals)).inputs["healthcheck"] for heals in (True, False))
    assert (healed["tests"][len(HEAL) + 2], healed["timeout"]) == (own, engine)
    assert (plain["tests"], plain["timeout"]) == (["CMD", "x"], health_arguments(check, True).timeout)


def test_waits_for_the_whole_health_budget() -> None:
    health = HealthCheck(test=("x",), times=ProbeTimes(start_period=duration("5m")))
    assert made(spec(health=health)).inputs["waitTimeout"] == health.budget_s


@pytest.mark.parametrize("memory", ["5MiB", "512KiB", "6145KiB"])
def test_memory_that_the_engine_does_not_take(memory: str) -> None:
    with pytest.raises(ValidationError, match="is no memory limit: the engine takes whole MiB from 6MiB on"):
        Resources(memory=size(memory))


@pytest.mark.parametrize("memory", ["6MiB", "6144KiB", "1GiB"])
def test_memory_that_it_takes(memory: str) -> None:
    assert Resources(memory=size(memory)).memory == memory


@pytest.mark.parametrize(("memory", "enough"), [("64MiB", True), ("1GiB", True), ("63MiB", False), ("65535KiB", False)])
def test_least_memory(memory: str, enough: bool) -> None:
    service: TypeAdapter[Resources] = TypeAdapter(Annotated[Resources, least_memory("64MiB", "Sample")])
    with nullcontext() if enough else pytest.raises(ValidationError, match=r"gives too little memory: Sample starts with 64MiB or more|whole MiB"):
        assert service.validate_python({"memory": memory}).memory == memory


@pytest.mark.parametrize(
    ("logs", "options"),
    [
        (Logs(), {"max-size": "10m", "max-file": "3"}),
        (Logs(size=size("1GiB"), files=1), {"max-size": "1024m", "max-file": "1"}),
        (Logs(size=size("1500KiB")), {"max-size": "1500k", "max-file": "3"}),
    ],
    ids=["defaults", "explicit", "no whole MiB"],
)
def test_logs(logs: Logs, options: dict[str, str]) -> None:
    assert made(spec(logs=logs)).inputs["logOpts"] == options


def test_processes_are_limited_as_soon_as_the_container_is_there() -> None:
    limited = []

    class Real(FakeEngine):
        def limit_pids(self, container: str, pids: int) -> None:
            limited.append((container, pids))

    (hook,) = limits(64, stage(engine=Real())).after_create or []
    hook(pulumi.ResourceHookArgs(urn="", id="c0ffee", name="web-1", type=""))
    assert limited == [("c0ffee", 64)]


@pytest.mark.parametrize(("written", "kept"), [("net_bind_service", "CAP_NET_BIND_SERVICE"), ("CAP_SYS_NICE", "CAP_SYS_NICE")])
def test_capabilities_have_the_form_that_the_provider_keeps(written: str, kept: str) -> None:
    assert TypeAdapter(Capability).validate_python(written) == kept


@pytest.mark.parametrize(("changes", "role", "healed"), [({}, Role.SERVICE, True), ({"heals": False}, Role.SERVICE, False), ({}, Role.JOB, False)])
def test_only_a_service_that_heals_is_ended_when_it_is_not_well(changes: dict[str, Any], role: Role, healed: bool) -> None:
    spec = replace(PLAIN, health=HealthCheck(test=("probe",)), **changes)
    rendered: list[Any] = []
    record(lambda: rendered.append(arguments(spec, stage(), "web", role)))
    assert (HEAL[-1] in rendered[0]["healthcheck"].tests) is healed
