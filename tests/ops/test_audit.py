"""What the engine says of containers, judged as the resources that they were made of."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from ops import audit
from policies.resource import Resource
from policies.rule import Level, Rule
from policies.rules import asked

OUTPUTS = {"services": {"web": {"kind": "App"}, "db": {"kind": "Postgres"}, "proxy": {"kind": "Proxy"}, "mono": {"kind": "Everything"}}}
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


def network(service: str = "data", internal: bool = True, **labels: str) -> dict[str, Any]:
    """What the engine says of a network that berth made."""
    own = detail(service, "network")["Config"]["Labels"]
    return {"Name": f"{service}-0abcdef", "Internal": internal, "Labels": own | {f"berth.{key}": value for key, value in labels.items()}}


def volume(options: dict[str, str] | None = None, name: str = "shop-prod-0badcafe-media", **labels: str) -> dict[str, Any]:
    """What the engine says of a volume that berth made."""
    own = detail("media", "data")["Config"]["Labels"]
    return {"Name": name, "Options": options, "Labels": own | {f"berth.{key}": value for key, value in labels.items()}}


NETWORKS = (network("front"), network("data"))
VOLUMES = (volume(),)


def found(*details: dict[str, Any], networks: Sequence[dict[str, Any]] = NETWORKS, volumes: Sequence[dict[str, Any]] = VOLUMES) -> dict[str, Resource]:
    return audit.resources(details, networks, volumes, OUTPUTS)


def results(*details: dict[str, Any], topology: str = "prod", **others: Sequence[dict[str, Any]]) -> dict[str, str]:
    """What does not pass, by rule."""
    return {one.rule.name: one.result for one in audit.audit(found(*details, **others), topology) if one.result != "pass"}


def loader(**changes: Any) -> dict[str, Any]:
    host = {
        "NetworkMode": "none",
        "CapDrop": None,
        "SecurityOpt": None,
        "ReadonlyRootfs": False,
        "Memory": 32 * 2**20,
        "MemorySwap": 32 * 2**20,
        "NanoCpus": 5 * 10**8,
    }
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


@pytest.mark.parametrize(
    ("networks", "rule"),
    [
        ([network("data", internal=False)], "closed-networks"),
        ([network("data", internal=False, allows="internal")], "closed-networks"),
        ([network("front", internal=False)], "closed-networks"),
        ([network("data", instance="")], "labelled"),
    ],
)
def test_networks_as_they_are(networks: list[dict[str, Any]], rule: str) -> None:
    assert results(networks=networks)[rule] == "fail"


def test_a_network_that_may_lead_out() -> None:
    assert results(networks=[network("egress", internal=False), network("data")]) == {}
    assert results(networks=[network("front", internal=False, allows="internal")]) == {"loosened-by-name": "advice"}


@pytest.mark.parametrize(
    ("one", "rules"),
    [
        (volume({"type": "none", "o": "bind", "device": "/srv/media"}), {"no-host-folders"}),
        (volume({"type": "none", "o": "bind", "device": "/etc"}, allows="folder"), {"no-sensitive-folders", "loosened-by-name"}),
        (volume({"type": "none", "o": "bind", "device": "/var/run/docker.sock"}), {"no-sensitive-folders", "no-host-folders"}),
        (volume(instance=""), {"labelled", "volumes-named"}),
        (volume(name="media"), {"volumes-named"}),
    ],
)
def test_volumes_as_they_are(one: dict[str, Any], rules: set[str]) -> None:
    assert results(volumes=[one]).keys() == rules


def test_a_volume_in_a_folder_that_the_configuration_names() -> None:
    assert results(volumes=[volume({"type": "none", "o": "bind", "device": "/srv/media"}, allows="folder")]) == {"loosened-by-name": "advice"}


def test_a_database_that_somebody_gave_a_way_out() -> None:
    one = detail("db", name="db-0abcdef")
    one["NetworkSettings"]["Networks"] = {"data-0abcdef": {}}
    assert results(one) == {}
    assert results(one, networks=[network("data", internal=False)]).keys() == {"data-services-closed-live", "closed-networks"}
    one["NetworkSettings"]["Networks"]["theirs"] = {}
    [finding] = [finding for finding in audit.audit(found(one), "prod") if finding.result != "pass"]
    assert finding.broken == {"db-0abcdef": ["is in theirs, which has a way out: docker network disconnect theirs, or let berth up put it right"]}


def test_rules_that_are_asked() -> None:
    names = {one.rule.name for one in audit.audit({}, "prod")}
    live = {"processes-limited-live", "own-host-name", "data-services-closed-live"}
    left_out = {"jobs-end", "data-protected", "data-retained", "pulled-by-digest", "no-secrets-in-builds"}
    assert names == {rule.name for rule in asked("prod")} - left_out | live
    assert {one.result for one in audit.audit({}, "prod")} == {"pass"}


def wrong() -> list[Resource]:
    """Containers, a network and a volume with everything wrong that an engine may say of them."""
    one = detail(
        Privileged=True, CapDrop=None, CapAdd=["SYS_ADMIN"], ReadonlyRootfs=False, GroupAdd=["docker"], SecurityOpt=["seccomp=unconfined", "apparmor=unconfined", "label=disable", "systempaths=unconfined"], NetworkMode="host", PidMode="host", IpcMode="host", UTSMode="host", UsernsMode="host", CgroupParent="/x", Devices=[{"PathOnHost": "/dev/kvm"}], Memory=0, MemorySwap=0, NanoCpus=0, PidsLimit=-1, Ulimits=[{"Name": "nofile", "Soft": 1, "Hard": -1}], LogConfig={"Type": "json-file", "Config": {}}, RestartPolicy={"Name": "always"}, Tmpfs={"/tmp": ""}, PublishAllPorts=True, PortBindings={"5432/tcp": [{"HostIp": "", "HostPort": "22"}]}
    )  # fmt: skip
    one["Config"] |= {"Image": "shop:1", "Env": ["API_KEY=x1"], "Cmd": ["sshd", "amqp://a:b@queue"], "Healthcheck": None, "StopTimeout": None}
    del one["Config"]["Labels"]["berth.pids"], one["Config"]["Labels"]["berth.stack"]
    one["Config"]["Labels"]["berth.allows"] = "folder"
    one["Mounts"].append({"Type": "bind", "Source": "/var/run/docker.sock", "Destination": "/s", "Propagation": "rshared"})
    root, database, started, owner = detail(), detail("db", ReadonlyRootfs=False), loader(), loader()
    root["Config"]["User"], root["NetworkSettings"]["Networks"]["bridge"] = "", {}
    started["State"]["StartedAt"] = STARTED
    owner["Name"] = "/db-data-owner-0abcdef"
    names = ("a", "b", "c", "d")
    details = [*({**each, "Name": name} for name, each in zip(names, (one, root, database, started), strict=True)), owner]
    return list(found(*details, networks=[network(internal=False)], volumes=[volume(name="media")]).values())


WRONG = wrong()


@pytest.mark.parametrize(
    "rule",
    [rule for rule in {**asked("prod"), **dict.fromkeys(audit.LIVE)} if rule not in audit.UNSEEN and {*rule.of} & audit.SHOWN],
    ids=lambda rule: rule.name,
)
def test_every_rule_can_fail(rule: Rule) -> None:
    """Something that the engine may say breaks it: one that only ever passes would be for show."""
    assert any(rule.violations(resource) for resource in WRONG)


def test_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    audit.show(audit.audit(found(detail(Privileged=True)), "prod"))
    said = capsys.readouterr().out
    [row] = [line for line in said.splitlines() if line.startswith("not-privileged ")]
    assert row.split() == ["not-privileged", "5.5", "fail", "web-1-0abcdef"]
    assert "not-privileged: web-1-0abcdef is privileged" in said
    assert said.splitlines()[-1].endswith("0 would be better kept, 1 fail")


def test_for_programs() -> None:
    told = json.loads(json.dumps(audit.as_json(audit.audit(found(detail(Privileged=True)), "prod"))))
    [one] = [one for one in told if one["rule"] == "not-privileged"]
    assert (one["cis"], one["result"], list(one["broken"])) == (["5.5"], "fail", ["web-1-0abcdef"])


def test_live_rules_end_a_run_as_others_do() -> None:
    assert all(rule.levels["prod"] is Level.MANDATORY for rule in audit.LIVE)
