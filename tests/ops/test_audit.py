"""What the engine says of containers, judged as the resources that they were made of."""

import json
from typing import Any

import pytest

from ops import audit
from policies.resource import Kind
from policies.rule import Level
from policies.rules import asked

OUTPUTS = {"services": {"web": {"kind": "App"}, "proxy": {"kind": "Proxy"}, "mono": {"kind": "Everything"}}}
STARTED = "2026-01-01T00:00:00Z"
NEVER = "0001-01-01T00:00:00Z"


def detail(service: str = "web", role: str = "service", name: str = "web-1-0abcdef", started: str = STARTED, **host: Any) -> dict[str, Any]:
    """What `docker inspect` says of a container that berth made."""
    own = {
        "application": "shop",
        "project": "shop",
        "stack": "prod",
        "instance": "0badcafe",
        "service": service,
        "role": role,
        "pids": "512",
        "publishes": "443",
    }
    return {
        "Name": f"/{name}",
        "State": {"StartedAt": started},
        "Config": {
            "Image": "sha256:0123",
            "Entrypoint": ["/.berth/busybox"],
            "Cmd": ["sh"],
            "User": "10001:10001",
            "Env": ["PATH=/bin", "DB_HOST=db"],
            "Labels": {f"berth.{key}": value for key, value in own.items()},
            "Healthcheck": {"Test": ["CMD", "true"]},
            "StopTimeout": 30,
        },
        "HostConfig": {
            "NetworkMode": "bridge",
            "CapDrop": ["ALL"],
            "CapAdd": None,
            "SecurityOpt": ["no-new-privileges:true"],
            "ReadonlyRootfs": True,
            "IpcMode": "private",
            "CgroupnsMode": "host",
            "Memory": 536870912,
            "MemorySwap": 536870912,
            "NanoCpus": 500_000_000,
            "PidsLimit": 512,
            "Tmpfs": {"/tmp": "rw,noexec,nosuid,nodev,size=64m"},
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}},
            "RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0},
            "PortBindings": {},
        }
        | host,
        "NetworkSettings": {"Networks": {"front-0abcdef": {}}},
        "Mounts": [{"Type": "volume", "Name": "shop-prod-0badcafe-media", "Source": "/var/lib/docker/volumes/x", "Destination": "/media", "RW": True}],
    }


def results(*details: dict[str, Any], topology: str = "prod") -> dict[str, str]:
    """What does not pass, by rule."""
    return {one.rule.name: one.result for one in audit.audit(details, OUTPUTS, topology) if one.result != "pass"}


def loader(**changes: Any) -> dict[str, Any]:
    host = {"NetworkMode": "none", "CapDrop": None, "SecurityOpt": None, "ReadonlyRootfs": False, "Memory": 0, "NanoCpus": 0, "PidsLimit": None}
    made = detail(role="loader", name="web-secrets-loader-0abcdef", started=NEVER, **host | {"RestartPolicy": {"Name": "no"}} | changes)
    made["Config"]["User"], made["NetworkSettings"]["Networks"] = "", {"none": {}}
    return made


def test_what_berth_made_breaks_nothing() -> None:
    front = detail("proxy", name="proxy-0abcdef", PortBindings={"8443/tcp": [{"HostIp": "", "HostPort": "443"}]})
    assert results(detail(), loader(), front) == {"address-stated": "fail"}
    front["HostConfig"]["PortBindings"]["8443/tcp"][0]["HostIp"] = "0.0.0.0"
    assert results(detail(), loader(), front) == {}


def test_mono_may_publish_and_where_the_configuration_says_so_write() -> None:
    one = detail("mono", name="mono-0abcdef", ReadonlyRootfs=False, PortBindings={"8080/tcp": [{"HostIp": "0.0.0.0", "HostPort": "80"}]})
    assert results(one) == {"app-files-read-only": "fail"}
    one["Config"]["Labels"]["berth.allows"] = "read_only"
    assert results(one) == {"loosened-by-name": "advice"}


