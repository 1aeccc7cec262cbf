"""The component Mono: one hardened container, what is mounted in it, and what lies in its files."""

from typing import Any

import pulumi
import pytest

from components.mono import Mono, MonoApp, MonoArgs
from components.mono.config import MonoAppConfig, MonoConfig, MonoNetworksConfig
from components.postgres.config import PostgresServer
from components.proxy.config import SiteConfig
from components.redis.config import RedisServer
from components.secrets import Delivery, Secret
from components.worker import WorkerProgram
from tests.recording import Hidden, Recording, record, stage, tools

SITE = {"ports": {"address": "127.0.0.1", "http": 80, "https": 443}}
APP: dict[str, Any] = {"port": 8000, "command": ["serve"], "routes": {"/": {}}, "volumes": {"media": {"path": "/media"}}}


def made(*, config: dict[str, Any] | None = None, app: dict[str, Any] | None = None, site: dict[str, Any] | None = None, **changes: Any) -> Recording:
    def program() -> dict[str, str]:
        of = stage()
        secrets = {"KEY": Secret(value=pulumi.Output.secret("s3cret")), "PLAIN": Secret(value=pulumi.Output.secret("s3cret-2"), delivery=Delivery.FILE)}
        web = MonoApp(
            config=MonoAppConfig.model_validate(APP | (app or {})),
            env={"SITE": pulumi.Output.from_input("x y")},
            secrets=secrets,
            files={"/etc/shop": {"a.cfg": "text"}},
            needs=("db",),
        )
        args: dict[str, Any] = {
            "stage": of,
            "tools": tools(of),
            "config": MonoConfig.model_validate({"image": "all:1"} | (config or {})),
            "networks": MonoNetworksConfig(),
            "site": SiteConfig.model_validate(SITE | (site or {})),
            "apps": {"web": web},
            "workers": {"jobs": WorkerProgram.model_validate({"app": "web", "command": ["work"], "health": {"command": ["alive"]}})},
            "postgres": {"db": PostgresServer()},
            "redis": {"cache": RedisServer()},
            "passwords": {"db": {"db": pulumi.Output.secret("s3cret-3")}, "cache": {"": pulumi.Output.secret("s3cret-4")}},
        }
        return {"url": Mono("mono", MonoArgs(**args | changes)).url}

    return record(program)


def files(recording: Recording, name: str) -> dict[str, Any]:
    return {upload["file"].removeprefix("/files/"): upload["content"] for upload in recording.container(f"{name}-loader").inputs["uploads"]}


def test_what_it_creates() -> None:
    lines = [line.removeprefix("  ") for line in made().tree() if line.startswith("  ") and not line.startswith("    ")]
    assert [line for line in lines if "tools" not in line] == [
        "berth:index:DataVolume cache-data",
        "berth:index:DataVolume db-data",
        "docker:index/container:Container mono",
        "berth:index:Files mono-config",
        "docker:index/remoteImage:RemoteImage mono-image",
        "berth:index:Files mono-secrets",
        "berth:index:Scratch mono-spool",
        "berth:index:Files mono-supervisor",
        "docker:index/network:Network public",
        "berth:index:Files web-files-etc-shop",
        "berth:index:DataVolume web-media",
    ]


def test_the_container_is_hardened() -> None:
    inputs = made().container("mono").inputs
    assert (inputs["user"], inputs["readOnly"], inputs["capabilities"]) == ("10001:10001", True, {"drops": ["ALL"]})
    assert (inputs["memory"], inputs["cpus"], inputs["restart"], inputs["init"]) == (1024, "2.0", "unless-stopped", True)
    assert (*inputs["entrypoints"], *inputs["command"]) == ("supervisord", "-c", "/etc/supervisor/supervisord.conf")
    assert inputs["envs"] == []


