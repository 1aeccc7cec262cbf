"""What the program asks the engine, answered by a client that is none."""

from collections.abc import Callable, Iterator
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, cast

import docker
import docker.errors
import pulumi
import pytest
import requests

from components.engine import DockerEngine, EngineConfig, ImageCommand, api_version
from tests.components.conftest import until


class Api:
    def __init__(self, base_url: str, containers: list[dict[str, Any]]) -> None:
        self.base_url, self.api_version = base_url, "1.45"
        self._containers = containers
        self.limited: list[tuple[str, dict[str, Any]]] = []

    def containers(self, filters: dict[str, str]) -> list[dict[str, Any]]:
        assert filters["status"] == "running"
        return self._containers

    def events(self, filters: dict[str, Any], decode: bool) -> Iterator[dict[str, Any]]:
        assert (filters["event"], filters["label"], decode) == (["create"], ["berth.instance=0badcafe"], True)
        for name, labels in {"a": {"berth.pids": "77"}, "b": {}, "gone": {"berth.pids": "5"}, "c": {"berth.pids": "16"}}.items():
            yield {"Action": "create", "Actor": {"ID": name, "Attributes": {"name": name, **labels}}}
        raise requests.ConnectionError("the engine goes away")

    def post(self, url: str, json: dict[str, Any], timeout: int) -> Any:
        if url.endswith("/update"):
            self.limited.append((url, json))
            answer = requests.Response()
            answer.status_code = 404 if "gone" in url else 200
            return answer
        source = json["HostConfig"]["Mounts"][0]["Source"]
        missing = f'invalid mount config for type "bind": bind source path does not exist: {source}'
        return type("Answer", (), {"text": f"No such image: {json['Image']}" if source == "/there" else missing})

    def networks(self) -> list[dict[str, Any]]:
        pools = {"bridge": [{"Subnet": "172.17.0.0/16"}], "six": [{"Subnet": "fd00::/64"}], "none": None, "mine": [{"Subnet": "10.9.1.0/24"}]}
        labels = {"mine": {"berth.instance": "1"}}
        return [{"Name": name, "Labels": labels.get(name), "IPAM": {"Config": config}} for name, config in pools.items()]


class Images:
    def __init__(self, config: dict[str, Any] | None) -> None:
        self._config = config

    def get(self, image: str) -> Any:
        if self._config is None:
            raise docker.errors.ImageNotFound("no such image")
        return type("Image", (), {"attrs": {"Config": self._config}})


class Client:
    def __init__(
        self, version: str = "1.45", base_url: str = "http+docker://localhost", config: dict[str, Any] | None = None, *containers: dict[str, Any]
    ) -> None:
        self.api = Api(base_url, list(containers))
        self.images = Images(config)
        self._version = version

    def version(self) -> dict[str, str]:
        return {"ApiVersion": self._version}

    def info(self) -> dict[str, int]:
        return {"NCPU": 4, "MemTotal": 2**31}


def engine(*arguments: Any) -> DockerEngine:
    return DockerEngine(cast("docker.DockerClient", Client(*arguments)))


@pytest.mark.parametrize(("text", "version"), [("1.44", (1, 44)), ("1.9", (1, 9)), ("1.45.1", (1, 45))])
def test_api_version(text: str, version: tuple[int, int]) -> None:
    assert api_version(text) == version


@pytest.mark.parametrize(("version", "has_it"), [("1.43", False), ("1.44", True), ("1.100", True), ("1.9", False)])
def test_start_interval_since_engine_25(version: str, has_it: bool) -> None:
    assert engine(version).start_interval is has_it


@pytest.mark.parametrize(("url", "local"), [("http+docker://localhost", True), ("http://10.0.0.1:2375", False), ("http+docker://ssh", False)])
def test_local(url: str, local: bool) -> None:
    assert engine("1.45", url).local is local


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, ImageCommand(entrypoint=(), command=())),
        ({"Entrypoint": None, "Cmd": None}, ImageCommand(entrypoint=(), command=())),
        ({"Entrypoint": ["tini", "--"], "Cmd": ["serve"]}, ImageCommand(entrypoint=("tini", "--"), command=("serve",))),
    ],
)
def test_image_command(config: dict[str, Any], expected: ImageCommand) -> None:
    assert engine("1.45", "http+docker://localhost", config).image_command("sha256:1") == expected


def test_an_image_that_is_gone() -> None:
    with pytest.raises(pulumi.RunError, match=r"^image sha256:1 was removed from the engine: run again with --refresh, which builds it anew$"):
        engine().image_command("sha256:1")


def test_what_the_host_has() -> None:
    assert (engine().cores, engine().memory) == (4, 2**31)


def test_every_new_container_is_limited_as_its_label_says() -> None:
    """Also after one that was gone by then; and what the engine has no more to say is no error."""
    client = Client()
    made = DockerEngine(cast("docker.DockerClient", client))
    made.limit_new("0badcafe", "berth.pids")
    until(lambda: len(client.api.limited) == 3)
    at = "http+docker://localhost/v1.45/containers"
    assert client.api.limited == [(f"{at}/{name}/update", {"PidsLimit": pids}) for name, pids in (("a", 77), ("gone", 5), ("c", 16))]


@pytest.mark.parametrize(("path", "there"), [("/there", True), ("/elsewhere", False)])
def test_has_path(path: str, there: bool) -> None:
    assert engine().has_path(path) is there


def test_port_owner() -> None:
    mine = {"Ports": [{"PublicPort": 8080, "PrivatePort": 80}, {"PrivatePort": 443}], "Labels": {"berth.instance": "1"}, "Names": ["/proxy-1"]}
    asked = engine("1.45", "http+docker://localhost", None, mine)
    assert asked.port_owner(8080) == {"berth.instance": "1", "name": "proxy-1"}
    assert asked.port_owner(80) is None, "a port inside a container is not the host's"


@pytest.mark.parametrize(
    ("subnet", "found"),
    [
        ("10.9.0.0/16", [{"name": "mine", "subnet": "10.9.1.0/24", "berth.instance": "1"}]),
        ("172.17.5.0/24", [{"name": "bridge", "subnet": "172.17.0.0/16"}]),
        ("10.10.0.0/16", []),
    ],
    ids=["around it", "inside it", "beside them"],
)
def test_networks_at(subnet: str, found: list[dict[str, str]]) -> None:
    assert engine().networks_at(IPv4Network(subnet)) == found


def test_no_engine_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Callable[[], None]:
        raise docker.errors.DockerException("no such socket")

    monkeypatch.setattr(docker, "from_env", refuse)
    with pytest.raises(pulumi.RunError, match=r"^no Docker engine answers \(no such socket\): start it, or point DOCKER_HOST at one that runs$"):
        DockerEngine.connect(EngineConfig())


def test_an_engine_that_is_named_and_does_not_answer(tmp_path: Path) -> None:
    host = f"unix://{tmp_path}/docker.sock"
    with pytest.raises(pulumi.RunError, match=rf"^no Docker engine answers \(.*\): start it, or correct engine\.host \({host}\)$"):
        DockerEngine.connect(EngineConfig(host=host))
