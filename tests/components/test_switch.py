"""Switch: files on one volume for good, and a job that ends when the proxy serves by them."""

import hashlib

import pulumi
import pulumi_docker as docker
import pytest

from components.model import Unit, duration
from components.proxy.switch import Switch, SwitchArgs, sums
from tests.recording import Hidden, Recording, record, stage, tools

FILES = {"nginx.conf": pulumi.Output.from_input("events {}"), "tls.key": pulumi.Output.secret("the key")}


DRAIN = duration("12s")


def make(files: dict[str, pulumi.Output[str]] = FILES, version: str = "0123456789ab", drain: Unit = DRAIN) -> Recording:
    def build() -> None:
        of = stage()
        args = SwitchArgs(stage=of, tools=tools(of), owner="101:102", files=files, version=pulumi.Output.from_input(version))
        app = docker.Network("app")
        Switch("switch", args).acknowledged([app], drain=drain, grace=duration("30s"))

    return record(build)


@pytest.fixture(scope="module")
def switch() -> Recording:
    return make()


def test_creates_exactly_its_volumes_what_fills_them_and_the_job(switch: Recording) -> None:
    assert switch.tree("berth:index:Switch::switch") == [
        "docker:index/container:Container switch",
        "docker:index/container:Container switch-loader",
        "berth:index:Scratch switch-state",
        "  docker:index/volume:Volume switch-state",
        "  docker:index/container:Container switch-state-owner",
        "docker:index/volume:Volume switch-wanted",
    ]


def test_other_files_fill_the_same_volume(switch: Recording) -> None:
    other = make({"nginx.conf": pulumi.Output.from_input("other")}, version="ba9876543210")
    for volume in ("switch-wanted", "switch-state"):
        assert other.one(volume, "volume:Volume").inputs == switch.one(volume, "volume:Volume").inputs
        assert not switch.one(volume, "volume:Volume").options["protect"]
    assert other.container("switch-loader").inputs["uploads"] != switch.container("switch-loader").inputs["uploads"]
    assert other.container("switch").inputs["command"] != switch.container("switch").inputs["command"]


def test_the_files_come_with_their_version_and_their_sums(switch: Recording) -> None:
    uploads = {upload["file"]: upload["content"] for upload in switch.container("switch-loader").inputs["uploads"]}
    assert uploads["/files/nginx.conf"] == "events {}"
    assert uploads["/files/tls.key"] == Hidden("the key")
    assert uploads["/files/version"] == "0123456789ab"
    texts = {"nginx.conf": "events {}", "tls.key": "the key", "version": "0123456789ab"}
    assert uploads["/files/sums"] == Hidden("".join(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in texts.items()))
    assert "the key" not in switch.plain_text()
    [upload] = {(upload["owner"], upload["group"], upload["permissions"]) for upload in switch.container("switch-loader").inputs["uploads"]}
    assert upload == ("101", "102", "0400")


def test_what_it_serves_by_is_the_proxys_own(switch: Recording) -> None:
    assert switch.container("switch-state-owner").inputs["command"] == ["chown", "101:102", "/volume"]


@pytest.mark.parametrize(("drain", "seconds", "timeout"), [("12s", "12", 137), ("500ms", "1", 125), ("1s", "1", 126)])
def test_the_job_waits_for_the_version_and_for_the_drain(drain: str, seconds: str, timeout: int) -> None:
    made = make(drain=duration(drain)).container("switch")
    assert made.inputs["command"] == ["sh", "/.berth/job", "/.berth/busybox", "sh", "/.berth/switch", "0123456789ab", seconds]
    assert made.inputs["waitTimeout"] == timeout
    assert made.after == ("app", "switch-loader"), "it starts beside the proxy, and waits by itself"


def test_the_job_has_what_the_proxy_keeps_and_nothing_else(switch: Recording) -> None:
    inputs = switch.container("switch").inputs
    assert [(mount["target"], mount["readOnly"]) for mount in inputs["mounts"]] == [("/var/lib/berth", False)]
    assert (inputs["networkMode"], inputs["readOnly"], inputs["capabilities"]) == ("none", True, {"drops": ["ALL"]})
    assert switch.container("switch").options["delete_before_replace"] is False


def test_sums_change_with_every_file() -> None:
    found: list[str] = []

    def build() -> None:
        for files in ({"a": "1", "b": "2"}, {"a": "1", "b": "3"}, {"a": "2", "b": "1"}):
            sums(files).apply(found.append)

    record(build)
    assert len(set(found)) == 3
