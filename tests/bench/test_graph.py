"""The programs that the benchmark compares make what they are said to make."""

import json
from collections import Counter
from pathlib import Path

import pytest

from bench import graph


def test_bare_resources_are_those_of_the_services(tmp_path: Path) -> None:
    file = tmp_path / "3.json"
    graph.keep(3, file)
    kinds = Counter(kind for kind, _, _ in json.loads(file.read_text()))
    assert kinds["docker:index/network:Network"] == 4
    assert kinds["docker:index/container:Container"] >= 3


@pytest.mark.parametrize("switch", ["gc", "no-traces", "no-messages"])
def test_each_program_runs_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, switch: str) -> None:
    made: list[str] = []
    monkeypatch.setitem(graph.SWITCHES, switch, lambda: made.append(switch))
    graph.keep(2, tmp_path / "2.json")

    async def program() -> None:
        made.append("program")

    graph.under_mocks(graph.switched(program, switch))
    graph.under_mocks(graph.switched(graph.flat(tmp_path / "2.json")))
    assert made == [switch, "program"]
