"""What a rule is made of, and what it answers."""

from policies.resource import Kind, Mark, Resource
from policies.rule import EVERYWHERE, SERVING, Found, Level, rule
from tests.policies.samples import container, volume


@rule(Kind.CONTAINER, cis=("9.9",), levels=SERVING)
def two_things(container: Resource) -> Found:
    """It has a user,
    and an image."""
    if container.get("user"):
        yield "has a user"
    if container.text("image"):
        yield "has an image"


def test_a_rule_is_its_function() -> None:
    assert (two_things.name, two_things.asks, two_things.cis) == ("two-things", "It has a user, and an image.", ("9.9",))
    assert two_things.of == (Kind.CONTAINER,)
    assert two_things.levels == {"prod": Level.MANDATORY, "mono": Level.MANDATORY}
    assert rule(Kind.CONTAINER)(two_things.check).levels == EVERYWHERE


def test_every_violation_is_said() -> None:
    assert two_things.violations(container()) == ["has a user", "has an image"]


def test_another_kind_is_not_asked() -> None:
    assert two_things.violations(volume(user="1", image="x")) == []


def test_what_was_found_before_the_unknown_counts() -> None:
    assert two_things.violations(container(image=Mark.UNKNOWN)) == ["has a user"]
    assert two_things.violations(container(user=Mark.UNKNOWN)) == []
