"""The models of a stage: defaults of each topology, and what only one of them may hold."""

import pytest

from components.model import Model
from config.docstrings import docstrings, family
from config.profiles import PROFILES
from config.stage import TOPOLOGIES, DevStage, MonoStage, ProdStage, Security, SmtpConfig, Topology

SMALLEST = {"format": 1, "name": "shop"}
PLAIN: dict[str, dict[str, dict[str, str]]] = {"tls": {"elsewhere": {}}}


@pytest.mark.parametrize(
    ("topology", "model", "address", "port"),
    [(Topology.DEV, DevStage, "127.0.0.1", 8080), (Topology.PROD, ProdStage, "0.0.0.0", 80), (Topology.MONO, MonoStage, "0.0.0.0", 80)],
)
def test_defaults_of_a_topology(topology: Topology, model: type[DevStage | ProdStage | MonoStage], address: str, port: int) -> None:
    assert TOPOLOGIES[topology] is model
    own = {"mono": {"image": "all:1"}} if topology is Topology.MONO else {}
    proxy = PROFILES[topology]["proxy"] | ({} if topology is Topology.DEV else PLAIN)
    stage = model.model_validate({**SMALLEST, "proxy": proxy, **own, "topology": topology.value})
    assert (stage.proxy.ports.address, stage.proxy.ports.http) == (address, port)
    assert (stage.apps, stage.workers, stage.postgres, stage.redis, stage.secrets, stage.mail) == ({}, {}, {}, {}, {}, None)


@pytest.mark.parametrize("model", [DevStage, ProdStage])
def test_ports_are_where_the_stage_says(model: type[DevStage | ProdStage]) -> None:
    topology = "dev" if model is DevStage else "prod"
    stage = model.model_validate(
        SMALLEST | {"topology": topology, "proxy": {"drain": "1s", "ports": {"address": "10.0.0.1", "http": 81, "https": 82}, **PLAIN}}
    )
    assert (stage.proxy.ports.address, stage.proxy.ports.http) == ("10.0.0.1", 81)


def test_defaults_of_a_mail_server() -> None:
    assert SmtpConfig(host="x") == SmtpConfig(host="x", security=Security.STARTTLS, port=None, username="", password=None)


@pytest.mark.parametrize(
    ("said", "port"),
    [({}, 587), ({"security": "starttls"}, 587), ({"security": "tls"}, 465), ({"security": "none"}, 25), ({"security": "tls", "port": 2465}, 2465)],
)
def test_a_mail_server_is_reached_at_its_usual_port(said: dict[str, object], port: int) -> None:
    assert SmtpConfig.model_validate({"host": "x"} | said).reached_at == port


@pytest.mark.parametrize(
    "model", [model for model in family(Model) if model.__module__.startswith(("components.", "config."))], ids=lambda model: model.__name__
)
def test_every_field_says_what_it_does(model: type[Model]) -> None:
    said = {name for parent in model.__mro__ if issubclass(parent, Model) for name in docstrings(parent)}
    assert [name for name in model.model_fields if name not in said] == []
