"""The demo as a prod stage, set up with the commands of the README: nothing of the host in it, one port, data that no command deletes."""

import json
import re
from collections.abc import Iterator

import pytest

from components.engine import DockerEngine
from components.proxy.certificate import MATERIAL_BYTES, self_signed
from config.identity import Identity
from tests.engine.project import PASSPHRASE, Project, free_port, shipped
from tests.engine.visitor import Visitor

ROOT = "5eed" * 16
DOMAIN = "demo.example"


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The stage that is shipped, but for its ports."""
    project = Project(root=tmp_path_factory.mktemp("prod") / "prod", name="prod-test", stack="prod", environment=PASSPHRASE, stage=shipped("prod"))
    ports = {"address": "127.0.0.1", "http": project.http, "https": free_port()}
    project.configure(proxy=project.stage["proxy"] | {"ports": ports})
    yield project
    project.remove()


def visitor(prod: Project) -> Visitor:
    return Visitor(prod, DOMAIN, prod.stage["proxy"]["ports"]["https"])


def test_it_says_what_is_missing(prod: Project) -> None:
    said = prod.berth("up", fails=True)
    commands = re.findall(r"pulumi config set (.*?)(?:,|$)", said, re.MULTILINE)
    assert [command.split()[:3] for command in commands if "root_secret" not in command] == [["-s", "prod", "berth:instance"]]
    assert "berth:root_secret" in said
    assert "refuses an empty passphrase" in prod.berth("up", fails=True, PULUMI_CONFIG_PASSPHRASE="")


def test_up(prod: Project) -> None:
    prod.pulumi("config", "set", "berth:instance", prod.instance)
    prod.pulumi("config", "set", "--secret", "berth:root_secret", ROOT)
    prod.pulumi("config", "set", "--path", "--secret", "berth:secrets.smtp_password", "mail-canary")
    assert "pulls postgres:17 by a tag, which may stand for something else tomorrow: berth pin -s prod writes down what it is" in prod.berth("up", fails=True)
    prod.berth("pin")
    said = prod.berth("up")
    assert f"https://{DOMAIN}:{prod.stage['proxy']['ports']['https']}" in said
    assert "proxy.tls.self_signed: browsers will warn of this certificate" in said
    assert "proxy.tls.self_signed: browsers will warn of this certificate" in prod.berth("up")
    prod.berth("preview", "--", "--expect-no-changes", "--refresh")


def test_the_site_is_served_by_tls(prod: Project) -> None:
    site = visitor(prod)
    expected = self_signed([DOMAIN], Identity(instance=prod.instance, root_secret=bytes.fromhex(ROOT)).derive("proxy/tls", MATERIAL_BYTES))
    assert site.certificate() == expected.chain
    answer = site.ask("/healthz")
    assert answer.status_code == 200
    assert "strict-transport-security" not in answer.headers
    assert site.ask("/", host="other.example", sni=DOMAIN).status_code == 421


def test_plain_http_only_leads_to_tls(prod: Project) -> None:
    answer = visitor(prod).ask("/healthz?a=b", plain=True)
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://{DOMAIN}:{prod.stage['proxy']['ports']['https']}/healthz?a=b")
    assert "strict-transport-security" not in answer.headers


def test_nothing_of_the_host_and_its_two_ports(prod: Project) -> None:
    running = prod.containers(role="service")
    services = sorted(one.labels["berth.service"] for one in running)
    assert services == ["cache", "db", "jobs", "proxy", "web", "web", "web"]
    for one in running:
        volumes = [prod.engine.volumes.get(mount["Name"]) for mount in one.attrs["Mounts"] if mount["Type"] == "volume"]
        assert len(volumes) + sum(mount["Type"] == "tmpfs" for mount in one.attrs["Mounts"]) == len(one.attrs["Mounts"])
        assert [volume.attrs["Options"] for volume in volumes if volume.attrs["Options"]] == [], "a folder of the host may hold a volume, too"
        assert "mail-canary" not in str(one.attrs)
    published = {port for one in running for port, bindings in one.ports.items() if bindings}
    assert published == {"8080/tcp", "8081/tcp"}


def test_the_audit_of_what_runs(prod: Project) -> None:
    assert prod.berth("status", "--audit").splitlines()[-1].endswith("0 would be better kept, 0 fail")
    database, engine = prod.one("db"), DockerEngine(prod.engine)
    engine.limit_pids(str(database.id), -1)
    said = prod.berth("status", "--audit", fails=True)
    assert f"processes-limited-live: {database.name} may have as many as it likes instead of 512" in said
    engine.limit_pids(str(database.id), 512)
    leak = prod.engine.networks.create(f"{prod.name}-leak-{prod.instance}")
    try:
        leak.connect(database)
        assert f"data-services-closed-live: {database.name} is in {leak.name}, which has a way out" in prod.berth("status", "--audit", fails=True)
        leak.disconnect(database)
    finally:
        leak.remove()
    told = json.loads(prod.berth("status", "--audit", "--json"))
    assert {one["result"] for one in told} == {"pass"}


def test_down_and_erase_leave_the_data(prod: Project) -> None:
    text = "kept"
    visitor(prod).json("/api/notes", "POST", json={"text": text})
    volumes = prod.data_volumes()
    assert len(volumes) == 3
    prod.berth("down")
    assert "prod" in prod.berth("erase", "--confirm", "prod", fails=True)
    assert prod.leftovers() == {"containers": [], "networks": [], "volumes": volumes}
    prod.berth("up")
    assert text in [note["text"] for note in visitor(prod).json("/api/notes")]