@pytest.mark.parametrize(
    ("host", "rule"),
    [
        ({"Privileged": True}, "not-privileged"),
        ({"CapAdd": ["CAP_SYS_ADMIN"]}, "capabilities-harmless"),
        ({"PidsLimit": None}, "processes-limited-live"),
        ({"PidsLimit": -1}, "processes-limited-live"),
        ({"PidsLimit": 1024}, "processes-limited-live"),
        ({"UTSMode": "host"}, "own-host-name"),
        ({"PidMode": "host"}, "own-processes"),
        ({"IpcMode": "host"}, "own-ipc"),
        ({"UsernsMode": "host"}, "own-users"),
        ({"CgroupParent": "/x"}, "own-cgroup"),
        ({"Devices": [{"PathOnHost": "/dev/kvm"}]}, "no-devices"),
        ({"Memory": 0, "MemorySwap": 0}, "memory-limited"),
        ({"NanoCpus": 0}, "cpu-limited"),
        ({"Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": -1}]}, "ulimits-bounded"),
        ({"LogConfig": {"Type": "json-file", "Config": {}}}, "logs-rotated"),
        ({"RestartPolicy": {"Name": "always"}}, "restarts"),
        ({"Tmpfs": {"/tmp": ""}}, "tmpfs-bounded"),
        ({"PublishAllPorts": True}, "only-declared-ports"),
        ({"PortBindings": {"5432/tcp": [{"HostIp": "127.0.0.1", "HostPort": "443"}]}}, "data-services-not-published"),
    ],
)
def test_what_the_engine_shows(host: dict[str, Any], rule: str) -> None:
    assert results(detail(**host))[rule] == "fail"


def test_mounts_and_networks() -> None:
    one = detail()
    one["Mounts"].append({"Type": "bind", "Source": "/var/run/docker.sock", "Destination": "/s", "Propagation": "rshared"})
    one["NetworkSettings"]["Networks"]["bridge"] = {}
    assert {"no-docker-socket", "no-sensitive-folders", "no-shared-mounts", "no-host-folders", "no-default-bridge"} == set(results(one))


def test_the_image_of_a_container_and_its_variables() -> None:
    one = detail()
    one["Config"] |= {"Image": "shop:1", "Env": ["API_KEY=x1"], "User": "", "Healthcheck": None}
    assert {"image-exact", "no-secrets-in-variables", "not-root", "health-checked"} == set(results(one))


def test_a_loader_that_was_started_is_found_out() -> None:
    one = loader()
    one["State"]["StartedAt"] = STARTED
    assert {"loaders-never-start", "not-root", "capabilities-dropped"} <= set(results(one))


def test_what_is_advice_is_no_failure() -> None:
    one = detail(ReadonlyRootfs=False)
    one["Config"]["Labels"]["berth.allows"] = "read_only"
    assert results(one) == {"loosened-by-name": "advice"}
    assert results(detail(Privileged=True), topology="dev") == {"not-privileged": "advice"}


def test_rules_that_are_asked() -> None:
    names = {one.rule.name for one in audit.audit([], OUTPUTS, "prod")}
    assert names == {rule.name for rule in asked("prod") if Kind.CONTAINER in rule.of} | {"processes-limited-live", "own-host-name"}
    assert {one.result for one in audit.audit([], OUTPUTS, "prod")} == {"pass"}


def test_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    audit.show(audit.audit([detail(Privileged=True)], OUTPUTS, "prod"))
    said = capsys.readouterr().out
    [row] = [line for line in said.splitlines() if line.startswith("not-privileged ")]
    assert row.split() == ["not-privileged", "5.5", "fail", "web-1-0abcdef"]
    assert "not-privileged: web-1-0abcdef is privileged" in said
    assert said.splitlines()[-1].endswith("0 would be better kept, 1 fail")


def test_for_programs() -> None:
    told = json.loads(json.dumps(audit.as_json(audit.audit([detail(Privileged=True)], OUTPUTS, "prod"))))
    [one] = [one for one in told if one["rule"] == "not-privileged"]
    assert (one["cis"], one["result"], list(one["broken"])) == (["5.5"], "fail", ["web-1-0abcdef"])


def test_live_rules_end_a_run_as_others_do() -> None:
    assert all(rule.levels["prod"] is Level.MANDATORY for rule in audit.LIVE)
