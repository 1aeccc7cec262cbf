"""pretalx as its README says, in dev and in prod: every line of its run sheet, and its functional check through the proxy."""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.engine.examples.applications import DATABASES, HARDENED, ORDER, SMTP_PASSWORD, in_dev, in_prod, keeps_data_at, redis
from tests.engine.examples.demands import Demand, rows
from tests.engine.examples.mail_server import MailServer
from tests.engine.examples.pretalx_client import ADMIN, PASSWORD, Pretalx
from tests.engine.examples.readers import BUSYBOX, Watch, command, environment, inside, one_volume, probe, python, shows, sql, volumes, writable
from tests.engine.examples.shipped import Shipped
from tests.engine.project import said_in
from tests.engine.visitor import eventually

pytestmark = pytest.mark.thorough
DOMAIN = "pretalx.example"
USERS = {"web", "tasks", "periodic"}
SECRET = ["PRETALX_DB_PASS", "PRETALX_REDIS", "PRETALX_CELERY_BROKER", "PRETALX_CELERY_BACKEND", "DJANGO_SUPERUSER_PASSWORD"]
SETTINGS = {
    "PRETALX_DATA_DIR": "/data",
    "PRETALX_FILESYSTEM_LOGS": "/data/logs",
    "PRETALX_FILESYSTEM_MEDIA": "/media",
    "PRETALX_FILESYSTEM_STATIC": "/app/static",
    "PRETALX_DB_TYPE": "postgresql",
    "PRETALX_DB_NAME": "pretalx",
    "PRETALX_DB_USER": "pretalx",
    "PRETALX_DB_HOST": "db",
    "PRETALX_DB_PORT": "5432",
    "PRETALX_REDIS_SESSIONS": "True",
}


@dataclass(frozen=True)
class Site:
    """A stage that is up, what was seen meanwhile, and somebody who visits it."""

    project: Shipped
    watch: Watch
    visitor: Pretalx
    server: MailServer | None = None


