"""FitTrackee as its README says, in dev and in prod: every line of its run sheet, and its functional check through the proxy."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.engine.examples.applications import DATABASES, HARDENED, ORDER, SMTP_PASSWORD, in_dev, in_prod, keeps_data_at, redis, text_of
from tests.engine.examples.demands import Demand, rows
from tests.engine.examples.fittrackee_client import WORKOUT, Athlete
from tests.engine.examples.mail_server import MailServer
from tests.engine.examples.readers import Watch, command, environment, health, one_volume, probe, python, shows, sql, visitor_address
from tests.engine.examples.shipped import Shipped
from tests.engine.visitor import eventually

pytestmark = pytest.mark.thorough
DOMAIN = "fittrackee.example"
USERS = {"web", "tasks"}
SETTINGS = {
    "API_RATE_LIMITS": "300 per 5 minutes",
    "FLASK_SKIP_DOTENV": "1",
    "STATICMAP_CACHE_DIR": "/tmp/staticmap",
    "UPLOAD_FOLDER": "/data",
}
NEWEST = """
from importlib.util import find_spec
from alembic.script import ScriptDirectory
print(ScriptDirectory(find_spec("fittrackee").submodule_search_locations[0] + "/migrations").get_current_head())
"""
"""Tells the newest migration that the package brings, behind what the package says when it finds no Redis."""
SECRET = ("APP_SECRET_KEY", "DATABASE_URL", "REDIS_URL", "DB_PASSWORD", "CACHE_PASSWORD")


@dataclass(frozen=True)
class Site:
    """A stage that is up, what was seen meanwhile, and somebody who has yet to make an account there."""

    project: Shipped
    watch: Watch
    athlete: Athlete
    server: MailServer | None = None


@pytest.fixture(scope="module", params=["dev", "prod"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("fittrackee") / "fittrackee"
    if request.param == "dev":
        with in_dev(root, "fittrackee") as (project, watch):
            yield Site(project, watch, Athlete(f"http://localhost:{project.http}", project.url, project.caught))
    else:
        with in_prod(root, "fittrackee") as (project, watch, server):
            yield Site(project, watch, Athlete(f"https://{DOMAIN}:{project.https}", f"https://127.0.0.1:{project.https}", server.to), server)


@pytest.fixture(scope="module")
def athlete(site: Site) -> Athlete:
    """The same, with an account that is confirmed, and signed in."""
    site.athlete.confirm(site.athlete.register())
    site.athlete.login()
    return site.athlete


@rows(
    *HARDENED,
    Demand("install", "fittrackee 1.3.6", lambda site: python(site, "web", "from importlib.metadata import version; print(version('fittrackee'))"), "1.3.6"),
    Demand("install", "Postgres 15", lambda site: sql(site, "fittrackee", "show server_version").partition(".")[0], "15"),
    Demand("install", "PostGIS 3.3", lambda site: sql(site, "fittrackee", "select postgis_lib_version()").rpartition(".")[0], "3.3"),
    Demand("DB bootstrap", "the role of the app is no superuser", lambda site: sql(site, "fittrackee", superuser("fittrackee")), "f"),
    Demand("DB bootstrap", "the extension is there", lambda site: sql(site, "fittrackee", "select count(*) from pg_extension where extname = 'postgis'"), "1"),
    Demand("DB bootstrap", "the tables are the app's", lambda site: sql(site, "fittrackee", owner("workouts")), "fittrackee"),
    Demand("env", "settings", lambda site: {key: value for key, value in environment(site.replicas("web")[0]).items() if key in SETTINGS}, SETTINGS),
    Demand("env", "secrets are not seen", lambda site: [name for name in SECRET if name in environment(site.replicas("web")[0])], []),
    Demand("env", "the same for every process", lambda site: environment(site.replicas("web")[0]) == environment(site.replicas("tasks")[0])),
    Demand(
        "migrate", "up to date", lambda site: sql(site, "fittrackee", "select version_num from alembic_version") == python(site, "web", NEWEST).splitlines()[-1]
    ),
    Demand("web", "gunicorn", lambda site: "gunicorn fittrackee:create_app() --bind 0.0.0.0:5000" in command(site.replicas("web")[0])),
    Demand("web", "without a control socket", lambda site: "--no-control-socket" in command(site.replicas("web")[0])),
    Demand("worker", "dramatiq", lambda site: "dramatiq fittrackee.tasks:broker --processes=1" in command(site.replicas("tasks")[0])),
    Demand("health", "asks for the database", lambda site: "/api/check-db" in probe(site.replicas("web")[0])),
    Demand("volumes", "uploads are one, of web and worker", lambda site: one_volume(site, "/data", USERS)),
    Demand("volumes", "Postgres and Redis have theirs", lambda site: keeps_data_at(site, *DATABASES, ("web", "/data"))),
)
def test_run_sheet(site: Site, demand: Demand) -> None:
    demand.check(site.project)


@pytest.mark.parametrize(("service", "before"), ORDER)
def test_order(site: Site, service: str, before: str) -> None:
    """reference, depends_on; demands, 4."""
    assert site.watch.started_after_health(service, before)


def superuser(role: str) -> str:
    """A question to Postgres."""
    return f"select rolsuper from pg_roles where rolname = '{role}'"


def owner(table: str) -> str:
    """A question to Postgres."""
    return f"select tableowner from pg_tables where tablename = '{table}'"


def test_configuration_is_of_the_topology(site: Site) -> None:
    """env."""
    kind = "ProductionConfig" if site.server else "DevelopmentConfig"
    assert environment(site.project.replicas("web")[0])["APP_SETTINGS"] == f"fittrackee.config.{kind}"
    assert environment(site.project.replicas("web")[0])["UI_URL"] == site.athlete.site


def test_pages_come_from_the_wheel(site: Site) -> None:
    """health: ping; static files from the wheel."""
    page = httpx.get(f"{site.athlete.at}/", headers=site.athlete.http.headers, verify=False)
    assert "<title>FitTrackee</title>" in page.text
    assert site.athlete.ask("GET", "/ping")["message"] == "pong!"


def test_check(athlete: Athlete) -> None:
    """The functional check: a workout in Postgres, an archive by the worker on the shared volume, and a mail about it."""
    made = athlete.ask("POST", "/workouts/no_gpx", json=WORKOUT)
    assert made["status"] == "created"
    (shown,) = athlete.ask("GET", "/workouts")["data"]["workouts"]
    assert (shown["title"], shown["distance"]) == (WORKOUT["title"], WORKOUT["distance"])
    archive = athlete.export()
    assert len(archive) == 5
    assert str(WORKOUT["title"]) in str(archive)
    assert athlete.site in text_of(athlete.mail("archive is ready"))


def test_cookies_and_plain_http(athlete: Athlete, site: Site) -> None:
    """Traps: in prod cookies travel by TLS alone, and plain HTTP leads there."""
    assert {cookie.secure for cookie in athlete.http.cookies.jar} == {site.server is not None}
    if site.server:
        answer = httpx.get(f"{site.project.url}/login", headers={"Host": DOMAIN})
        assert (answer.status_code, answer.headers["location"]) == (308, f"{site.athlete.site}/login")


def test_mail_in_prod_is_encrypted_and_from_the_account(athlete: Athlete, site: Site) -> None:
    """env: EMAIL_URL, SENDER_EMAIL."""
    if not site.server:
        assert site.project.caught(athlete.email)[0]["From"] == "fittrackee@fittrackee.test"
        return
    assert {(one.account, one.encrypted) for one in site.server.received} == {("fittrackee", True)}
    assert not shows(site.project, SMTP_PASSWORD)
    assert site.server.received[0].message["From"] == f"fittrackee@{DOMAIN}"


def test_administrator(athlete: Athlete, site: Site) -> None:
    """The command of the README: whoever has an account becomes owner of the site."""
    assert athlete.ask("GET", "/auth/profile")["data"]["role"] == "user"
    assert "updated" in site.project.does(f"ftcli users update {athlete.name} --set-role owner")
    assert athlete.ask("GET", "/auth/profile")["data"]["role"] == "owner"


def test_another_browser_and_every_replica(athlete: Athlete, site: Site) -> None:
    """check: a sign-in holds at every replica."""
    other = athlete.again()
    other.login()
    assert {other.ask("GET", "/auth/profile")["data"]["username"] for _ in range(20)} == {athlete.name}
    assert len(site.project.replicas("web")) == (2 if site.server else 1)


def test_rate_limit_counts_in_redis(athlete: Athlete, site: Site) -> None:
    """env: API_RATE_LIMITS."""
    answer = athlete.http.get("/workouts")
    assert answer.headers["x-ratelimit-limit"] == "300"
    assert f"LIMITER/{visitor_address(site.project)}/workouts" in redis(site.project, "--scan", "--pattern", "LIMITS*")


def test_health_tells_of_a_missing_database(site: Site) -> None:
    """Health: check-db is 500 when Postgres is down, ping is not; and all is well again when Postgres is."""
    database = site.project.one("db")
    database.stop()
    assert site.athlete.http.get("/check-db").status_code == 500
    assert site.athlete.http.get("/ping").status_code == 200
    database.start()
    eventually(lambda: site.athlete.http.get("/check-db").status_code == 200)
    eventually(lambda: health(site.project) == {"healthy"}, 180)


def test_web_waits_for_redis_however_often_it_has_to_start(site: Site) -> None:
    """Traps: with EMAIL_URL set and Redis down the web refuses to boot; when Redis is back, so is everything, by itself."""
    cache, web = site.project.one("cache"), site.project.replicas("web")[0]
    cache.stop()
    web.restart()
    eventually(lambda: b"Redis is not available" in web.logs())
    cache.start()
    eventually(lambda: health(site.project) == {"healthy"}, 180)


def test_nothing_is_left_to_do(site: Site) -> None:
    """A second `up` changes nothing."""
    site.project.settled()
