"""examples/story in dev, as its README says: each test names the place in Story 12.1 that demands it, or has its table in story_demands."""

import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx
import psycopg
import pytest
import redis
from playwright.sync_api import Page
from websockets.sync.client import connect

from components.proxy.headers import SECURITY_HEADERS
from tests.engine.examples.demands import Demand, rows
from tests.engine.examples.readers import Watch, folder_of, health, limits, reaches, reserved, volumes
from tests.engine.examples.shipped import running
from tests.engine.examples.story_client import Story, address, ask_for_report, join, log_in, opens
from tests.engine.examples.story_demands import BOTH, DEV, ORDER, ROUTES
from tests.engine.project import hang, restarted, runs_as, said_in
from tests.engine.visitor import eventually, in_browser, refusals

pytestmark = pytest.mark.thorough
STRANGER = {"berth.test": "stranger"}
DJANGOS = ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy")
"""Headers of which Django has values of its own, which win."""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Story, Watch]]:
    """The dev stage, brought up once, and what was seen meanwhile."""
    story = Story(root=tmp_path_factory.mktemp("story") / "story")
    with Watch(story) as watch, running(story):
        yield story, watch


@pytest.fixture(scope="module")
def story(started: tuple[Story, Watch]) -> Story:
    return started[0]


@pytest.fixture(scope="module")
def client(story: Story) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://localhost:{story.http}", timeout=60) as client:
        yield client


@pytest.mark.parametrize(("service", "before"), ORDER)
def test_order(started: tuple[Story, Watch], service: str, before: str) -> None:
    """Service Startup Sequence; Health Check Flow, Service Dependencies."""
    assert started[1].started_after_health(service, before)


def test_a_second_run_has_nothing_to_do(story: Story) -> None:
    """A second `up` changes nothing."""
    story.settled()


@pytest.mark.parametrize(("path", "port"), ROUTES.items(), ids=ROUTES)
def test_route(story: Story, client: httpx.Client, path: str, port: str) -> None:
    """Network Flow Diagram, Routes; Data Flow - Frontend Access."""
    asked = f"{path}?asked"
    assert client.get(asked).status_code == 200
    assert story.seen(asked) == port


def test_route_media_and_the_api_with_its_database(story: Story, client: httpx.Client) -> None:
    """Network Flow Diagram, /media; Data Flow - API Request."""
    member = join(client, "Ada", b"a picture")
    assert client.get(member["picture"]).content == b"a picture"
    assert story.seen(httpx.URL(member["picture"]).path) == "8000"
    assert member["name"] in [one["name"] for one in client.get("/api/v1/users/").json()["results"]]


def test_route_ws(story: Story) -> None:
    """Network Flow Diagram, /ws."""
    with connect(f"ws://localhost:{story.http}/ws", subprotocols=["vite-hmr"]) as socket:  # type: ignore[list-item]  # a NewType of str
        assert '"connected"' in str(socket.recv(timeout=10))


def test_admin(story: Story, client: httpx.Client) -> None:
    """Network Flow Diagram, /admin."""
    assert "Site administration" in log_in(client, story.password_of_admin()).text


def test_admin_in_a_browser(story: Story) -> None:
    """Network Flow Diagram, /admin: Django's pages, scripts of their own and all, live with the headers of the proxy."""
    in_browser(lambda page: _sign_in(page, story))


def _sign_in(page: Page, story: Story) -> None:
    refused = refusals(page)
    answer = page.goto(f"http://localhost:{story.http}/admin/")
    assert answer
    headers = {name: text for name, text in SECURITY_HEADERS.items() if name not in DJANGOS}
    assert {name: answer.headers[name.lower()] for name in headers} == headers
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(story.password_of_admin())
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("Site administration").wait_for()
    page.get_by_role("link", name="Users", exact=True).click()
    page.get_by_role("link", name="Add user").first.click()
    page.locator("#id_usable_password, #id_username").first.wait_for()
    assert refused == []


def test_headers_and_compression(story: Story, client: httpx.Client) -> None:
    """Data Flow - API Request: X-Real-IP, X-Forwarded-For, security headers, gzip."""
    address, config = story.asked_from_inside("localhost")
    assert [config["visitor"], config["via"]] == [address, address]
    for number in range(10):
        join(client, f"one of many {number}", b"a picture")
    style, people = (client.get(path, headers={"Accept-Encoding": "gzip"}) for path in ("/static/admin/css/base.css", "/api/v1/users/"))
    assert (people.headers["content-type"], people.headers["content-encoding"]) == ("application/json", "gzip")
    assert style.headers["content-encoding"] == "gzip"
    for headers in (style.headers, people.headers, client.get("/").headers):
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] in ("SAMEORIGIN", "DENY")
        assert headers["referrer-policy"]


