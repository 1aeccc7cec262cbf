"""WildID, a reference system, in dev and in prod: every demand of its description, and what it does for its users.

`line` is one of `002_2682453df630b329.txt`. Ports of these trials are not those of the example, which are looked up in its configuration instead. In prod
its database, mail server, identification service and secrets manager are others, which the test starts outside the stage.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.engine.examples.shipped import Demand, dev, health_times, limits, prod, rows
from tests.engine.examples.wildid_client import PICTURE, Wildid, found_in
from tests.engine.examples.wildid_outside import Outside
from tests.engine.test_demo import eventually

pytestmark = pytest.mark.thorough
ENVIRONMENT = {"TOGETHER_API_KEY", "DATABASE_URL", "MAIL_SERVER", "SECRET_KEY"}
BOTH = (
    Demand("101", "the application listens on 3000", lambda site: site.value("apps app port"), 3000),
    Demand("102", "its variables", lambda site: ENVIRONMENT - {name for name, value in site.variables().items() if value}, set()),
    Demand("108", "volume of pictures", lambda site: site.value("apps app volumes uploads path"), "/app/uploads"),
    Demand("109", "volume of sessions", lambda site: site.value("apps app volumes flask-session path"), "/app/flask_session"),
    Demand("338", "health each 30 s, 3 failures", lambda site: health_times(site.replicas("app")[0])[::3], (30, 3)),
    Demand("344", "it asks /health", lambda site: site.value("apps app health path"), "/health"),
    Demand("346", "healthy", lambda site: {one.attrs["State"]["Health"]["Status"] for one in site.containers(role="service")}, {"healthy"}),
    Demand("344", "/health answers", lambda site: site.get("/health").json()["status"], "healthy"),
)
IN_DEV = (
    Demand("35", "localhost:3000", lambda site: site.value("proxy ports http"), 3000),
    Demand("35", "localhost:5432", lambda site: site.value("postgres db publish"), 5432),
    Demand("35", "localhost:8025", lambda site: site.value("mail mailhog ui_port"), 8025),
    Demand("30", "these ports and no others", lambda site: site.published() == {site.http, site.database, site.mail_ui}, True),
    Demand("35", "the page", lambda site: "<h1>" in httpx.get(site.url).text, True),
    Demand("35", "the database", lambda site: site.answers_as_postgres(), True),
    Demand("35", "the mails", lambda site: httpx.get(f"{site.mail_url}/api/v2/messages").status_code, 200),
    Demand("117", "Postgres 15", lambda site: site.sql("SHOW server_version").split(".")[0], "15"),
    Demand(
        "120", "database and user", lambda site: site.sql("SELECT datname, datdba::regrole FROM pg_database WHERE datname = 'wildid'"), "wildid|wildid_user"
    ),
    Demand("124", "its data on a volume", lambda site: any(name.endswith("-db-data") for name in site.data_volumes()), True),
    Demand("133", "mail by port 1025", lambda site: site.variables()["MAIL_PORT"], "1025"),
    Demand("159", "pictures in a folder of the host", lambda site: site.uploads(), "uploads"),
    Demand("162", "code in a folder of the host", lambda site: site.mounted(), {"app/src"}),
    Demand("424", "application 0.5 core, 512 MB", lambda site: limits(site.one("app")), (0.5, 512)),
    Demand("425", "Postgres 0.5 core, 256 MB", lambda site: limits(site.one("db")), (0.5, 256)),
    Demand("426", "Mailhog 0.1 core, 64 MB", lambda site: limits(site.one("mail")), (0.1, 64)),
    Demand("320", "no TLS", lambda site: site.value("proxy").get("tls"), None),
)
IN_PROD = (
    Demand("67", "HTTPS at the site's port", lambda site: site.value("proxy ports https"), 443),
    Demand("61", "these ports and no others", lambda site: site.published() == {site.http, site.https}, True),
    Demand("320", "TLS is required", lambda site: httpx.get(site.url, headers={"Host": "wildid.example"}).status_code, 308),
    Demand("252", "no Mailhog, and no database here", lambda site: Counter(one.labels["berth.service"] for one in site.containers(role="service")), {"proxy": 1, "app": 3}),
    Demand("306", "three of the application", lambda site: len(site.replicas("app")), 3),
    Demand("315", "a managed database", lambda site: site.outside.sql("SELECT count(*) > 0 FROM pg_tables WHERE tablename = 'users'"), "t"),
    Demand("315", "reached by TLS", lambda site: site.outside.sql("SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE client_addr IS NOT NULL"), "t"),
    Demand("317", "code from the image", lambda site: site.mounted(), set()),
    Demand("321", "named volumes", lambda site: (site.uploads(), len(site.data_volumes())), (None, 2)),
    Demand("439", "1 core and 1 GB", lambda site: {limits(one) for one in site.replicas("app")}, {(1.0, 1024)}),
    Demand("318", "a secrets manager was asked", lambda site: {f"kv get -field={name} secret/wildid" for name in site.outside.secrets} - site.asked(), set()),
)  # fmt: skip


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    world = Outside()
    try:
        world.start()
        yield world
    finally:
        world.stop()


@pytest.fixture(scope="module")
def in_dev(outside: Outside, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wildid]:
    site = Wildid(root=tmp_path_factory.mktemp("dev") / "wildid", outside=outside)
    site.fit_dev()
    with dev(site):
        yield site


@pytest.fixture(scope="module")
def in_prod(outside: Outside, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wildid]:
    folder = tmp_path_factory.mktemp("prod")
    manager = outside.manager(folder / "bin")
    path = {"PATH": f"{manager}:{os.environ['PATH']}"}
    site = Wildid(root=folder / "wildid", stack="prod", environment=path, outside=outside)
    site.fit_prod()
    with prod(site):
        yield site


@rows(*BOTH, *IN_DEV)
def test_demands_in_dev(in_dev: Wildid, demand: Demand) -> None:
    demand.check(in_dev)


def sign_in(site: Wildid) -> None:
    """Lines 184 to 205: a link by mail that works once, its token in Postgres, the session in its volume."""
    email = "ann@wild.test"
    with site.visitor() as ann, site.visitor() as eve:
        assert ann.get("/history").status_code == 403
        link = site.sign_in(ann, email)
        assert link.startswith(site.pulumi("stack", "output", "url").strip())
        assert site.sql("SELECT count(*) FROM login_tokens WHERE used IS NOT NULL AND expires > now()") == "1"
        assert site.sql("SELECT email FROM users") == email
        assert link.rpartition("/")[2] not in site.sql("SELECT * FROM login_tokens")
        assert eve.get("/login/" + link.rpartition("/")[2]).status_code == 403, "a link works once"
        assert eve.get("/login/forged").status_code == 403
        assert int(site.inside("app", "sh", "-c", "ls /app/flask_session | wc -l")) > 0
        assert ann.post("/logout").status_code == 302
        assert ann.get("/history").status_code == 403


def identify(site: Wildid) -> None:
    """Lines 209 to 235: the picture lies in uploads until Together.ai has answered; for those who signed in it is kept in Postgres."""
    asked = len(site.outside.pictures())
    with site.visitor() as stranger, site.visitor() as ben:
        picture = {"image": ("otter.png", PICTURE, "image/png")}
        assert "Eurasian otter, 93 %" in stranger.post("/identify", files=picture).text
        assert site.sql("SELECT count(*) FROM identifications") == "0"
        site.sign_in(ben, "ben@wild.test")
        assert "Eurasian otter, 93 %" in ben.post("/identify", files=picture).text
        assert "Eurasian otter, 93 %" in ben.get("/history").text
        assert site.sql("SELECT email, species, decode(image, 'base64') FROM identifications") == f"ben@wild.test|Eurasian otter|\\x{PICTURE.hex()}"
    pictures = site.outside.pictures()[asked:]
    assert [picture["allowed"] for picture in pictures] == [True, True]
    assert all(picture["picture"].startswith("data:image/png;base64,") for picture in pictures)
    assert site.inside("app", "find", "/app/uploads", "-name", "*.png") == ""


def test_sign_in_by_mail_in_dev(in_dev: Wildid) -> None:
    sign_in(in_dev)


def test_identification_in_dev(in_dev: Wildid) -> None:
    identify(in_dev)


def test_code_is_reloaded(in_dev: Wildid) -> None:
    in_dev.edit("app/src/wildid/__init__.py", '"1.0.0"', '"1.0.1"')
    eventually(lambda: in_dev.versions(1) == {"1.0.1"}, 90)


def test_dev_comes_up_after_the_edit_and_then_nothing_is_to_do(in_dev: Wildid) -> None:
    in_dev.berth("up")
    assert in_dev.versions(1) == {"1.0.1"}
    assert in_dev.sql("SELECT count(*) FROM identifications") == "1"
    in_dev.settled()


@rows(*BOTH, *IN_PROD)
def test_demands_in_prod(in_prod: Wildid, demand: Demand) -> None:
    demand.check(in_prod)


def test_sign_in_by_mail_in_prod(in_prod: Wildid) -> None:
    sign_in(in_prod)
    (mail,) = in_prod.outside.mails("ann@wild.test")
    assert (mail["from"], mail["tls"]) == ("WildID <login@wildid.example>", True)
    assert f"https://wildid.example:{in_prod.https}/login/" in mail["text"]


def test_identification_in_prod(in_prod: Wildid) -> None:
    identify(in_prod)


def test_secrets_are_where_they_belong_and_nowhere_else(in_prod: Wildid) -> None:
    wanted = in_prod.outside.secrets
    assert sorted(found_in(str(in_prod.variables()), wanted)) == sorted(wanted)
    for one in in_prod.containers(everything=True):
        assert found_in(str(one.attrs) + one.logs().decode(), wanted) == [], one.name
    texts = [path.read_text(errors="replace") for path in in_prod.root.rglob("*") if path.is_file()]
    assert found_in("".join(texts), wanted) == []
    assert found_in(in_prod.berth("preview", "--", "--diff", "--show-sames"), wanted) == []


def test_an_update_rolls_and_nobody_is_signed_out(in_prod: Wildid) -> None:
    """Line 386: new replicas are well before old ones go; sessions and data stay."""
    in_prod.settled()
    before = {one.id for one in in_prod.replicas("app")}
    with in_prod.visitor() as carl:
        in_prod.sign_in(carl, "carl@wild.test")
        in_prod.edit("app/src/wildid/__init__.py", '"1.0.0"', '"1.1.0"')
        running = during(lambda: len(in_prod.replicas("app")), lambda: in_prod.berth("up"))
        assert min(running) >= 3, running
        assert in_prod.versions() == {"1.1.0"}
        assert "Signed in as carl@wild.test" in carl.get("/").text
    assert not before & {one.id for one in in_prod.replicas("app")}
    in_prod.settled()


def during(look: Callable[[], int], work: Callable[[], object]) -> Counter[int]:
    """What is seen, again and again, while something is done."""
    seen = Counter([look()])
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            seen[look()] += 1

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        work()
    finally:
        over.set()
        watching.join()
    return seen


def test_with_a_database_of_its_own(in_prod: Wildid) -> None:
    """Lines 54 and 440: without `external` the database runs here, and nobody outside reaches it."""
    in_prod.configure(postgres={"db": None})
    in_prod.configure(postgres={"db": {"resources": {"cpus": "1.0", "memory": "1GiB"}}})
    in_prod.berth("pin")
    in_prod.berth("up")
    assert limits(in_prod.one("db")) == (1.0, 1024)
    assert in_prod.published() == {in_prod.http, in_prod.https}
    sign_in(in_prod)
    in_prod.settled()
