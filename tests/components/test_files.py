"""Files: a volume per version of their content, and nothing of the content anywhere else."""

from collections.abc import Mapping

import pulumi
import pytest

from components.files import Files, FilesArgs
from tests.recording import Hidden, Recording, record, stage, tools

SECRET = {"password": pulumi.Output.secret("s3cret"), "key": pulumi.Output.secret("t0ken")}


def make(files: Mapping[str, pulumi.Input[str]] = SECRET, owner: str = "999:998", key: bytes = b"key") -> Recording:
    def build() -> None:
        of = stage(fingerprint_key=key)
        Files("db-secrets", FilesArgs(stage=of, tools=tools(of), service="db", files=files, owner=owner))

    return record(build)


def volume_name(recording: Recording) -> str:
    return str(recording.one("db-secrets", "volume:Volume").inputs["name"])


@pytest.fixture(scope="module")
def files() -> Recording:
    return make()


def test_creates_exactly_a_volume_and_its_loader(files: Recording) -> None:
    assert files.tree("berth:index:Files::db-secrets") == [
        "docker:index/volume:Volume db-secrets",
        "docker:index/container:Container db-secrets-loader",
    ]


def test_content_travels_as_a_secret_to_the_loader_alone(files: Recording) -> None:
    assert files.container("db-secrets-loader").inputs["uploads"] == [
        {"file": "/files/key", "content": Hidden("t0ken"), "owner": "999", "group": "998", "permissions": "0400"},
        {"file": "/files/password", "content": Hidden("s3cret"), "owner": "999", "group": "998", "permissions": "0400"},
    ]
    for secret in ("s3cret", "t0ken"):
        assert secret not in files.plain_text()


def test_plain_content_stays_plain() -> None:
    assert make({"nginx.conf": "daemon off;"}).container("db-secrets-loader").inputs["uploads"][0]["content"] == "daemon off;"


def test_the_volume_is_named_by_a_hash_that_is_no_secret(files: Recording) -> None:
    assert volume_name(files).startswith("shop-dev-0badcafe-db-secrets-")
    assert volume_name(make()) == volume_name(files)


@pytest.mark.parametrize(
    "other",
    [make({**SECRET, "key": pulumi.Output.secret("new")}), make({"password": SECRET["password"]}), make(owner="1:1"), make(key=b"other")],
    ids=["content", "name", "owner", "key of the stage"],
)
def test_every_change_is_another_volume(files: Recording, other: Recording) -> None:
    assert volume_name(other) != volume_name(files)


def test_the_new_volume_is_there_before_the_old_one_goes(files: Recording) -> None:
    volume, loader = files.one("db-secrets", "volume:Volume").options, files.container("db-secrets-loader").options
    assert volume["delete_before_replace"] is False
    assert (volume["protect"], volume["retain_on_delete"]) == (False, True), "going back makes the same name again"
    assert loader["delete_before_replace"] is False
    assert loader["replace_on_changes"] == ["*", "#initerror"]


def test_the_output_waits_for_the_loader(files: Recording) -> None:
    assert files.component_outputs["db-secrets"] == {"volume": volume_name(files)}
