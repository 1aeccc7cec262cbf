"""Whole stages under the recording monitor."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

from ruamel.yaml import YAML

from config import identity, owners
from config.identity import Identity
from config.load import Loaded, from_pulumi, load
from config.owners import Owner
from tests.golden import CHECKOUT
from tests.recording import FakeEngine, Recording, record
from topologies import build

OWNERS: dict[str, Owner] = {}
"""Of the folders that stages mount: root of all that a test does not name here."""
IDENTITY = Identity(instance="0badcafe", root_secret=bytes.fromhex("ab" * 32))
PROD: Mapping[str, Any] = {"topology": "prod", "instance": IDENTITY.instance, "root_secret": IDENTITY.root_secret.hex()}
APP = """\
format: 1
name: shop
apps:
  web:
    image: shop:1
    port: 8000
    routes: { /: {}, /ws: { websocket: true } }
    uses: [db, cache, mail]
    env: { SITE: "${proxy.url}", CACHE: "${cache.url}/1", API: "${apps.api.url}", LITERAL: "$${x}" }
    secrets: { KEY: { from: key }, PARTNER: { from: partner } }
  api: { image: "api:1", port: 9000, egress: false }
workers:
  jobs: { app: web, command: [work], health: { command: [alive] } }
postgres: { db: {} }
redis: { cache: {} }
mail: { from: a@shop.test }
secrets: { key: { generate: {} }, partner: { required: false } }
topologies:
  prod: { mail: { smtp: { host: smtp.test, username: shop, password: "${secrets.smtp}" } }, images: { moving_tags: true }, proxy: { tls: { elsewhere: {} } } }
"""
MONO: Mapping[str, Any] = {**PROD, "topology": "mono"}
MONO_APP = (
    APP
    + """\
  mono:
    apps: { web: { command: [serve, "100%"], directory: /app, migrate: [migrate] }, api: { command: [serve-api] } }
    mail: { smtp: { host: smtp.test, username: shop, password: "${secrets.smtp}" } }
    mono: { image: "all:1" }
    images: { moving_tags: true }
    proxy: { tls: { elsewhere: {} } }
"""
)


def loaded(root: Path, values: Mapping[str, Any], stack: str, secret: frozenset[str] = frozenset({"secrets", "root_secret"})) -> Loaded:
    """Load a stage, whoever it was made for, and whoever the checkout belongs to."""
    raw = {f"berth:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
    with (
        mock.patch.object(identity, "keep", return_value=IDENTITY),
        mock.patch.object(owners, "owner_of", OWNERS.get),
        mock.patch.dict(os.environ, {"PULUMI_CONFIG_PASSPHRASE": "a passphrase"}),
    ):
        return load(from_pulumi(root, stack, raw, frozenset(f"berth:{key}" for key in secret)))


def dev(root: Path, app: str = APP, engine: FakeEngine | None = None, **values: Any) -> Recording:
    """A dev stage of an application."""
    (root / "app.yaml").write_text(app)
    of = loaded(root, {"topology": "dev", "application": "app.yaml"} | values, "dev")
    return record(lambda: build(of, engine or FakeEngine()))


def prod(root: Path, app: str = APP, engine: FakeEngine | None = None, **values: Any) -> Recording:
    """A prod stage of an application."""
    (root / "app.yaml").write_text(app)
    of = loaded(root, {**PROD, "application": "app.yaml", "secrets": {"smtp": "smtp-s3cret"}} | values, "prod")
    return record(lambda: build(of, engine or FakeEngine()), "prod")


def mono(root: Path, app: str = MONO_APP, engine: FakeEngine | None = None, **values: Any) -> Recording:
    """A mono stage of an application."""
    (root / "app.yaml").write_text(app)
    of = loaded(root, {**MONO, "application": "app.yaml", "secrets": {"smtp": "smtp-s3cret"}} | values, "mono")
    return record(lambda: build(of, engine or FakeEngine()), "mono")


def shipped(stack: str, root: Path = CHECKOUT, **values: Any) -> Recording:
    """A stage that the checkout ships, with what it still has to be told."""
    of = as_shipped(stack, root, **values)
    return record(lambda: build(of, FakeEngine()), stack)


def as_shipped(stack: str, root: Path = CHECKOUT, **values: Any) -> Loaded:
    """Its configuration."""
    config = YAML(typ="safe").load((root / f"Pulumi.{stack}.yaml").read_text())["config"]
    written = {key.removeprefix("berth:"): value for key, value in config.items() if key.startswith("berth:")}
    return loaded(root, written | values, stack)
