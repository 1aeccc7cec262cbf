"""Puts the application's sources on the path, and gives it settings under which nothing answers."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "demo"
sys.path.insert(0, str(DEMO / "web/src"))

from demo.services import Services  # noqa: E402
from demo.settings import Settings, read  # noqa: E402
from demo.site import build  # noqa: E402
from fastapi.testclient import TestClient  # noqa: E402

ENVIRONMENT = {
    "DATABASE_URL": "postgresql://demo:p%40ss@127.0.0.1:1/demo",
    "REDIS_URL": "redis://:s3cret@127.0.0.1:1/0",
    "SMTP_HOST": "127.0.0.1",
    "SMTP_PORT": "1",
    "MAIL_FROM": "demo@demo.test",
    "SITE_URL": "http://localhost:8080",
    "SESSION_KEY": "0123456789abcdef0123456789abcdef",
}


@pytest.fixture
def environment() -> dict[str, str]:
    return dict(ENVIRONMENT)


@pytest.fixture
def settings(environment: dict[str, str], tmp_path: Path) -> Settings:
    return read({**environment, "UPLOADS": str(tmp_path)})


@pytest.fixture
def services(settings: Settings) -> Services:
    return Services.of(settings)


@pytest.fixture
def client(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The whole application; Postgres and Redis are away, the uploads are in a folder."""
    monkeypatch.setattr("demo.store.WAIT_S", 0.05)
    with TestClient(build(settings), base_url="http://localhost:8080", follow_redirects=False) as client:
        yield client
