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
    "prod": 'mail: { smtp: { host: smtp.test, username: shop, password: "${secrets.smtp}" } }\nimages: { moving_tags: true }\nproxy: { tls: { elsewhere: {} } }',
    "mono": """
apps: { web: { command: [run] }, api: { command: [run, api] } }
mail: { smtp: { host: smtp.test, username: shop, password: "${secrets.smtp}" } }
mono: { image: "all:1" }
images: { moving_tags: true }
proxy: { tls: { elsewhere: {} } }
""",
}
"""What goes over it in each topology."""
FOLDERS = ("web", "other")
"""Folders beside app.yaml."""
FILES = ("Dockerfile", "Other", "a.sql", "b.sql")
"""What is in each of them."""
GIVEN = {"smtp": "s3cret-1", "smtp_2": "s3cret-2"}
"""Secrets that the stage gives."""


@dataclass(frozen=True)
class Varied:
    """A value that makes sense only if something else is there too."""

    value: Any
    given: str
    """YAML that goes over BASE first, for both sides of the comparison."""


API = "apps: { web: { routes: { /: null, /api: {} } } }"
STATIC = "apps: { web: { volumes: { more: { path: /more, writers: many } }, routes: { /: null, /s: { static: { volume: media } } } } }"
REDIRECT = "apps: { web: { routes: { /: null, /old: { redirect: { to: /other } } } } }"
CORS = "apps: { web: { routes: { /: { cors: { origins: ['https://a.test'] } } } } }"
LIMIT = "proxy: { rate_limits: { slow: { paths: [/a], per_second: 1 } } }"
BUILT = "postgres: { db: { build: { context: web, args: { A: '1' } } } }"
BOOKS = "postgres: { db: { databases: { books: {} } } }\napps: { web: { env: { BOOKS: '${db.databases.books.url}' } } }"
FAR = "postgres: { db: { external: { tls: require, host: db.test, password: '${secrets.smtp}', databases: { books: {} } } } }\n" + BOOKS.partition("\n")[2]
FAR_CACHE = "redis: { cache: { external: { host: cache.test, password: '${secrets.smtp}' } } }"
TLS = "proxy: { tls: { self_signed: {} } }"
NETWORKS = "networks: { public: { subnet: 10.9.0.0/24 }, front: { subnet: 10.9.1.0/24 }, data: { subnet: 10.9.2.0/24 }, egress: { subnet: 10.9.3.0/24 } }"

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
    "apps.*.tmpfs": {"/tmp": "1MiB"},
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
    "postgres.*.rotation": 1,
    "postgres.*.image": "postgis:17",
    "postgres.*.build.context": Varied("other", BUILT),
    "postgres.*.build.dockerfile": Varied("Other", BUILT),
    "postgres.*.build.target": Varied("dev", BUILT),
    "postgres.*.build.args": Varied({"A": "2"}, BUILT),
    "postgres.*.extensions": ["hstore"],
    "postgres.*.init": ["web/a.sql"],
    "postgres.*.databases.*.username": Varied("clerk", BOOKS),
    "postgres.*.databases.*.extensions": Varied(["hstore"], BOOKS),
    "postgres.*.databases.*.init": Varied(["web/b.sql"], BOOKS),
    "postgres.*.settings": {"work_mem": "9MB"},
    "postgres.*.publish": 5432,
    "apps.*.publish": 5173,
    "postgres.*.external.host": Varied("other.test", FAR),
    "postgres.*.external.port": Varied(5433, FAR),
    "postgres.*.external.database": Varied("shop", FAR),
    "postgres.*.external.username": Varied("clerk", FAR),
    "postgres.*.external.password": Varied("${secrets.smtp_2}", FAR),
    "postgres.*.external.tls": Varied("none", FAR),
    "postgres.*.external.databases.*.username": Varied("reader", FAR),
    "postgres.*.external.databases.*.password": Varied("${secrets.smtp_2}", FAR),
    "redis.*.image": "valkey:8",
    "redis.*.eviction": "allkeys-lru",
    "redis.*.databases": 4,
    "redis.*.settings": {"hz": "20"},
    "redis.*.stop_grace": "10s",
    "redis.*.rotation": 1,
    "redis.*.publish": 6379,
    "redis.*.external.host": Varied("other.test", FAR_CACHE),
    "redis.*.external.port": Varied(6380, FAR_CACHE),
    "redis.*.external.username": Varied("shop", FAR_CACHE),
    "redis.*.external.password": Varied("${secrets.smtp_2}", FAR_CACHE),
    "redis.*.external.tls": Varied(False, FAR_CACHE),
    "mail.smtp.security": "tls",
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
    "apps.*.routes.*.strip": Varied(True, API),
    "apps.*.routes.*.static.volume": Varied("more", STATIC),
    "apps.*.routes.*.static.folder": Varied("site", STATIC),
    "apps.*.routes.*.static.fallback": Varied("index.html", STATIC),
    "apps.*.routes.*.static.cache": Varied("1h", STATIC),
    "apps.*.routes.*.redirect.to": Varied("/new", REDIRECT),
    "apps.*.routes.*.redirect.code": Varied(302, REDIRECT),
    "apps.*.routes.*.listen": 9000,
    "apps.*.routes.*.body_limit": "1KiB",
    "apps.*.routes.*.read_timeout": "5s",
    "apps.*.routes.*.cors.origins": Varied(["https://b.test"], CORS),
    "apps.*.routes.*.cors.methods": Varied(["GET"], CORS),
    "apps.*.routes.*.cors.headers": Varied(["X-Own"], CORS),
    "apps.*.routes.*.cors.credentials": Varied(True, CORS),
    "apps.*.routes.*.cors.max_age": Varied("1m", CORS),
    "apps.*.routes.*.rate_limit": Varied("slow", LIMIT),
    "apps.*.files.*.*.template": Varied("web/Other", "apps: { web: { files: { /etc/shop: { a: { template: web/Dockerfile } } } } }"),
    "apps.*.files.*.*.text": Varied("two", "apps: { web: { files: { /etc/shop: { a: { text: one } } } } }"),
    "apps.*.health.tcp": Varied(81, "apps: { web: { health: { tcp: 80 } } }"),
    "apps.*.health.file.path": Varied("/tmp/b", "apps: { web: { health: { file: { path: /tmp/a, max_age: 1m } } } }"),
    "apps.*.health.file.max_age": Varied("2m", "apps: { web: { health: { file: { path: /tmp/a, max_age: 1m } } } }"),
    "apps.*.volumes.*.read_only": True,
    "apps.*.capabilities": ["CAP_CHOWN"],
    "apps.*.address": Varied("10.9.1.5", NETWORKS),
    "apps.*.roll": Varied(1, "apps: { web: { replicas: 2 } }"),
    "workers.*.schedule.timeout": Varied("2m", "workers: { jobs: { schedule: { every: 1m } } }"),
    "workers.*.schedule.every": Varied("2m", "workers: { jobs: { schedule: { every: 1m } } }"),
    "workers.*.health.tcp": Varied(81, "workers: { jobs: { health: { tcp: 80 } } }"),
    "workers.*.health.file.path": Varied("/tmp/b", "workers: { jobs: { health: { file: { path: /tmp/a, max_age: 1m } } } }"),
    "workers.*.health.file.max_age": Varied("2m", "workers: { jobs: { health: { file: { path: /tmp/a, max_age: 1m } } } }"),
    "volumes.*.owner": Varied("7:8", "volumes: { media: {} }"),
    "volumes.*.folder": Varied("/srv", "volumes: { media: {} }"),
    "NetworkConfig.subnet": "10.9.0.0/24",
    "networks.public.gateway": Varied("10.9.0.9", NETWORKS),
    "networks.front.gateway": Varied("10.9.1.9", NETWORKS),
    "networks.data.gateway": Varied("10.9.2.9", NETWORKS),
    "networks.egress.gateway": Varied("10.9.3.9", NETWORKS),
    "networks.public.internal": True,
    "networks.front.internal": False,
    "networks.data.internal": False,
    "networks.egress.internal": True,
    "images.mirror": "mirror.test",
    "images.pins": {"redis:8": "redis@sha256:" + "0" * 64},
    "Program.stop_signal": "SIGQUIT",
    "Process.labels": {"team": "shop"},
    "Logs.size": "1MiB",
    "Logs.files": 5,
    "Resources.memory_reservation": "16MiB",
    "Resources.pids": 77,
    "proxy.image": "own:1",
    "apps.*.directory": "/app",
    "mono.build.context": Varied("other", "mono: { build: { context: web } }"),
    "mono.build.dockerfile": Varied("Other", "mono: { build: { context: web } }"),
    "mono.build.target": Varied("all", "mono: { build: { context: web } }"),
    "mono.build.args": Varied({"A": "2"}, "mono: { build: { context: web } }"),
    "mono.image": "all:2",
    "mono.user": "1000:1001",
    "mono.tmpfs": {"/tmp": "1MiB"},
    "mono.read_only": False,
    "mono.egress": Varied(False, "mail: null\napps: { web: { uses: [db, cache] } }"),
    "mono.resources.memory": "2GiB",
    "mono.stop_grace": "10m",
    "mono.labels": {"team": "shop"},
    "proxy.domains": ["shop.test"],
    "proxy.ports.https": Varied(8444, TLS),
    "proxy.redirect_http": Varied(False, TLS),
    "proxy.connect_timeout": "3s",
    "proxy.client_timeout": "5s",
    "proxy.connections": 100,
    "proxy.trusted_proxies": ["10.0.0.5"],
    "proxy.gzip": False,
    "proxy.drain": "30s",
    "proxy.headers": {"X-Own": "yes"},
    "proxy.stop_grace": "10s",
    "proxy.rate_limits.*.paths": Varied(["/b"], LIMIT),
    "proxy.rate_limits.*.per_second": Varied(2, LIMIT),
    "proxy.rate_limits.*.burst": Varied(3, LIMIT),
    "Resources.memory": "100MiB",
    "Resources.cpus": "0.75",
    "ProbeTimes.interval": "2s",
    "ProbeTimes.timeout": "2s",
    "ProbeTimes.retries": 4,
    "ProbeTimes.start_period": "33s",
    "ProbeTimes.start_interval": "250ms",
}
EXCEPTIONS: Mapping[str, str] = {
    "mono apps.*.volumes.*.writers": "decides who may share the volume; the one container of mono stops before the next one starts, for it owns ports",
    "mono networks.public.internal": "may only be false there, which it is",
    "mono.build.secrets.*.from": "as for apps",
    "engine.host": "says which engine is asked, not what is created there",
    "images.moving_tags": "decides whether a prod stage with images that are not pinned is refused, not what is made of it",
    "postgres.*.build.secrets.*.from": "as for apps",
    "apps.*.build.secrets.*.from": "which secret lies in the file that the build reads: no image and no state may know",
    "proxy.tls.files.certificate": "belongs to its key, and one of them changed alone is refused; tests/topologies/test_steps.py changes both",
    "postgres.*.external.ca": "belongs to tls: verify-full, and is a file; tests/topologies/test_external.py changes it",
    "proxy.tls.files.key": "belongs to its certificate",
    "proxy.hsts": "wants files of a certificate; tests/components/test_proxy_config.py and tests/engine/test_site.py change it",
    "workers.*.health.path": "a worker has no port that would answer: refused without another way, and beside one too",
    "workers.*.health.host": "goes with path",
    "format": "says which form the file has: there is one",
    "secrets.*.required": "decides whether a stage without the secret is refused, not what is made of it",
}
"""Fields that change nothing that is created, and why that is right; behind its name, of one topology alone."""
