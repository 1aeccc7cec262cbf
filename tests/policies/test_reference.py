"""The reference page: up to date, and nothing of the benchmark left out."""

import re

import pytest

from policies.reference import UNSEEN, page
from policies.rule import Rule
from policies.rules import ALL
from tests.golden import CHECKOUT, compare

CIS = [f"4.{number}" for number in range(1, 13)] + [f"5.{number}" for number in range(1, 33)]
"""Sections 4 and 5 of the CIS Docker Benchmark 1.6.0."""
PAGE = page()


def test_is_up_to_date() -> None:
    compare(CHECKOUT / "docs" / "reference" / "policies.md", PAGE)


@pytest.mark.parametrize("number", CIS)
def test_every_number_is_a_rule_or_has_its_reason(number: str) -> None:
    assert any(number in rule.cis for rule in ALL) is not (number in UNSEEN)


def test_no_number_is_made_up() -> None:
    assert {number for rule in ALL for number in rule.cis} | UNSEEN.keys() == set(CIS)


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_every_rule_has_its_row(rule: Rule) -> None:
    [row] = [line for line in PAGE.splitlines() if line.startswith(f"| `{rule.name}` |")]
    assert len(re.split(r"(?<!\\)\|", row)) == 8
    assert rule.asks.endswith((".", ")"))
    assert rule.asks in row
