"""Proxy: the only one with ports of the host, after the apps it leads to."""

import re
from typing import Any

import pulumi
import pulumi_docker as docker
import pytest

from components.model import duration
from components.probe import HEAL
from components.proxy import Proxy, ProxyArgs, ProxyBackend
from components.proxy.certificate import Certificate
from components.proxy.config import ProxyConfig, RouteConfig
from components.proxy.site import ProxyPage, ProxyRoute, ProxyStream
from tests.recording import Hidden, Recording, record, stage, tools
from tests.sites import proxy_config

DEFAULT = proxy_config()
EXPLICIT = proxy_config(
    version="1.29",
    ports={"address": "0.0.0.0", "http": 80},
    body_limit="1GiB",
    read_timeout="5m",
    resources={"memory": "256MiB", "cpus": "2"},
    stop_grace="90s",
    logs={"size": "1MiB", "files": 2},
)
OWN_IMAGE = proxy_config(image="registry.example/nginx:1")


def route(pattern: str, app: str, **config: Any) -> ProxyRoute:
    return ProxyRoute(pattern=pattern, app=app, config=RouteConfig.model_validate(config))


ROUTES = (route("/", "web"), route("/api/", "api"), route("/ws", "web", websocket=True))


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
    return str(uploads(recording)["nginx.conf"])


def uploads(recording: Recording) -> dict[str, Any]:
    return {upload["file"].removeprefix("/files/"): upload["content"] for upload in recording.container("proxy-switch-loader").inputs["uploads"]}


def test_creates_exactly_its_configuration_and_a_container(proxy: Recording) -> None:
    assert proxy.tree("berth:index:Proxy::proxy") == [
        "docker:index/container:Container proxy",
        "docker:index/container:Container proxy-check",
        "docker:index/remoteImage:RemoteImage proxy-image",
        "berth:index:Scratch proxy-spool",
        "  docker:index/volume:Volume proxy-spool",
        "  docker:index/container:Container proxy-spool-owner",
        "berth:index:Switch proxy-switch",
        "  docker:index/container:Container proxy-switch",
        "  docker:index/container:Container proxy-switch-loader",
        "  berth:index:Scratch proxy-switch-state",
        "    docker:index/volume:Volume proxy-switch-state",
        "    docker:index/container:Container proxy-switch-state-owner",
        "  docker:index/volume:Volume proxy-switch-wanted",
    ]


def test_large_bodies_and_answers_wait_on_the_disk(proxy: Recording) -> None:
    """/tmp is memory, of which there is little: two slow downloads of 60 MB filled it, and one ended early."""
    told = configuration(proxy)
    assert "client_body_temp_path /var/cache/nginx/client;" in told
    assert "proxy_temp_path /var/cache/nginx/proxy;" in told
    [mount] = [mount for mount in proxy.container("proxy").inputs["mounts"] if mount["target"] == "/var/cache/nginx"]
    assert mount["source"] == "shop-dev-0badcafe-proxy-spool"


def test_starts_after_its_apps(proxy: Recording) -> None:
    assert proxy.container("proxy").after == ("proxy-check", "web-1")


def test_a_new_image_is_asked_about_the_configuration_first(proxy: Recording) -> None:
    check = proxy.container("proxy-check")
    assert check.after == ("proxy-switch-loader",)
    assert check.inputs["command"][-7:] == ["nginx", "-t", "-q", "-e", "stderr", "-c", "/etc/berth/nginx.conf"]
    assert check.inputs["image"] == proxy.container("proxy").inputs["image"]
    assert {mount["target"]: mount["readOnly"] for mount in check.inputs["mounts"]} == {"/etc/berth": True, "/.berth": True}
    assert (check.inputs["networkMode"], set(check.inputs["tmpfs"])) == ("none", {"/tmp", "/var/cache/nginx"})
    assert "*" not in check.options["replace_on_changes"], "the one that runs judges other configurations by itself"
    other = make(backends=(ProxyBackend(app="web", hosts=["web-3"], port=8000), ProxyBackend(app="api", hosts=["api-1"], port=9000)))
    assert other.container("proxy-check").inputs == check.inputs


def test_owns_a_port_so_the_old_one_stops_first(proxy: Recording) -> None:
    options = proxy.container("proxy").options
    assert options["delete_before_replace"] is True
    assert options["replace_on_changes"] == ["*", "#initerror"]


def test_the_container(proxy: Recording) -> None:
    inputs = proxy.container("proxy").inputs
    assert (inputs["user"], inputs["readOnly"], inputs["capabilities"]) == ("101:101", True, {"drops": ["ALL"]})
    assert (inputs["entrypoints"], inputs["command"]) == (["/.berth/busybox"], ["sh", "/.berth/proxy"])
    assert {mount["target"]: mount["readOnly"] for mount in inputs["mounts"]} == {
        "/etc/berth": True,
        "/var/lib/berth": False,
        "/.berth": True,
        "/var/cache/nginx": False,
    }
    assert inputs["networksAdvanced"] == [{"name": "public-1", "aliases": ["proxy"]}, {"name": "front-1", "aliases": ["proxy"]}]
    assert inputs["healthcheck"]["tests"] == ["CMD", *HEAL, "3", "3", "SIGQUIT", "5", "--", "/.berth/busybox", "sh", "/.berth/probe", "http", "8079", "/"]
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


def test_a_new_replica_is_a_new_configuration_for_the_same_container(proxy: Recording) -> None:
    other = make(backends=(ProxyBackend(app="web", hosts=["web-1", "web-3"], port=8000), ProxyBackend(app="api", hosts=["api-1"], port=9000)))
    assert other.container("proxy").inputs == proxy.container("proxy").inputs
    assert other.container("proxy-switch").inputs["command"] != proxy.container("proxy-switch").inputs["command"]


