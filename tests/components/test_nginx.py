"""nginx.conf as it is rendered: golden files to read, and what their structure promises for every site."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings

from components.proxy.nginx import HEALTH_PORT, UNHEARD, Server, Site, milliseconds, pattern, quoted, render
from tests.golden import compare
from tests.nginx_syntax import Directive, parse
from tests.sites import SAMPLES, configured, sample, sites

GOLDEN = Path(__file__).parents[1] / "golden" / "nginx"
FORWARDED = {"Host", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "Connection", *UNHEARD}
DIRECTIVES = frozenset(directive.name for name in SAMPLES for path, directive in parse(render(sample(name))).walk() if not {"map", "geo"} & {*path})
"""Every directive that berth writes: another one would be somebody's text that got out of its quotes."""
BUILT_IN = re.compile(
    r"\d|args|binary_remote_addr|body_bytes_sent|host|https?|http_\w+|is_args|realip_remote_addr|remote_addr|request(_method|_time|_uri)?|scheme|sent_http_content_type|status|time_iso8601"
    r"|upstream_addr|upstream_connect_time|upstream_http_\w+|uri"
)


@pytest.mark.parametrize("name", SAMPLES)
def test_golden(name: str) -> None:
    compare(GOLDEN / f"{name}.conf", render(sample(name)))


def test_every_golden_file_has_its_site() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(SAMPLES)


@pytest.mark.parametrize(
    ("request_so_far", "asked_again"),
    [
        ("GET 0.001 10.0.0.1:8000", False),
        ("GET - web", True),
        ("GET -, - 10.0.0.1:8000, web", True),
        ("GET 0.001, - 10.0.0.1:8000, web", True),
        ("POST 0.001 10.0.0.1:8000", False),
        ("POST - 10.0.0.1:8000", False),
        ("POST - web", True),
        ("POST -, -, - 10.0.0.1:8000, 10.0.0.2:8000, web", True),
        ("POST 0.001, - 10.0.0.1:8000, web", False),
        ("POST -, 0.001, - 10.0.0.1:8000, 10.0.0.2:8000, web", False),
    ],
)
def test_who_is_asked_again(request_so_far: str, *, asked_again: bool) -> None:
    """Method, times to connect, who was tried: nginx names the upstream once it had nobody to try."""
    [final] = (one for one in http(sample("one-app")).all("map") if one.args[-1] == "$final")
    rules = [one.name.removeprefix("~") for one in final.inner if one.name != "default"]
    assert any(re.search(rule, request_so_far) for rule in rules) is asked_again


def http(site: Site) -> Directive:
    [found] = parse(render(site)).all("http")
    return found


def servers(site: Site) -> list[Directive]:
    """Those of the site: not the health check, not pages."""
    own = {str(port) for server in site.servers for port in (*server.ports, *server.tls_ports)}
    return [server for server in http(site).all("server") if next(server.all("listen")).args[0] in own]


@settings(derandomize=True, max_examples=60, deadline=None, database=None)
@given(sites())
def test_any_site(site: Site) -> None:
    root = parse(render(site))
    nothing_got_out(root)
    what_replaces_stands_on_one_level(root)
    variables_are_defined(root)
    every_port_has_one_server_for_strangers(servers(site))
    header_texts_are_as_they_were(site)
    for server, made in zip(site.servers, servers(site), strict=True):
        locations_are_those_of_the_routes(server, made)


def nothing_got_out(root: Directive) -> None:
    assert {one.name for path, one in root.walk() if not {"map", "geo"} & {*path}} <= DIRECTIVES
    assert [one.name for one in root.inner if one.inner] in (["events", "http"], ["events", "http", "stream"])


def what_replaces_stands_on_one_level(root: Directive) -> None:
    names = {one.args[0] for _, one in root.walk() if one.name == "location"}
    levels = {"add_header": ("http",), "limit_req": ("http", "server")}
    for path, one in root.walk():
        assert path == levels.get(one.name, path)
        if one.name != "location":
            continue
        headers = [header.args[0] for header in one.all("proxy_set_header")]
        assert len(headers) == len(set(headers))
        assert set(headers) - {"Upgrade"} == (FORWARDED if any(one.all("proxy_pass")) else set())
        error_pages_are_of_one_place(one, names)


