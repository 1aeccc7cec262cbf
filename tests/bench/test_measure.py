"""Ratios: pairs in turn, the median counts, and a goal is met from one side or the other."""

import sys
from itertools import count

import pytest

from bench.measure import Ratio, compare, seconds, table


def ratio(*pairs: float, goal: float = 1.5, at_least: bool = False) -> Ratio:
    return Ratio(what="one", against="other", goal=goal, pairs=pairs, at_least=at_least)


def test_the_median_is_the_figure() -> None:
    assert ratio(1, 9, 2).median == 2


@pytest.mark.parametrize(("at_least", "figure", "met"), [(False, 1.5, True), (False, 1.6, False), (True, 1.5, True), (True, 1.4, False)])
def test_a_goal_has_a_side(at_least: bool, figure: float, met: bool) -> None:
    assert ratio(figure, at_least=at_least).met is met


def test_a_row_says_all_of_it() -> None:
    assert ratio(1.234, 1, 2).row == ("one", "other", "1.23", "1.00 to 2.00", "at most 1.5", "yes")
    assert ratio(10, goal=9, at_least=True).row[4:] == ("at least 9", "yes")


def test_both_are_done_in_turn_after_a_round_that_does_not_count() -> None:
    calls: list[str] = []
    mine, theirs = count(10, 10), count(1)

    def one() -> float:
        calls.append("one")
        return next(mine)

    def other() -> float:
        calls.append("other")
        return next(theirs)

    made = compare("one", one, "other", other, 1, rounds=2)
    assert calls == ["one", "other"] * 3
    assert made.pairs == (10, 10)
    assert compare("one", lambda: 1, "other", lambda: 4, 1, at_least=True, rounds=1).pairs == (4,)


def test_a_command_that_fails_is_no_figure() -> None:
    with pytest.raises(RuntimeError, match=r"ended with 3:\nwhy"):
        seconds(sys.executable, "-c", "import sys; print('why'); sys.exit(3)")


def test_a_table_in_markdown() -> None:
    assert table([("a", "b"), ("c", "d")]) == "| a | b |\n| c | d |"
