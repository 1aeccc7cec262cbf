"""A small application to make mistakes in, and how to load it."""

import json
from pathlib import Path
from typing import Any

import pytest

from config.load import Loaded, from_pulumi, load
from config.problems import Refused
from config.stage import DevStage
from tests.config.mistakes import MISTAKES
from tests.config.mono_mistakes import MONO_MISTAKES

APP = """\
format: 1
name: shop
apps:
  web:
    build: { context: web }
    port: 8000
    routes: { /: {} }
    uses: [db, cache]
    env: { SITE: "${proxy.url}" }
    volumes: { media: { path: /media, writers: many } }
workers:
  jobs: { app: web, command: [work], health: { command: [alive] } }
postgres: { db: {} }
redis: { cache: {} }
mail: { from: a@shop.test }
secrets: { key: { generate: {} } }
topologies:
  dev: { apps: { web: { mounts: { web: /src } } } }
  prod: { mail: { smtp: { host: smtp.test } }, images: { moving_tags: true }, proxy: { tls: { elsewhere: {} } } }
"""
MONO_APP = f"{APP}  mono: {{ mail: {{ smtp: {{ host: mail.test }} }}, apps: {{ web: {{ command: [serve] }} }}, mono: {{ image: all }}, images: {{ moving_tags: true }}, proxy: {{ tls: {{ elsewhere: {{}} }} }} }}\n"
IN_PROD = {
    "passwords_are_secrets",
    "images_are_pinned",
    "outside_is_reached",
    "sources in prod",
    "a catcher in prod",
    "TLS in prod",
    "an open data network in prod",
}
"""Mistakes that only a prod stage is told of."""
IN_MONO = frozenset(MONO_MISTAKES)
"""Those that only a mono stage is told of."""
PROD: dict[str, Any] = {"topology": "prod", "instance": "0badcafe", "root_secret": "ab" * 32}


MONO: dict[str, Any] = {**PROD, "topology": "mono"}


def project(root: Path, app: str = APP) -> Path:
    """A folder with an application."""
    (root / "web").mkdir(exist_ok=True)
    (root / "web" / "Dockerfile").write_text("FROM scratch\n")
    (root / "app.yaml").write_text(app)
    return root


def stage_of(root: Path, secret: frozenset[str] = frozenset({"root_secret", "secrets"}), stack: str = "dev", **values: Any) -> Loaded:
    """Load a stage as Pulumi would hand it over. None takes a value away."""
    config = {"topology": "dev", "application": "app.yaml"} | values
    raw = {f"berth:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in config.items() if value is not None}
    return load(from_pulumi(root, stack, raw, frozenset(f"berth:{key}" for key in secret)))


def dev_stage(root: Path, **values: Any) -> DevStage:
    """A stage on a developer's machine."""
    stage = stage_of(root, **values).stage
    assert isinstance(stage, DevStage)
    return stage


def told(root: Path, mistake: str) -> tuple[str, list[str]]:
    """The line that a mistake ought to be answered with, and those that it is."""
    right, wrong, message = MISTAKES[mistake]
    base = MONO_APP if mistake in IN_MONO else APP
    assert base.count(right) == 1
    app = base.replace(right, wrong)
    if "api]" in wrong:
        app = app.replace("workers:", "  api: { image: x, port: 1, uses: [web] }\nworkers:")
    if "partner" in wrong:
        app = app.replace("secrets: { key:", "secrets: { partner: { required: false }, key:")
    values = PROD if mistake.partition(",")[0] in IN_PROD else MONO if mistake in IN_MONO else {}
    with pytest.raises(Refused) as refused:
        stage_of(project(root, app), **values)
    return message.replace("{root}", str(root)), str(refused.value).splitlines()


def refused(root: Path, **values: Any) -> list[str]:
    with pytest.raises(Refused) as refusal:
        stage_of(root, **values)
    return str(refusal.value).splitlines()
