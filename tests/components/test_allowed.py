"""The label of what the configuration allows by name."""

from components.allowed import ALLOWS, allowing
from policies.resource import LABEL


def test_what_is_allowed_is_named() -> None:
    assert allowing(read_only=True, internal=False, folder=True) == {ALLOWS: "folder,read_only"}


def test_nothing_is_said_where_nothing_is_allowed() -> None:
    assert allowing(read_only=False) == allowing() == {}


def test_the_policy_pack_looks_for_it() -> None:
    assert f"{LABEL}allows" == ALLOWS
