"""Where each value of a stage comes from."""

from pathlib import Path

import pytest

from config.document import Where
from config.load import resolve
from config.origins import DEFAULT, nested, secrets_of, values_of
from config.stage_file import source_of
from tests.config.samples import project

STAGE = """\
config:
  berth:topology: prod
  berth:application: app.yaml
  berth:instance: 0badcafe
  berth:root_secret: { secure: AAAA }
  berth:apps: { web: { replicas: 2 } }
  berth:secrets:
    other: { secure: BBBB }
    key: { secure: CCCC }
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project(tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: shop\n")
    (tmp_path / "Pulumi.live.yaml").write_text(STAGE)
    return tmp_path


@pytest.fixture(autouse=True)
def _no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)


@pytest.mark.parametrize(
    ("path", "value", "origin"),
    [
        (("name",), "shop", "app.yaml:2"),
        (("topology",), "prod", "Pulumi.live.yaml:2"),
        (("apps", "web", "port"), 8000, "app.yaml:6"),
        (("apps", "web", "replicas"), 2, "Pulumi.live.yaml:6"),
        (("apps", "web", "uses"), ["db", "cache"], "app.yaml:8"),
        (("apps", "web", "migrate_timeout"), "5m", DEFAULT),
        (("apps", "web", "image"), None, DEFAULT),
        (("apps", "web", "volumes", "media", "writers"), "many", "app.yaml:10"),
        (("postgres", "db", "version"), "17", DEFAULT),
        (("mail", "smtp", "host"), "smtp.test", "app.yaml:19"),
        (("mail", "from"), "a@shop.test", "app.yaml:15"),
        (("proxy", "ports", "address"), "0.0.0.0", "default of prod"),
        (("proxy", "ports", "http"), 80, "default of prod"),
        (("proxy", "body_limit"), "10MiB", DEFAULT),
    ],
)
def test_origin(path: Where, value: object, origin: str, root: Path) -> None:
    found = {one.path: one for one in values_of(resolve(source_of(root, "live")))}
    assert (found[path].value, found[path].origin) == (value, origin)


def test_nothing_is_left_out(root: Path) -> None:
    resolved = resolve(source_of(root, "live"))
    values = values_of(resolved)
    assert nested(values) == resolved.stage.model_dump(mode="json", by_alias=True)
    assert nested(values, origins=True)["apps"]["web"]["port"] == "app.yaml:6"


def test_secrets_are_named_where_they_are_given(root: Path) -> None:
    assert secrets_of(resolve(source_of(root, "live"))) == {"key": "Pulumi.live.yaml:9", "other": "Pulumi.live.yaml:8"}


def test_resolving_makes_nothing(root: Path) -> None:
    (root / "Pulumi.dev.yaml").write_text("config:\n  berth:topology: dev\n  berth:application: app.yaml\n")
    before = sorted(root.rglob("*"))
    assert resolve(source_of(root, "dev")).stage.topology.value == "dev"
    assert sorted(root.rglob("*")) == before
