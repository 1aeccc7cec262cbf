"""LOC8 as its README says: in dev with and without Postgres and Redis, in production with three replicas behind TLS."""

import time
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page

from tests.engine.examples import loc8_client
from tests.engine.examples.demands import Demand, rows
from tests.engine.examples.loc8_client import BACKEND, BOTH, DEV, DOMAIN, FRONTEND, LARGE, PROD, SMALL, answered, given_certificate, predict, replicas, secrets
from tests.engine.examples.readers import during, reaches
from tests.engine.examples.shipped import Guest, Shipped, running
from tests.engine.project import restarted, said_in
from tests.engine.visitor import eventually, in_browser

pytestmark = pytest.mark.thorough
OPTIONAL = {
    "postgres": {"postgres": {"version": "15", "database": "loc8"}},
    "redis": {"redis": {"version": "7"}},
    "apps": {"backend": {"uses": ["postgres", "redis"]}},
}


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    copy = Shipped(root=tmp_path_factory.mktemp("loc8") / "loc8", name="loc8")
    copy.configure(apps={"frontend": {"env": {"VITE_API_BASE_URL": f"http://localhost:{copy.port(BACKEND)}/api"}}})
    with running(copy):
        yield Guest(copy)


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    with running(Shipped(root=tmp_path_factory.mktemp("loc8") / "loc8", name="loc8", stack="prod")) as copy:
        yield Guest(copy, DOMAIN, tls=True)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    with running(Shipped(root=tmp_path_factory.mktemp("loc8") / "loc8", name="loc8", stack="full")) as copy:
        yield Guest(copy, DOMAIN, tls=True)


@rows(*BOTH, *DEV)
def test_dev(development: Guest, demand: Demand) -> None:
    demand.check(development)


def test_direct_access_to_services(development: Guest) -> None:
    """Environment Configuration, Development: direct port access."""
    backend, frontend = (development.project.port(path) for path in (BACKEND, FRONTEND))
    assert "Swagger UI" in httpx.get(f"http://localhost:{backend}/docs").text
    assert "/@vite/client" in httpx.get(f"http://localhost:{frontend}/").text


def test_hot_reload_of_the_backend(development: Guest) -> None:
    """Backend Container, Development: auto-reload on changes."""
    with development.project.edited("backend/main.py", '{"status": "ok"}', '{"status": "edited"}'):
        eventually(lambda: development.ask("/health").text == '{"status":"edited"}')
    eventually(lambda: development.ask("/health").text == '{"status":"ok"}')


def test_hot_module_replacement_in_a_browser(development: Guest) -> None:
    """Frontend Container, Development: Vite HMR, and VITE_API_BASE_URL on the port of the backend."""
    in_browser(lambda page: _hot_module_replacement(page, development.project))


def _hot_module_replacement(page: Page, copy: Shipped) -> None:
    page.goto(copy.url.replace("127.0.0.1", "localhost"))
    page.get_by_test_id("status").get_by_text("history: none, cache: none").wait_for()
    page.get_by_role("button").click()
    page.get_by_test_id("answer").get_by_text("32.0").wait_for()
    page.evaluate("window.kept = true")
    with copy.edited("frontend/src/App.jsx", "LOC8 growth", "LOC8 edited"):
        page.get_by_role("heading").get_by_text("LOC8 edited").wait_for()
        assert page.evaluate("window.kept"), "the page was loaded anew"
        assert page.get_by_test_id("answer").text_content() == "32.0", "the state of the page was lost"


def test_optional_services_in_dev(development: Guest) -> None:
    """Production Environment, Optional: Postgres and Redis come and go, and nothing else has to change."""
    copy = development.project
    assert (development.json("/api/status")["history"], development.json("/api/status")["cache"]) == ("none", "none")
    with copy.configured(**OPTIONAL):
        copy.up()
        kept_and_cached(development)
        before = development.json("/api/analytics")["predictions"]
    copy.up()
    status = development.json("/api/status")
    assert (status["history"], status["cache"]) == ("none", "none")
    assert predict(development) == 32.0
    with copy.configured(**OPTIONAL):
        copy.berth("up")
        assert development.json("/api/analytics")["predictions"] == before, "data is kept meanwhile"
    copy.berth("up")


def kept_and_cached(loc8: Guest) -> None:
    """Predictions are rows of Postgres, and answers come from Redis the second time, whoever is asked."""
    status = loc8.json("/api/status")
    assert (status["history"], status["cache"]) == ("postgres", "redis")
    before = loc8.json("/api/analytics")["predictions"]
    answers = [loc8.patiently("/api/predictions", "POST", json=loc8_client.QUESTION).headers["x-cache"] for _ in range(4)]
    assert answers[1:] == ["hit"] * 3
    assert loc8.json("/api/analytics")["predictions"] == before + 4


@rows(*BOTH, *PROD, *SMALL)
def test_prod(prod: Guest, demand: Demand) -> None:
    demand.check(prod)


def test_rate_limit(prod: Guest) -> None:
    """Nginx Container, Purpose: rate limiting."""
    limited(prod)


