"""From Pulumi's configuration and app.yaml to one checked stage: layers, paths, identity, secrets."""

from pathlib import Path
from typing import Any

import pytest

from components.build import BuildConfig
from config.identity import Identity, keep
from config.load import Source, from_pulumi
from config.problems import Refused
from config.stage import DevStage, MonoStage, ProdStage
from tests.config.mistakes import EMPTY, SECRET_REMEDY, STAGE_MISTAKES
from tests.config.samples import APP, MONO, MONO_APP, PROD, dev_stage, project, refused, stage_of

CHOSEN = "is not for app.yaml to say: the stage chooses it, with berth:topology"
NO_INSTANCE = (
    "berth:instance: is missing or not eight hexadecimal digits in quotes (YAML takes 01234567 for a number): "
    "pulumi config set -s prod berth:instance a$(openssl rand -hex 4 | cut -c 2-), once for this stage's life"
)
NO_ROOT = (
    "berth:root_secret: is missing, not encrypted or not 64 hexadecimal digits: "
    "pulumi config set -s prod --secret berth:root_secret $(openssl rand -hex 32), and keep a copy: passwords derive from it"
)
NO_PASSPHRASE = (
    "a prod stage refuses an empty passphrase (PULUMI_CONFIG_PASSPHRASE or the file of PULUMI_CONFIG_PASSPHRASE_FILE): anybody could read its secrets"
)


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase")


def test_a_dev_stage(tmp_path: Path) -> None:
    loaded = stage_of(project(tmp_path))
    assert isinstance(loaded.stage, DevStage)
    assert loaded.stage.apps["web"].replicas == 1
    assert loaded.stage.apps["web"].mounts == {str(tmp_path / "web"): "/src"}
    assert loaded.identity == keep(tmp_path, "dev", "shop")


def test_a_prod_stage(tmp_path: Path) -> None:
    loaded = stage_of(project(tmp_path), **PROD)
    assert isinstance(loaded.stage, ProdStage)
    assert loaded.stage.mail is not None
    assert (loaded.stage.mail.smtp.host, loaded.stage.proxy.ports.http) == ("smtp.test", 80)
    assert loaded.identity == Identity(instance="0badcafe", root_secret=bytes.fromhex("ab" * 32))
    assert not (tmp_path / ".berth").exists(), "a prod stage's identity is in its configuration"


def test_a_mono_stage(tmp_path: Path) -> None:
    loaded = stage_of(project(tmp_path, MONO_APP), **MONO)
    assert isinstance(loaded.stage, MonoStage)
    assert (loaded.stage.mono.image, loaded.stage.apps["web"].command) == ("all", ("serve",))
    assert loaded.identity == Identity(instance="0badcafe", root_secret=bytes.fromhex("ab" * 32))


def test_a_mono_stage_has_to_know_who_it_is(tmp_path: Path) -> None:
    lines = refused(project(tmp_path, MONO_APP), stack="mono", topology="mono")
    assert [line.replace("-s mono", "-s prod") for line in lines] == [f"Pulumi.mono.yaml: {NO_INSTANCE}", f"Pulumi.mono.yaml: {NO_ROOT}"]


def test_a_mono_stage_builds_what_its_file_names(tmp_path: Path) -> None:
    app = MONO_APP.replace("mono: { image: all }", "mono: { build: { context: web } }")
    stage = stage_of(project(tmp_path, app), **MONO).stage
    assert isinstance(stage, MonoStage)
    assert stage.mono.build == BuildConfig(context=str(tmp_path / "web"))
    missing = app.replace("{ build: { context: web } }", "{ build: { context: gone } }")
    remedy = "correct context and dockerfile, or make the file"
    assert refused(project(tmp_path, missing), **MONO) == [f"app.yaml:20: mono.build: {tmp_path}/gone/Dockerfile cannot be read: {remedy}"]


# --- layers ---


@pytest.mark.parametrize(("values", "replicas"), [({}, 1), ({"apps": {"web": {"replicas": 2}}}, 2)], ids=["defaults", "explicit"])
def test_the_stage_goes_over_the_defaults(values: dict[str, Any], replicas: int, tmp_path: Path) -> None:
    assert dev_stage(project(tmp_path), **values).apps["web"].replicas == replicas


def test_one_order_for_all(tmp_path: Path) -> None:
    app = APP.replace('env: { SITE: "${proxy.url}" }', "env: { APP: app, OVERLAY: app, STAGE: app }")
    app = app.replace("mounts: { web: /src }", "env: { OVERLAY: overlay, STAGE: overlay }")
    stage = stage_of(project(tmp_path, app), apps={"web": {"env": {"STAGE": "stage"}}}).stage
    assert stage.apps["web"].env == {"APP": "app", "OVERLAY": "overlay", "STAGE": "stage"}


