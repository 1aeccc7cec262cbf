"""What Pulumi's files still know, when berth's own are gone."""

import json
from pathlib import Path
from typing import Any

import pytest

from config.checkpoints import instance_in, labels, latest


def labelled(instance: str, **more: Any) -> dict[str, Any]:
    """A resource as Pulumi writes it down."""
    given = [{"label": "berth.role", "value": "data"}, {"label": "berth.instance", "value": instance}]
    return {"urn": "urn:pulumi:dev::shop::t::db", "type": "t", "inputs": {"labels": given}, **more}


def write(file: Path, *resources: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"stack": "organization/shop/dev", "latest": {"resources": list(resources)}}}))


def history(folder: Path, number: int) -> Path:
    return folder / "history" / "shop" / "dev" / f"dev-17952494031048518{number:02}.checkpoint.json"


def test_a_stage_that_was_never_up(tmp_path: Path) -> None:
    assert latest(tmp_path, "shop", "dev") == []
    write(tmp_path / "stacks" / "shop" / "dev.json")
    assert latest(tmp_path, "shop", "dev") == []


def test_the_state_itself_counts_first(tmp_path: Path) -> None:
    write(history(tmp_path, 1), labelled("11111111"))
    write(tmp_path / "stacks" / "shop" / "dev.json", labelled("22222222"))
    assert instance_in(latest(tmp_path, "shop", "dev")) == "22222222"
    assert latest(tmp_path, "shop", "other") == latest(tmp_path, "other", "dev") == []


@pytest.mark.parametrize("state", [None, "", "{", "[]", '{"checkpoint": null}', '{"checkpoint": {"latest": {"resources": null}}}'])
def test_an_empty_or_broken_state_leads_to_the_newest_before_it(state: str | None, tmp_path: Path) -> None:
    for number, instance in ((1, "11111111"), (2, "22222222")):
        write(history(tmp_path, number), labelled(instance))
    write(history(tmp_path, 3))
    file = tmp_path / "stacks" / "shop" / "dev.json"
    file.parent.mkdir(parents=True)
    if state is not None:
        file.write_text(state)
    assert instance_in(latest(tmp_path, "shop", "dev")) == "22222222"


def test_what_waits_for_its_deletion_says_nothing() -> None:
    assert instance_in([labelled("11111111", delete=True), {"urn": "u"}, labelled("22222222")]) == "22222222"
    assert instance_in([labelled("11111111", delete=True)]) is None


@pytest.mark.parametrize("given", [None, "secret", [], ["x"], [{}]])
def test_odd_labels(given: object) -> None:
    assert labels({"labels": given}).get("berth.instance") is None