def limited(loc8: Guest) -> None:
    """10 each second and 20 at once, and other paths are not counted."""
    time.sleep(3)  # 20 come again, 10 each second
    assert all(loc8.ask("/api/status").status_code == 200 for _ in range(20))
    assert loc8.at_once("/api/status", 80) == {200, 429}
    assert loc8.at_once("/docs", 60) == {200}


def test_replicas_share_the_volume_and_the_key(prod: Guest) -> None:
    """Production Volumes: backend_data; Horizontal Scaling: stateless replicas."""
    signatures = {prod.json("/api/notes", "POST", content=b"kept")["signature"] for _ in range(9)}
    assert len(signatures) == 1
    assert all(len(prod.json("/api/notes")) == 9 for _ in range(6))


def test_page_in_a_browser(prod: Guest) -> None:
    """Production Environment: the built page, by TLS, asks the API of its own origin."""
    in_browser(lambda page: _predict(page, f"https://{DOMAIN}:{prod.project.https}/any/page"), f"--host-resolver-rules=MAP {DOMAIN} 127.0.0.1")


def _predict(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_test_id("status").get_by_text("history: none, cache: none").wait_for()
    page.get_by_role("button").click()
    page.get_by_test_id("answer").get_by_text("32.0").wait_for()


def test_what_fails_is_started_again(prod: Guest) -> None:
    """Container Security: auto-restart of failed services."""
    one = prod.project.replicas("backend")[0]
    said_in(one, "sh", "-c", "kill -9 $(cat /proc/1/task/1/children)")
    eventually(lambda: restarted(one))


def test_a_new_version_rolls(prod: Guest) -> None:
    """Deployment Pipeline: build, up, health checks, and another key, Environment Security: somebody is always there to answer, the old ones or the new
    ones; in the end every replica is new, and data stays."""
    before, signature = replicas(prod), prod.json("/api/notes", "POST", content=b"signed")["signature"]
    prod.project.edit("backend/main.py", '{"status": "ok"}', '{"status": "second"}')
    prod.project.edit("app.yaml", "secret_key: { generate: {} }", "secret_key: { generate: { rotation: 1 } }")
    seen = during(lambda: answered(prod), prod.project.up)
    assert set(seen) == {(200, '{"status":"ok"}'), (200, '{"status":"second"}')}, seen
    assert answered(prod) == (200, '{"status":"second"}')
    assert not before & replicas(prod)
    assert len(prod.json("/api/notes")) == 10
    assert prod.json("/api/notes", "POST", content=b"signed")["signature"] != signature


def test_certificate_of_ones_own(prod: Guest) -> None:
    """Production Volumes: ./ssl; the commands of the README. The last test of this stage: it changes the site."""
    prod.project.does("openssl req")
    prod.project.configure(proxy={"tls": {"files": {"certificate": "ssl/loc8.crt", "key": "ssl/loc8.key"}}})
    prod.project.up()
    assert prod.certificate() == (prod.project.root / "ssl" / "loc8.crt").read_text()
    assert given_certificate(prod) == (prod.certificate(), True)
    assert Guest(prod.project, DOMAIN, tls=True).json("/api/status")["scheme"] == "https"


@rows(*BOTH, *PROD, *LARGE)
def test_full(full: Guest, demand: Demand) -> None:
    demand.check(full)


def test_rate_limit_in_full(full: Guest) -> None:
    """Nginx Container, Purpose: rate limiting."""
    limited(full)


def test_optional_services_in_production(full: Guest) -> None:
    """Database Scaling: Postgres 15 with DATABASE_URL; Horizontal Scaling: Redis is shared by the replicas."""
    assert len(replicas(full)) == 3
    kept_and_cached(full)
    assert len(secrets(full)) == 3, "the key and two passwords, of which test_full looks whether anybody sees them"
    assert "PostgreSQL) 15" in said_in(full.project.one("postgres"), "postgres", "--version")
    for service, port in {"postgres": 5432, "redis": 6379}.items():
        assert reaches(full.project, "backend", service, port)
        assert not reaches(full.project, "frontend", service, port)
        assert not reaches(full.project, "proxy", service, port)


def test_data_survives_down_and_up(full: Guest) -> None:
    """Disaster Recovery: volumes outlive containers."""
    before = full.json("/api/analytics")["predictions"]
    full.project.berth("down")
    full.project.berth("up")
    assert full.json("/api/analytics")["predictions"] == before > 0


def test_a_backup_is_taken_and_put_back(full: Guest) -> None:
    """Disaster Recovery, Backup Strategy and Database Backups: by the commands of the README."""

    def kept() -> tuple[list[str], int]:
        return full.json("/api/notes"), full.json("/api/analytics")["predictions"]

    full.json("/api/notes", "POST", content=b"kept")
    before = kept()
    full.project.does("pg_dump")
    full.json("/api/notes", "POST", content=b"late")
    predict(full)
    assert kept() != before
    full.project.does("pg_restore")
    assert kept() == before


def test_nothing_is_left_to_do(full: Guest) -> None:
    full.project.settled()