@pytest.fixture(scope="module", params=["dev", "prod"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("pretalx") / "pretalx"
    if request.param == "dev":
        with in_dev(root, "pretalx") as (project, watch):
            yield Site(project, watch, Pretalx(f"http://localhost:{project.http}", project.url, project.caught))
    else:
        with in_prod(root, "pretalx") as (project, watch, server):
            yield Site(project, watch, Pretalx(f"https://{DOMAIN}:{project.https}", f"https://127.0.0.1:{project.https}", server.to), server)


@pytest.fixture(scope="module")
def admin(site: Site) -> Pretalx:
    """The first administrator, who had no password that anybody knows, and gets one by mail; now signed in."""
    visitor = site.visitor
    sessions = int(redis(site.project, "-n", "0", "dbsize"))
    mail = visitor.recover(ADMIN)
    assert mail["Subject"] == "Password recovery"
    visitor.set_password(mail, PASSWORD)
    assert visitor.login(ADMIN, PASSWORD).headers["location"] == "/orga/event/"
    assert int(redis(site.project, "-n", "0", "dbsize")) > sessions
    return visitor


@rows(
    *HARDENED,
    Demand("install", "pretalx 2025.2.2", lambda site: python(site, "web", "import pretalx; print(pretalx.__version__)"), "2025.2.2"),
    Demand("env", "settings", lambda site: {key: value for key, value in environment(site.replicas("web")[0]).items() if key in SETTINGS}, SETTINGS),
    Demand("env", "secrets are not seen", lambda site: [name for name in SECRET if name in environment(site.replicas("web")[0])], []),
    Demand("env", "logs are where it says", lambda site: "pretalx.log" in inside(site, "web", "ls", "/data/logs")),
    Demand(
        "env",
        "the same for every process",
        lambda site: environment(site.replicas("web")[0]) == environment(site.replicas("tasks")[0]) == environment(site.replicas("periodic")[0]),
    ),
    Demand("migrate", "one administrator", lambda site: sql(site, "pretalx", "select count(*) from person_user where is_administrator"), "1"),
    Demand("migrate", "one organiser", lambda site: sql(site, "pretalx", "select slug from event_organiser"), "organisers"),
    Demand(
        "cron",
        "runperiodic again and again",
        lambda site: re.search(r"/\.berth/every 300 \d+ \d+ \S+ python -m pretalx runperiodic$", command(site.replicas("periodic")[0])) is not None,
    ),
    Demand("web", "gunicorn", lambda site: "gunicorn pretalx.wsgi --bind 0.0.0.0:8000" in command(site.replicas("web")[0])),
    Demand("web", "without a control socket", lambda site: "--no-control-socket" in command(site.replicas("web")[0])),
    Demand("worker", "celery", lambda site: "celery -A pretalx.celery_app worker -l info" in command(site.replicas("tasks")[0])),
    Demand("health", "the sign-in page", lambda site: "/orga/login/" in probe(site.replicas("web")[0])),
    Demand("volumes", "data is one, of every process", lambda site: one_volume(site, "/data", USERS)),
    Demand("volumes", "media is one, of every process", lambda site: one_volume(site, "/media", USERS)),
    Demand("volumes", "Postgres and Redis have theirs", lambda site: keeps_data_at(site, *DATABASES, ("web", "/data"), ("web", "/media"))),
    Demand("demands, 6", "media is read-only at the proxy", lambda site: writable(site.one("proxy"), volumes(site.replicas("web")[0])["/media"]), False),
    Demand("reference", "postgres 15", lambda site: sql(site, "pretalx", "show server_version").partition(".")[0], "15"),
    Demand("reference", "port 80, in prod", lambda site: site.value("proxy ports http") == (80 if site.stack == "prod" else 8080)),
)
def test_run_sheet(site: Site, demand: Demand) -> None:
    demand.check(site.project)


@pytest.mark.parametrize(("service", "before"), [*ORDER, ("periodic", "web")])
def test_order(site: Site, service: str, before: str) -> None:
    """demands, 4."""
    assert site.watch.started_after_health(service, before)


def test_check(admin: Pretalx, site: Site) -> None:
    """The functional check: mail by the worker, sign-in, and a session in Redis that nobody else has."""
    assert admin.get("/orga/event/").status_code == 200
    assert admin.fresh().get("/orga/event/").headers["location"].startswith("/orga/login")
    assert redis(site.project, "-n", "1", "exists", "_kombu.binding.celery") == "1"
    assert eventually(lambda: redis(site.project, "-n", "2", "--scan", "--pattern", "celery-task-meta-*")), (
        "the worker's results are in a database of their own"
    )


def test_static_files_and_what_vite_built(site: Site) -> None:
    """check: a script made by Vite."""
    script = site.visitor.get(site.visitor.script())
    assert (script.status_code, script.headers["content-type"].partition(";")[0]) == (200, "text/javascript")
    assert b"schedule" in script.content


def test_media_comes_from_the_proxy(admin: Pretalx) -> None:
    """A picture that the wizard takes in several requests, that the worker works on, and that the proxy serves."""
    admin.create_event("conf2027", picture())
    served = eventually(lambda: [found for found in [admin.get(admin.logo("conf2027"))] if found.status_code == 200])[0]
    assert served.headers["content-type"].startswith("image/")
    assert served.headers["cache-control"] == "max-age=3600"
    assert served.headers["content-security-policy"] == "base-uri 'self'; object-src 'none'", "the proxy's: pretalx itself would have sent another one"


def test_every_replica_knows_the_session(admin: Pretalx, site: Site) -> None:
    """Traps: replicas with secrets of their own would break logins."""
    cookies = "; ".join(f"{name}={value}" for name, value in admin.http.cookies.items())
    ask = f"""
import urllib.request
request = urllib.request.Request("http://127.0.0.1:8000/orga/event/", headers={{"Cookie": {cookies!r}, "X-Forwarded-Proto": "https"}})
print(urllib.request.urlopen(request).url)
"""
    running = site.project.replicas("web")
    assert len(running) == (2 if site.server else 1)
    for one in running:
        assert said_in(one, "python", "-c", ask).strip() == "http://127.0.0.1:8000/orga/event/"


def test_mail_in_prod_is_encrypted_and_from_the_account(admin: Pretalx, site: Site) -> None:
    """env: PRETALX_MAIL_*."""
    if not site.server:
        assert site.project.caught(ADMIN)[0]["From"] == "pretalx <orga@pretalx.test>"
        return
    assert {(one.account, one.encrypted) for one in site.server.received} == {("pretalx", True)}
    assert not shows(site.project, SMTP_PASSWORD)
    assert site.server.received[0].message["From"] == f"pretalx <pretalx@{DOMAIN}>"


def test_cookies_and_plain_http(admin: Pretalx, site: Site) -> None:
    """Traps: in prod cookies travel by TLS alone, and plain HTTP leads there."""
    cookies = {cookie.name: cookie.secure for cookie in admin.http.cookies.jar}
    assert cookies == dict.fromkeys(("pretalx_session", "pretalx_csrftoken"), site.server is not None)
    if site.server:
        answer = httpx.get(f"{site.project.url}/orga/login/", headers={"Host": DOMAIN})
        assert (answer.status_code, answer.headers["location"]) == (308, f"{site.visitor.site}/orga/login/")


def test_periodic_runs_succeed_again_and_again(site: Site) -> None:
    """cron: the mark is touched by each run that succeeds; here after seconds, in place of the minutes of the example."""
    with site.project.configured(workers={"periodic": {"schedule": {"every": "5s"}}}):
        site.project.berth("up")
        one = site.project.one("periodic")
        (mark,) = re.findall(r"/\.berth/every 5 \d+ \d+ (\S+) python", command(one))
        marks: set[str] = set()

        def touched() -> int:
            marks.add(said_in(one, BUSYBOX, "stat", "-c", "%Y", mark))
            return len(marks)

        eventually(lambda: touched() > 3)
        assert b"next try in" not in one.logs()
    site.project.berth("up")


def test_nothing_is_left_to_do(site: Site) -> None:
    """A second `up` changes nothing."""
    site.project.settled()


def picture() -> bytes:
    """A small PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = 8
    pixels = zlib.compress((b"\0" + b"\x33\x66\x99" * size) * size)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
