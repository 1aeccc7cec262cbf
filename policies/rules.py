"""All rules, in the order of the reference page."""

from policies import belongings, contents, isolation, limits, privileges, publishing
from policies.resource import Resource
from policies.rule import STRICTEST, Level, Rule

TOPICS: dict[str, tuple[Rule, ...]] = {
    "Privileges": privileges.RULES,
    "Isolation": isolation.RULES,
    "Limits and life": limits.RULES,
    "Ports": publishing.RULES,
    "Images and secrets": contents.RULES,
    "Belongings": belongings.RULES,
}
ALL = tuple(rule for rules in TOPICS.values() for rule in rules)


def asked(topology: str | None) -> dict[Rule, Level]:
    """The rules that are asked in a topology, with what a violation does there; of an unknown one, those of prod."""
    known = {key for rule in ALL for key in rule.levels}
    where = topology if topology in known else STRICTEST
    return {rule: rule.levels[where] for rule in ALL if where in rule.levels}


def violations(resource: Resource, topology: str | None) -> list[tuple[Rule, Level, str]]:
    """Everything that is wrong with a resource."""
    return [(rule, level, text) for rule, level in asked(topology).items() for text in rule.violations(resource)]
