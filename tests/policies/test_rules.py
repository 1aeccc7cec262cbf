"""All rules together: each has a bad fixture, the good ones break none, and what is asked where."""

import pytest

from policies.resource import Resource
from policies.rule import DEV, Level, Rule
from policies.rules import ALL, TOPICS, asked, violations
from tests.policies import samples, test_belongings, test_contents, test_isolation, test_limits, test_privileges, test_publishing

MODULES = (test_belongings, test_contents, test_isolation, test_limits, test_privileges, test_publishing)
BAD = [case for module in MODULES for case in module.BAD]


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_every_rule_has_a_bad_fixture(rule: Rule) -> None:
    assert any(case[0] is rule for case in BAD)


@pytest.mark.parametrize(("rule", "bad", "words"), BAD, ids=samples.ids(BAD))
def test_a_bad_fixture_ends_a_run_in_prod(rule: Rule, bad: Resource, words: str) -> None:
    found = [(level, text) for one, level, text in violations(bad, "prod") if one is rule]
    if rule.levels != DEV:
        assert any(words in text for _, text in found)
        assert {level for level, _ in found} == {rule.levels["prod"]}


@pytest.mark.parametrize("topology", ["dev", "prod", "mono"])
@pytest.mark.parametrize("good", samples.GOOD)
def test_a_good_one_breaks_no_rule(good: str, topology: str) -> None:
    found = [(rule.name, text) for rule, _, text in violations(samples.GOOD[good], topology)]
    # the proxy among them is one of prod
    assert found == ([] if (good, topology) != ("proxy", "dev") else [("dev-is-for-this-machine", found[0][1])])


def test_names_are_there_once() -> None:
    assert len({rule.name for rule in ALL}) == len(ALL) == sum(len(rules) for rules in TOPICS.values())


def test_what_is_asked_where() -> None:
    levels = {topology: set(asked(topology).values()) for topology in ("dev", "prod", "mono")}
    assert levels["dev"] == {Level.ADVISORY}
    assert Level.MANDATORY in levels["prod"]
    assert asked("prod") == asked("mono")
    assert {rule.name for rule in asked("dev")} - {rule.name for rule in asked("prod")} == {"dev-is-for-this-machine"}


@pytest.mark.parametrize("topology", [None, "", "staging"])
def test_an_unknown_topology_is_taken_for_prod(topology: str | None) -> None:
    assert asked(topology) == asked("prod")


def test_what_serves_people_and_is_not_refused_is_what_the_configuration_allows_by_name() -> None:
    assert {rule.name for rule, level in asked("prod").items() if level is Level.ADVISORY} == {"loosened-by-name"}
