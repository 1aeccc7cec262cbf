"""Mailhog: one container, no data, no credentials."""

import pytest

from components.container import Resources
from components.mailhog import Mailhog, MailhogArgs, MailhogConfig
from components.model import size
from components.probe import HEAL
from tests.recording import Recording, record, stage, tools

DEFAULT = MailhogConfig()


def make(config: MailhogConfig = DEFAULT) -> Recording:
    def build() -> None:
        of = stage()
        Mailhog("mail", MailhogArgs(stage=of, tools=tools(of), config=config, networks=("front-1", "data-1"), ui_url="http://localhost:8025"))

    return record(build)


@pytest.fixture(scope="module")
def mailhog() -> Recording:
    return make()


def test_creates_exactly_an_image_and_a_container(mailhog: Recording) -> None:
    assert mailhog.tree("berth:index:Mailhog::mail") == ["docker:index/container:Container mail", "docker:index/remoteImage:RemoteImage mail-image"]


def test_publishes_nothing_itself(mailhog: Recording) -> None:
    inputs = mailhog.container("mail").inputs
    assert "ports" not in inputs
    assert inputs["networksAdvanced"] == [{"name": "front-1", "aliases": ["mail"]}, {"name": "data-1", "aliases": ["mail"]}]


def test_owns_nothing_so_the_new_one_starts_first(mailhog: Recording) -> None:
    options = mailhog.container("mail").options
    assert options["delete_before_replace"] is False
    assert options["replace_on_changes"] == ["*", "#initerror"]


def test_runs_and_is_probed(mailhog: Recording) -> None:
    inputs = mailhog.container("mail").inputs
    assert (inputs["entrypoints"], inputs["command"], inputs["user"]) == (["MailHog"], ["-storage=memory"], "1000:1000")
    assert inputs["healthcheck"]["tests"] == [
        "CMD",
        *HEAL,
        "3",
        "3",
        "SIGTERM",
        "10",
        "--",
        "/.berth/busybox",
        "sh",
        "/.berth/probe",
        "http",
        "8025",
        "/api/v2/messages?limit=1",
    ]
    assert [(mount["target"], mount["readOnly"]) for mount in inputs["mounts"]] == [("/.berth", True)]


def test_connection(mailhog: Recording) -> None:
    connection = mailhog.component_outputs["mail"]["connection"]
    assert (connection["url"], connection["password"], connection["ui_url"]) == ("smtp://mail:1025", "", "http://localhost:8025")


@pytest.mark.parametrize(
    ("config", "image", "memory", "cpus"),
    [
        (DEFAULT, "mailhog/mailhog:v1.0.1", 64, "0.25"),
        (MailhogConfig(version="v1.0.0", resources=Resources(memory=size("128MiB"), cpus="1")), "mailhog/mailhog:v1.0.0", 128, "1.0"),
    ],
    ids=["defaults", "explicit"],
)
def test_configuration_reaches_the_container(config: MailhogConfig, image: str, memory: int, cpus: str) -> None:
    made = make(config)
    assert made.one("mail-image").inputs["name"] == image
    assert (made.container("mail").inputs["memory"], made.container("mail").inputs["cpus"]) == (memory, cpus)
