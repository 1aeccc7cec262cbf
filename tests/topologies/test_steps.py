"""The common steps: who is connected to whom, who waits for whom, what is exported."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pulumi
import pytest

from components.proxy.certificate import self_signed
from tests.recording import FakeEngine, Hidden, Recording, record
from tests.topologies.samples import APP, IDENTITY, dev, loaded, mono, prod
from topologies import build, steps


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return dev(tmp_path_factory.mktemp("shop"))


def networks(recording: Recording, container: str) -> list[str]:
    return [network["name"].removesuffix("-1234567") for network in recording.container(container).inputs["networksAdvanced"]]


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ("proxy", ["public", "front"]),
        ("web-1", ["front", "data", "egress"]),
        ("web-migrate", ["front", "data", "egress"]),
        ("api-1", ["front"]),
        ("jobs-1", ["front", "data", "egress"]),
        ("db", ["data"]),
        ("cache", ["data"]),
        ("mail", ["front", "data"]),
    ],
)
def test_networks(container: str, expected: list[str], tmp_path: Path) -> None:
    made = dev(tmp_path, APP.replace("    port: 8000", "    port: 8000\n    migrate: [migrate]"))
    assert networks(made, container) == expected


@pytest.mark.parametrize(
    ("container", "after"),
    [
        ("web-1", {"db", "cache", "mail"}),
        ("api-1", set()),
        ("jobs-1", {"web-1"}),
        ("proxy", {"web-1", "api-1", "mail"}),
        ("db", set()),
    ],
)
def test_who_waits_for_whom(shop: Recording, container: str, after: set[str]) -> None:
    services = {"db", "cache", "mail", "web-1", "api-1", "jobs-1", "proxy"}
    assert set(shop.container(container).after) & services == after


def test_variables_of_an_app(shop: Recording) -> None:
    assert shop.container("web-1").inputs["envs"] == [
        "API=http://api:9000",
        "CACHE_HOST=cache",
        "CACHE_PORT=6379",
        "CACHE_USERNAME=",
        "DB_DATABASE=db",
        "DB_HOST=db",
        "DB_PORT=5432",
        "DB_USERNAME=db",
        "LITERAL=${x}",
        "MAIL_FROM=a@shop.test",
        "SITE=http://localhost:8080",
        "SMTP_HOST=mail",
        "SMTP_PASSWORD=",
        "SMTP_PORT=1025",
        "SMTP_SECURITY=none",
        "SMTP_USERNAME=",
    ]
    assert shop.container("api-1").inputs["envs"] == []


def test_secrets_of_an_app(shop: Recording) -> None:
    uploads = {upload["file"].removeprefix("/files/"): upload["content"] for upload in shop.container("web-secrets-loader").inputs["uploads"]}
    assert set(uploads) == {"CACHE", "CACHE_PASSWORD", "CACHE_URL", "DATABASE_URL", "DB_PASSWORD", "DB_URL", "KEY", "REDIS_URL"}
    assert all(isinstance(content, Hidden) for content in uploads.values())
    password = uploads["CACHE_PASSWORD"].value
    assert uploads["CACHE"] == Hidden(f"redis://:{password}@cache:6379/1")


def test_an_optional_secret_that_is_given_reaches_its_app(tmp_path: Path) -> None:
    uploads = dev(tmp_path, secrets={"partner": "p4rtner"}).container("web-secrets-loader").inputs["uploads"]
    assert {"/files/PARTNER": Hidden("p4rtner")}.items() <= {upload["file"]: upload["content"] for upload in uploads}.items()


def test_the_server_and_its_consumers_have_one_password(shop: Recording) -> None:
    [server] = shop.container("db-secrets-loader").inputs["uploads"]
    [consumer] = [upload for upload in shop.container("web-secrets-loader").inputs["uploads"] if upload["file"] == "/files/DB_PASSWORD"]
    assert server["content"] == consumer["content"]


def test_only_apps_with_routes_are_behind_the_proxy(shop: Recording) -> None:
    text = proxy_files(shop)["nginx.conf"]
    assert "server web-1-1234567:8000 resolve" in text
    assert "api-1" not in text


def test_services_are_exported_for_people(shop: Recording) -> None:
    password = "/run/secrets/password in the container"
    assert shop.outputs == {
        "url": "http://localhost:8080",
        "services": {
            "db": {"kind": "Postgres", "image": "postgres:17", "url": "", "credentials": password},
            "cache": {"kind": "Redis", "image": "redis:8", "url": "", "credentials": password},
            "mail": {"kind": "Mailhog", "image": "mailhog/mailhog:v1.0.1", "url": "http://localhost:8025", "credentials": "none needed"},
            "web": {"kind": "App", "image": "shop:1", "url": "http://localhost:8080", "credentials": ""},
            "api": {"kind": "App", "image": "api:1", "url": "", "credentials": ""},
            "jobs": {"kind": "Worker", "image": "shop:1", "url": "", "credentials": ""},
            "proxy": {"kind": "Proxy", "image": "nginx:1.28", "url": "http://localhost:8080", "credentials": ""},
        },
    }


def test_the_smallest_application_there_is(tmp_path: Path) -> None:
    made = dev(tmp_path, "format: 1\nname: shop\n")
    assert [line for line in made.tree() if not line.startswith(" ")] == ["berth:index:Networks networks", "berth:index:Proxy proxy", "berth:index:Tools tools"]


def test_a_taken_port_is_found_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text(APP)
    of = loaded(tmp_path, {"topology": "dev", "application": "app.yaml"}, "dev")

    async def program() -> None:
        with mock.patch.object(steps, "Networks") as made, pytest.raises(pulumi.RunError, match="port 8080 belongs to container x"):
            await build(of, FakeEngine({8080: {"name": "x"}}))
        made.assert_not_called()

    assert record(program).resources == []


ROUTES = "routes: { /: {}, /ws: { websocket: true } }"
OWN = {"tls": {"self_signed": {}}, "domains": ["shop.test"]}


def proxy_files(recording: Recording) -> dict[str, Any]:
    return {upload["file"].removeprefix("/files/"): upload["content"] for upload in recording.container("proxy-switch-loader").inputs["uploads"]}


def test_without_tls_there_is_no_certificate(shop: Recording) -> None:
    assert set(proxy_files(shop)) == {"nginx.conf", "version", "sums"}


def test_the_stages_own_certificate_is_the_same_every_time(tmp_path: Path) -> None:
    app = APP.replace(ROUTES, "routes: { /: {}, api.test/: {} }")
    made, again = dev(tmp_path, app, proxy=OWN), dev(tmp_path, app, proxy=OWN)
    assert proxy_files(made) == proxy_files(again)
    expected = self_signed(["shop.test", "api.test"], IDENTITY.derive("proxy/tls", 48))
    assert proxy_files(made)["tls.crt"] == expected.chain
    assert proxy_files(made)["tls.key"] == Hidden(expected.key)
    assert expected.key not in made.plain_text()
    assert made.outputs["url"] == "https://shop.test:8443"
    assert "SITE=https://shop.test:8443" in made.container("web-1").inputs["envs"]


@pytest.mark.parametrize("make", [dev, prod, mono])
def test_a_certificate_that_nobody_vouches_for_is_said_every_time(make: Callable[..., Recording], tmp_path: Path) -> None:
    for _ in range(2):
        with mock.patch.object(pulumi.log, "warn") as warn:
            make(tmp_path, proxy=OWN)
        assert warn.call_args_list == [mock.call(steps.BROWSERS_WARN)]


@pytest.mark.parametrize(("domains", "url"), [([], "http://localhost"), (["shop.test"], "https://shop.test")])
def test_tls_that_ends_before_the_stage(domains: list[str], url: str, tmp_path: Path) -> None:
    made = prod(tmp_path, proxy={"domains": domains, "tls": {"elsewhere": {}}})
    assert set(proxy_files(made)) == {"nginx.conf", "version", "sums"}
    assert [port["external"] for port in made.container("proxy").inputs["ports"]] == [80]
    assert made.outputs["url"] == url
    assert f"SITE={url}" in made.container("web-1").inputs["envs"]


@pytest.mark.parametrize(("left", "warned"), [(29, True), (30, False)])
def test_a_certificate_that_is_about_to_expire(left: int, warned: bool, tmp_path: Path) -> None:
    given = self_signed([], b"x" * 48)
    (tmp_path / "site.crt").write_text(given.chain)
    (tmp_path / "site.key").write_text(given.key)
    with mock.patch.object(pulumi.log, "warn") as warn, mock.patch.object(steps, "days_left", return_value=left):
        made = dev(tmp_path, proxy={"tls": {"files": {"certificate": "site.crt", "key": "site.key"}}})
    assert proxy_files(made)["tls.key"] == Hidden(given.key)
    expected = [mock.call("proxy.tls.files.certificate: expires in 29 days: renew it, then run up again")]
    assert warn.call_args_list == (expected if warned else [])


def test_the_proxy_serves_files_of_an_app(tmp_path: Path) -> None:
    routes = "volumes: { media: { path: /media, writers: many } }\n    routes: { /: {}, /media: { static: { volume: media } } }"
    made = dev(tmp_path, APP.replace(ROUTES, routes))
    [mount] = [mount for mount in made.container("proxy").inputs["mounts"] if mount["target"] == "/srv/web/media"]
    assert (mount["source"], mount["readOnly"]) == ("shop-dev-0badcafe-web-media", True)


@pytest.mark.parametrize(
    ("routes", "proxy", "port", "path"),
    [
        (ROUTES, OWN, 8443, "proxy.ports.https: port 8443 belongs to container x: .* berth:proxy.ports.https 8444"),
        (
            "routes: { /x: { listen: 9000 } }",
            {},
            9000,
            r"apps.web.routes./x.listen: port 9000 belongs to container x: .* 'berth:apps.web.routes\[\"/x\"\].listen' 9001",
        ),
    ],
)
def test_every_port_of_the_host_is_looked_at(routes: str, proxy: dict[str, Any], port: int, path: str, tmp_path: Path) -> None:
    with pytest.raises(pulumi.RunError, match=path):
        dev(tmp_path, APP.replace(ROUTES, routes), FakeEngine({port: {"name": "x"}}), proxy=proxy)


@pytest.mark.parametrize(
    ("published", "joined", "ports"),
    [({}, ["public", "front"], [8080, 8025]), ({"db": {"publish": 5432}}, ["public", "front", "data"], [8080, 8025, 5432])],
    ids=["none", "one"],
)
def test_the_proxy_is_on_the_data_network_only_where_it_hands_out_a_port(
    published: dict[str, Any], joined: list[str], ports: list[int], tmp_path: Path
) -> None:
    made = dev(tmp_path, postgres=published)
    assert networks(made, "proxy") == joined
    assert [port["external"] for port in made.container("proxy").inputs["ports"]] == ports
    assert ("db" in made.container("proxy").after) is bool(published)
    assert ("server db:5432 resolve;" in str(proxy_files(made)["nginx.conf"])) is bool(published)


def test_an_app_may_be_published_past_its_routes(tmp_path: Path) -> None:
    made = dev(tmp_path, apps={"api": {"publish": 9999}})
    assert "server api:9000 resolve;" in str(proxy_files(made)["nginx.conf"])
    assert [port["external"] for port in made.container("proxy").inputs["ports"]] == [8080, 8025, 9999]
    assert networks(made, "proxy") == ["public", "front"]


def test_redis_may_be_published_too(tmp_path: Path) -> None:
    made = dev(tmp_path, redis={"cache": {"publish": 6379}})
    assert "server cache:6379 resolve;" in str(proxy_files(made)["nginx.conf"])


def test_a_service_outside_is_not_made_and_the_app_is_told_the_same(tmp_path: Path) -> None:
    made = dev(tmp_path, postgres={"db": {"external": {"host": "db.test", "tls": "require"}}}, redis={"cache": {"external": {"host": "cache.test"}}})
    usual = dev(tmp_path)
    assert {"berth:index:Postgres db", "berth:index:Redis cache"} & set(made.tree()) == set()
    assert {"DB_HOST=db.test", "DB_URL=postgresql://db@db.test:5432/db?sslmode=require", "CACHE_URL=rediss://cache.test:6379"} <= set(
        made.container("web-1").inputs["envs"]
    )
    assert networks(made, "web-1") == ["front", "data", "egress"], "for mail"
    assert set(made.container("web-1").after) == {"mail"} | (set(made.container("web-1").after) - {"db", "cache"})
    names = {variable.partition("=")[0] for variable in made.container("web-1").inputs["envs"]}
    secret = {upload["file"].removeprefix("/files/") for upload in usual.container("web-secrets-loader").inputs["uploads"]}
    assert names | {"CACHE", "KEY"} == {variable.partition("=")[0] for variable in usual.container("web-1").inputs["envs"]} | secret
    assert not {"db", "cache"} & made.outputs["services"].keys()


def test_more_databases_have_references(tmp_path: Path) -> None:
    app = APP.replace("postgres: { db: {} }", "postgres: { db: { databases: { books: {} } } }").replace(
        'SITE: "${proxy.url}"', 'SITE: "${db.databases.books.url}"'
    )
    uploads = {upload["file"].removeprefix("/files/"): upload["content"] for upload in dev(tmp_path, app).container("web-secrets-loader").inputs["uploads"]}
    assert uploads["SITE"] == Hidden(f"postgresql://books:{IDENTITY.password('services/db/books')}@db:5432/books")


def test_an_app_may_wait_for_another_and_is_told_where_it_is(tmp_path: Path) -> None:
    made = dev(tmp_path, APP.replace("uses: [db, cache, mail]", "uses: [db, cache, mail, api]"))
    assert "api-1" in made.container("web-1").after
    assert {"API_HOST=api", "API_PORT=9000", "API_URL=http://api:9000"} <= set(made.container("web-1").inputs["envs"])


def test_an_app_that_uses_only_apps_is_not_on_the_data_network(tmp_path: Path) -> None:
    made = dev(tmp_path, APP.replace("api: { image", "api: { uses: [front], image").replace("workers:", '  front: { image: "x", port: 1 }\nworkers:'))
    assert networks(made, "api-1") == ["front"]


def test_a_shared_volume_is_made_once_for_all(tmp_path: Path) -> None:
    use = "volumes: { common: { path: /common, writers: many } }"
    app = APP.replace("    port: 8000", f"    port: 8000\n    user: 1000:1001\n    {use}").replace("egress: false", f"egress: false, {use}")
    made = dev(tmp_path, app + "volumes: { common: {} }\n")
    assert made.container("common-owner").inputs["command"] == ["sh", "/.berth/own", "1000:1001", "/volume"]
    for container in ("web-1", "api-1", "jobs-1"):
        assert "shop-dev-0badcafe-common" in [mount["source"] for mount in made.container(container).inputs["mounts"]]


def test_files_have_their_references_replaced(tmp_path: Path) -> None:
    (tmp_path / "shop.cfg").write_text("site = ${proxy.url}\n")
    files = "files: { /etc/shop: { shop.cfg: { template: shop.cfg }, db.cfg: { text: 'db = ${db.url}' } } }"
    made = dev(tmp_path, APP.replace("    port: 8000", f"    port: 8000\n    {files}"))
    secret, plain = sorted(made.container("web-files-etc-shop-loader").inputs["uploads"], key=lambda upload: str(upload["file"]))
    assert plain["content"] == "site = http://localhost:8080\n"
    assert isinstance(secret["content"], Hidden)
    assert secret["content"].value.startswith("db = postgresql://db:")
