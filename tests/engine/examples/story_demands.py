"""What Story 12.1 (reference 003_0b3cb45fa018baa7) demands of examples/story: rows of tables, each with the heading of its place there."""

from docker.models.containers import Container

from tests.engine.examples.demands import Demand
from tests.engine.examples.readers import BUSYBOX, command, health, health_times, limits, loopback, probe, published, reaches, reserved
from tests.engine.examples.story_client import Story
from tests.engine.project import said_in

ALLOCATION = {
    "proxy": (0.5, 256, 128),
    "frontend": (2.0, 2048, 512),
    "backend": (2.0, 1024, 512),
    "db": (1.0, 512, 256),
    "redis": (0.5, 256, 128),
}
"""Cores, MiB, and MiB that are reserved."""
PROBES = {
    "db": "postgres backend_db backend_db",  # a login to the database as its own user
    "redis": "redis-cli ping",
    "backend": "http 8000 /api/v1/health/",
    "frontend": "http 5173 /",
    "proxy": "http 8079 /",  # a port for this alone
}
DEV_PORTS = {
    "proxy ports http": 80,
    "apps frontend publish": 5173,
    "apps backend publish": 8000,
    "postgres db publish": 5432,
    "redis redis publish": 6379,
}


def allocated(service: str, wanted: tuple[float, int, int]) -> Demand:
    """Limits of a service."""
    return Demand("Resource Allocation", service, lambda site: (*limits(site.one(service)), reserved(site.one(service))), wanted)


def probed(service: str, words: str) -> Demand:
    """What the health check of a service asks."""
    return Demand("Health Check Flow", f"{service}: {words}", lambda site: words in probe(site.one(service)))


def asked_often_enough(container: Container) -> bool:
    """Whether a health check is at least as frequent as those of the description."""
    interval, _, _, retries = health_times(container)
    return interval <= 30 and retries == 3


def reached(source: str, target: str, port: int, wanted: bool = True) -> Demand:
    """Who reaches whom."""
    says = "can" if wanted else "cannot"
    return Demand("Network Isolation, Internal Communication", f"{source} {says} reach {target}", lambda site: reaches(site, source, target, port), wanted)


def named(name: str, service: str, path: str, volume: str) -> Demand:
    """A named volume, with something in it."""

    def seen(site: Story) -> tuple[str, bool]:
        return site.volume(service, path), said_in(site.one(service), BUSYBOX, "ls", "-A", path).strip() != ""

    return Demand("Volume Mounting Strategy, Named Volumes", name, seen, (volume, True))


def bound(service: str, path: str, folder: str) -> Demand:
    """A folder of the host."""
    return Demand("Volume Mounting Strategy, Bind Mounts", f"./{folder}", lambda site: site.folder(service, path), folder)


BOTH = (
    *(allocated(service, wanted) for service, wanted in ALLOCATION.items()),
    *(probed(service, words) for service, words in PROBES.items()),
    Demand("Health Check Flow", "all are healthy", health, {"healthy"}),
    Demand("Health Check Flow", "each 30 s or more often, three times", lambda site: all(asked_often_enough(one) for one in site.containers(role="service"))),
    Demand("Health Check Flow", "the apps each 10 s", lambda site: [health_times(site.one(name))[0] for name in ("backend", "frontend")], [10, 10]),
    reached("proxy", "frontend", 5173),
    reached("proxy", "backend", 8000),
    reached("frontend", "backend", 8000),
    reached("backend", "db", 5432),
    reached("backend", "redis", 6379),
    reached("frontend", "db", 5432, wanted=False),
    reached("frontend", "redis", 6379, wanted=False),
    Demand("Network Flow Diagram", "postgres:15", lambda site: "PostgreSQL) 15" in said_in(site.one("db"), "postgres", "--version")),
    Demand("Network Flow Diagram", "redis:7", lambda site: "v=7." in said_in(site.one("redis"), "redis-server", "--version")),
    named("app-postgres-data", "db", "/var/lib/postgresql/data", "db-data"),
    named("app-redis-data", "redis", "/data", "redis-data"),
    named("app-backend-media", "backend", "/app/media", "backend-media"),
    named("app-backend-static", "backend", "/app/staticfiles", "backend-static"),
)
DEV = (
    Demand("Network Isolation, Exposed Ports", "as the example has them", lambda site: {path: site.value(path) for path in DEV_PORTS}, DEV_PORTS),
    Demand("Network Isolation, Exposed Ports", "these and no others", lambda site: published(site) == loopback(site, *DEV_PORTS)),
    named("app-frontend-node-modules", "frontend", "/app/node_modules", "frontend-node-modules"),
    bound("backend", "/app", "backend"),
    bound("frontend", "/app/src", "frontend/src"),
    bound("frontend", "/app/public", "frontend/public"),
)
PROD = (
    allocated("celery", (1.0, 512, 256)),
    named("logs", "backend", "/app/logs", "backend-logs"),
    reached("celery", "db", 5432),
    reached("celery", "redis", 6379),
    Demand("Network Isolation, Production Note", "80 and 443", lambda site: [site.value(f"proxy ports {name}") for name in ("http", "https")], [80, 443]),
    Demand("Network Isolation, Production Note", "and no others", lambda site: published(site) == loopback(site, "proxy ports http", "proxy ports https")),
    Demand("Network Isolation, Production Note", "no server of development", lambda site: "gunicorn" in command(site.one("backend"))),
)
ORDER = (
    # Service Startup Sequence; Health Check Flow, Service Dependencies
    ("backend", "db"),
    ("backend", "redis"),
    ("frontend", "backend"),
    ("proxy", "frontend"),
    ("proxy", "backend"),
)
PROD_ORDER = (("celery", "backend"),)
ROUTES = {
    # Network Flow Diagram, Routes
    "/": "5173",
    "/api/v1/users/": "8000",
    "/admin/login/": "8000",
    "/static/admin/css/base.css": "8000",
    "/@vite/client": "5173",
    # Data Flow - Frontend Access
    "/team": "5173",
    "/src/main.jsx": "5173",
    "/api/v1/config/frontend/": "8000",
    # Health Check Flow
    "/api/v1/health/": "8000",
    "/health": "8000",
}
PROD_ROUTES = {
    # the same in prod, where no Vite runs, and the proxy serves files by itself
    "/": "5173",
    "/team": "5173",
    "/api/v1/users/": "8000",
    "/admin/login/": "8000",
    "/health": "8000",
    "/static/admin/css/base.css": "-",
}
