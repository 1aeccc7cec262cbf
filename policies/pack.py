"""The rules as Pulumi asks them: inputs as the engine has them before a resource is made or changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy import EnforcementLevel, Policy, PolicyPack, ReportViolation, ResourceValidationArgs, ResourceValidationPolicy
from pulumi_policy.proxy import UnknownValueError

from policies.resource import Mark, Resource, component_of
from policies.rule import Level, Rule
from policies.rules import asked

NAME = "berth"


def run(topology: str | None) -> None:
    """Answer Pulumi until it is done."""
    PolicyPack(NAME, policies(topology))


def policies(topology: str | None) -> list[Policy]:
    """A policy for each rule of a topology."""
    return [_policy(rule, level) for rule, level in asked(topology).items()]


def _policy(rule: Rule, level: Level) -> ResourceValidationPolicy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        for text in rule.violations(resource_of(args)):
            report(f"It {text}.", None)

    return ResourceValidationPolicy(rule.name, rule.asks, validate, EnforcementLevel(level.value))


def resource_of(args: ResourceValidationArgs) -> Resource:
    """What the engine says of a resource. It tells neither which values are secret nor what is retained."""
    return Resource(type=args.resource_type, name=args.name, component=component_of(args.urn), inputs=plain(args.props), protect=bool(args.opts.protect))


def plain(value: Any) -> Any:  # Any: an input, in the wrappers that refuse to show what is not known
    """The value without wrappers; a mark where it is not known."""
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_item(value, index) for index in range(len(value))]
    return value


def _item(of: Any, key: object) -> Any:  # Any: as for plain
    try:
        return plain(of[key])
    except UnknownValueError:
        return Mark.UNKNOWN
