"""The programs that the benchmark compares make what they are said to make."""

import json
from collections import Counter
from pathlib import Path

import pytest

from bench import graph
from tests.recording import record


def test_bare_resources_are_those_of_the_services(tmp_path: Path) -> None:
    file = tmp_path / "3.json"
    graph.keep(3, file)
    kinds = Counter(kind for kind, *_ in json.loads(file.read_text()))
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


@pytest.mark.parametrize(("forms", "waiting"), [((), False), ((graph.Form.COMPONENTS,), False), (tuple(graph.Form), True)])
def test_bare_resources_may_have_what_berth_s_have(tmp_path: Path, forms: tuple[graph.Form, ...], waiting: bool) -> None:
    file = tmp_path / "2.json"
    graph.keep(2, file)
    kept = json.loads(file.read_text())
    made = record(graph.flat(file, *forms)).resources
    bare = [one for one in made if one.type.startswith("docker:")]
    assert {(one.type, one.name): one.inputs for one in bare} == {(kind, name): inputs for kind, name, inputs, *_ in kept}
    assert len(made) - len(bare) == len({parent for *_, parent, _ in kept} if forms else ())
    assert any(one.dependencies for one in bare) == waiting
