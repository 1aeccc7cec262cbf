"""What rules may ask a resource."""

import pytest

from policies.resource import Kind, Mark, Resource, Undecided
from tests.policies.samples import container, job, labels, loader, owner


def test_inputs_in_the_form_that_is_asked_for() -> None:
    one = container(user="1:2", memory=64, cpus="0.5", envs=["A=b", Mark.UNKNOWN, Mark.SECRET], mounts=[{"type": "bind"}, Mark.UNKNOWN])
    assert one.text("user") == "1:2"
    assert (one.number("memory"), one.number("cpus")) == (64, 0.5)
    assert one.texts("envs") == ["A=b"]
    assert one.entries("mounts") == [{"type": "bind"}]
    assert one.inside("capabilities") == {"drops": ["ALL"]}


def test_what_is_not_given_is_empty() -> None:
    one = Resource(type=Kind.CONTAINER, name="x", component="", inputs={})
    assert one.get("user") is None
    assert (one.text("user"), one.number("memory"), one.texts("envs"), one.entries("mounts"), one.inside("capabilities")) == ("", 0, [], [], {})
    assert (one.labels, one.label("role"), one.options) == ({}, "", [])


@pytest.mark.parametrize("ask", ["get", "text", "number", "texts", "entries", "inside"])
def test_what_is_not_known_yet_decides_nothing(ask: str) -> None:
    with pytest.raises(Undecided, match=r"^$"):
        getattr(container(user=Mark.UNKNOWN), ask)("user")


def test_what_it_is_for() -> None:
    kinds = {one.name: (one.is_loader, one.is_owner, one.is_job, one.stays) for one in (container(), job(), loader(), owner())}
    assert kinds == {
        "web-1": (False, False, False, True),
        "web-migrate": (False, False, True, False),
        "web-secrets-loader": (True, False, False, False),
        "db-data-owner": (False, True, False, False),
    }


def test_a_loader_that_starts_and_an_owner_by_name_alone_are_none() -> None:
    assert not loader(start=True).is_loader
    assert not container(name="db-data-owner").is_owner
    assert container(labels=None).stays


def test_security_options_are_written_in_one_way() -> None:
    assert container(securityOpts=["seccomp:unconfined", "label=disable", "no-new-privileges"]).options == [
        "seccomp=unconfined",
        "label=disable",
        "no-new-privileges",
    ]


def test_own_labels() -> None:
    assert container(labels=labels("job")).label("role") == "job"
