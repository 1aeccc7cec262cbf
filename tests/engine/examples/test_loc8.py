"""LOC8 as its README says: in dev with and without Postgres and Redis, in production with three replicas behind TLS."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page

from tests.engine.examples import loc8_client
from tests.engine.examples.copied import PASSPHRASE, Copy, dev, production
from tests.engine.examples.loc8_client import BOTH, DEV, DIRECT, DOMAIN, PROD, Check, predict, replicas
from tests.engine.examples.visitor import Visitor, eventually, in_browser
from tests.engine.project import free_port, said_in

pytestmark = pytest.mark.thorough
OPTIONAL = {
    "postgres": {"postgres": {"version": "15", "database": "loc8"}},
    "redis": {"redis": {"version": "7"}},
    "apps": {"backend": {"uses": ["postgres", "redis"]}},
}


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    return {app: free_port() for app in DIRECT}


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory, ports: dict[str, int]) -> Iterator[Visitor]:
    apps = {
        "backend": {"routes": {"localhost/": {"listen": ports["backend"]}}},
        "frontend": {"publish": ports["frontend"], "env": {"VITE_API_BASE_URL": f"http://localhost:{ports['backend']}/api"}},
    }
    with dev(tmp_path_factory.mktemp("loc8") / "loc8", "loc8", apps=apps) as copy:
        yield Visitor(copy)


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with production(tmp_path_factory.mktemp("loc8") / "loc8", "loc8") as copy:
        yield Visitor(copy, DOMAIN, tls=True)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with production(tmp_path_factory.mktemp("loc8") / "loc8", "loc8", "full") as copy:
        yield Visitor(copy, DOMAIN, tls=True)


@pytest.mark.parametrize("demand", [*BOTH.items(), *DEV.items()], ids=lambda demand: demand[0])
def test_dev(development: Visitor, demand: tuple[str, Check]) -> None:
    assert demand[1](development)


def test_direct_access_to_services(development: Visitor, ports: dict[str, int]) -> None:
    """Environment Configuration, Development: direct port access."""
    assert "Swagger UI" in httpx.get(f"http://localhost:{ports['backend']}/docs").text
    assert "/@vite/client" in httpx.get(f"http://localhost:{ports['frontend']}/").text


def test_hot_reload_of_the_backend(development: Visitor) -> None:
    """Backend Container, Development: auto-reload on changes."""
    with development.copy.edited("backend/main.py", '{"status": "ok"}', '{"status": "edited"}'):
        eventually(lambda: development.ask("/health").text == '{"status":"edited"}')
    eventually(lambda: development.ask("/health").text == '{"status":"ok"}')


def test_hot_module_replacement_in_a_browser(development: Visitor) -> None:
    """Frontend Container, Development: Vite HMR, and VITE_API_BASE_URL on the port of the backend."""
    in_browser(lambda page: _hot_module_replacement(page, development.copy))


def _hot_module_replacement(page: Page, copy: Copy) -> None:
    page.goto(copy.url.replace("127.0.0.1", "localhost"))
    page.get_by_test_id("status").get_by_text("history: none, cache: none").wait_for()
    page.get_by_role("button").click()
    page.get_by_test_id("answer").get_by_text("32.0").wait_for()
    page.evaluate("window.kept = true")
    with copy.edited("frontend/src/App.jsx", "LOC8 growth", "LOC8 edited"):
        page.get_by_role("heading").get_by_text("LOC8 edited").wait_for()
        assert page.evaluate("window.kept"), "the page was loaded anew"
        assert page.get_by_test_id("answer").text_content() == "32.0", "the state of the page was lost"


def test_optional_services_in_dev(development: Visitor) -> None:
    """Production Environment, Optional: Postgres and Redis come and go, and nothing else has to change."""
    copy = development.copy
    assert (development.json("/api/status")["history"], development.json("/api/status")["cache"]) == ("none", "none")
    copy.configure(**OPTIONAL)
    copy.up()
    kept_and_cached(development)
    copy.configure(postgres=None, redis=None, apps={"backend": {"uses": None}})
    copy.up()
    status = development.json("/api/status")
    assert (status["history"], status["cache"]) == ("none", "none")
    assert predict(development) == 32.0


def kept_and_cached(loc8: Visitor) -> None:
    """Predictions are rows of Postgres, and answers come from Redis the second time, whoever is asked."""
    status = loc8.json("/api/status")
    assert (status["history"], status["cache"]) == ("postgres", "redis")
    before = loc8.json("/api/analytics")["predictions"]
    answers = [loc8.patiently("/api/predictions", "POST", json=loc8_client.QUESTION).headers["x-cache"] for _ in range(4)]
    assert answers[1:] == ["hit"] * 3
    assert loc8.json("/api/analytics")["predictions"] == before + 4


@pytest.mark.parametrize("demand", [*BOTH.items(), *PROD.items()], ids=lambda demand: demand[0])
def test_prod(prod: Visitor, demand: tuple[str, Check]) -> None:
    assert demand[1](prod)


def test_ports_of_production_as_shipped(tmp_path: Path) -> None:
    """Network Architecture: nginx is on 80 and 443."""
    copy = Copy(root=tmp_path / "loc8", name="loc8", stack="prod", environment=PASSPHRASE)
    copy.introduce()
    assert re.findall(r"^ +(https?: \d+) ", copy.berth("config"), re.MULTILINE) == ["http: 80", "https: 443"]


def test_rate_limit(prod: Visitor) -> None:
    """Nginx Container, Purpose: rate limiting; 10 each second and 20 at once, and other paths are not counted."""
    eventually(lambda: all(prod.ask("/api/status").status_code == 200 for _ in range(20)))
    codes = [prod.ask("/api/status").status_code for _ in range(60)]
    assert set(codes) == {200, 429}
    assert {prod.ask("/docs").status_code for _ in range(60)} == {200}


def test_replicas_share_the_volume_and_the_key(prod: Visitor) -> None:
    """Production Volumes: backend_data; Horizontal Scaling: stateless replicas."""
    signatures = {prod.json("/api/notes", "POST", content=b"kept")["signature"] for _ in range(9)}
    assert len(signatures) == 1
    assert all(len(prod.json("/api/notes")) == 9 for _ in range(6))


def test_page_in_a_browser(prod: Visitor) -> None:
    """Production Environment: the built page, by TLS, asks the API of its own origin."""
    in_browser(lambda page: _predict(page, f"https://{DOMAIN}:{prod.copy.https}/any/page"), f"--host-resolver-rules=MAP {DOMAIN} 127.0.0.1")


def _predict(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_test_id("status").get_by_text("history: none, cache: none").wait_for()
    page.get_by_role("button").click()
    page.get_by_test_id("answer").get_by_text("32.0").wait_for()


def test_a_new_version_rolls(prod: Visitor) -> None:
    """Deployment Pipeline: build, up, health checks; every replica is the new one."""
    before = replicas(prod)
    prod.copy.edit("backend/main.py", '{"status": "ok"}', '{"status": "second"}')
    prod.copy.up()
    assert {prod.json("/health")["status"] for _ in range(9)} == {"second"}
    assert not before & replicas(prod)
    assert len(prod.json("/api/notes")) == 9


def test_certificate_of_ones_own(prod: Visitor) -> None:
    """Production Volumes: ./ssl; the commands of the README. The last test of this stage: it changes the site."""
    readme = (prod.copy.root / "README.md").read_text()
    script = re.findall(r"^(mkdir -p ssl\n.*?)\n```", readme, re.MULTILINE | re.DOTALL)[0]
    subprocess.run(["sh", "-euc", script], cwd=prod.copy.root, check=True, capture_output=True)
    prod.copy.configure(proxy={"tls": {"files": {"certificate": "ssl/loc8.crt", "key": "ssl/loc8.key"}}})
    prod.copy.up()
    assert prod.certificate() == (prod.copy.root / "ssl" / "loc8.crt").read_text()
    assert Visitor(prod.copy, DOMAIN, tls=True).json("/api/status")["scheme"] == "https"


def test_optional_services_in_production(full: Visitor) -> None:
    """Database Scaling: Postgres 15 with DATABASE_URL; Horizontal Scaling: Redis is shared by the replicas."""
    assert len(replicas(full)) == 3
    kept_and_cached(full)
    assert "PostgreSQL) 15" in said_in(full.copy.one("postgres"), "postgres", "--version")
    for service, port in {"postgres": 5432, "redis": 6379}.items():
        assert loc8_client.resolves(full, "backend", service, port)
        assert not loc8_client.resolves(full, "frontend", service, port)
        assert not loc8_client.resolves(full, "proxy", service, port)


def test_data_survives_down_and_up(full: Visitor) -> None:
    """Disaster Recovery: volumes outlive containers."""
    before = full.json("/api/analytics")["predictions"]
    full.copy.berth("down")
    full.copy.berth("up")
    assert full.json("/api/analytics")["predictions"] == before > 0
