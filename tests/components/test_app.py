"""App: image, secrets, data, one migration, replicas; and what its configuration refuses."""

from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pulumi
import pulumi_docker as docker
import pytest

from components.app import App, AppArgs
from components.app.config import AppConfig, FileConfig, VolumeUse, Writers
from components.app.health import HealthConfig
from components.build import BuildConfig, BuildSecret, folder_of
from components.container import Logs, Mount, Resources
from components.model import duration, size
from components.secrets import Delivery, Secret
from tests.recording import Hidden, Recording, record, stage, tools

SECRETS = {
    "KEY": Secret(value=pulumi.Output.secret("s3cret")),
    "CERT": Secret(value=pulumi.Output.secret("c3rt"), delivery=Delivery.FILE),
    "TOKEN": Secret(value=pulumi.Output.secret("t0ken"), delivery=Delivery.FILE_ENV),
}
FULL = AppConfig(
    image="shop:1",
    port=8000,
    command=("serve", "--fast"),
    migrate=("migrate", "--now"),
    migrate_timeout=duration("2m"),
    volumes={"media": VolumeUse(path="/media", writers=Writers.MANY), "cache": VolumeUse(path="/cache", writers=Writers.MANY)},
    files={"/etc/shop": {"shop.cfg": FileConfig(text="x")}},
    capabilities=("net_bind_service",),
    labels={"team": "shop"},
    logs=Logs(files=5),
    stop_signal="SIGINT",
    tmpfs={"/tmp": size("64MiB"), "/run": size("16MiB")},
    user="1000:1001",
    read_only=False,
    replicas=2,
    resources=Resources(memory=size("1GiB"), cpus="2"),
    stop_grace=duration("90s"),
    health=HealthConfig(path="/healthz", host="shop.test", start_period=duration("5m")),
)


def make(config: AppConfig, secrets: dict[str, Secret] | None = None, **changes: Any) -> Recording:
    def build() -> None:
        of = stage()
        store = pulumi.ComponentResource("test:index:Store", "store")
        docker.Network("server", opts=pulumi.ResourceOptions(parent=store))
        facts: dict[str, Any] = {"networks": ("front-1", "data-1"), "env": {"B": "2", "A": pulumi.Output.from_input("1")}, "needs": [store]}
        App("web", AppArgs(stage=of, tools=tools(of), config=config, secrets=secrets or {}, **facts | changes))

    return record(build)


@pytest.fixture(scope="module")
def smallest() -> Recording:
    return make(AppConfig(image="shop:1", port=80))


@pytest.fixture(scope="module")
def full() -> Recording:
    return make(
        FULL, SECRETS, files={"/etc/shop": {"shop.cfg": pulumi.Output.secret("key=s3cret")}}, mounts=(Mount(source="/home/me/src", path="/src", bind=True),)
    )


def test_the_smallest_creates_exactly_an_image_and_a_container(smallest: Recording) -> None:
    assert smallest.tree("berth:index:App::web") == ["docker:index/container:Container web-1", "docker:index/remoteImage:RemoteImage web-image"]


def test_the_full_one_creates_exactly_what_it_says(full: Recording) -> None:
    assert full.tree("berth:index:App::web") == [
        "docker:index/container:Container web-1",
        "docker:index/container:Container web-2",
        "berth:index:DataVolume web-cache",
        "  docker:index/volume:Volume web-cache",
        "  docker:index/container:Container web-cache-owner",
        "berth:index:Files web-files-etc-shop",
        "  docker:index/volume:Volume web-files-etc-shop",
        "  docker:index/container:Container web-files-etc-shop-loader",
        "docker:index/remoteImage:RemoteImage web-image",
        "berth:index:DataVolume web-media",
        "  docker:index/volume:Volume web-media",
        "  docker:index/container:Container web-media-owner",
        "docker:index/container:Container web-migrate",
        "berth:index:Files web-secrets",
        "  docker:index/volume:Volume web-secrets",
        "  docker:index/container:Container web-secrets-loader",
    ]