def test_only_the_overlay_of_the_topology_counts(tmp_path: Path) -> None:
    app = APP.replace("prod: { ", "prod: { redis: { cache: { version: '7' } }, ")
    assert dev_stage(project(tmp_path, app)).redis["cache"].version == "8"
    prod = stage_of(project(tmp_path, app), **PROD).stage
    assert isinstance(prod, ProdStage)
    assert prod.redis["cache"].version == "7"


def test_null_in_the_stage_deletes(tmp_path: Path) -> None:
    assert stage_of(project(tmp_path), apps={"web": {"env": {"SITE": None}}}).stage.apps["web"].env == {}


def test_null_in_the_stage_deletes_nothing_that_is_not_there(tmp_path: Path) -> None:
    (project(tmp_path) / "Pulumi.dev.yaml").write_text("config:\n  berth:apps:\n    web:\n      comand: null\n")
    assert refused(tmp_path, apps={"web": {"comand": None}}) == [f"Pulumi.dev.yaml:4: apps.web.comand: {EMPTY}"]


def test_image_takes_the_place_of_build(tmp_path: Path) -> None:
    app = dev_stage(project(tmp_path), apps={"web": {"image": "nginx:1.28"}}).apps["web"]
    assert (app.image, app.build) == ("nginx:1.28", None)


@pytest.mark.parametrize(
    ("overlays", "message"),
    [
        ("topologies: [dev]", "app.yaml:17: topologies: has to be a mapping of topologies to sections"),
        ("topologies: { deb: {} }", "app.yaml:17: topologies.deb: is no topology; allowed: dev, prod, mono; did you mean dev?"),
        ("topologies: { null: {} }", "app.yaml:17: topologies: has the key null, which is no text: quote it"),
        ("topologies: { prod: { topology: dev } }", f"app.yaml:17: topologies.prod.topology: {CHOSEN}"),
        ("topology: prod", f"app.yaml:17: topology: {CHOSEN}"),
        ("topologies:\n  prod: 7", "app.yaml:18: topologies.prod: has to be a mapping of keys to values"),
    ],
)
def test_odd_overlays(overlays: str, message: str, tmp_path: Path) -> None:
    assert refused(project(tmp_path, APP[: APP.index("topologies")] + overlays + "\n")) == [message]


@pytest.mark.parametrize("overlays", ["", "topologies:\n", "topologies: { dev: null }\n", "topologies: {}\n"])
def test_overlays_may_be_empty(overlays: str, tmp_path: Path) -> None:
    assert stage_of(project(tmp_path, APP[: APP.index("topologies")] + overlays)).stage.apps.keys() == {"web"}


# --- places and paths ---

STAGE_FILE = """\
config:
  berth:topology: dev
  berth:apps:
    web:
      port: eighty
  berth:proxy:
    ports: { http: 0 }
"""


def test_a_mistake_in_the_stage_is_found_in_its_file(tmp_path: Path) -> None:
    (project(tmp_path) / "Pulumi.dev.yaml").write_text(STAGE_FILE)
    assert refused(tmp_path, apps={"web": {"port": "eighty"}}, proxy={"ports": {"http": 0}}) == [
        "Pulumi.dev.yaml:5: apps.web.port: has to be a whole number, without quotes",
        "Pulumi.dev.yaml:7: proxy.ports.http: is no port: write a whole number from 1 to 65535",
    ]


def test_a_mistake_without_a_file_names_it_all_the_same(tmp_path: Path) -> None:
    """Values may come from `-c` or `--config-file`."""
    assert refused(project(tmp_path), proxy={"ports": {"http": 0}}) == [
        "Pulumi.dev.yaml: proxy.ports.http: is no port: write a whole number from 1 to 65535",
    ]


def test_no_application(tmp_path: Path) -> None:
    assert refused(tmp_path, application="nowhere/app.yaml") == ["nowhere/app.yaml: cannot be read: No such file or directory"]


# --- the stage's own keys ---


@pytest.mark.parametrize(("values", "messages"), STAGE_MISTAKES)
def test_keys_of_the_stage(values: dict[str, Any], messages: list[str], tmp_path: Path) -> None:
    assert refused(project(tmp_path), **values) == [f"Pulumi.dev.yaml: {message}" for message in messages]


def test_a_key_of_the_stage_has_its_line(tmp_path: Path) -> None:
    (project(tmp_path) / "Pulumi.dev.yaml").write_text("config:\n  berth:topology: deb\n")
    assert refused(tmp_path, topology="deb") == ["Pulumi.dev.yaml:2: berth:topology: has to be one of dev, prod, mono"]


def test_one_plain_secret_beside_encrypted_ones(tmp_path: Path) -> None:
    (project(tmp_path) / "Pulumi.dev.yaml").write_text("config:\n  berth:secrets:\n    key: { secure: AAAA }\n    other: plain\n")
    assert refused(tmp_path, secrets={"key": "x", "other": "plain"}) == [f"Pulumi.dev.yaml:2: berth:secrets: other stands here in plain text: {SECRET_REMEDY}"]