def test_frontend_on_its_own_port(story: Story) -> None:
    """Network Isolation, 5173."""
    assert "/@vite/client" in httpx.get(f"http://localhost:{story.port('apps frontend publish')}/").text
    assert httpx.get(f"http://localhost:{story.port('apps frontend publish')}/api/v1/health/").status_code == 200, "the frontend reaches the backend"


def test_backend_on_its_own_port(story: Story) -> None:
    """Network Isolation, 8000."""
    assert httpx.get(f"http://localhost:{story.port('apps backend publish')}/api/v1/health/").json() == {"database": "ok", "redis": "ok"}


def test_postgres_on_its_own_port(story: Story) -> None:
    """Network Isolation, 5432; Network Flow Diagram, postgres:15."""
    password = said_in(story.one("backend"), "/.berth/busybox", "cat", "/run/secrets/DB_PASSWORD")
    with psycopg.connect(host="127.0.0.1", port=story.port("postgres db publish"), dbname="backend_db", user="backend_db", password=password) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM people_member").fetchone() == (True,)
        assert connection.info.server_version // 10000 == 15


def test_redis_on_its_own_port(story: Story) -> None:
    """Network Isolation, 6379; Network Flow Diagram, redis:7."""
    password = said_in(story.one("backend"), "/.berth/busybox", "cat", "/run/secrets/REDIS_PASSWORD")
    with redis.Redis(host="127.0.0.1", port=story.port("redis redis publish"), password=password) as connection:
        assert str(connection.info("server")["redis_version"]).startswith("7.")


@rows(*BOTH, *DEV)
def test_demands(story: Story, demand: Demand) -> None:
    demand.check(story)


def test_bind_mount_of_logs(story: Story) -> None:
    """Volume Mounting Strategy, ./backend/logs: a volume that is the folder, for the backend writes there as its own user."""
    assert story.volume("backend", "/app/logs") == "logs"
    assert folder_of(story, "logs") == story.root / "backend" / "logs"
    assert "joined" in (story.root / "backend" / "logs" / "backend.log").read_text()


def test_configuration_and_log_of_nginx(story: Story) -> None:
    """Volume Mounting Strategy, ./nginx/nginx.conf and app-proxy-logs: berth writes the one, and the engine keeps and rotates the other."""
    assert "/etc/berth" in volumes(story.one("proxy"))
    assert story.one("proxy").attrs["HostConfig"]["LogConfig"] == {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}
    assert "GET /api/v1/health/" in story.one("proxy").logs().decode()


def test_a_cpu_reservation_is_refused_with_its_reason(story: Story) -> None:
    """Resource Allocation, CPU Reserve."""
    with story.configured(apps={"backend": {"resources": {"cpus_reservation": "0.5"}}}):
        assert "a plain engine reserves no CPU" in story.berth("preview", fails=True)


def test_health_knows_about_redis_and_the_database(story: Story, client: httpx.Client) -> None:
    """Health Check Flow, backend."""
    for service, word in (("redis", "redis"), ("db", "database")):
        container = story.one(service)
        container.stop()
        answer = client.get("/api/v1/health/")
        container.start()
        assert (answer.status_code, answer.json()[word]) == (503, "away")
    assert eventually(lambda: client.get("/api/v1/health/").is_success)


def test_who_hangs_is_started_again_after_three_checks(story: Story) -> None:
    """Health Check Flow."""
    container = story.one("redis")
    hang(container)
    eventually(lambda: restarted(container), 300)
    assert b"berth: 3 probes in a row have failed" in container.logs()
    eventually(lambda: health(story) == {"healthy"})


def test_the_networks_are_closed(story: Story) -> None:
    """Network Isolation, Network Features: nobody else is on them, and those of the data services and of the site have no way out."""
    networks = [story.engine.networks.get(name) for name in story.leftovers()["networks"]]
    assert {network.attrs["Labels"]["berth.service"]: network.attrs["Internal"] for network in networks} == {
        "public": False, "front": True, "data": True, "egress": False,
    }  # fmt: skip
    mine = {container.id for container in story.containers(everything=True)}
    assert {container.id for network in networks for container in network.containers} <= mine