def error_pages_are_of_one_place(location: Directive, names: set[str]) -> None:
    """All of them, but for the second try of a request: nginx takes the first that fits, and the other one when that fails too."""
    first, *others = [page.args[-1] for page in location.all("error_page")] or [""]
    if first.startswith("@again"):
        assert first in names
        assert any(location.all("recursive_error_pages"))
        assert next(iter(location.all("error_page"))).args == ("502", "=", first), "the second answer counts, with its status"
        assert len(set(others)) == 1
    else:
        assert set(others) <= {first}


def variables_are_defined(root: Directive) -> None:
    every = [one for _, one in root.walk()]
    defined = {one.args[-1].removeprefix("$") for one in every if one.name in ("map", "geo")} | {
        one.args[0].removeprefix("$") for one in every if one.name == "set"
    }
    defined |= set(re.findall(r"\(\?<(\w+)>", " ".join(one.name for one in every)))
    for path, one in root.walk():
        texts = one.args if "map" in path else () if path[-1:] == ("geo",) else (one.name, *one.args)
        for name in re.findall(r"\$\{?(\w+)", " ".join(texts)):
            assert name in defined or BUILT_IN.fullmatch(name), f"${name} in {one}"


def every_port_has_one_server_for_strangers(made: list[Directive]) -> None:
    ports: dict[str, list[bool]] = {}
    names: set[tuple[str, str]] = set()
    for server in made:
        for listen in server.all("listen"):
            ports.setdefault(listen.args[0], []).append("default_server" in listen.args)
            for named in server.all("server_name"):
                here = {(listen.args[0], name) for name in named.args}
                assert not names & here
                names |= here
    assert all(strangers.count(True) == 1 for strangers in ports.values())


def test_who_may_read_an_answer_may_show_it() -> None:
    """Where a route has `cors`, an image of it may stand in a page of another site: for all other routes, the text of the file holds."""
    made = http(sample("other-origins-and-limits"))
    [policy] = (one for one in made.all("map") if one.args[0] == "$cors $upstream_http_cross_origin_resource_policy")
    plain, shared = policy.inner
    assert (plain.name, plain.args, shared.args) == (" ", ("same-site",), ("cross-origin",))
    pattern_ = shared.name.removeprefix("~")
    assert [bool(re.search(pattern_, asked)) for asked in ("0 ", "12 ", " ", "0 same-origin", " same-origin")] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("on a.example ", "max-age=31536000"),
        ("on localhost ", ""),
        ("on web.localhost ", ""),
        ("on notlocalhost ", "max-age=31536000"),
        (" a.example ", None),
        ("on a.example max-age=1", None),
    ],
)
def test_who_is_told_to_come_by_tls_alone(asked: str, told: str | None) -> None:
    """By TLS or not, the host, and what the app says."""
    [hsts] = (one for one in http(sample("hosts-and-tls")).all("map") if one.args[-1] == "$hsts")
    assert next((one.args[0] for one in hsts.inner if re.search(one.name.removeprefix("~"), asked)), None) == told


@pytest.mark.parametrize(
    ("trusted_and_said", "scheme"),
    [("1 https", "https"), ("1 http", "http"), ("1 https,http", "https"), ("0 https", None), ("1 ", None), ("1 httpsx", None), ("0 http", None)],
)
def test_who_is_believed_for_how_they_were_asked(trusted_and_said: str, scheme: str | None) -> None:
    [asked] = (one for one in http(sample("behind-a-balancer")).all("map") if one.args[-1] == "$asked_by")
    rules = {one.name.removeprefix("~"): one.args[0] for one in asked.inner}
    assert rules.pop("default") == "$scheme"
    assert next((said for rule, said in rules.items() if re.search(rule, trusted_and_said)), None) == scheme


