"""The mono topology: one container with everything, an image that brings it, data protected, one published port."""

from pathlib import Path
from typing import Any

import pulumi
import pytest

from tests.golden import FOLDER, compare, tree
from tests.recording import FakeEngine, Hidden, Recording
from tests.topologies.samples import IDENTITY, MONO_APP, mono

PASSWORD = IDENTITY.password("services/db")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return mono(tmp_path_factory.mktemp("shop"))


def files(recording: Recording, name: str) -> dict[str, Any]:
    return {upload["file"].removeprefix("/files/"): upload["content"] for upload in recording.container(f"{name}-loader").inputs["uploads"]}


def test_golden(shop: Recording) -> None:
    """Everything that is made, and the two files that a reader looks for."""
    compare(FOLDER / "mono" / "shop.txt", tree(shop))
    compare(FOLDER / "mono" / "supervisord.conf", files(shop, "mono-supervisor")["supervisord.conf"])
    programs = {name: text for name, text in files(shop, "mono-config").items() if name.startswith("program-")}
    compare(FOLDER / "mono" / "programs.sh", "\n".join(f"# {name}\n{text}" for name, text in sorted(programs.items())))


def test_there_is_one_container(shop: Recording) -> None:
    tops = [line.removeprefix("berth:index:") for line in shop.tree() if not line.startswith(" ")]
    assert tops == ["Mono mono", "Tools tools"]
    services = [one.name for one in shop.containers() if {"label": "berth.role", "value": "service"} in one.inputs["labels"]]
    assert services == ["mono"]


def test_data_is_protected_and_has_its_usual_name(shop: Recording) -> None:
    for name in ("db-data", "cache-data"):
        volume = shop.one(name, "volume:Volume")
        assert volume.options["protect"]
        assert volume.inputs["name"] == f"shop-mono-{IDENTITY.instance}-{name}"


@pytest.mark.parametrize(
    ("values", "ports"),
    [
        ({}, [("0.0.0.0", 80, 8080)]),
        ({"proxy": {"ports": {"address": "127.0.0.1", "http": 81}}}, [("127.0.0.1", 81, 8080)]),
        ({"proxy": {"tls": {"self_signed": {}}}}, [("0.0.0.0", 80, 8080), ("0.0.0.0", 443, 8081)]),
    ],
    ids=["defaults", "explicit", "tls"],
)
def test_where_it_is_reached(values: dict[str, Any], ports: list[tuple[str, int, int]], tmp_path: Path) -> None:
    made = mono(tmp_path, **values)
    assert [(port["ip"], port["external"], port["internal"]) for port in made.container("mono").inputs["ports"]] == ports
    assert ("tls.key" in files(made, "mono-config")) is ("tls" in values.get("proxy", {}))


def test_services_are_found_on_this_very_host(shop: Recording) -> None:
    web = files(shop, "mono-config")["program-web"]
    for line in ("DB_HOST=127.0.0.1", "API=http://127.0.0.1:9000", "CACHE_PORT=6379", "SMTP_HOST=smtp.test", "LITERAL='${x}'"):
        assert f"export {line}\n" in web
    secrets = files(shop, "mono-secrets")
    assert secrets["web-DATABASE_URL"] == secrets["web-DB_URL"] == Hidden(f"postgresql://db:{PASSWORD}@127.0.0.1:5432/db")
    assert secrets["db-password"] == Hidden(PASSWORD)
    assert secrets["web-SMTP_PASSWORD"] == Hidden("smtp-s3cret")


def test_no_secret_is_plain(shop: Recording) -> None:
    plain = shop.plain_text()
    known = (PASSWORD, IDENTITY.password("services/cache"), IDENTITY.password("secrets/key"), "smtp-s3cret")
    assert [secret for secret in known if secret in plain] == []


def test_servers_outside_are_not_in_it(tmp_path: Path) -> None:
    made = mono(tmp_path, postgres={"db": {"external": {"host": "db.test", "tls": "require"}}}, redis={"cache": {"external": {"host": "cache.test"}}})
    assert [line.split()[-1] for line in made.tree() if "DataVolume" in line] == []
    config = files(made, "mono-config")
    assert {"program-db", "program-cache"} & config.keys() == set()
    assert "export DB_HOST=db.test\n" in config["program-web"]
    assert "after db\n" not in config["program-web"]


def test_more_databases_and_their_sql(tmp_path: Path) -> None:
    (tmp_path / "first.sql").write_text("SELECT 1;")
    made = mono(tmp_path, postgres={"db": {"init": ["first.sql"], "databases": {"books": {"username": "clerk"}}}})
    assert "db:db:db-password::db-01-first.sql books:clerk:db-password-clerk --" in files(made, "mono-config")["program-db"]
    assert files(made, "mono-init") == {"db-01-first.sql": "SELECT 1;"}
    assert files(made, "mono-secrets")["db-password-clerk"] == Hidden(IDENTITY.password("services/db/clerk"))


@pytest.mark.parametrize(("given", "owner"), [({}, "10001:10001"), ({"owner": "7:8"}, "7:8")], ids=["defaults", "explicit"])
def test_shared_volumes_belong_to_everybody(given: dict[str, str], owner: str, tmp_path: Path) -> None:
    use = {"path": "/media", "writers": "many"}
    made = mono(tmp_path, volumes={"media": given}, apps={"web": {"volumes": {"media": use}}, "api": {"volumes": {"media": use}}})
    assert made.container("media-owner").inputs["command"][1:3] == ["/.berth/own", owner]
    assert [mount["target"] for mount in made.container("mono").inputs["mounts"] if "media" in mount["source"]] == ["/media"]


def test_the_outputs(shop: Recording) -> None:
    assert shop.outputs["url"] == "http://localhost"
    where = "/run/secrets/db-password, /run/secrets/cache-password in the container"
    assert shop.outputs["services"] == {"mono": {"kind": "Everything", "image": "all:1", "url": "http://localhost", "credentials": where}}


def test_an_application_without_servers(tmp_path: Path) -> None:
    app = "format: 1\nname: shop\napps: { web: { command: [serve], port: 8000, routes: { /: {} } } }\nmono: { image: 'all:1' }\nimages: { moving_tags: true }\n"
    made = mono(tmp_path, app, proxy={"tls": {"elsewhere": {}}})
    assert made.outputs["services"]["mono"]["credentials"] == ""
    assert "shmSize" not in made.container("mono").inputs


def test_a_taken_port_stops_it_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(pulumi.RunError, match=r"^proxy\.ports\.http: port 80 belongs to container apache: stop it, or choose another port"):
        mono(tmp_path, engine=FakeEngine({80: {"name": "apache"}}))


def test_an_image_that_is_built(tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "Dockerfile").write_text("FROM scratch\n")
    made = mono(tmp_path, MONO_APP.replace('image: "all:1"', "build: { context: all, args: { A: b } }"))
    image = made.one("mono-image")
    assert image.inputs["name"].startswith("shop-mono:")
    assert (image.inputs["build"]["context"], image.inputs["build"]["buildArgs"]) == (str(tmp_path / "all"), {"A": "b"})