def test_other_networks_are_out_of_reach(story: Story) -> None:
    """Network Isolation, Network Features: neither is a container outside reached from here, nor does it reach one."""
    stranger = story.engine.containers.run(story.one("redis").attrs["Image"], ["redis-server", "--protected-mode", "no"], detach=True, labels=STRANGER)
    try:
        theirs, mine = (address(one, name) for one, name in ((stranger, "bridge"), (story.one("redis"), "data")))
        eventually(lambda: opens(stranger, theirs), 30)
        assert not reaches(story, "backend", theirs, 6379)
        assert not opens(stranger, mine)
    finally:
        stranger.remove(force=True, v=True)


def test_nobody_is_root(story: Story) -> None:
    """Design, 3: hardened by default; the reference says nothing of it."""
    assert {one.attrs["Config"]["User"] for one in story.containers(role="service")} == {runs_as(story.root / "backend"), "101:101", "999:999"}


def test_onboarding_in_a_browser(story: Story) -> None:
    """Data Flow - Frontend Access: the onboarding page is the first one, and shows what the runtime configuration says."""
    in_browser(lambda page: _join(page, story))


def _join(page: Page, story: Story) -> None:
    name = f"Grace {uuid4()}"
    page.goto(f"http://localhost:{story.http}/")
    page.get_by_role("heading", name="Welcome aboard").wait_for()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Join").click()
    page.get_by_role("listitem").filter(has_text=name).wait_for()
    assert page.url == f"http://localhost:{story.http}/team"


def test_hot_module_reload_through_the_proxy(story: Story) -> None:
    """Network Flow Diagram, Hot Module Reload: the page changes and is not loaded again, so that what was typed stays."""
    in_browser(lambda page: _hot_module_reload(page, story))


def _hot_module_reload(page: Page, story: Story) -> None:
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(f"http://localhost:{story.http}/")
    page.get_by_label("Name").fill("half a na")
    with story.edited("frontend/src/Onboarding.jsx", "Tell us who you are.", "And you are?"):
        page.get_by_text("And you are?").wait_for()
        assert page.get_by_label("Name").input_value() == "half a na"
    page.get_by_text("Tell us who you are.").wait_for()
    assert [url.partition("?")[0] for url in sockets] == [f"ws://localhost:{story.http}/ws"]


def test_the_backend_reloads_itself(story: Story, client: httpx.Client) -> None:
    """Network Flow Diagram, Auto reload."""

    def title() -> str:
        answer = client.get("/api/v1/config/frontend/")  # 502 in the moment in which the server starts anew
        return str(answer.json()["title"]) if answer.is_success else ""

    with story.edited("backend/people/views.py", "Welcome aboard", "Hello again"):
        eventually(lambda: title() == "Hello again")
        time.sleep(5)  # a server that has just started looks at its sources for the first time some time after it serves
    eventually(lambda: title() == "Welcome aboard")


def test_celery_with_its_section_and_without(story: Story, client: httpx.Client) -> None:
    """Resource Allocation, profile with-celery; Network Isolation, celery."""
    assert story.containers("celery") == []
    report = ask_for_report(client)
    assert client.get(report).json()["done"] is None
    with story.configured(workers=None):
        story.berth("up")
        celery = story.one("celery")
        assert celery.attrs["State"]["Health"]["Status"] == "healthy"
        assert (*limits(celery), reserved(celery)) == (1.0, 512, 256)
        assert eventually(lambda: client.get(report).json()["done"]), "what was asked for before it came is done too"
        assert "is done" in (story.root / "backend" / "logs" / "celery.log").read_text()
        assert reaches(story, "celery", "db", 5432)
        assert reaches(story, "celery", "redis", 6379)
        story.settled()
    story.berth("up")
    assert story.containers("celery") == []


def test_all_are_healthy_in_time(story: Story, record_testsuite_property: Callable[[str, object], None]) -> None:
    """Service Startup Sequence: in its order, and within the 90 s that it gives. README.md says how long it took."""
    story.berth("down")
    with Watch(story) as watch:
        story.berth("up")
        eventually(lambda: watch.has_seen("db", "redis", "backend", "frontend", "proxy"))
    assert all(watch.started_after_health(service, before) for service, before in ORDER)
    record_testsuite_property("story: seconds from the first start until all are healthy", round(watch.seconds(), 1))
    assert watch.seconds() < 90