def test_given_secrets_are_kept_out_of_sight(tmp_path: Path) -> None:
    loaded = stage_of(project(tmp_path), secrets={"key": "s3cret"})
    assert loaded.secrets == {"key": "s3cret"}
    assert "s3cret" not in repr(loaded)


# --- prod ---


@pytest.mark.parametrize(
    ("values", "messages"),
    [
        ({"instance": None}, [NO_INSTANCE]),
        ({"instance": "my shop"}, [NO_INSTANCE]),
        ({"instance": "342391"}, [NO_INSTANCE]),
        ({"root_secret": None}, [NO_ROOT]),
        ({"root_secret": "abab"}, [NO_ROOT]),
        ({"root_secret": "zz" * 32}, [NO_ROOT]),
        ({"secret": frozenset()}, [NO_ROOT]),
        ({"instance": None, "root_secret": None}, [NO_INSTANCE, NO_ROOT]),
    ],
)
def test_a_prod_stage_is_told_who_it_is(values: dict[str, Any], messages: list[str], tmp_path: Path) -> None:
    assert refused(project(tmp_path), stack="prod", **PROD | values) == [f"Pulumi.prod.yaml: {message}" for message in messages]


def test_a_new_prod_stage_is_told_everything_at_once(tmp_path: Path) -> None:
    app = APP.replace("host: smtp.test", 'host: smtp.test, password: "${secrets.smtp}"')
    (project(tmp_path, app) / "web" / "Dockerfile").unlink()
    unknown = "app.yaml:19: mail.smtp.password: has to be one reference to a secret, ${secrets.NAME}; there are: secrets.key"
    assert refused(tmp_path, stack="prod", topology="prod") == [f"Pulumi.prod.yaml: {NO_INSTANCE}", f"Pulumi.prod.yaml: {NO_ROOT}", unknown]


def test_a_prod_stage_refuses_an_empty_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    message = f"Pulumi.prod.yaml: {NO_PASSPHRASE}"
    assert refused(project(tmp_path), stack="prod", **PROD) == [message]
    assert stage_of(tmp_path).stage.name == "shop", "a dev stage does not mind"


def test_an_empty_file_is_no_passphrase_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", "empty")
    (project(tmp_path) / "empty").write_text("\n")
    assert refused(tmp_path, stack="prod", **PROD) == [f"Pulumi.prod.yaml: {NO_PASSPHRASE}"]


def test_a_service_that_keeps_the_key_needs_no_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    (project(tmp_path) / "Pulumi.prod.yaml").write_text("secretsprovider: awskms://alias/berth\n")
    assert stage_of(tmp_path, stack="prod", **PROD).stage.name == "shop"


def test_a_prod_stage_may_keep_its_passphrase_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    assert stage_of(project(tmp_path), **PROD).stage.name == "shop"


# --- from_pulumi ---


def test_from_pulumi_takes_its_own_namespace(tmp_path: Path) -> None:
    config = {"berth:topology": "dev", "aws:region": "x", "shop:topology": "prod", "berth:apps": '{"web": {"replicas": 2}}', "berth:list": "[1, 2]"}
    source = from_pulumi(tmp_path, "dev", config, frozenset({"berth:secrets", "aws:key"}))
    assert source.values == {"topology": "dev", "apps": {"web": {"replicas": 2}}, "list": [1, 2]}
    assert (source.root, source.stack) == (tmp_path, "dev")
    assert "secrets" in source.secret_keys


@pytest.mark.parametrize(("text", "value"), [("{broken", "{broken"), ("[", "["), ("17", "17"), ("true", "true"), ("", ""), ("{}", {})])
def test_from_pulumi_reads_structures_only(text: str, value: object, tmp_path: Path) -> None:
    assert from_pulumi(tmp_path, "dev", {"berth:x": text}, frozenset()).values == {"x": value}


def test_a_source_does_not_show_its_values(tmp_path: Path) -> None:
    assert "s3cret" not in repr(Source(root=tmp_path, stack="dev", values={"secrets": {"key": "s3cret"}}, secret_keys=frozenset()))


def test_a_stage_may_say_where_its_secrets_are(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    given = {"key": {"file": "key"}, "other": {"command": ["echo", "s3cret"]}}
    assert stage_of(project(tmp_path), secret=frozenset(), secrets=given).secrets == {"key": "s3cret", "other": "s3cret"}


def test_one_plain_secret_beside_those_that_are_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="berth:secrets: stand here in plain text") as refused:
        stage_of(project(tmp_path), secret=frozenset(), secrets={"key": {"file": "key"}, "other": "s3cret"})
    assert "s3cret" not in str(refused.value)