def test_the_container_of_the_smallest(smallest: Recording) -> None:
    inputs = smallest.container("web-1").inputs
    assert (inputs["image"], inputs["user"], inputs["readOnly"], inputs["memory"], inputs["cpus"]) == ("sha256:web-image", "10001:10001", True, 256, "1.0")
    assert (inputs["entrypoints"], inputs["command"]) == (["entrypoint"], ["serve", "--all"])
    assert inputs["envs"] == ["A=1", "B=2"]
    assert inputs["networksAdvanced"] == [{"name": "front-1", "aliases": ["web"]}, {"name": "data-1", "aliases": ["web"]}]
    assert [mount["target"] for mount in inputs["mounts"]] == ["/.berth"]
    assert (set(inputs["tmpfs"]), inputs["stopTimeout"], inputs["waitTimeout"]) == ({"/tmp"}, 30, 89)
    assert "ports" not in inputs


@pytest.mark.parametrize("replica", ["web-1", "web-2"])
def test_the_containers_of_the_full_one(full: Recording, replica: str) -> None:
    inputs = full.container(replica).inputs
    assert (inputs["user"], inputs["readOnly"], inputs["memory"], inputs["cpus"]) == ("1000:1001", False, 1024, "2.0")
    assert inputs["command"] == ["sh", "/.berth/start", "KEY", "--", "entrypoint", "serve", "--fast"]
    assert inputs["envs"] == ["A=1", "B=2", "TOKEN_FILE=/run/secrets/TOKEN"]
    assert [(mount["target"], mount["type"], mount["readOnly"]) for mount in inputs["mounts"]] == [
        ("/.berth", "volume", True),
        ("/cache", "volume", False),
        ("/etc/shop", "volume", True),
        ("/media", "volume", False),
        ("/run/secrets", "volume", True),
        ("/src", "bind", False),
    ]
    assert (set(inputs["tmpfs"]), inputs["stopTimeout"], inputs["waitTimeout"]) == ({"/tmp", "/run"}, 90, 300 + 24 + 5)


def test_secrets_travel_only_to_the_loader(full: Recording) -> None:
    uploads = {upload["file"]: upload["content"] for upload in full.container("web-secrets-loader").inputs["uploads"]}
    assert uploads == {"/files/KEY": Hidden("s3cret"), "/files/CERT": Hidden("c3rt"), "/files/TOKEN": Hidden("t0ken")}
    assert {upload["owner"] for upload in full.container("web-secrets-loader").inputs["uploads"]} == {"1000"}
    for value in ("s3cret", "c3rt", "t0ken"):
        assert value not in full.plain_text()


def test_files_travel_only_to_their_loader(full: Recording) -> None:
    (upload,) = full.container("web-files-etc-shop-loader").inputs["uploads"]
    assert (upload["file"], upload["content"], upload["owner"], upload["permissions"]) == ("/files/shop.cfg", Hidden("key=s3cret"), "1000", "0400")


def test_the_full_one_is_told_everything(full: Recording) -> None:
    inputs = full.container("web-1").inputs
    assert inputs["capabilities"] == {"drops": ["ALL"], "adds": ["CAP_NET_BIND_SERVICE"]}
    assert {"label": "team", "value": "shop"} in inputs["labels"]
    assert (inputs["logOpts"]["max-file"], inputs["stopSignal"]) == ("5", "SIGINT")


def test_a_shared_volume_is_not_made_here() -> None:
    config = AppConfig(image="shop:1", port=80, volumes={"common": VolumeUse(path="/common", read_only=True)})
    made = make(config, shared={"common": "shop-dev-common"})
    assert made.tree("berth:index:App::web") == ["docker:index/container:Container web-1", "docker:index/remoteImage:RemoteImage web-image"]
    mount = next(mount for mount in made.container("web-1").inputs["mounts"] if mount["target"] == "/common")
    assert (mount["source"], mount["readOnly"]) == ("shop-dev-common", True)
    assert made.container("web-1").options["delete_before_replace"] is False, "who only reads need not be alone"


def test_a_fixed_address_is_in_the_first_network() -> None:
    made = make(AppConfig(image="shop:1", port=80, address=IPv4Address("172.20.0.5"))).container("web-1")
    assert [network.get("ipv4Address") for network in made.inputs["networksAdvanced"]] == ["172.20.0.5", None]
    assert made.options["delete_before_replace"] is True, "two containers cannot have one address"


