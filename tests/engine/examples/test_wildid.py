"""WildID, a reference system, in dev: what its description demands and examples/README.md calls met, and what it does for its users.

`line` is one of `002_2682453df630b329.txt`. Ports of these trials are not those of the example, which are looked up in its configuration instead.
It is the system that `make test` brings up, too.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from tests.engine.examples.demands import Demand, rows
from tests.engine.examples.readers import limits, loopback, one_volume, published
from tests.engine.examples.shipped import running
from tests.engine.examples.wildid_client import PICTURE, Wildid
from tests.engine.examples.wildid_flows import BOTH, identify, sign_in
from tests.engine.examples.wildid_outside import Outside
from tests.engine.visitor import eventually


def logs(site: Wildid) -> tuple[str, str]:
    """The console of the application, and the file that it writes besides."""
    return site.one("app").logs().decode(), (site.root / "logs" / "wildid.log").read_text()


def logs_twice(site: Wildid) -> bool:
    """Whether a request comes into both logs."""
    site.get("/?logged")
    return eventually(lambda: all("GET /?logged " in log for log in logs(site)))


IN_DEV = (
    Demand("line 35", "localhost:3000", lambda site: site.value("proxy ports http"), 3000),
    Demand("line 35", "localhost:5432", lambda site: site.value("postgres db publish"), 5432),
    Demand("line 35", "localhost:8025", lambda site: site.value("mail mailhog ui_port"), 8025),
    Demand(
        "line 30",
        "these ports and no others",
        lambda site: published(site) == loopback(site, "proxy ports http", "postgres db publish", "mail mailhog ui_port"),
    ),
    Demand("line 35", "the page", lambda site: "<h1>" in httpx.get(site.url).text),
    Demand("line 35", "the database", lambda site: site.answers_as_postgres()),
    Demand("line 35", "the mails", lambda site: httpx.get(f"{site.mail_url}/api/v2/messages").status_code, 200),
    Demand("line 117", "Postgres 15", lambda site: site.sql("SHOW server_version").split(".")[0], "15"),
    Demand(
        "line 120",
        "database and user",
        lambda site: site.sql("SELECT datname, datdba::regrole FROM pg_database WHERE datname = 'wildid'"),
        "wildid|wildid_user",
    ),
    Demand("line 124", "its data on a volume", lambda site: one_volume(site, "/var/lib/postgresql/data", {"db"})),
    Demand("line 133", "mail by port 1025", lambda site: site.variables()["MAIL_PORT"], "1025"),
    Demand("line 159", "pictures in a folder of the host", lambda site: site.uploads(), "uploads"),
    Demand("line 162", "code in a folder of the host", lambda site: site.mounted(), {"app/src"}),
    Demand("line 424", "application 0.5 core, 512 MB", lambda site: limits(site.one("app")), (0.5, 512)),
    Demand("line 425", "Postgres 0.5 core, 256 MB", lambda site: limits(site.one("db")), (0.5, 256)),
    Demand("line 426", "Mailhog 0.1 core, 64 MB", lambda site: limits(site.one("mail")), (0.1, 64)),
    Demand("line 319", "logs on the console and in a file", logs_twice),
    Demand("line 320", "no TLS", lambda site: site.value("proxy").get("tls"), None),
)


@pytest.fixture(scope="module")
def in_dev(outside: Outside, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wildid]:
    site = Wildid(root=tmp_path_factory.mktemp("dev") / "wildid", outside=outside)
    site.fit_dev()
    with running(site):
        with site.visitor() as visitor:
            assert visitor.post("/identify", files={"image": ("otter.png", PICTURE, "image/png")}).status_code == 503, "it has no key"
        site.environment["TOGETHER_API_KEY"] = outside.secrets["together_api_key"]
        site.give_key("environment")
        yield site


@rows(*BOTH, *IN_DEV)
def test_demands_in_dev(in_dev: Wildid, demand: Demand) -> None:
    demand.check(in_dev)


def test_sign_in_by_mail_in_dev(in_dev: Wildid) -> None:
    """Lines 184 to 205."""
    sign_in(in_dev)


def test_identification_in_dev(in_dev: Wildid) -> None:
    """Lines 211 to 232."""
    identify(in_dev)


def test_code_is_reloaded(in_dev: Wildid) -> None:
    """Line 162."""
    in_dev.edit("app/src/wildid/__init__.py", '"1.0.0"', '"1.0.1"')
    eventually(lambda: '"1.0.1"' in in_dev.get("/health").text)  # what is in hand at a reload is lost
    in_dev.reloaded()


def test_the_database_is_for_its_developer(in_dev: Wildid) -> None:
    """README, Development: two ways into Postgres."""
    url = urlsplit(in_dev.does("berth exec app printenv DATABASE_URL").strip())
    with psycopg.connect(url._replace(netloc=f"{url.username}:{url.password}@localhost:{in_dev.port('postgres db publish')}").geturl()) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("wildid_user",)
    assert in_dev.run(in_dev.readme("berth exec db psql") + " -XqAtc 'SELECT current_user, current_database()'").strip() == "wildid_user|wildid"


def test_dev_comes_up_after_the_edit_and_then_nothing_is_to_do(in_dev: Wildid) -> None:
    """Now with the key of Together.ai from a file."""
    (in_dev.root.parent / "together.key").write_text(in_dev.environment.pop("TOGETHER_API_KEY"))
    in_dev.configure(secrets=None)
    in_dev.give_key("file")
    assert in_dev.variables()["TOGETHER_API_KEY"] == in_dev.outside.secrets["together_api_key"]
    assert in_dev.versions(1) == {"1.0.1"}
    assert in_dev.sql("SELECT count(*) FROM identifications") == "1"
    in_dev.settled()
