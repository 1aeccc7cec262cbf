"""Everything that can be said about an app, said at once: the engine does it, and a second run has nothing to do."""

import json
import random
import re
from pathlib import Path
from typing import Any

import docker
import httpx
import pytest
from docker.types import IPAMConfig, IPAMPool

from tests.engine.conftest import Make
from tests.engine.project import Project, said_in

SUBNETS = [f"10.{second}.77.0/24" for second in range(211, 240)]
APP = """\
format: 1
name: words
apps:
  web:
    build: {{ context: web, secrets: {{ token: {{ from: token }} }} }}
    port: 8000
    routes: {{ /: {{}} }}
    uses: [api]
    env: {{ API: "${{apps.api.url}}" }}
    files: {{ /etc/words: {{ words.cfg: {{ template: words.cfg }}, secret.cfg: {{ text: "key=${{secrets.token}}" }} }} }}
    volumes: {{ common: {{ path: /common, writers: many }}, seen: {{ path: /seen, read_only: true }} }}
    tmpfs: {{ /tmp: 16MiB, /cache: 1MiB }}
    user: 1234:1235
    capabilities: [NET_BIND_SERVICE]
    address: {address}
    resources: {{ memory: 64MiB, memory_reservation: 32MiB, cpus: "0.25", pids: 77 }}
    logs: {{ size: 512KiB, files: 2 }}
    labels: {{ team: words }}
    stop_signal: SIGINT
    stop_grace: 5s
    health: {{ path: /index.html, interval: 2s }}
  api:
    build: {{ context: web }}
    port: 9000
    command: [/httpd, httpd, -f, -p, "9000", -h, /common]
    volumes: {{ common: {{ path: /common, writers: many }} }}
    user: 1234:1235
    replicas: 2
    roll: 1
    health: {{ tcp: 9000, interval: 2s }}
workers:
  clock:
    app: web
    command: [/.berth/busybox, sh, -c, "echo x >>/common/rounds"]
    schedule: {{ every: 1s }}
volumes: {{ common: {{ folder: {folder} }}, seen: {{ owner: "7:8" }} }}
networks: {{ front: {{ subnet: {subnet} }}, egress: {{ internal: true }} }}
secrets: {{ token: {{ generate: {{}} }} }}
"""
DOCKERFILE = """\
FROM debian:trixie-slim AS tools
RUN apt-get update && apt-get install -y --no-install-recommends busybox-static
RUN --mount=type=secret,id=token mkdir /www && wc -c </run/secrets/token >/www/size || : ; echo words >/www/index.html
FROM scratch
COPY --from=tools /bin/busybox /httpd
COPY --from=tools /www /www
CMD ["/httpd", "httpd", "-f", "-p", "8000", "-h", "/www"]
"""


def free_subnet(engine: docker.DockerClient) -> str:
    """One that no network of this engine has."""
    taken = {pool.get("Subnet") for network in engine.networks.list() for pool in network.attrs["IPAM"]["Config"] or ()}
    return random.choice([subnet for subnet in SUBNETS if subnet not in taken])  # others choose meanwhile


