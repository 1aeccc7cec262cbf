"""The check-in as its README says: one description in development and in production."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from components.proxy.headers import SECURITY_HEADERS
from tests.engine.examples.checkin_client import ANN, APART, DEV, PROD, SITE, checks_in, sign_in
from tests.engine.examples.demands import Demand, rows
from tests.engine.examples.shipped import Guest, Shipped, running
from tests.engine.visitor import eventually, in_browser, refusals

pytestmark = pytest.mark.thorough
DOMAIN = "checkin.example"


@pytest.fixture(scope="module")
def development(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    with running(Shipped(root=tmp_path_factory.mktemp("checkin") / "checkin", name="checkin")) as copy:
        yield Guest(copy)


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    with running(Shipped(root=tmp_path_factory.mktemp("checkin") / "checkin", name="checkin", stack="prod")) as copy:
        yield Guest(copy, DOMAIN, tls=True)


@rows(*SITE, *APART, *DEV)
def test_dev(development: Guest, demand: Demand) -> None:
    demand.check(development)


def test_reload_of_the_backend(development: Guest) -> None:
    """README, Development."""
    with development.project.edited("backend/checkin/app.py", '"healthy"', '"edited"'):
        eventually(lambda: development.ask("/health").text == '{"status":"edited"}')
    eventually(lambda: development.ask("/health").text == '{"status":"healthy"}')


def test_hot_module_replacement_in_a_browser(development: Guest) -> None:
    """Request Flow: a page that the server rendered; a saved source shows without a reload."""
    in_browser(lambda page: _hot_module_replacement(page, development.project))


def _hot_module_replacement(page: Page, copy: Shipped) -> None:
    page.goto(copy.url.replace("127.0.0.1", "localhost"))
    page.get_by_role("button", name="Sign in", disabled=False).wait_for()
    page.evaluate("window.kept = true")
    with copy.edited("frontend/app/desk.tsx", "Sign in", "Enter"):
        page.get_by_role("button", name="Enter").wait_for()
        assert page.evaluate("window.kept"), "the page was loaded anew"


@rows(*SITE, *APART, *PROD)
def test_prod(prod: Guest, demand: Demand) -> None:
    demand.check(prod)


def test_a_day_in_a_browser(prod: Guest, tmp_path: Path) -> None:
    """Frontend Request Flow: signing in, learning a face and checking in, on the built page."""
    (tmp_path / "ann.png").write_bytes(ANN)
    url = f"https://{DOMAIN}:{prod.project.https}/"
    in_browser(lambda page: _day(page, url, tmp_path / "ann.png"), f"--host-resolver-rules=MAP {DOMAIN} 127.0.0.1")


def _day(page: Page, url: str, face: Path) -> None:
    email = f"{uuid.uuid4().hex}@checkin.test"
    refused = refusals(page)
    answer = page.goto(url)
    assert answer
    assert answer.headers["content-security-policy"] == SECURITY_HEADERS["Content-Security-Policy"]
    page.get_by_placeholder("email").fill(email)
    page.get_by_placeholder("password").fill("a long password")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_test_id("said").get_by_text(f"Signed in as {email}").wait_for()
    page.get_by_placeholder("name").fill("ann")
    page.locator('input[type="file"]').set_input_files(face)
    page.get_by_role("button", name="Learn").click()
    page.get_by_test_id("said").get_by_text("Known now: ann").wait_for()
    page.get_by_role("button", name="Check in").click()
    page.get_by_test_id("said").get_by_text("Checked in: ").wait_for()
    assert refused == [], "what Next.js makes lives with the headers of the proxy"


def test_data_survives_down_and_up(prod: Guest) -> None:
    """Data Persistence: the four volumes outlive their containers; a token stays valid, for the key is derived."""
    assert checks_in(prod)
    person = sign_in(prod)
    shown = person.send("faces", ANN, name="kept")["picture"]
    before = prod.json("/api/v1/attendance/count")["count"]
    volumes = prod.project.data_volumes()
    assert len(volumes) == 4
    prod.project.berth("down")
    assert prod.project.leftovers() == {"containers": [], "networks": [], "volumes": volumes}
    prod.project.berth("up")
    assert prod.json("/api/v1/attendance/count")["count"] == before
    assert person.ask("users/me") == {"email": person.email}
    assert prod.ask(shown).content.startswith(b"\x89PNG")


@pytest.mark.parametrize("stage", ["development", "prod"])
def test_nothing_is_left_to_do(request: pytest.FixtureRequest, stage: str) -> None:
    """A second `up` changes nothing."""
    guest: Guest = request.getfixturevalue(stage)
    guest.project.settled()
