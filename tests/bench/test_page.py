"""The page: made by the benchmark alone, from its template as it is, with every comparison that there is."""

import re

from bench.__main__ import PAGE, WORDS
from bench.measure import ROUNDS
from tests.golden import CHECKOUT

TEMPLATE = (CHECKOUT / "bench" / "performance.md.j2").read_text()
COMPARED = re.compile(r'(?:compare\(|Ratio\(what=)f?"([^"]+)", (?:against=)?')


def test_the_page_is_of_this_template() -> None:
    page = PAGE.read_text()
    prose = [line for line in TEMPLATE.splitlines() if line and not re.search(r"[{}]", line)]
    assert [line for line in prose if line not in page] == [], "run make bench"
    assert f"the median of {ROUNDS} pairs" in page


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