@pytest.mark.parametrize(
    ("config", "user", "read_only"), [({}, "10001:10001", True), ({"user": "7:8", "read_only": False}, "7:8", False)], ids=["defaults", "explicit"]
)
def test_everything_belongs_to_its_user(config: dict[str, Any], user: str, read_only: bool) -> None:
    recording = made(config=config)
    inputs = recording.container("mono").inputs
    assert (inputs["user"], inputs.get("readOnly", False)) == (user, read_only)
    for volume in ("db-data", "cache-data", "web-media"):
        assert user in recording.container(f"{volume}-owner").inputs["command"]
    uid, gid = user.split(":")
    for name in ("mono-secrets", "mono-config", "web-files-etc-shop"):
        assert {(upload["owner"], upload["group"]) for upload in recording.container(f"{name}-loader").inputs["uploads"]} == {(uid, gid)}


def test_what_is_mounted_where() -> None:
    mounts = {mount["target"]: mount.get("readOnly", False) for mount in made().container("mono").inputs["mounts"]}
    assert mounts == {
        "/.berth": True,
        "/var/lib/postgresql/data": False,
        "/data": False,
        "/media": False,
        "/run/secrets": True,
        "/etc/berth": True,
        "/etc/supervisor": True,
        "/var/cache/nginx": False,
        "/etc/shop": True,
    }


def test_nginx_serves_the_volume_of_an_app() -> None:
    routes = {"/": {}, "/media": {"static": {"volume": "media"}}}
    mounts = {mount["target"]: mount.get("readOnly", False) for mount in made(app={"routes": routes}).container("mono").inputs["mounts"]}
    assert (mounts["/media"], mounts["/srv/web/media"]) == (False, True)


@pytest.mark.parametrize(
    ("config", "app", "folders"),
    [
        ({}, {}, {"/tmp": "256m"}),
        ({"tmpfs": {"/cache": "1MiB"}}, {}, {"/tmp": "64m", "/cache": "1m"}),
        ({"tmpfs": {}}, {"volumes": {"media": {"path": "/tmp"}}}, {}),
    ],
    ids=["defaults", "without /tmp, which nginx needs", "a volume at /tmp"],
)
def test_folders_in_memory(config: dict[str, Any], app: dict[str, Any], folders: dict[str, str]) -> None:
    found = made(config=config, app=app).container("mono").inputs["tmpfs"]
    sizes = {path: text.partition("size=")[2].partition(",")[0] for path, text in found.items()}
    own = {"/run/berth": "1m", "/var/log/berth": "11m", "/var/run/postgresql": "1m"}
    assert sizes == own | folders


def test_secrets_lie_in_one_folder() -> None:
    recording = made()
    assert files(recording, "mono-secrets") == {
        "web-KEY": Hidden("s3cret"), "PLAIN": Hidden("s3cret-2"), "db-password": Hidden("s3cret-3"), "cache-password": Hidden("s3cret-4")
    }  # fmt: skip
    assert "s3cret" not in recording.plain_text()


def test_programs_are_described() -> None:
    found = files(made(), "mono-config")
    assert sorted(found) == ["nginx.conf", "program-cache", "program-db", "program-jobs", "program-proxy", "program-web"]
    assert "export SITE='x y'\n" in found["program-web"]
    assert "server 127.0.0.1:8000 max_fails=1" in found["nginx.conf"]
    assert "resolve" not in found["nginx.conf"]


@pytest.mark.parametrize(("egress", "options"), [(True, None), (False, {"com.docker.network.bridge.enable_ip_masquerade": "false"})])
def test_the_way_out(egress: bool, options: dict[str, str] | None) -> None:
    inputs = made(config={"egress": egress}).one("public").inputs
    assert (inputs["internal"], inputs.get("options")) == (False, options)


def test_what_stops_first_and_for_how_long() -> None:
    container = made(site={"stop_grace": "7s"}).container("mono")
    assert container.options["delete_before_replace"]
    assert container.inputs["stopTimeout"] == 60 + 30 + 30 + 60 + 7 + 5


def test_its_output() -> None:
    recording = made(site={"domains": ["shop.test"]})
    assert recording.outputs["url"] == "http://shop.test"
    assert recording.component_outputs["mono"] == {"url": "http://shop.test"}
