"""Proxy: the only one with ports of the host, after the apps it leads to."""

from typing import Any

import pulumi
import pulumi_docker as docker
import pytest

from components.container import Resources
from components.model import duration, size
from components.proxy import Proxy, ProxyArgs, ProxyBackend, ProxyConfig, ProxyPage, ProxyPorts, ProxyRoute, site_url
from tests.recording import Recording, record, stage, tools

DEFAULT = ProxyConfig(ports=ProxyPorts(address="127.0.0.1", http=8080))
EXPLICIT = ProxyConfig(
    version="1.29",
    ports=ProxyPorts(address="0.0.0.0", http=80),
    body_limit=size("1GiB"),
    read_timeout=duration("5m"),
    resources=Resources(memory=size("256MiB"), cpus="2"),
)
ROUTES = (
    ProxyRoute(path="/", app="web", websocket=False),
    ProxyRoute(path="/api/", app="api", websocket=False),
    ProxyRoute(path="/ws", app="web", websocket=True),
)


def make(config: ProxyConfig = DEFAULT, **changes: Any) -> Recording:
    def build() -> None:
        of = stage()
        web = docker.Network("web-1")
        facts: dict[str, Any] = {
            "routes": ROUTES,
            "backends": (
                ProxyBackend(app="web", hosts=pulumi.Output.from_input(["web-1", "web-2"]), port=8000),
                ProxyBackend(app="api", hosts=["api-1"], port=9000),
            ),
            "needs": [web],
        }
        Proxy("proxy", ProxyArgs(stage=of, tools=tools(of), config=config, networks=("public-1", "front-1"), **facts | changes))

    return record(build)


@pytest.fixture(scope="module")
def proxy() -> Recording:
    return make()


def configuration(recording: Recording) -> str:
    [upload] = recording.container("proxy-config-loader").inputs["uploads"]
    assert upload["file"] == "/files/nginx.conf"
    return str(upload["content"])


def test_creates_exactly_its_configuration_and_a_container(proxy: Recording) -> None:
    assert proxy.tree("berth:index:Proxy::proxy") == [
        "docker:index/container:Container proxy",
        "berth:index:Files proxy-config",
        "  docker:index/volume:Volume proxy-config",
        "  docker:index/container:Container proxy-config-loader",
        "docker:index/remoteImage:RemoteImage proxy-image",
    ]


def test_starts_after_its_apps(proxy: Recording) -> None:
    assert proxy.container("proxy").after == ("web-1",)


def test_owns_a_port_so_the_old_one_stops_first(proxy: Recording) -> None:
    options = proxy.container("proxy").options
    assert options["delete_before_replace"] is True
    assert options["replace_on_changes"] == ["*", "#initerror"]


def test_the_container(proxy: Recording) -> None:
    inputs = proxy.container("proxy").inputs
    assert (inputs["user"], inputs["readOnly"], inputs["capabilities"]) == ("101:101", True, {"drops": ["ALL"]})
    assert (inputs["entrypoints"], inputs["command"]) == (["nginx"], ["-c", "/etc/berth/nginx.conf", "-e", "/dev/stderr"])
    assert {mount["target"]: mount["readOnly"] for mount in inputs["mounts"]} == {"/etc/berth": True, "/.berth": True}
    assert inputs["networksAdvanced"] == [{"name": "public-1", "aliases": ["proxy"]}, {"name": "front-1", "aliases": ["proxy"]}]
    assert inputs["healthcheck"]["tests"] == ["CMD", "/.berth/busybox", "sh", "/.berth/probe", "http", "8079", "/"]
    assert inputs["stopSignal"] == "SIGQUIT"


def test_routes_and_replicas_reach_the_configuration(proxy: Recording) -> None:
    text = configuration(proxy)
    for line in (
        "server web-1:8000 resolve",
        "server web-2:8000 resolve",
        "server api-1:9000 resolve",
        "location = /api {",
        "location /api/ {",
        "location / {",
    ):
        assert line in text


def test_a_new_replica_is_a_new_configuration(proxy: Recording) -> None:
    other = make(backends=(ProxyBackend(app="web", hosts=["web-1", "web-3"], port=8000), ProxyBackend(app="api", hosts=["api-1"], port=9000)))
    assert other.one("proxy-config", "volume:Volume").inputs["name"] != proxy.one("proxy-config", "volume:Volume").inputs["name"]


@pytest.mark.parametrize(
    ("config", "image", "port", "limit", "timeout", "memory"),
    [
        (DEFAULT, "nginx:1.28", {"ip": "127.0.0.1", "external": 8080}, 10485760, 60, 128),
        (EXPLICIT, "nginx:1.29", {"ip": "0.0.0.0", "external": 80}, 1073741824, 300, 256),
    ],
    ids=["defaults", "explicit"],
)
def test_configuration_reaches_the_container(config: ProxyConfig, image: str, port: dict[str, object], limit: int, timeout: int, memory: int) -> None:
    made = make(config)
    assert made.one("proxy-image").inputs["name"] == image
    assert made.container("proxy").inputs["ports"] == [{**port, "internal": 8080, "protocol": "tcp"}]
    assert made.container("proxy").inputs["memory"] == memory
    assert f"client_max_body_size {limit};" in configuration(made)
    assert f"proxy_read_timeout {timeout}s;" in configuration(made)


def test_pages_have_ports_of_their_own() -> None:
    made = make(pages=(ProxyPage(service="mail", host_port=8025, port=8025), ProxyPage(service="ui", host_port=5000, port=80)))
    assert [(port["external"], port["internal"]) for port in made.container("proxy").inputs["ports"]] == [(8080, 8080), (8025, 8081), (5000, 8082)]
    assert "server mail:8025 resolve;" in configuration(made)
    assert "proxy_pass http://page.8082;" in configuration(made)


@pytest.mark.parametrize(("config", "url"), [(DEFAULT, "http://localhost:8080"), (EXPLICIT, "http://localhost")], ids=["defaults", "explicit"])
def test_url(config: ProxyConfig, url: str) -> None:
    assert site_url(config) == url
    assert make(config).component_outputs["proxy"] == {"url": url}
