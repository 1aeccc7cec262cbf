"""The demo as a prod stage, set up with the commands of the README: nothing of the host in it, one port, data that no command deletes."""

import json
import re
from collections.abc import Iterator

import httpx
import pytest

from components.engine import DockerEngine
from tests.engine.project import CHECKOUT, PASSPHRASE, Project


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    mail = {"smtp": {"host": "smtp.test", "username": "demo", "password": "${secrets.smtp_password}"}}
    project = Project(
        root=tmp_path_factory.mktemp("prod") / "prod",
        name="prod-test",
        application=str(CHECKOUT / "demo" / "app.yaml"),
        stack="prod",
        environment=PASSPHRASE,
        stage={"topology": "prod", "mail": mail, "apps": {"web": {"replicas": 2}}},
    )
    yield project
    project.remove()


def test_it_says_what_is_missing(prod: Project) -> None:
    said = prod.berth("up", fails=True)
    commands = re.findall(r"pulumi config set (.*?)(?:,|$)", said, re.MULTILINE)
    assert [command.split()[:3] for command in commands if "root_secret" not in command] == [["-s", "prod", "berth:instance"]]
    assert "berth:root_secret" in said
    assert "refuses an empty passphrase" in prod.berth("up", fails=True, PULUMI_CONFIG_PASSPHRASE="")


def test_up(prod: Project) -> None:
    prod.pulumi("config", "set", "berth:instance", prod.instance)
    prod.pulumi("config", "set", "--secret", "berth:root_secret", "5eed" * 16)
    prod.pulumi("config", "set", "--path", "--secret", "berth:secrets.smtp_password", "mail-canary")
    assert "pulls postgres:17 by a tag, which may stand for something else tomorrow: berth pin -s prod writes down what it is" in prod.berth("up", fails=True)
    prod.berth("pin")
    prod.berth("up")
    prod.berth("preview", "--", "--expect-no-changes", "--refresh")
    assert httpx.get(f"{prod.url}/healthz").status_code == 200


def test_nothing_of_the_host_and_one_port(prod: Project) -> None:
    running = prod.containers(role="service")
    services = sorted(one.labels["berth.service"] for one in running)
    assert services == ["cache", "db", "jobs", "proxy", "web", "web"]
    for one in running:
        assert {mount["Type"] for mount in one.attrs["Mounts"]} <= {"volume", "tmpfs"}
        assert "mail-canary" not in str(one.attrs)
    published = {port for one in running for port, bindings in one.ports.items() if bindings}
    assert published == {"8080/tcp"}


def test_the_audit_of_what_runs(prod: Project) -> None:
    assert prod.berth("status", "--audit").splitlines()[-1].endswith("0 would be better kept, 0 fail")
    database, engine = prod.one("db"), DockerEngine(prod.engine)
    engine.limit_pids(str(database.id), -1)
    said = prod.berth("status", "--audit", fails=True)
    assert f"processes-limited-live: {database.name} may have as many as it likes instead of 512" in said
    engine.limit_pids(str(database.id), 512)
    told = json.loads(prod.berth("status", "--audit", "--json"))
    assert {one["result"] for one in told} == {"pass"}


def test_down_and_erase_leave_the_data(prod: Project) -> None:
    text = "kept"
    httpx.post(f"{prod.url}/api/notes", json={"text": text}).raise_for_status()
    volumes = prod.data_volumes()
    assert len(volumes) == 3
    prod.berth("down")
    assert "prod" in prod.berth("erase", "--confirm", "prod", fails=True)
    assert prod.leftovers() == {"containers": [], "networks": [], "volumes": volumes}
    prod.berth("up")
    assert text in [note["text"] for note in httpx.get(f"{prod.url}/api/notes").json()]