@pytest.mark.parametrize(("name", "believes"), [("behind-a-balancer", True), ("one-app", False)])
def test_strangers_are_not_believed(name: str, *, believes: bool) -> None:
    text = render(sample(name))
    assert ("real_ip" in text, "$http_x_forwarded" in text, "$realip_remote_addr $trusted" in text) == (believes, believes, believes)
    assert {one.args for _, one in parse(text).walk() if one.name == "proxy_set_header" and one.args[0] == "X-Forwarded-Proto"} == {
        ("X-Forwarded-Proto", "$asked_by" if believes else "$scheme")
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_what_apps_run_on_is_nobodys_business(name: str) -> None:
    site = sample(name)
    certificate_is_ours = name in ("embedded", "tls-and-http")
    for path, one in parse(render(site)).walk():
        if one.name == "location" and any(one.all("proxy_pass")) and not next(one.all("proxy_pass")).args[0].startswith("http://page."):
            hidden = {header.args[0] for header in one.all("proxy_hide_header")}
            assert {"X-Powered-By", *(["Strict-Transport-Security"] if certificate_is_ours else [])} == {h for h in hidden if not h.startswith("Access-")}, path


def test_files_suffice_for_every_connection() -> None:
    root = parse(render(sample("one-app")))
    [events] = root.all("events")
    assert int(next(root.all("worker_rlimit_nofile")).args[0]) >= 2 * int(next(events.all("worker_connections")).args[0])


def header_texts_are_as_they_were(site: Site) -> None:
    made = http(site)
    texts = {one.args[-1]: one.inner[0].args[0].replace("${dollar}", "$") for one in made.all("map") if one.args[-1].startswith("$header_")}
    assert {one.args[0]: texts[one.args[1]] for one in made.all("add_header") if one.args[1] in texts} == dict(site.headers)


def locations_are_those_of_the_routes(server: Server, made: Directive) -> None:
    found = [one.args for one in made.all("location") if not one.args[0].startswith("@")]
    assert len(found) == len(set(found))
    expected = {("=", place.path) for place in server.places if place.path} | {(f"{place.path}/",) for place in server.places} | {("/",)}
    assert set(found) == expected


@pytest.mark.parametrize(
    ("path", "app"),
    [
        ("/", "web"), ("/index.html", "web"), ("/api", "api"), ("/api/", "api"), ("/api/x", "api"), ("/apifoo", "web"), ("/api/v2", "web"), ("/api/v2/x", "web"),
        ("/api/v20", "api"), ("/ws", "web"),
    ],
)  # fmt: skip
def test_the_longest_path_wins(path: str, app: str) -> None:
    """An exact location, else the longest prefix (nginx documentation, `location`)."""
    [server] = servers(sample("several-apps"))
    found = {one.args: next(one.all("proxy_pass")).args[0] for one in server.all("location") if not one.args[0].startswith("@")}
    prefixes = [args for args in found if len(args) == 1 and path.startswith(args[0])]
    chosen = ("=", path) if ("=", path) in found else max(prefixes, key=lambda args: len(args[0]))
    assert found[chosen].rstrip("/") == f"http://{app}"


@pytest.mark.parametrize(("routes", "rest"), [({"/api": {}}, True), ({"/": {}}, False)])
def test_without_a_root_route_the_rest_is_not_found(routes: dict[str, object], rest: bool) -> None:
    [server] = servers(configured({}, {"web": routes}))
    root = next(one for one in server.all("location") if one.args == ("/",))
    assert [one.args for one in root.all("return")] == ([("404",)] if rest else [])


def test_health_answers_the_container_alone() -> None:
    health = next(one for one in http(sample("one-app")).all("server") if next(one.all("listen")).args == (str(HEALTH_PORT),))
    [others] = health.all("if")
    assert others.args == ("($realip_remote_addr", "!=", "127.0.0.1)")
    assert [one.args for one in others.all("return")] == [("403",)], "before any location answers; allow and deny would come too late for them"


def test_writes_to_tmp_alone() -> None:
    root = parse(render(sample("one-app")))
    paths = [one.args[0] for _, one in root.walk() if one.name == "pid" or one.name.endswith("_temp_path")]
    assert len(paths) == 6
    assert all(path.startswith("/tmp/") for path in paths)


@pytest.mark.parametrize("text", ["plain", 'a "b" c', "\\", '\\"', "a\\nb", "$x ${y} $", "{};#'"])
def test_quoted(text: str) -> None:
    [directive] = parse(f"name {quoted(text)};").inner
    assert directive.args[0].replace("${dollar}", "$") == text


@pytest.mark.parametrize(("path", "matches", "does_not"), [("/a.b", "/a.b", "/axb"), ("/~@-_", "/~@-_", "/")])
def test_pattern(path: str, matches: str, does_not: str) -> None:
    assert re.fullmatch(pattern(path), matches)
    assert not re.fullmatch(pattern(path), does_not)


@pytest.mark.parametrize(("amount", "text"), [(1, "1ms"), (1500, "1500ms"), (60_000, "60s")])
def test_milliseconds(amount: int, text: str) -> None:
    assert milliseconds(amount) == text
