"""nginx.conf as it is rendered: golden files to read, and what their structure promises."""

import re
from pathlib import Path

import pytest

from components.proxy.nginx import Site, Upstream, render
from tests.golden import compare

GOLDEN = Path(__file__).parents[1] / "golden" / "nginx"
WEB = Upstream(name="web", servers=("web-1-1234567:8000",))
API = Upstream(name="api", servers=("api-1-1234567:9000", "api-2-7654321:9000"))
ONE_APP = Site(port=8080, body_limit=10 * 1024**2, read_timeout_s=60, upstreams=(WEB,), routes=(("", "web", False),), pages=())
SITES = {
    "one-app": ONE_APP,
    "several-apps": Site(
        port=8080,
        body_limit=100 * 1024**2,
        read_timeout_s=5,
        upstreams=(WEB, API),
        routes=(("/ws", "web", True), ("/api/v2", "web", False), ("/api", "api", False), ("", "web", False)),
        pages=(),
    ),
    "no-root-route": Site(port=8080, body_limit=1024, read_timeout_s=60, upstreams=(API,), routes=(("/api", "api", False),), pages=()),
    "pages": Site(port=8080, body_limit=1024, read_timeout_s=60, upstreams=(WEB,), routes=(("", "web", True),), pages=((8081, "mail:8025"), (8082, "x:1"))),
    "nothing": Site(port=8080, body_limit=1024, read_timeout_s=60, upstreams=(), routes=(), pages=()),
}


@pytest.mark.parametrize("name", SITES)
def test_golden(name: str) -> None:
    compare(GOLDEN / f"{name}.conf", render(SITES[name]))


def test_every_golden_file_has_its_site() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(SITES)


@pytest.mark.parametrize("name", SITES)
def test_blocks_are_closed_and_directives_end(name: str) -> None:
    text = "\n".join(line.split("#")[0].rstrip() for line in render(SITES[name]).splitlines())
    assert text.count("{") == text.count("}")
    assert [line for line in text.splitlines() if line.strip() and line.rstrip()[-1] not in "{};"] == []


def locations(site: Site) -> list[tuple[str, str]]:
    """Every location of the site's own server and the app it leads to."""
    server = render(site).split(f"listen {site.port};")[1].split("\n    }\n")[0]
    return re.findall(r"location ((?:= )?\S+) \{\s+(?:proxy_pass http://)?(\w+|return 404);", server)


def test_a_path_matches_itself_and_what_is_below_it_alone() -> None:
    assert locations(SITES["no-root-route"])[:2] == [("= /api", "api"), ("/api/", "api")], "a bare `location /api` would match /apifoo"


def serves(site: Site, path: str) -> str:
    """The app that nginx would choose: an exact location, else the longest prefix (nginx documentation, `location`)."""
    found = dict(locations(site))
    if f"= {path}" in found:
        return found[f"= {path}"]
    return found[max((prefix for prefix in found if not prefix.startswith("= ") and path.startswith(prefix)), key=len)]


@pytest.mark.parametrize(
    ("path", "app"),
    [
        ("/", "web"),
        ("/index.html", "web"),
        ("/api", "api"),
        ("/api/", "api"),
        ("/api/x", "api"),
        ("/apifoo", "web"),
        ("/api/v2", "web"),
        ("/api/v2/x", "web"),
        ("/api/v20", "api"),
        ("/ws", "web"),
    ],
)
def test_the_longest_path_wins(path: str, app: str) -> None:
    assert serves(SITES["several-apps"], path) == app


def test_without_a_root_route_the_rest_is_not_found() -> None:
    text = render(SITES["no-root-route"])
    assert re.search(r"location / \{\s+return 404;", text)
    assert not re.search(r"location / \{\s+return 404;", render(ONE_APP))


@pytest.mark.parametrize(("name", "upgrades"), [("one-app", 0), ("several-apps", 2), ("pages", 3)])
def test_upgrades_only_where_they_are_asked_for(name: str, upgrades: int) -> None:
    assert render(SITES[name]).count("proxy_set_header Upgrade $http_upgrade;") == upgrades


@pytest.mark.parametrize(("name", "limit", "timeout"), [("one-app", 10485760, 60), ("several-apps", 104857600, 5)], ids=["defaults", "explicit"])
def test_limits(name: str, limit: int, timeout: int) -> None:
    text = render(SITES[name])
    assert f"client_max_body_size {limit};" in text
    assert f"    proxy_read_timeout {timeout}s;" in text


def test_writes_to_tmp_alone() -> None:
    paths = re.findall(r"(?:_temp_path|^pid) (\S+);", render(ONE_APP), re.MULTILINE)
    assert len(paths) == 6
    assert all(path.startswith("/tmp/") for path in paths)