def test_it_answers_the_version_that_its_switch_waits_for(proxy: Recording) -> None:
    *_, version, drain = proxy.container("proxy-switch").inputs["command"]
    assert f'return 200 "{version}\\n";' in configuration(proxy)
    assert (uploads(proxy)["version"], drain) == (version, "1")
    assert set(proxy.container("proxy").after) == set(proxy.container("proxy-switch").after) - {"proxy-switch-loader"}


@pytest.mark.parametrize(("drain", "kept"), [("20s", ["keepalive_min_timeout 18000ms;"]), ("1s", [])])
def test_connections_are_kept_until_old_replicas_may_go(drain: str, kept: list[str]) -> None:
    made = make(DEFAULT.model_copy(update={"drain": duration(drain)}))
    assert re.findall(r"keepalive_min_timeout .*;", configuration(made)) == kept


@pytest.mark.parametrize(
    ("config", "image", "port", "limit", "timeout", "memory", "grace", "logs"),
    [
        (DEFAULT, "nginx:1.28", {"ip": "127.0.0.1", "external": 8080}, 10485760, 60, 128, 30, {"max-size": "10m", "max-file": "3"}),
        (EXPLICIT, "nginx:1.29", {"ip": "0.0.0.0", "external": 80}, 1073741824, 300, 256, 90, {"max-size": "1m", "max-file": "2"}),
        (OWN_IMAGE, "registry.example/nginx:1", {"ip": "127.0.0.1", "external": 8080}, 10485760, 60, 128, 30, {"max-size": "10m", "max-file": "3"}),
    ],
    ids=["defaults", "explicit", "own image"],
)
def test_configuration_reaches_the_container(
    config: ProxyConfig, image: str, port: dict[str, object], limit: int, timeout: int, memory: int, grace: int, logs: dict[str, str]
) -> None:
    made = make(config)
    inputs = made.container("proxy").inputs
    assert made.one("proxy-image").inputs["name"] == image
    assert inputs["ports"] == [{**port, "internal": 8080, "protocol": "tcp"}]
    assert (inputs["memory"], inputs["stopTimeout"], inputs["destroyGraceSeconds"], inputs["logOpts"]) == (memory, grace, grace, logs)
    assert f"client_max_body_size {limit};" in configuration(made)
    assert f"proxy_read_timeout {timeout}s;" in configuration(made)


def test_pages_have_ports_of_their_own() -> None:
    made = make(pages=(ProxyPage(service="mail", host_port=8025, port=8025), ProxyPage(service="ui", host_port=5000, port=80)))
    assert [(port["external"], port["internal"]) for port in made.container("proxy").inputs["ports"]] == [(8080, 8080), (8025, 8081), (5000, 8082)]
    assert "server mail:8025 resolve;" in configuration(made)
    assert "proxy_pass http://page.8082;" in configuration(made)


def test_streams_and_routes_have_ports_of_their_own() -> None:
    made = make(streams=(ProxyStream(service="db", host_port=5432, port=5432),), routes=(*ROUTES, route("/", "web", listen=5173)))
    assert [(port["external"], port["internal"]) for port in made.container("proxy").inputs["ports"]] == [(8080, 8080), (5432, 8081), (5173, 8082)]
    text = configuration(made)
    assert "listen 8082 default_server;" in text
    assert "server db:5432 resolve;" in text[text.index("stream {") :]


@pytest.mark.parametrize("config", [DEFAULT, EXPLICIT], ids=["a site on this machine", "a site on every network"])
def test_single_services_are_published_on_this_machine_alone(config: ProxyConfig) -> None:
    shown = {"pages": (ProxyPage(service="mail", host_port=8025, port=8025),), "streams": (ProxyStream(service="db", host_port=5432, port=5432),)}
    made = make(config, routes=(*ROUTES, route("/", "web", listen=5173)), **shown)
    site = config.ports.address
    assert {port["external"]: port["ip"] for port in made.container("proxy").inputs["ports"]} == {
        config.ports.http: site,
        8025: "127.0.0.1",
        5432: "127.0.0.1",
        5173: site,
    }


def test_a_certificate_travels_as_a_secret() -> None:
    made = make(proxy_config(tls={"self_signed": {}}), certificate=Certificate(chain="the chain", key="the key"))
    assert uploads(made)["tls.crt"] == "the chain"
    assert uploads(made)["tls.key"] == Hidden("the key")
    assert "the key" not in made.plain_text()
    assert [(port["external"], port["internal"]) for port in made.container("proxy").inputs["ports"]] == [(8080, 8080), (8443, 8081)]
    assert made.component_outputs["proxy"] == {"url": "https://localhost:8443"}


def test_volumes_of_files_are_mounted_read_only_and_only_those() -> None:
    backends = (ProxyBackend(app="web", hosts=["web-1"], port=None, volumes={"media": "vol-media", "private": "vol-private"}),)
    routes = (route("/media", "web", static={"volume": "media"}), route("/more", "web", static={"volume": "media", "folder": "a"}))
    made = make(routes=routes, backends=backends)
    mounts = {mount["target"]: mount for mount in made.container("proxy").inputs["mounts"]}
    assert set(mounts) == {"/etc/berth", "/var/lib/berth", "/.berth", "/var/cache/nginx", "/srv/web/media"}
    assert (mounts["/srv/web/media"]["source"], mounts["/srv/web/media"]["readOnly"]) == ("vol-media", True)
    assert "upstream web" not in configuration(made)


def test_its_output() -> None:
    assert make(EXPLICIT).component_outputs["proxy"] == {"url": "http://localhost"}
