"""examples/story in prod, as its README says."""

from collections.abc import Iterator

import httpx
import pytest

from tests.engine.examples.demands import Demand, rows
from tests.engine.examples.readers import Watch, volumes
from tests.engine.examples.shipped import Guest, running
from tests.engine.examples.story_client import DOMAIN, Story, ask_for_report, join, log_in
from tests.engine.examples.story_demands import BOTH, ORDER, PROD, PROD_ORDER, PROD_ROUTES
from tests.engine.visitor import eventually

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Story, Watch]]:
    """The prod stage, brought up once, and what was seen meanwhile."""
    story = Story(root=tmp_path_factory.mktemp("story") / "story", stack="prod")
    with Watch(story) as watch, running(story):
        yield story, watch


@pytest.fixture(scope="module")
def story(started: tuple[Story, Watch]) -> Story:
    return started[0]


@pytest.fixture(scope="module")
def site(story: Story) -> Guest:
    return Guest(story, DOMAIN, tls=True)


@pytest.fixture
def client(site: Guest) -> Iterator[httpx.Client]:
    """A browser of somebody for whom the domain leads to this host."""
    with site.browsing() as client:
        yield client


@pytest.mark.parametrize(("service", "before"), [*ORDER, *PROD_ORDER])
def test_order(started: tuple[Story, Watch], service: str, before: str) -> None:
    """Service Startup Sequence; Health Check Flow, Service Dependencies."""
    assert started[1].started_after_health(service, before)


def test_a_second_run_has_nothing_to_do(story: Story) -> None:
    """A second `up` changes nothing."""
    story.settled()


@pytest.mark.parametrize(("path", "port"), PROD_ROUTES.items(), ids=PROD_ROUTES)
def test_route(story: Story, client: httpx.Client, path: str, port: str) -> None:
    """Network Flow Diagram, Routes."""
    asked = f"{path}?asked"
    assert client.get(asked).status_code == 200
    assert story.seen(asked) == port


def test_nothing_is_left_of_vite(client: httpx.Client) -> None:
    """Network Isolation, Production Note: 5173 is no server of development."""
    page = client.get("/")
    assert "/assets/" in page.text
    assert client.get("/@vite/client").text == client.get("/team").text == page.text, "an address of the application, which has no such page"
    asset = page.text.partition('src="')[2].partition('"')[0]
    assert "immutable" in client.get(asset).headers["cache-control"]


def test_media_static_and_their_headers(story: Story, client: httpx.Client) -> None:
    """The volumes of the backend, which the proxy serves by itself."""
    picture = httpx.URL(join(client, "Ada", b"a picture")["picture"])
    assert (picture.host, picture.port) == (DOMAIN, story.https)
    assert client.get(picture).content == b"a picture"
    assert story.seen(picture.path) == "-"
    answer = client.get("/static/admin/css/base.css", headers={"Accept-Encoding": "gzip"})
    assert (answer.headers["content-encoding"], answer.headers["cache-control"]) == ("gzip", "max-age=3600")


@rows(*BOTH, *PROD)
def test_demands(story: Story, demand: Demand) -> None:
    """After the media, for each volume has to have something in it."""
    demand.check(story)


def test_headers_and_compression(story: Story, client: httpx.Client) -> None:
    """Data Flow - API Request: X-Real-IP, X-Forwarded-For, security headers, compressed JSON."""
    address, config = story.asked_from_inside(DOMAIN)
    assert [config["visitor"], config["via"]] == [address, address]
    config = client.get("/api/v1/config/frontend/", headers={"X-Forwarded-Proto": "http"}).json()
    assert config["site"] == f"https://{DOMAIN}:{story.https}/"
    for number in range(10):
        join(client, f"one of many {number}", b"a picture")
    people = client.get("/api/v1/users/", headers={"Accept-Encoding": "gzip"})
    assert (people.headers["content-type"], people.headers["content-encoding"]) == ("application/json", "gzip")
    for one in (people, client.get("/"), client.get("/static/admin/css/base.css")):
        assert one.headers["x-content-type-options"] == "nosniff"
        assert one.headers["x-frame-options"] in ("SAMEORIGIN", "DENY")
        assert one.headers["referrer-policy"]


def test_admin_with_cookies_for_https_alone(story: Story, client: httpx.Client) -> None:
    """Network Flow Diagram, /admin."""
    assert "Site administration" in log_in(client, story.password_of_admin()).text
    assert {cookie.name for cookie in client.cookies.jar if cookie.secure} == {"csrftoken", "sessionid"}


def test_http_leads_to_https_and_other_hosts_nowhere(story: Story, site: Guest) -> None:
    """Network Isolation, Production Note: 80 and 443."""
    answer = site.ask("/team", plain=True)
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://{DOMAIN}:{story.https}/team")
    assert site.ask("/", host="other.example", plain=True).status_code == 421


def test_no_debug(client: httpx.Client) -> None:
    """Network Isolation, Production Note."""
    answer = client.get("/api/v1/none")
    assert answer.status_code == 404
    assert "DEBUG" not in answer.text


def test_celery(client: httpx.Client) -> None:
    """Network Isolation, celery."""
    report = ask_for_report(client)
    assert eventually(lambda: client.get(report).json()["done"])


def test_nothing_of_the_host_and_nobody_is_root(story: Story) -> None:
    """Volume Mounting Strategy, Named Volumes; of users the reference says nothing."""
    for one in story.containers(role="service"):
        assert {mount["Type"] for mount in one.attrs["Mounts"]} <= {"volume", "tmpfs"}
        assert one.attrs["Config"]["User"] in ("10001:10001", "101:101", "999:999")


def test_images_are_pinned_and_data_stays(story: Story, client: httpx.Client) -> None:
    """Volume Mounting Strategy: named volumes persist across restarts."""
    assert (story.root / "Pulumi.prod.pins.yaml").read_text().count("@sha256:") == 3
    before = story.data_volumes()
    assert len(before) == 5
    assert volumes(story.one("db"))["/var/lib/postgresql/data"] in before
    story.berth("down")
    assert story.leftovers() == {"containers": [], "networks": [], "volumes": before}
    story.berth("up")
    assert "Ada" in [one["name"] for one in client.get("/api/v1/users/").json()["results"]]