@pytest.mark.parametrize(
    ("roll", "after"),
    [
        (None, [(), (), (), ()]),
        (1, [(), ("web-1",), ("web-2",), ("web-3",)]),
        (3, [(), (), (), ("web-1", "web-2", "web-3")]),
    ],
)
def test_replicas_start_in_batches(roll: int | None, after: list[tuple[str, ...]]) -> None:
    made = make(AppConfig(image="shop:1", port=80, replicas=4, roll=roll), needs=())
    assert [made.container(f"web-{number}").after for number in range(1, 5)] == after


def test_a_build_reads_its_secrets_from_files(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    config = AppConfig(build=BuildConfig(context=str(tmp_path), secrets={"token": BuildSecret.model_validate({"from": "key"})}), port=80)
    made = make(config, build_secrets={"token": pulumi.Output.secret("s3cret")})
    assert made.one("web-image").inputs["build"]["secrets"] == [{"id": "token", "src": str(folder_of("0badcafe") / "token")}]
    assert "s3cret" not in made.plain_text()


def test_volumes_belong_to_the_user_of_the_app(full: Recording) -> None:
    assert full.container("web-media-owner").inputs["command"] == ["sh", "/.berth/own", "1000:1001", "/volume"]


def test_order(full: Recording, smallest: Recording) -> None:
    assert smallest.container("web-1").after == ("server",)
    assert full.container("web-migrate").after == ("server",)
    assert full.container("web-1").after == full.container("web-2").after == ("server", "web-migrate")


def test_the_migration_runs_as_the_release_does(full: Recording) -> None:
    migrate, replica = full.container("web-migrate").inputs, full.container("web-1").inputs
    assert migrate["command"] == ["sh", "/.berth/job", "/.berth/busybox", "sh", "/.berth/start", "KEY", "--", "entrypoint", "migrate", "--now"]
    assert migrate["waitTimeout"] == 125
    for same in ("image", "envs", "mounts", "user", "memory", "cpus", "tmpfs"):
        assert migrate[same] == replica[same]
    assert migrate["networksAdvanced"] == [{"name": "front-1", "aliases": []}, {"name": "data-1", "aliases": []}], "nobody finds a migration by name"


@pytest.mark.parametrize(("writers", "stop_first"), [(Writers.ONE, True), (Writers.MANY, False)])
def test_replace_order_follows_the_writers(writers: Writers, stop_first: bool) -> None:
    made = make(AppConfig(image="shop:1", port=80, volumes={"data": VolumeUse(path="/data", writers=writers)}))
    options = made.container("web-1").options
    assert options["delete_before_replace"] is stop_first
    assert options["replace_on_changes"] == ["*", "#initerror"]


def test_a_default_volume_has_one_writer() -> None:
    assert VolumeUse(path="/data").writers is Writers.ONE


def test_hosts_are_the_replicas(full: Recording) -> None:
    assert full.component_outputs["web"] == {"hosts": ["web-1-1234567", "web-2-1234567"]}


def test_grace_is_at_least_a_second() -> None:
    assert make(AppConfig(image="shop:1", port=80, stop_grace=duration("200ms"))).container("web-1").inputs["destroyGraceSeconds"] == 1


def test_a_built_image_is_tagged_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    made = make(AppConfig(build=BuildConfig(context=str(tmp_path), target="prod", args={"V": "1"}), port=80))
    image = made.one("web-image").inputs
    assert image["name"].startswith("shop-web:")
    labels = {"berth.application": "shop", "berth.service": "web"}
    assert image["build"] == {"context": str(tmp_path), "dockerfile": "Dockerfile", "target": "prod", "buildArgs": {"V": "1"}, "label": labels}
    assert image["keepLocally"] is True


def test_its_release_knows_its_volumes() -> None:
    found: list[dict[str, pulumi.Output[str]]] = []

    def build() -> dict[str, Any]:
        of = stage()
        made = App("web", AppArgs(stage=of, tools=tools(of), config=FULL, networks=("front-1",), env={}, secrets={}))
        found.append(dict(made.release.volumes))
        return {}

    record(build)
    assert set(found[0]) == {"media", "cache"}
