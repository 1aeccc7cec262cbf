"""examples/story in prod, as its README says."""

from collections.abc import Iterator

import httpx
import pytest

from tests.engine.examples.story_client import DOMAIN, Story, ask_for_report, eventually, join, limits, log_in, mounted, prod, published, shipped
from tests.engine.examples.story_demands import HEALTH, LIMITS, PROD_ROUTES, REACHABLE
from tests.engine.visitor import Site

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    story = prod(tmp_path_factory.mktemp("story") / "story", "story-prod-test")
    try:
        story.berth("pin")
        story.berth("up")
        yield story
    finally:
        story.berth("down")
        for name in story.data_volumes():  # the test's own; berth has no command for this, and must not
            story.engine.volumes.get(name).remove()
        assert not any(story.leftovers().values())


@pytest.fixture(scope="module")
def site(story: Story) -> Iterator[Site]:
    site = Site(story, story.https, 0)
    yield site
    site.client.close()


@pytest.fixture
def client(story: Story, site: Site) -> Iterator[httpx.Client]:
    """A browser of somebody for whom the domain leads to this host."""
    transport = Here(site)
    with httpx.Client(base_url=f"https://{DOMAIN}:{story.https}", transport=transport, timeout=60) as client:
        yield client


class Here(httpx.HTTPTransport):
    """Finds every host on 127.0.0.1."""

    def __init__(self, site: Site) -> None:
        super().__init__(verify=site.context)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        here = request.url.copy_with(host="127.0.0.1")  # the header Host is there already
        extensions = {**request.extensions, "sni_hostname": request.url.host}
        return super().handle_request(httpx.Request(request.method, here, headers=request.headers, stream=request.stream, extensions=extensions))


def test_a_second_run_has_nothing_to_do(story: Story) -> None:
    story.berth("up", "--", "--expect-no-changes")
    story.berth("preview", "--", "--expect-no-changes", "--refresh")


def test_ports(story: Story) -> None:
    """Network Isolation, Production Note: HTTP and HTTPS, nothing of Postgres and Redis."""
    assert published(story) == {"127.0.0.1": {story.http, story.https}}
    assert "ports" not in shipped("prod")["proxy"], "the example itself leaves them at 80 and 443"


@pytest.mark.parametrize(("path", "port"), PROD_ROUTES.items(), ids=PROD_ROUTES)
def test_route(story: Story, client: httpx.Client, path: str, port: str) -> None:
    asked = f"{path}?asked"
    assert client.get(asked).status_code == 200
    assert story.seen(asked) == port


def test_nothing_is_left_of_vite(client: httpx.Client) -> None:
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
    for one in (answer, client.get("/"), client.get("/api/v1/users/")):
        assert one.headers["x-content-type-options"] == "nosniff"


def test_admin_with_cookies_for_https_alone(story: Story, client: httpx.Client) -> None:
    assert "Site administration" in log_in(client, story.password_of_admin()).text
    assert {cookie.name for cookie in client.cookies.jar if cookie.secure} == {"csrftoken", "sessionid"}


def test_http_leads_to_https_and_other_hosts_nowhere(story: Story, site: Site) -> None:
    answer = site.ask("/team", host=DOMAIN, port=story.http, tls=False)
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://{DOMAIN}:{story.https}/team")
    assert site.ask("/", host="other.example", port=story.http, tls=False).status_code == 421


def test_no_debug(client: httpx.Client) -> None:
    answer = client.get("/api/v1/none")
    assert answer.status_code == 404
    assert "DEBUG" not in answer.text


def test_celery(client: httpx.Client) -> None:
    report = ask_for_report(client)
    assert eventually(lambda: client.get(report).json()["done"])


@pytest.mark.parametrize(("service", "wanted"), (LIMITS | {"celery": (1.0, 512, 256)}).items(), ids=[*LIMITS, "celery"])
def test_limits(story: Story, service: str, wanted: tuple[float, int, int]) -> None:
    assert limits(story.one(service)) == wanted


@pytest.mark.parametrize(("service", "words"), HEALTH.items(), ids=HEALTH)
def test_health(story: Story, service: str, words: str) -> None:
    container = story.one(service)
    assert container.attrs["State"]["Health"]["Status"] == "healthy"
    assert words in " ".join(container.attrs["Config"]["Healthcheck"]["Test"])


@pytest.mark.parametrize(("source", "target", "port", "wanted"), REACHABLE.values(), ids=REACHABLE)
def test_who_reaches_whom(story: Story, source: str, target: str, port: int, wanted: bool) -> None:
    code, _ = story.one(source).exec_run(["/.berth/busybox", "sh", "/.berth/probe", "tcp", str(port), target])
    assert (code == 0) is wanted


def test_nothing_of_the_host_and_nobody_is_root(story: Story) -> None:
    for one in story.containers(role="service"):
        assert {mount["Type"] for mount in one.attrs["Mounts"]} <= {"volume", "tmpfs"}
        assert one.attrs["Config"]["User"] in ("10001:10001", "101:101", "999:999")


def test_images_are_pinned_and_data_stays(story: Story, client: httpx.Client) -> None:
    assert (story.root / "Pulumi.prod.pins.yaml").read_text().count("@sha256:") == 3
    before = story.data_volumes()
    assert len(before) == 5
    assert mounted(story, "db", "/var/lib/postgresql/data")[1] in before
    story.berth("down")
    assert story.leftovers() == {"containers": [], "networks": [], "volumes": before}
    story.berth("up")
    assert "Ada" in [one["name"] for one in client.get("/api/v1/users/").json()["results"]]
