"""Identity of a stage: labels, names and keyed hashes."""

import re

import pulumi
from hypothesis import given
from hypothesis import strategies as st

from components.stage import Role, child_of, declared, volume_labels
from tests.recording import record, stage


def test_labels() -> None:
    labels = {
        "berth.application": "shop",
        "berth.project": "berth",
        "berth.stack": "dev",
        "berth.instance": "0badcafe",
        "berth.service": "db",
        "berth.role": "data",
    }
    assert stage().labels("db", Role.DATA) == labels
    assert [(label.label, label.value) for label in volume_labels(labels)] == sorted(labels.items())


def test_declared_ports() -> None:
    assert declared((8443, 80)) == {"berth.publishes": "80,8443"}
    assert declared(()) == {}


def test_volume_names_hold_the_instance() -> None:
    assert stage().volume_name("db-data") == "shop-dev-0badcafe-db-data"
    assert stage(instance="12345678").volume_name("db-data") != stage().volume_name("db-data")


@given(st.lists(st.text()), st.lists(st.text()))
def test_fingerprints_differ_with_any_part(one: list[str], other: list[str]) -> None:
    assert (stage().fingerprint(*one) == stage().fingerprint(*other)) is (one == other)


def test_fingerprints_need_the_key() -> None:
    assert re.fullmatch("[0-9a-f]{12}", stage().fingerprint("x"))
    assert stage(fingerprint_key=b"other").fingerprint("x") != stage().fingerprint("x")


def test_child_of_merges_options() -> None:
    def build() -> None:
        parent = pulumi.ComponentResource("test:index:Parent", "parent")
        options = child_of(parent, protect=True, delete_before_replace=False)
        assert (options.parent, options.protect, options.delete_before_replace) == (parent, True, False)

    record(build)
