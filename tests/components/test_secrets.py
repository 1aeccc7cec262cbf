"""Delivery of secrets: which variables and which wrapper a process gets."""

import pulumi
import pytest

from components.secrets import Delivery, Secret, plain_variables, wrapped

VALUE = pulumi.Output.from_input("x")
ALL = {
    "TOKEN": Secret(value=VALUE),
    "API_KEY": Secret(value=VALUE, delivery=Delivery.ENV),
    "CERT": Secret(value=VALUE, delivery=Delivery.FILE),
    "DB_PASSWORD": Secret(value=VALUE, delivery=Delivery.FILE_ENV),
}


@pytest.mark.parametrize(("secrets", "expected"), [({}, {}), (ALL, {"DB_PASSWORD_FILE": "/run/secrets/DB_PASSWORD"})], ids=["none", "all kinds"])
def test_variables_that_name_files(secrets: dict[str, Secret], expected: dict[str, str]) -> None:
    assert plain_variables(secrets) == expected


@pytest.mark.parametrize(
    ("secrets", "expected"),
    [
        ({}, ["serve", "--all"]),
        ({"CERT": ALL["CERT"], "DB_PASSWORD": ALL["DB_PASSWORD"]}, ["serve", "--all"]),
        (ALL, ["/.berth/busybox", "sh", "/.berth/start", "API_KEY", "TOKEN", "--", "serve", "--all"]),
    ],
    ids=["none", "files only", "all kinds"],
)
def test_the_wrapper_stands_only_where_a_variable_is_set(secrets: dict[str, Secret], expected: list[str]) -> None:
    assert wrapped(("serve", "--all"), secrets) == expected
