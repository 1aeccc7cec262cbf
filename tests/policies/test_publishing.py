"""A bad container for each rule about ports, and what may be."""

import pytest

from components.stage import PUBLISHES
from policies import publishing
from policies.resource import Resource
from policies.rule import Rule
from tests.policies.samples import PORT, Case, container, ids, proxy, said


def published(component: str, **port: object) -> Resource:
    return container(component, ports=[PORT | port])


BAD: list[Case] = [
    (publishing.only_the_proxy_publishes, published("App", external=8080), "publishes port 8080"),
    (publishing.only_the_proxy_publishes, published("", external=None), "publishes port of the engine's choice"),
    (publishing.only_declared_ports, proxy(ports=[PORT | {"external": 9000}]), "publishes port 9000, which"),
    (publishing.only_declared_ports, proxy(ports=[PORT | {"external": None}]), "of the engine's choice"),
    (publishing.only_declared_ports, container(publishAllPorts=True), "publish_all_ports"),
    (publishing.data_services_not_published, published("Postgres", external=5432, internal=15432), "publishes Postgres at port 5432"),
    (publishing.data_services_not_published, published("Proxy", external=443, internal=6379), "publishes Redis at port 443"),
    (publishing.privileged_ports, published("App", external=80), "publishes port 80"),
    (publishing.address_stated, published("Mailhog", ip="0.0.0.0"), "write 127.0.0.1"),
    (publishing.address_stated, published("Mailhog", ip="::"), "write 127.0.0.1"),
    (publishing.address_stated, published("Proxy", ip=None), "without saying so"),
    (publishing.dev_is_for_this_machine, proxy(), "the network around"),
    (publishing.dev_is_for_this_machine, published("Proxy", ip=None), "the network around"),
    (publishing.no_ssh, container(entrypoints=["/usr/sbin/sshd"]), "runs sshd"),
    (publishing.no_ssh, container(command=["/.berth/start", "--", "dropbear", "-F"]), "runs dropbear"),
]
GOOD: list[tuple[Rule, Resource]] = [
    (publishing.only_the_proxy_publishes, published("Mono")),
    (publishing.only_declared_ports, proxy(ports=[PORT | {"external": port} for port in (80, 443, 8443)])),
    (publishing.only_declared_ports, proxy(ports=[PORT | {"external": 443.0}])),
    (publishing.data_services_not_published, proxy()),
    (publishing.privileged_ports, proxy()),
    (publishing.address_stated, published("Mailhog", ip="127.0.0.1")),
    (publishing.dev_is_for_this_machine, published("Proxy", ip="127.0.0.1")),
    (publishing.no_ssh, container(command=["--ssh", "sshd.conf"])),
]


@pytest.mark.parametrize(("rule", "bad", "words"), BAD, ids=ids(BAD))
def test_bad(rule: Rule, bad: Resource, words: str) -> None:
    assert words in said(rule, bad)


@pytest.mark.parametrize(("rule", "good"), GOOD, ids=[rule.name for rule, _ in GOOD])
def test_good(rule: Rule, good: Resource) -> None:
    assert said(rule, good) == ""


def test_the_label_is_the_one_that_the_program_writes() -> None:
    assert publishing.PUBLISHES == PUBLISHES
