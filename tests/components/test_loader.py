"""Loaders: containers that can do one thing and nothing else."""

import pulumi
import pulumi_docker as docker
import pytest

from components.loader import give, load
from tests.recording import Recording, record, stage

LABELS = [
    {"label": "berth.application", "value": "shop"},
    {"label": "berth.instance", "value": "0badcafe"},
    {"label": "berth.pids", "value": "16"},
    {"label": "berth.project", "value": "berth"},
    {"label": "berth.role", "value": "loader"},
    {"label": "berth.service", "value": "db"},
    {"label": "berth.stack", "value": "dev"},
]
HARMLESS = {
    "image": "sha256:tools",
    "networkMode": "none",
    "restart": "no",
    "mustRun": False,
    "logDriver": "json-file",
    "logOpts": {"max-size": "1m", "max-file": "1"},
    "memory": 32,
    "memorySwap": 32,
    "cpus": "0.5",
    "labels": LABELS,
}


@pytest.fixture(scope="module")
def loaders() -> Recording:
    def build() -> None:
        opts = pulumi.ResourceOptions()
        mount = docker.ContainerMountArgs(type="volume", source="v", target="/files")
        upload = docker.ContainerUploadArgs(file="/files/a", content="x")
        load("bare", stage(), "db", "sha256:tools", mount, opts=opts)
        load("full", stage(), "db", "sha256:tools", mount, [upload], opts=opts)
        give("owner", stage(), "db", "sha256:tools", "v", "999:998", opts=opts)
        give("thorough", stage(), "db", "sha256:tools", "v", "999:998", content=True, opts=opts)

    return record(build)


def test_a_loader_is_never_started(loaders: Recording) -> None:
    mount = {"type": "volume", "source": "v", "target": "/files"}
    bare = HARMLESS | {"entrypoints": ["/.berth/busybox"], "command": ["true"], "start": False, "mounts": [mount]}
    assert loaders.container("bare").inputs == bare
    assert loaders.container("full").inputs == bare | {"uploads": [{"file": "/files/a", "content": "x"}]}


@pytest.mark.parametrize(
    ("name", "command", "capabilities"),
    [("owner", ["chown"], ["CAP_CHOWN"]), ("thorough", ["sh", "/.berth/own"], ["CAP_CHOWN", "CAP_DAC_OVERRIDE"])],
    ids=["its root", "its content"],
)
def test_the_giver_may_change_owners_and_nothing_else(name: str, command: list[str], capabilities: list[str], loaders: Recording) -> None:
    assert loaders.container(name).inputs == HARMLESS | {
        "entrypoints": ["/.berth/busybox"],
        "command": [*command, "999:998", "/volume"],
        "user": "0:0",
        "readOnly": True,
        "capabilities": {"drops": ["ALL"], "adds": capabilities},
        "securityOpts": ["no-new-privileges:true"],
        "attach": True,
        "mounts": [{"type": "volume", "source": "v", "target": "/volume", "volumeOptions": {"noCopy": True}}],
    }


@pytest.mark.parametrize("name", ["bare", "full", "owner", "thorough"])
def test_made_anew_when_it_failed_or_changed(loaders: Recording, name: str) -> None:
    options = loaders.container(name).options
    assert options["replace_on_changes"] == ["*", "#initerror"]
    assert options["delete_before_replace"] is False
