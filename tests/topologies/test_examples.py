"""The examples in all their stages: each loads, says little, and what it creates is a golden file."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.golden import CHECKOUT, FOLDER, compare, tree
from tests.recording import Recording
from tests.topologies.samples import IDENTITY, PROD, shipped

EXAMPLES = CHECKOUT / "examples"
STAGES = sorted((path.parent.name, path.name.split(".")[1]) for path in EXAMPLES.glob("*/Pulumi.*.yaml") if not path.name.endswith(".pins.yaml"))
EXPECTED = {
    "checkin": {"dev", "mono", "prod"},
    "loc8": {"dev", "full", "prod"},
    **{example: {"dev", "prod"} for example in ("cirame", "fittrackee", "pretalx", "story", "wildid")},
}
LINES = dict.fromkeys(["fittrackee", "pretalx"], 60)
"""How much an application file may say; others 80."""
COLUMNS = 100


def parsed(path: Path) -> dict[str, Any]:
    """A YAML file."""
    data: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text())
    return data


def told(example: str, stack: str) -> dict[str, Any]:
    """What a stage still has to be told: who it is, and a value for each secret that nobody derives."""
    root = EXAMPLES / example
    stage = parsed(root / f"Pulumi.{stack}.yaml")["config"]
    named = {name for name, secret in parsed(root / "app.yaml").get("secrets", {}).items() if "generate" not in secret}
    named |= {*stage.get("berth:secrets", {}), *re.findall(r"\$\{secrets\.([a-z0-9_-]+)\}", (root / f"Pulumi.{stack}.yaml").read_text())}
    secrets = {"secrets": {name: f"s3cret-{name}" for name in sorted(named)}} if named else {}
    images = {"images": {**stage.get("berth:images", {}), "moving_tags": True}}
    return secrets | ({} if stage["berth:topology"] == "dev" else {**PROD, "topology": stage["berth:topology"], **images})


def topology_of(example: str, stack: str) -> str:
    """`dev`, `prod` or `mono`."""
    return str(parsed(EXAMPLES / example / f"Pulumi.{stack}.yaml")["config"]["berth:topology"])


def made(example: str, stack: str) -> Recording:
    """A stage of an example."""
    return shipped(stack, EXAMPLES / example, **told(example, stack))


@pytest.fixture(scope="module", params=STAGES, ids="-".join)
def of(request: pytest.FixtureRequest) -> tuple[str, str, Recording]:
    example, stack = request.param
    return example, stack, made(example, stack)


def test_all_examples_are_there() -> None:
    assert {example: {stack for name, stack in STAGES if name == example} for example, _ in STAGES} == EXPECTED


def test_the_table_has_every_example_and_stage() -> None:
    example, found = "", []
    for line in (EXAMPLES / "README.md").read_text().splitlines():
        if line.startswith(("| [", "| |")):
            link, stack, met, missing = (cell.strip() for cell in line.strip("|").split("|"))
            example = link.partition("]")[0].removeprefix("[") or example
            assert link in ("", f"[{example}]({example}/README.md)")
            assert met
            assert missing, "what is not met is said, none too"
            found.append((example, stack))
    assert sorted(found) == STAGES


@pytest.mark.parametrize("example", EXPECTED)
def test_the_application_file_is_short(example: str) -> None:
    lines = (EXAMPLES / example / "app.yaml").read_text().splitlines()
    assert len(lines) <= LINES.get(example, 80)
    assert [line for line in lines if len(line) > COLUMNS] == []


def test_golden(of: tuple[str, str, Recording]) -> None:
    example, stack, recording = of
    compare(FOLDER / f"{example}-{stack}.txt", tree(recording))


def test_only_the_proxy_or_mono_owns_ports(of: tuple[str, str, Recording]) -> None:
    _, stack, recording = of
    assert [one.name for one in recording.containers() if "ports" in one.inputs] == ["mono" if stack == "mono" else "proxy"]


def test_no_secret_is_sent_in_plain(of: tuple[str, str, Recording]) -> None:
    example, stack, recording = of
    secrets = [*told(example, stack).get("secrets", {}).values(), IDENTITY.root_secret.hex()]
    assert [secret for secret in secrets if secret in recording.plain_text() + tree(recording)] == []


def test_every_service_is_hardened_and_limited(of: tuple[str, str, Recording]) -> None:
    for one in of[2].containers():
        if {"label": "berth.role", "value": "service"} in one.inputs["labels"]:
            assert one.inputs["capabilities"]["drops"] == ["ALL"]
            assert one.inputs["securityOpts"] == ["no-new-privileges:true"]
            assert one.inputs["memory"] == one.inputs["memorySwap"] > 0
            assert not one.inputs["user"].startswith("0:")
            assert one.inputs["wait"]
