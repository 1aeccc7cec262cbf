"""WildID in prod: its database, mail server, identification service and secrets manager are others, which the test starts outside the stage."""

import os
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from tests.engine.examples.applications import text_of
from tests.engine.examples.demands import Demand, rows
from tests.engine.examples.readers import during, inside, limits, loopback, published
from tests.engine.examples.shipped import running
from tests.engine.examples.wildid_client import Wildid, found_in
from tests.engine.examples.wildid_flows import BOTH, identify, sign_in
from tests.engine.examples.wildid_outside import Outside
from tests.engine.project import hang, restarted
from tests.engine.visitor import eventually

pytestmark = pytest.mark.thorough
IN_PROD = (
    Demand("line 69", "HTTPS at the site's port", lambda site: site.value("proxy ports https"), 443),
    Demand("lines 250, 252", "these ports and no others", lambda site: published(site) == loopback(site, "proxy ports http", "proxy ports https")),
    Demand("line 320", "TLS is required", lambda site: httpx.get(site.url, headers={"Host": "wildid.example"}).status_code, 308),
    Demand("line 252", "no Mailhog, and no database here", lambda site: Counter(one.labels["berth.service"] for one in site.containers(role="service")), {"proxy": 1, "app": 3}),
    Demand("line 306", "three of the application", lambda site: len(site.replicas("app")), 3),
    Demand("line 315", "a managed database", lambda site: site.outside.sql("SELECT count(*) > 0 FROM pg_tables WHERE tablename = 'users'"), "t"),
    Demand("line 315", "reached by TLS", lambda site: site.outside.sql("SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE client_addr IS NOT NULL"), "t"),
    Demand("line 317", "code from the image", lambda site: site.mounted(), set()),
    Demand("line 321", "named volumes", lambda site: (site.uploads(), len(site.data_volumes())), (None, 2)),
    Demand("line 439", "1 core and 1 GB", lambda site: {limits(one) for one in site.replicas("app")}, {(1.0, 1024)}),
    Demand("line 318", "a secrets manager was asked", lambda site: {f"kv get -field={name} secret/wildid" for name in site.outside.secrets} - site.asked(), set()),
)  # fmt: skip


@pytest.fixture(scope="module")
def in_prod(outside: Outside, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wildid]:
    folder = tmp_path_factory.mktemp("prod")
    manager = outside.manager(folder / "bin")
    path = {"PATH": f"{manager}:{os.environ['PATH']}"}
    site = Wildid(root=folder / "wildid", stack="prod", environment=path, outside=outside)
    site.fit_prod()
    with running(site):
        yield site


@rows(*BOTH, *IN_PROD)
def test_demands_in_prod(in_prod: Wildid, demand: Demand) -> None:
    demand.check(in_prod)


def test_sign_in_by_mail_in_prod(in_prod: Wildid) -> None:
    """Lines 184 to 205, and a real mail server."""
    sign_in(in_prod)
    (mail,) = (one for one in in_prod.outside.mail.received if one.message["To"] == "ann@wild.test")
    assert (mail.message["From"], mail.encrypted, mail.account) == ("WildID <login@wildid.example>", True, "wildid")
    assert f"https://wildid.example:{in_prod.https}/login/" in text_of(mail.message)


def test_identification_in_prod(in_prod: Wildid) -> None:
    """Lines 211 to 232."""
    identify(in_prod)


def test_secrets_are_where_they_belong_and_nowhere_else(in_prod: Wildid) -> None:
    """Line 318."""
    wanted = in_prod.outside.secrets
    assert sorted(found_in(str(in_prod.variables()), wanted)) == sorted(wanted)
    for one in in_prod.containers(everything=True):
        assert found_in(str(one.attrs) + one.logs().decode(), wanted) == [], one.name
    texts = [path.read_text(errors="replace") for path in in_prod.root.rglob("*") if path.is_file()]
    assert found_in("".join(texts), wanted) == []
    assert found_in(in_prod.berth("preview", "--", "--diff", "--show-sames"), wanted) == []


def test_who_hangs_is_started_again(in_prod: Wildid) -> None:
    """Line 350: after three checks that failed. The other two serve meanwhile."""
    one = in_prod.replicas("app")[0]
    hang(one)
    eventually(lambda: restarted(one), 300)
    assert b"berth: 3 probes in a row have failed" in one.logs()
    assert in_prod.versions() == {"1.0.0"}


def test_an_update_rolls_and_nobody_is_signed_out(in_prod: Wildid) -> None:
    """Line 386: new replicas are well before old ones go, and somebody is always there to answer; sessions and data stay."""
    in_prod.settled()
    before = {one.id for one in in_prod.replicas("app")}
    with in_prod.visitor() as carl:
        in_prod.sign_in(carl, "carl@wild.test")
        in_prod.edit("app/src/wildid/__init__.py", '"1.0.0"', '"1.1.0"')
        with in_prod.visitor() as anyone:
            seen = during(lambda: (count(in_prod), answer(anyone)), lambda: in_prod.berth("up"))
        assert seen.total() > 20
        assert {said for _, said in seen} == {"200"}, seen
        assert min(replicas for replicas, _ in seen) >= 3, seen
        assert in_prod.versions() == {"1.1.0"}
        assert "Signed in as carl@wild.test" in carl.get("/").text
    assert not before & {one.id for one in in_prod.replicas("app")}
    in_prod.settled()


def answer(anyone: httpx.Client) -> str:
    """Of /health: the status, or why there was none."""
    try:
        return str(anyone.get("/health").status_code)
    except httpx.HTTPError as problem:
        return repr(problem)


def count(site: Wildid) -> int:
    """Replicas of the application that run. The engine is asked once: to look at each would be to look for some that have just gone."""
    labels = [f"berth.instance={site.instance}", "berth.service=app", "berth.role=service"]
    return len(site.engine.api.containers(filters={"label": labels}))


def test_with_a_database_of_its_own(in_prod: Wildid) -> None:
    """Lines 54 and 440: without `external` the database runs here, and nobody outside reaches it."""
    in_prod.configure(postgres={"db": None})
    in_prod.configure(postgres={"db": {"resources": {"cpus": "1.0", "memory": "1GiB"}}})
    in_prod.berth("pin")
    in_prod.berth("up")
    assert limits(in_prod.one("db")) == (1.0, 1024)
    assert published(in_prod) == loopback(in_prod, "proxy ports http", "proxy ports https")
    sign_in(in_prod)
    backed_up(in_prod)
    in_prod.settled()


def backed_up(site: Wildid) -> None:
    """Lines 168 to 176: by the commands of the README."""
    before = site.sql("SELECT * FROM users")
    files = inside(site, "app", "find", "/app/flask_session", "-type", "f")
    assert files
    site.does("pg_dump")
    site.sql("INSERT INTO users (email) VALUES ('late@wild.test')")
    assert site.sql("SELECT * FROM users") != before
    inside(site, "app", "sh", "-c", "rm /app/flask_session/*")
    site.does("pg_restore")
    assert site.sql("SELECT * FROM users") == before
    assert set(files.split()) <= set(inside(site, "app", "find", "/app/flask_session", "-type", "f").split())
