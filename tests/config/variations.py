"""For every field a value that differs from the default: what test_parity.py changes, one at a time, to see that it changes what is created.

Who adds a field adds a line here: under its path, or, for a model that stands in several places, under `Model.field`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

BASE = """\
format: 1
name: shop
apps:
  web:
    build: { context: web, args: { A: "1" } }
    port: 8000
    routes: { /: {} }
    uses: [db, cache, mail]
    env: { SITE: "${proxy.url}" }
    secrets: { KEY: { from: key } }
    health: { path: /up }
    migrate: [migrate]
    volumes: { media: { path: /media, writers: many } }
  api: { image: "api:1", port: 9000 }
workers:
  jobs: { app: web, command: [work], health: { command: [alive] } }
postgres: { db: {} }
redis: { cache: {} }
mail: { from: a@shop.test }
secrets: { key: { generate: {} }, other: { generate: {} } }
"""
"""An application with one of everything; a field of a section that it lacks cannot be varied."""
OF_TOPOLOGY = {
    "dev": "apps: { web: { mounts: { web: /src } } }",
    "prod": 'mail: { smtp: { host: smtp.test, username: shop, password: "${secrets.smtp}" } }',
}
"""What goes over it in each topology."""
FOLDERS = ("web", "other")
"""Folders beside app.yaml, each with a Dockerfile and another one called Other."""
GIVEN = {"smtp": "s3cret-1", "smtp_2": "s3cret-2"}
"""Secrets that the stage gives."""


@dataclass(frozen=True)
class Varied:
    """A value that makes sense only if something else is there too."""

    value: Any
    given: str
    """YAML that goes over BASE first, for both sides of the comparison."""


VALUES: Mapping[str, Any] = {
    "name": "blog",
    "apps.*.build.context": "other",
    "apps.*.build.dockerfile": "Other",
    "apps.*.build.target": "dev",
    "apps.*.build.args": {"A": "2"},
    "apps.*.image": Varied("shop:2", "apps: { web: { image: 'shop:1' } }"),
    "apps.*.port": 8001,
    "apps.*.command": ["serve"],
    "apps.*.routes.*.websocket": True,
    "apps.*.uses": ["db", "mail"],
    "apps.*.env": {"SITE": "other"},
    "apps.*.secrets.*.from": "other",
    "apps.*.secrets.*.as": "file",
    "apps.*.health.path": "/well",
    "apps.*.health.host": "shop.test",
    "apps.*.health.command": Varied(["alive", "now"], "apps: { web: { health: { command: [alive] } } }"),
    "apps.*.migrate": ["migrate", "all"],
    "apps.*.migrate_timeout": "10m",
    "apps.*.volumes.*.path": "/other",
    "apps.*.volumes.*.writers": Varied("one", "workers: null"),
    "apps.*.tmpfs": ["/tmp", "/run"],
    "apps.*.user": "1000:1001",
    "apps.*.read_only": False,
    "apps.*.replicas": 2,
    "apps.*.egress": False,
    "apps.*.stop_grace": "10s",
    "apps.*.mounts": {"other": "/src"},
    "workers.*.app": "api",
    "workers.*.command": ["work", "hard"],
    "workers.*.health.command": ["alive", "now"],
    "workers.*.replicas": 2,
    "workers.*.stop_grace": "10s",
    "postgres.*.version": "16",
    "postgres.*.database": "books",
    "postgres.*.username": "clerk",
    "postgres.*.stop_grace": "10s",
    "redis.*.version": "7",
    "redis.*.persistence": "none",
    "secrets.*.generate.bytes": 64,
    "secrets.*.generate.rotation": 1,
    "mail.from": "b@shop.test",
    "mail.mailhog.version": "v1.0.0",
    "mail.mailhog.ui_port": 8026,
    "mail.smtp.host": "mail.test",
    "mail.smtp.port": 25,
    "mail.smtp.username": "clerk",
    "mail.smtp.password": "${secrets.smtp_2}",
    "proxy.version": "1.29",
    "proxy.ports.address": "10.0.0.1",
    "proxy.ports.http": 81,
    "proxy.body_limit": "1MiB",
    "proxy.read_timeout": "10s",
    "Resources.memory": "100MiB",
    "Resources.cpus": "0.75",
    "ProbeTimes.interval": "7s",
    "ProbeTimes.timeout": "2s",
    "ProbeTimes.retries": 4,
    "ProbeTimes.start_period": "33s",
    "ProbeTimes.start_interval": "250ms",
}
EXCEPTIONS: Mapping[str, str] = {
    "workers.*.health.path": "a worker has no port that would answer, and a command beside it is refused",
    "workers.*.health.host": "goes with path",
    "format": "says which form the file has: there is one",
    "secrets.*.required": "decides whether a stage without the secret is refused, not what is made of it",
}
"""Fields that change nothing that is created, and why that is right."""
