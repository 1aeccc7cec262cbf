"""What the engine's host cannot give, said before anything is made."""

import errno
import socket
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pulumi
import pytest

from config.profiles import PROFILES
from config.stage import MonoStage, Topology
from tests.recording import FakeEngine, stage
from tests.topologies.test_wiring import dev_stage
from topologies import host


@pytest.fixture
def port() -> Iterator[int]:
    """A port of this host that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


class Local(FakeEngine):
    local = True


def wanting(port: int) -> dict[str, object]:
    return {"proxy": {"drain": "1s", "ports": {"address": "127.0.0.1", "http": port, "https": 8443}}}


def test_a_local_engine_cannot_have_a_port_of_this_host(port: int) -> None:
    [said] = host.taken_ports(stage(engine=Local()), dev_stage(**wanting(port)))
    assert said.startswith(f"proxy.ports.http: port {port} belongs to another program of this host: stop it")


def test_a_remote_engine_has_ports_of_its_own(port: int) -> None:
    assert list(host.taken_ports(stage(engine=FakeEngine()), dev_stage(**wanting(port)))) == []


def test_its_own_container_may_hold_the_port(port: int) -> None:
    own = Local({port: {"name": "proxy-1", "berth.instance": "0badcafe"}})
    assert list(host.taken_ports(stage(engine=own), dev_stage(**wanting(port)))) == []


@pytest.mark.parametrize(
    ("sections", "key"),
    [
        ({}, "berth:proxy.ports.http"),
        ({"apps": {"a_b-c": {"image": "x", "port": 1, "routes": {"x.y/z": {"listen": 80}}}}}, """'berth:apps.a_b-c.routes["x.y/z"].listen'"""),
    ],
)
def test_the_remedy_is_a_command(sections: dict[str, object], key: str) -> None:
    port = 80 if sections else 8080
    [said] = host.taken_ports(stage(engine=FakeEngine({port: {"name": "x"}})), dev_stage(**sections))
    assert said.endswith(f"stop it, or choose another port, {port + 1} is free: pulumi config set -s dev --path {key} {port + 1}")


MAIL = {"mail": {"from": "a@b.test", "mailhog": {"ui_port": 8082}}}


@pytest.mark.parametrize(
    ("owners", "sections", "free"),
    [
        ({8080: {"name": "x"}, 8081: {"name": "y"}}, {}, [8082]),
        ({8080: {"name": "x"}, 8081: {"name": "mine", "berth.instance": "0badcafe"}}, {}, [8082]),
        ({8080: {"name": "x"}, 8081: {"name": "y"}}, MAIL, [8083]),
        ({8080: {"name": "x"}, 8081: {"name": "y"}, 8082: {"name": "z"}}, MAIL, [8083, 8084]),
    ],
    ids=["published", "published by itself", "wanted by itself", "each another"],
)
def test_a_free_port_is_named(owners: dict[int, dict[str, str]], sections: dict[str, object], free: list[int]) -> None:
    said = list(host.taken_ports(stage(engine=FakeEngine(owners)), dev_stage(**sections)))
    assert [int(line.split()[-1]) for line in said] == free


def test_a_free_port_of_this_host_is_one_that_nobody_listens_on() -> None:
    def can_bind(address: str, port: int) -> bool:
        return port not in {8080, 8081}

    with mock.patch.object(host, "can_bind", can_bind):
        [said] = host.taken_ports(stage(engine=Local()), dev_stage())
    assert "port 8080 belongs to another program of this host: stop it, or choose another port, 8082 is free" in said


ASKED = [("0.0.0.0", 8080), ("127.0.0.1", 8082), ("127.0.0.1", 5000), ("127.0.0.1", 5432), ("127.0.0.1", 6379), ("0.0.0.0", 9000)]


def test_a_port_is_asked_for_where_it_will_be_bound() -> None:
    asked: list[tuple[str, int]] = []

    def can_bind(address: str, port: int) -> bool:
        asked.append((address, port))
        return True

    app = {"image": "x", "port": 1, "routes": {"/": {}, "/x": {"listen": 9000}}, "publish": 5000}
    proxy = {"drain": "1s", "ports": {"address": "0.0.0.0", "http": 8080, "https": 8443}}
    backing = {"postgres": {"db": {"publish": 5432}}, "redis": {"cache": {"publish": 6379}}}
    with mock.patch.object(host, "can_bind", can_bind):
        assert list(host.taken_ports(stage(engine=Local()), dev_stage(apps={"web": app}, proxy=proxy, **MAIL, **backing))) == []
    assert asked == ASKED


def test_there_is_no_port_above_the_last() -> None:
    engine = FakeEngine({65535: {"name": "x"}})
    [said] = host.taken_ports(stage(engine=engine), dev_stage(**wanting(65535)))
    assert said.endswith("choose another port: pulumi config set -s dev --path berth:proxy.ports.http PORT")


def test_can_bind(port: int) -> None:
    assert not host.can_bind("127.0.0.1", port)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        unused = int(free.getsockname()[1])
    assert host.can_bind("127.0.0.1", unused)


@pytest.mark.parametrize(
    ("problem", "free"),
    [(PermissionError(errno.EACCES, "x"), True), (OSError(errno.EADDRINUSE, "x"), False), (OSError(errno.EADDRNOTAVAIL, "x"), True)],
    ids=["below 1024", "taken", "address of another host"],
)
def test_what_the_host_says_of_a_port(problem: OSError, free: bool) -> None:
    with mock.patch.object(socket.socket, "bind", side_effect=problem):
        assert host.can_bind("127.0.0.1", 80) is free


def test_a_folder_of_a_volume_that_is_not_there(tmp_path: Path) -> None:
    folders = {"a": {"folder": str(tmp_path)}, "b": {"folder": f"{tmp_path}/b"}, "c": {}}
    configured = dev_stage(volumes=folders)
    assert list(host.missing_folders(stage(engine=Local()), configured)) == [f"volumes.b.folder: {tmp_path}/b is no folder: make it, or correct the path"]


def test_a_folder_that_the_host_of_a_remote_engine_does_not_have(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.without.add("/srv/b")
    configured = dev_stage(volumes={"a": {"folder": f"{tmp_path}/only-there"}, "b": {"folder": "/srv/b"}})
    said = "volumes.b.folder: /srv/b is no folder on the engine's host: make it, or correct the path"
    assert list(host.missing_folders(stage(engine=engine), configured)) == [said]


def test_sources_that_the_engine_does_not_see() -> None:
    engine = FakeEngine()
    engine.without.add("/home/me/web")
    configured = dev_stage(apps={"web": {"image": "x", "port": 1, "mounts": {"/home/me/web": "/web", "/home/me/all": "/all"}}})
    assert list(host.missing_mounts(stage(engine=engine), configured)) == [
        "apps.web.mounts: /home/me/web is here, and not on the engine's host: work with an engine of this machine, "
        "or let the image bring the files (mounts: null for web under berth:apps takes the mounts away)"
    ]


@pytest.mark.parametrize(
    ("named", "given", "said"),
    [
        (None, None, []),
        (None, "unix:///run/other.sock", []),
        ("ssh://deploy@host.test", "ssh://deploy@host.test", []),
        ("ssh://deploy@host.test", None, ["engine.host: is ssh://deploy@host.test, and plain Pulumi does not know"]),
        ("ssh://deploy@host.test", "unix:///run/other.sock", ["engine.host: is ssh://deploy@host.test, and plain Pulumi does not know"]),
    ],
    ids=["none", "the environment's", "both", "unknown to the environment", "another one"],
)
def test_an_engine_that_only_the_stage_names(named: str | None, given: str | None, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    if given:
        monkeypatch.setenv("DOCKER_HOST", given)
    found = host.another_engine(stage(), dev_stage(engine={"host": named} if named else {}))
    assert [text.partition(":  ")[0].partition(": use berth")[0] for text in found] == said


OTHERS = (
    {"name": "theirs", "subnet": "10.9.0.0/16"},
    {"name": "mine", "subnet": "10.9.1.0/24", "berth.instance": "0badcafe", "berth.stack": "dev", "berth.application": "shop"},
    {"name": "far", "subnet": "10.10.0.0/16"},
    {"name": "shop-front", "subnet": "10.9.1.128/25", "berth.instance": "feedcafe", "berth.stack": "prod", "berth.application": "blog"},
)


def test_addresses_of_other_networks() -> None:
    configured = dev_stage(networks={"front": {"subnet": "10.9.1.0/24"}, "data": {"subnet": "10.11.0.0/24"}})
    assert list(host.taken_subnets(stage(engine=FakeEngine(networks=OTHERS)), configured)) == [
        "networks.front.subnet: 10.9.1.0/24 overlaps 10.9.0.0/16 of network theirs: choose another, or remove that network",
        "networks.front.subnet: 10.9.1.0/24 overlaps 10.9.1.128/25 of network shop-front (stage prod of blog): choose another, or remove that network",
    ]
    assert list(host.taken_subnets(stage(engine=FakeEngine(networks=OTHERS[1:3])), configured)) == []


def test_more_cores_than_there_are() -> None:
    engine = FakeEngine()
    engine.cores = 2
    configured = dev_stage(apps={"web": {"image": "x", "port": 1, "resources": {"cpus": "2.5"}}}, redis={"cache": {"resources": {"cpus": "2"}}})
    there = "more than the 2 of the engine's host, which it refuses: write that or less, or choose a larger host"
    assert list(host.cores_too_many(stage(engine=engine), configured)) == [f"apps.web.resources.cpus: is 2.5, {there}"]


APPS = {"apps": {"web": {"image": "x", "port": 1, "replicas": 2, "resources": {"memory": "200MiB"}}}}
WORKER = {"workers": {"jobs": {"app": "web", "command": ["work"], "health": {"command": ["alive"]}}}}
ONE_WRITER = {"apps": {"web": {"image": "x", "port": 1, "volumes": {"data": {"path": "/data"}}}}}


@pytest.mark.parametrize(
    ("sections", "runs", "roll"),
    [
        ({}, 128, 128 + 48),
        (APPS, 128 + 400, 128 + 400 + 400 + 48),
        (APPS | WORKER, 128 + 400 + 256, 128 + 2 * (400 + 256) + 48),
        (ONE_WRITER | WORKER, 128 + 512 + 256, 128 + 512 + 256 + 48),
        (
            {"postgres": {"db": {}, "far": {"external": {"host": "x", "password": "${secrets.a}", "tls": "require"}}}, "redis": {"cache": {}}},
            128 + 384 + 128,
            128 + 384 + 128 + 48,
        ),
        ({"mail": {"from": "a@b.test"}}, 128 + 64, 128 + 64 + 64 + 48),
    ],
    ids=["the proxy", "replicas", "a worker", "a volume of one writer", "backing services", "mail"],
)
def test_what_may_run_at_once(sections: dict[str, object], runs: int, roll: int) -> None:
    assert host.most_mib(dev_stage(**sections)) == (runs, roll)


def test_mono_is_one_container() -> None:
    proxy = PROFILES[Topology.MONO]["proxy"] | {"tls": {"self_signed": {}}}
    values = {"format": 1, "name": "shop", "topology": "mono", "proxy": proxy, "mono": {"image": "x", "resources": {"memory": "3GiB"}}}
    assert host.most_mib(MonoStage.model_validate(values)) == (3072, 3072)


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (976, ""),
        (975, "memory: the limits of this stage come to 528 MiB, and 976 MiB while it is rolled; the engine's host has 975 MiB: lower them"),
    ],
)
def test_less_memory_than_may_be_taken_is_said_and_not_refused(there: int, said: str) -> None:
    engine = FakeEngine()
    engine.memory = there * 2**20
    of, configured = stage(engine=engine), dev_stage(**APPS)
    assert host.memory_too_little(of, configured).startswith(said)
    assert bool(host.memory_too_little(of, configured)) is bool(said)
    with mock.patch.object(pulumi.log, "warn") as warn:
        host.refuse_impossible(of, configured)
    assert [str(call.args[0]) for call in warn.call_args_list] == ([host.memory_too_little(of, configured)] if said else [])


def test_all_of_it_is_said_at_once() -> None:
    engine = FakeEngine({8080: {"name": "x"}}, networks=OTHERS)
    engine.cores = 0
    configured = dev_stage(networks={"front": {"subnet": "10.9.0.0/16"}})
    with pytest.raises(pulumi.RunError) as refused:
        host.refuse_impossible(stage(engine=engine), configured)
    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == [
        "proxy.ports.http", "networks.front.subnet", "networks.front.subnet", "proxy.resources.cpus"
    ]  # fmt: skip
    host.refuse_impossible(stage(), dev_stage())
