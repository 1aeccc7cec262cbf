"""What is refused with a reason: every row is reached, in its topology alone."""

from pathlib import Path
from typing import Any

import pytest

from config.document import Where
from config.forbidden import FORBIDDEN, Forbidden, reason
from config.problems import Refused
from config.stage import Topology
from tests.config.samples import APP, MONO, MONO_APP, PROD, project, stage_of

AHEAD: dict[str, str] = {}
"""Rows that wait for their section, which is refused until it is there: take a row out of here when it is."""
NAMES = {"apps": "web", "workers": "jobs", "postgres": "db", "redis": "cache"}
VALUES: dict[Topology, dict[str, Any]] = {Topology.DEV: {}, Topology.PROD: PROD, Topology.MONO: MONO}


def concrete(pattern: str, topology: Topology) -> list[str]:
    steps = pattern.replace("**", "mono" if topology is Topology.MONO else "redis.*").split(".")
    return [NAMES[steps[0]] if step == "*" else step for step in steps]


def refusal(root: Path, row: Forbidden, topology: Topology) -> str:
    first, *rest = concrete(row.path, topology)
    value: Any = {"x": "y"}
    for step in reversed(rest):
        value = {step: value}
    with pytest.raises(Refused) as refused:
        stage_of(project(root, MONO_APP if topology is Topology.MONO else APP), **VALUES[topology] | {first: value})
    return str(refused.value)


@pytest.mark.parametrize("row", FORBIDDEN, ids=lambda row: f"{row.path} {row.only or ''}")
def test_the_reason_is_said(row: Forbidden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    for topology in [row.only] if row.only else Topology:
        if row.path in AHEAD:
            assert f": {AHEAD[row.path]}: is no key here" in refusal(tmp_path, row, topology)
            continue
        assert f"Pulumi.dev.yaml: {'.'.join(concrete(row.path, topology))}: {row.text}" in refusal(tmp_path, row, topology).splitlines()


@pytest.mark.parametrize(
    ("topology", "path", "known"),
    [
        (Topology.PROD, ("apps", "web", "mounts"), True),
        (Topology.DEV, ("apps", "web", "mounts"), False),
        (Topology.PROD, ("apps", "web", "mounts", "x"), False),
        (Topology.DEV, ("mail", "smtp"), True),
        (Topology.DEV, ("apps", "mail", "smtp"), False),
        (Topology.DEV, ("apps", "web", "resources", "cpus_reservation"), True),
        (Topology.PROD, ("mail", "smtp", "resources", "cpus_reservation"), True),
        (Topology.DEV, ("resources",), False),
        (Topology.DEV, ("cpus_reservation",), False),
        (Topology.DEV, (), False),
    ],
)
def test_reason(topology: Topology, path: Where, known: bool) -> None:
    assert (reason(topology, path) is not None) is known
