"""The page: made by the benchmark alone, from its template as it is, with every comparison that there is."""

import re

import pytest

from bench.__main__ import PAGE, PARTS, WORDS, Figures, kept, main, page, rows
from ops.console import Stop
from tests.golden import CHECKOUT

COMPARED = re.compile(r'(?:compare\(|Ratio\(what=)f?"([^"]+)", (?:against=)?')
MEASURED: dict[str, Figures] = {
    "programs": {"day": "2026-01-01", "rows": [["one", "other", "1.00", "1.00 to 1.00", "at most 2", "yes"]]},
    "profiles": {
        "day": "2026-01-02",
        "phases": [["start", 0.5, 0.25]],
        "processes": [["pulumi", 2.0, 1.0]],
        "steps": [["imports", 1.0]],
        "growth": [["as it is", 1.5, 1.0, 1.5], ["both with it", 1.8, 0.9, 2.0], ["both without it", 1.4, 0.6, 2.33]],
        "resources": 55,
    },
    "about": {"cores": 2, "engine": "26", "compose": "2", "pulumi": "3"},
}


def test_rows_say_when_they_were_measured() -> None:
    assert rows(MEASURED) == [["one", "other", "1.00", "1.00 to 1.00", "at most 2", "yes", "2026-01-01"]]


def test_everything_that_was_measured_is_on_the_page() -> None:
    text = page(MEASURED)
    for line in (
        "| one | other | 1.00 | 1.00 to 1.00 | at most 2 | yes | 2026-01-01 |",
        "| start | 0.50 | 0.25 |",
        "| pulumi | 2.00 | 1.00 |",
        "| imports | 1.00 |",
        "| as it is | 1.50 | 1.00 | 1.50 |",
    ):
        assert line in text.splitlines()
    assert "55 against 3" in text


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(Stop, match=f"no part of the benchmark: speed; there are {', '.join(PARTS)}"):
        main("speed")


def test_the_page_is_of_what_was_measured() -> None:
    assert PAGE.read_text() == page(kept()), "run make bench"


def test_parts_of_another_machine_are_no_part_of_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.__main__.about", lambda: {"cores": 1000})
    with pytest.raises(Stop, match=r"the other parts were measured with .*, and here is {'cores': 1000}: measure everything"):
        main("builds")


def test_the_page_has_every_comparison_and_phase() -> None:
    page = PAGE.read_text()
    compared = {text for path in (CHECKOUT / "bench").glob("*.py") for text in COMPARED.findall(path.read_text())}
    assert len(compared) > 4
    for text in compared:
        first, _, rest = text.partition("{")
        assert f"| {first}" in page, f"run make bench: {text}{rest}"
    for text in WORDS.values():
        assert f"| {text} |" in page


def test_it_shows_ratios_and_no_seconds() -> None:
    tables = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
    assert [line for line in tables if re.search(r"\d ?(ms|s|seconds)\b", line)] == []