@pytest.fixture(scope="module")
def words(make_project: Make, engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project("words")
    subnet = free_subnet(engine)
    folder = tmp_path_factory.mktemp("common")
    (project.root / "web").mkdir()
    (project.root / "web" / "Dockerfile").write_text(DOCKERFILE)
    (project.root / "words.cfg").write_text("site=${proxy.url} literal=$${x}\n")
    (project.root / "app.yaml").write_text(APP.format(subnet=subnet, folder=folder, address=subnet.replace("0/24", "9")))
    project.berth("up")
    return project


@pytest.fixture(scope="module")
def web(words: Project) -> dict[str, Any]:
    return dict(words.one("web").attrs)


def test_serves(words: Project) -> None:
    assert httpx.get(words.url).text == "words\n"


def test_the_build_read_its_secret(words: Project) -> None:
    size = int(httpx.get(f"{words.url}/size").text)
    assert size >= 32
    secret = said_in(words.one("web"), "/.berth/busybox", "cat", "/etc/words/secret.cfg").partition("key=")[2]
    assert len(secret) == size


def test_files_are_there_for_the_user_alone(words: Project) -> None:
    container = words.one("web")
    assert said_in(container, "/.berth/busybox", "cat", "/etc/words/words.cfg") == f"site=http://localhost:{words.http} literal=${{x}}\n"
    assert said_in(container, "/.berth/busybox", "stat", "-c", "%u:%g %a", "/etc/words/words.cfg").strip() == "1234:1235 400"
    assert "key=" not in json.dumps(container.attrs)


def test_limits_rights_and_labels(web: dict[str, Any]) -> None:
    host = web["HostConfig"]
    assert (host["Memory"], host["MemoryReservation"], host["NanoCpus"] or host["CpuQuota"] * 10_000, host["PidsLimit"]) == (
        64 * 2**20,
        32 * 2**20,
        250_000_000,
        77,
    )
    assert host["CapAdd"] == ["CAP_NET_BIND_SERVICE"]
    assert host["LogConfig"]["Config"] == {"max-size": "512k", "max-file": "2"}
    assert {path: options.partition("size=")[2].partition(",")[0] for path, options in host["Tmpfs"].items()} == {"/tmp": "16m", "/cache": "1m"}
    assert web["Config"]["Labels"]["team"] == "words"
    assert (web["Config"]["StopSignal"], web["Config"]["StopTimeout"]) == ("SIGINT", 5)


def test_the_address_is_the_one_that_was_asked_for(web: dict[str, Any]) -> None:
    addresses = {network["IPAddress"] for network in web["NetworkSettings"]["Networks"].values()}
    assert any(address.endswith(".77.9") for address in addresses), addresses


def test_processes_are_limited_in_every_service(words: Project) -> None:
    assert {container.attrs["HostConfig"]["PidsLimit"] for container in words.containers(role="service")} == {77, 512}


def test_a_shared_volume_is_a_folder_of_the_host_and_the_schedule_writes_to_it(words: Project) -> None:
    assert words.one("clock").attrs["State"]["Health"]["Status"] == "healthy"
    assert "x" in said_in(words.containers("api", role="service")[0], "/.berth/busybox", "cat", "/common/rounds")
    volume = words.engine.volumes.get(next(name for name in words.data_volumes() if name.endswith("-common")))
    assert "x" in (Path(volume.attrs["Options"]["device"]) / "rounds").read_text()


def test_a_volume_for_reading_cannot_be_written(words: Project) -> None:
    assert "Read-only file system" in said_in(words.one("web"), "/.berth/busybox", "touch", "/seen/x")


def test_a_second_run_has_nothing_to_do(words: Project) -> None:
    words.berth("preview", "--", "--expect-no-changes", "--refresh")


def test_a_network_with_a_subnet_can_be_changed(words: Project) -> None:
    app = words.root / "app.yaml"
    subnet = re.findall(r"front: \{ subnet: ([0-9./]+) \}", app.read_text())[0]
    gateway = subnet.replace("0/24", "3")
    app.write_text(app.read_text().replace(f"subnet: {subnet} }}", f"subnet: {subnet}, gateway: {gateway} }}"))
    words.berth("up")
    [front] = words.engine.networks.list(filters={"label": [f"berth.instance={words.instance}", "berth.service=front"]})
    assert front.attrs["IPAM"]["Config"][0]["Gateway"] == gateway
    assert httpx.get(words.url).text == "words\n"
    words.configure(networks={"egress": {"subnet": subnet.replace("0/24", "128/25")}})
    said = words.berth("up", fails=True)
    assert "networks: has" in said, "a subnet that overlaps one of its own"


def test_a_subnet_of_somebody_else_is_found_before_anything_is_made(words: Project) -> None:
    subnet = free_subnet(words.engine)
    network = words.engine.networks.create("berth-test-words", ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=subnet)]), labels={"berth.test": "words"})
    try:
        words.configure(networks={"egress": {"subnet": subnet}})
        assert f"networks.egress.subnet: {subnet} overlaps {subnet} of network berth-test-words: choose another" in words.berth("up", fails=True)
    finally:
        network.remove()
