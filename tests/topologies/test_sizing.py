"""What a prod stage may take of its host's memory, a roll included, and what docs/sizing.md says of it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML

from components.app.config import AppConfig
from components.container import Resources
from components.postgres.config import PostgresConfig
from components.proxy.config import ProxyConfig
from components.redis.config import RedisConfig
from components.worker import WorkerConfig
from tests.golden import CHECKOUT
from tests.recording import Recording, Registered
from tests.topologies.samples import as_shipped, shipped
from tests.topologies.test_demo import STAGES
from topologies.host import most_mib

SMALL_MIB = 2048 - 300
"""What a host of 2 GiB has for containers: the rest is the system's and the engine's."""
PAGE = (CHECKOUT / "docs" / "sizing.md").read_text()
DEFAULTS: dict[str, Any] = {"apps": {"web": {}}, "workers": {}}
"""The demo's prod stage without a size of its own."""


def of_role(made: Recording, role: str) -> Iterator[Registered]:
    return (one for one in made.containers() if {"label": "berth.role", "value": role} in one.inputs["labels"])


def memory(containers: Iterator[Registered]) -> int:
    return sum(int(one.inputs["memory"]) for one in containers)


def running_mib(made: Recording) -> int:
    """Limits of all that runs for good."""
    return memory(of_role(made, "service"))


def roll_mib(made: Recording) -> int:
    """Limits of all that may run at once while everything that can be replaced without a gap is.

    New ones start first, and old ones go when all new ones serve. A migration has the limit of one replica, and has ended before those of its app start."""
    new = memory(one for one in of_role(made, "service") if not one.options["delete_before_replace"])
    return running_mib(made) + new + memory(made.container(name) for name in ("proxy-switch", "proxy-check"))


def prod(**values: Any) -> Recording:
    return shipped("prod", **{**STAGES["prod"], **values})


def web(**values: Any) -> dict[str, Any]:
    small = {"resources": {"memory": "128MiB"}}
    return {"apps": {"web": {**small, **values}}, "workers": {"jobs": small}}


@pytest.mark.parametrize(
    "values",
    [{}, web(replicas=3, roll=1), web(replicas=3), DEFAULTS],
    ids=["as shipped", "three replicas, one after the other", "three replicas at once", "defaults"],
)
def test_a_roll_fits_on_a_host_of_2_gib(values: dict[str, Any]) -> None:
    assert roll_mib(prod(**values)) <= SMALL_MIB


@pytest.mark.parametrize("values", [{}, DEFAULTS], ids=["as shipped", "defaults"])
def test_a_migration_takes_what_the_new_replicas_take_afterwards(values: dict[str, Any]) -> None:
    made = prod(**values)
    replicas = [one for one in of_role(made, "service") if one.name.startswith("web-")]
    assert made.container("web-migrate").inputs["memory"] == replicas[0].inputs["memory"]
    assert all("web-migrate" in one.after for one in replicas)
    jobs = {one.name for one in of_role(made, "job")}
    assert jobs == {"web-migrate", "proxy-switch", "proxy-check"}


def test_nothing_that_runs_is_without_a_limit() -> None:
    made = [one for role in ("service", "job", "loader") for one in of_role(prod(), role)]
    assert {"proxy", "web-migrate", "proxy-switch", "proxy-check", "db-data-owner", "db-secrets-loader"} <= {one.name for one in made}
    for key in ("memory", "cpus", "logOpts"):
        assert all(one.inputs[key] for one in made), key
    assert all("berth.pids" in {label["label"] for label in one.inputs["labels"]} for one in made)


def cells(heading: str) -> list[list[str]]:
    """The rows of the table below a heading."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("|")][2:]


def shown(resources: Resources) -> list[str]:
    return [re.sub(r"(\d+)([MG]iB)", r"\1 \2", str(resources.memory)), str(resources.cpus)]


def default(model: type[Any]) -> Resources:  # Any: models of several kinds
    made = model.model_fields["resources"].default
    assert isinstance(made, Resources)
    return made


def test_the_page_has_the_defaults() -> None:
    models = {"proxy": ProxyConfig, "apps": AppConfig, "workers": WorkerConfig, "postgres": PostgresConfig, "redis": RedisConfig}
    expected = {key: shown(default(model)) for key, model in models.items()}
    assert {row[0].strip("`"): row[1:3] for row in cells("Defaults")} == expected


@pytest.mark.parametrize(
    ("row", "values"),
    [
        ("all defaults, one replica", DEFAULTS),
        ("the demo as shipped: three replicas and its worker with 128 MiB each", {}),
        (
            "two replicas with 192 MiB, a worker with 128 MiB",
            {"apps": {"web": {"replicas": 2, "resources": {"memory": "192MiB"}}}, "workers": web()["workers"]},
        ),
        ("three replicas, all defaults", {"apps": {"web": {"replicas": 3}}, "workers": {}}),
    ],
)
def test_the_page_has_the_sums(row: str, values: dict[str, Any]) -> None:
    made = prod(**values)
    assert most_mib(as_shipped("prod", **{**STAGES["prod"], **values}).stage) == (running_mib(made), roll_mib(made)), "what a run warns of"
    fits = "yes" if roll_mib(made) <= SMALL_MIB else "no"
    assert [row, f"{running_mib(made):,} MiB", f"{roll_mib(made):,} MiB", fits] in cells("A roll")


@pytest.mark.parametrize(("number", "room_mib"), [(0, 1024 - 300), (1, 8192 - 392)], ids=["1 GiB", "8 GiB"])
def test_what_the_page_writes_for_other_hosts(number: int, room_mib: int) -> None:
    written = YAML(typ="safe").load(re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[number])
    sections = {key.removeprefix("berth:"): value for key, value in written.items()}
    sections["proxy"] = {"tls": {"self_signed": {}}, **sections.get("proxy", {})}  # as the stage has it, which the page adds to
    assert 0.5 * room_mib < roll_mib(prod(**sections)) <= room_mib
