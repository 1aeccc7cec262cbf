"""CiRA ME, a reference system, in dev and in prod: every demand of its description, and what it does for its users.

`line` is one of `001_efa5ee58e2768d28.txt`. Ports, subnet, addresses and cores of these trials are not those of the example, which are looked up in its
configuration instead.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count

import httpx
import pytest
from playwright.sync_api import Page

from tests.engine.examples.cirame_client import Cirame, Late, recording
from tests.engine.examples.demands import Demand, rows
from tests.engine.examples.readers import (
    MIB,
    environment,
    everywhere,
    health,
    health_times,
    inside,
    limits,
    loopback,
    probe,
    published,
    python,
    reserved,
    volumes,
)
from tests.engine.examples.shipped import running
from tests.engine.project import restarted, said_in
from tests.engine.visitor import eventually, in_browser

pytestmark = pytest.mark.thorough
SECURITY = {
    "x-frame-options": "SAMEORIGIN",
    "x-content-type-options": "nosniff",
    "x-xss-protection": "1; mode=block",
    "referrer-policy": "no-referrer-when-downgrade",
}
JOURNAL = "from cirame.database import connect; print(*connect().execute('PRAGMA journal_mode').fetchone())"
LOGGED = {"method": "GET", "path": "/api/data/none", "status": 404}
BACKEND_VOLUMES = {"/app/data", "/app/models", "/app/datasets"}
BOTH = (
    Demand("line 14", "network 172.20.0.0/16", lambda site: site.value("networks front subnet"), "172.20.0.0/16"),
    Demand("line 133", "the network has its subnet", lambda site: site.front().attrs["IPAM"]["Config"][0]["Subnet"] == site.subnet),
    Demand("line 134", "driver bridge", lambda site: site.front().attrs["Driver"], "bridge"),
    Demand("line 49", "frontend at 3030", lambda site: site.value("proxy ports http"), 3030),
    Demand("line 50", "backend at 5100", lambda site: site.value("apps backend routes / listen"), 5100),
    Demand("line 116", "backend listens on 5100", lambda site: site.value("apps backend port"), 5100),
    Demand("line 293", "only necessary ports", lambda site: published(site) == loopback(site, "proxy ports http", "apps backend routes / listen")),
    Demand("line 138", "host to frontend", lambda site: "<title>CiRA ME</title>" in httpx.get(site.url).text),
    Demand("line 139", "host to backend", lambda site: httpx.get(f"{site.direct_url}/api/health").json()["status"], "healthy"),
    Demand("line 200", "/api through the frontend's port", lambda site: httpx.get(f"{site.url}/api/data/sources").status_code, 200),
    Demand(
        "line 137", "frontend to http://backend:5100", lambda site: '"healthy"' in inside(site, "frontend", "wget", "-qO-", "http://backend:5100/api/health")
    ),
    Demand("line 76", "client-side routing", lambda site: httpx.get(f"{site.url}/models").text == httpx.get(site.url).text),
    Demand("line 245", "health of the backend", lambda site: health_times(site.replicas("backend")[0]), (30, 10, 40, 3)),
    Demand("line 251", "health of the frontend", lambda site: health_times(site.replicas("frontend")[0]), (30, 10, 10, 3)),
    Demand("line 246", "it asks /api/health", lambda site: probe(site.replicas("backend")[0]).endswith("http 5100 /api/health")),
    Demand("line 252", "it asks /", lambda site: probe(site.replicas("frontend")[0]).endswith(f"http {site.value('apps frontend port')} /")),
    Demand("line 258", "all healthy", health, {"healthy"}),
    Demand("line 84", "frontend up to 1 core and 512 MB", lambda site: limits(site.replicas("frontend")[0]), (1.0, 512)),
    Demand("line 85", "256 MB reserved", lambda site: reserved(site.replicas("frontend")[0]), 256),
    Demand("line 120", "4 GB reserved for the backend", lambda site: reserved(site.replicas("backend")[0]), 4096),
    Demand("line 124", "FLASK_HOST", lambda site: environment(site.replicas("backend")[0])["FLASK_HOST"], "0.0.0.0"),
    Demand("line 126", "CUDA_VISIBLE_DEVICES", lambda site: environment(site.replicas("backend")[0])["CUDA_VISIBLE_DEVICES"], ""),
    Demand("line 154", "folders of the host", lambda site: site.binds(), {"docker-volumes/data", "docker-volumes/models", "docker-volumes/datasets"}),
    Demand(
        "line 155",
        "where the backend has them",
        lambda site: {path for path in volumes(site.replicas("backend")[0]) if path.startswith("/app/")},
        BACKEND_VOLUMES,
    ),
    Demand("line 410", "SQLite keeps a log beside the file, for many who write", lambda site: python(site, "backend", JOURNAL), "wal"),
    Demand("line 280", "backend runs as cirame, 1000", lambda site: said_in(site.replicas("backend")[0], "id").split()[0], "uid=1000(cirame)"),
    Demand("line 283", "read-only roots", lambda site: everywhere(site, "HostConfig", "ReadonlyRootfs"), {"True"}),
    Demand("line 284", "writable only where needed", lambda site: "Read-only file system" in inside(site, "backend", "touch", "/app/x")),
    Demand("line 303", "security headers of a page", lambda site: {name: site.header(name) for name in SECURITY}, SECURITY),
    Demand("line 303", "and of the API", lambda site: {name: site.header(name, "/api/health") for name in SECURITY}, SECURITY),
    Demand("line 310", "other origins", lambda site: site.allowed("https://evil.example"), None),
    Demand("line 310", "the site's own", lambda site: site.allowed(f"http://localhost:{site.http}") == f"http://localhost:{site.http}"),
    Demand("line 315", "bodies of 100 MB", lambda site: site.value("proxy body_limit"), "100MiB"),
    Demand("line 315", "100 MB pass", lambda site: site.sent(100 * MIB, "large"), 201),
    Demand("line 315", "more does not", lambda site: site.sent(100 * MIB + 1, "larger"), 413),
    Demand("line 320", "300 s for an answer", lambda site: [route["read_timeout"] for route in site.value("apps backend routes").values()], ["300s"] * 2),
    Demand(
        "line 347",
        "restarted whatever has ended them; after `docker stop` they stay so, which `always` would not",
        lambda site: everywhere(site, "HostConfig", "RestartPolicy", "Name"),
        {"unless-stopped"},
    ),
)
IN_DEV = (
    Demand("README", "fixed addresses", lambda site: [site.value(f"apps {name} address") for name in ("frontend", "backend")], ["172.20.0.10", "172.20.0.20"]),
    Demand("README", "frontend is at its address", lambda site: [one.rpartition(".")[2] for one in site.addresses("frontend")], ["10"]),
    Demand("README", "backend is at its address", lambda site: [one.rpartition(".")[2] for one in site.addresses("backend")], ["20"]),
    Demand("line 334", "backend 2 cores, fewer than in production", lambda site: site.value("apps backend resources cpus"), "2.0"),
    Demand("line 120", "and 8 GB", lambda site: limits(site.replicas("backend")[0]) == (site.cores, 8192)),
    Demand("line 125", "PYTHONOPTIMIZE 1", lambda site: httpx.get(f"{site.url}/api/health").json()["optimize"], 1),
    Demand("line 281", "frontend is not root", lambda site: said_in(site.replicas("frontend")[0], "id", "-u").strip(), "1000"),
    Demand("line 333", "debug mode", lambda site: environment(site.replicas("backend")[0])["FLASK_DEBUG"], "True"),
)
IN_PROD = (
    Demand("line 22", "frontend listens on 80", lambda site: site.value("apps frontend port"), 80),
    Demand("line 70", "frontend runs as nginx", lambda site: said_in(site.replicas("frontend")[0], "id", "-un").strip(), "nginx"),
    Demand("line 74", "assets are compressed", lambda site: site.header("content-encoding", site.asset()), "gzip"),
    Demand("line 483", "and kept by browsers", lambda site: site.header("cache-control", site.asset()), "max-age=31536000"),
    Demand("line 119", "backend 8 cores", lambda site: site.value("apps backend resources cpus"), "8.0"),
    Demand("line 120", "and 16 GB", lambda site: limits(site.replicas("backend")[0]) == (site.cores, 16384)),
    Demand("line 344", "PYTHONOPTIMIZE 2", lambda site: {httpx.get(f"{site.url}/api/health").json()["optimize"] for _ in range(6)}, {2}),
    Demand("line 346", "rotation", lambda site: {str(site.replicas(name)[0].attrs["HostConfig"]["LogConfig"]["Config"]) for name in ("frontend", "backend", "proxy")}, {"{'max-file': '5', 'max-size': '10m'}"}),
    Demand("line 346", "structured logs", lambda site: {key: value for key, value in site.record("/api/data/none").items() if key in LOGGED}, LOGGED),
    Demand("line 123", "FLASK_DEBUG off", lambda site: environment(site.replicas("backend")[0])["FLASK_DEBUG"], "False"),
    Demand("line 348", "no debug server", lambda site: "gunicorn" in inside(site, "backend", "ps", "-o", "args")),
    Demand("line 358", "three backends", lambda site: len(site.replicas("backend")), 3),
    Demand("line 403", "two frontends", lambda site: len(site.replicas("frontend")), 2),
    Demand("line 397", "each backend is in the balance", lambda site: site.balanced("/api/data/sources") == {f"{one}:5100" for one in site.addresses("backend")}),
    Demand("line 403", "and each frontend", lambda site: site.balanced("/") == {f"{one}:80" for one in site.addresses("frontend")}),
    Demand("README", "no fixed addresses", lambda site: [site.value("apps")[name].get("address") for name in ("frontend", "backend")], [None, None]),
)  # fmt: skip


@pytest.fixture(scope="module")
def in_dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cirame]:
    site = Cirame(root=tmp_path_factory.mktemp("dev") / "cirame")
    site.fit()
    with running(site):
        yield site


@pytest.fixture(scope="module")
def late(in_dev: Cirame) -> Late:
    return in_dev.ask_late("late")


@pytest.fixture(scope="module")
def in_prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cirame]:
    site = Cirame(root=tmp_path_factory.mktemp("prod") / "cirame", stack="prod")
    site.fit()
    with running(site):
        yield site


@rows(*BOTH, *IN_DEV)
def test_demands_in_dev(in_dev: Cirame, demand: Demand) -> None:
    demand.check(in_dev)


def train_and_predict(site: Cirame) -> None:
    """The way of a recording: into SQLite and onto the disk of the host, through the pages; then a model, and what it says."""
    (site.root / "walk.csv").write_text(recording())
    names = (f"walk{number or ''}" for number in count())  # a name is given once, and another try wants another one
    used: list[str] = []

    def scenario(page: Page) -> None:
        used.append(name := next(names))
        page.goto(f"{site.url}/datasets")
        page.get_by_placeholder("name").fill(name)
        page.locator("input[type=file]").set_input_files(site.root / "walk.csv")
        page.get_by_role("button", name="Upload").click()
        page.get_by_test_id("sources").get_by_text(f"{name}: 200 rows").wait_for()
        page.get_by_role("link", name="Models").click()
        page.get_by_placeholder("dataset").fill(name)
        page.get_by_role("button", name="Train").click()
        page.get_by_test_id("models").get_by_text(f"{name}-").wait_for()
        assert page.url == f"{site.url}/models"

    in_browser(scenario)
    (model,) = (one for one in httpx.get(f"{site.url}/api/training/models").json() if one["file"].startswith(f"{used[-1]}-"))
    assert model["accuracy"] > 0.9
    assert httpx.post(f"{site.url}/api/training/models/{model['id']}/predict", json=[[3, -2], [0, 0]]).json() == [1, 0]
    assert [round(column["mean"]) for column in httpx.get(f"{site.url}/api/features/{used[-1]}").json()] == [2, -1]
    folders = site.root / "docker-volumes"
    assert (folders / "datasets" / f"{used[-1]}.csv").read_text() == recording()
    assert (folders / "models" / model["file"]).stat().st_uid == 1000
    assert (folders / "data" / "cirame.db").stat().st_size > 0


def test_a_model_is_trained_in_dev(in_dev: Cirame) -> None:
    """Lines 170 to 175."""
    train_and_predict(in_dev)


def test_a_question_that_takes_long_is_asked(late: Late) -> None:
    """Line 320: it waits while the next test goes on."""
    assert not late.answer.done()


def test_slow_downloads_arrive_whole(in_dev: Cirame) -> None:
    """Lines 169 and 315: what may come in may go out, also to clients that take their time, and to several at once."""
    size = 100 * MIB
    assert in_dev.sent(size, "slow") == 201
    with ExitStack() as stack:
        answers = [stack.enter_context(httpx.stream("GET", f"{in_dev.url}/api/data/slow", timeout=120)) for _ in range(3)]
        time.sleep(5)  # nobody reads meanwhile, and the proxy takes in what the backend sends
        assert [sum(len(piece) for piece in answer.iter_bytes()) for answer in answers] == [size] * 3


def test_it_is_answered_after_more_than_a_minute(late: Late) -> None:
    """Line 320: nginx by itself, and berth, would have ended it after 60 s."""
    eventually(lambda: time.monotonic() > late.since + 61)
    answer = late.end()
    assert (answer.status_code, len(answer.json())) == (200, 2)


def test_what_is_edited_is_seen(in_dev: Cirame) -> None:
    """Line 333, development mode; README, Development."""
    in_browser(lambda page: _hot_module_replacement(page, in_dev))
    in_dev.edit("backend/src/cirame/health.py", '"healthy"', '"quite healthy"')
    eventually(lambda: "quite healthy" in httpx.get(f"{in_dev.url}/api/health", timeout=60).text, 90)
    in_dev.reloaded()


def _hot_module_replacement(page: Page, site: Cirame) -> None:
    page.goto(f"{site.url}/no/such/page")
    page.get_by_text("There is no such page.").wait_for()
    page.evaluate("window.kept = true")
    with site.edited("frontend/src/views/Nowhere.vue", "There is no such page.", "Nothing is here."):
        page.get_by_text("Nothing is here.").wait_for()
        assert page.evaluate("window.kept") is True, "the module was replaced, not the page"


def test_dev_comes_up_after_the_edit_and_then_nothing_is_to_do(in_dev: Cirame) -> None:
    """A second `up` changes nothing."""
    in_dev.berth("up")
    assert httpx.get(f"{in_dev.url}/api/health").json()["status"] == "quite healthy"
    assert "walk" in in_dev.sources()
    in_dev.settled()


@rows(*BOTH, *IN_PROD)
def test_demands_in_prod(in_prod: Cirame, demand: Demand) -> None:
    demand.check(in_prod)


def test_a_model_is_trained_in_prod(in_prod: Cirame) -> None:
    """Lines 170 to 175."""
    train_and_predict(in_prod)


def test_who_is_least_busy_answers(in_prod: Cirame) -> None:
    """Line 396: whoever is at work gets no further request while others have nothing to do; in turns it would get each third one."""
    late = in_prod.ask_late("busy")
    others = {httpx.get(f"{in_prod.url}/api/health").headers["x-served-by"] for _ in range(20)}
    assert others | {late.end().headers["x-served-by"]} == {str(one.id)[:12] for one in in_prod.replicas("backend")}
    assert len(others) == 2


def test_three_replicas_write_to_one_file_at_once(in_prod: Cirame) -> None:
    """Lines 358 and 412: several backends, and SQLite on a volume that they share."""
    taken = in_prod.upload_many(300, "many")
    assert set(taken) == {str(one.id)[:12] for one in in_prod.replicas("backend")}
    assert sum(name.startswith("many-") for name in in_prod.sources()) == 300
    said = said_in(
        in_prod.replicas("backend")[0], "python", "-c", "from cirame.database import connect; print(*connect().execute('PRAGMA integrity_check').fetchone())"
    )
    assert said.strip() == "ok"


def test_one_name_is_given_once(in_prod: Cirame) -> None:
    """Line 412: what one backend wrote, the others know."""
    statuses = [httpx.put(f"{in_prod.url}/api/data/once", content="a,class\n1,0\n").status_code for _ in range(6)]
    assert statuses == [201, 409, 409, 409, 409, 409]


def test_what_fails_is_started_again(in_prod: Cirame) -> None:
    """Line 347."""
    one = in_prod.replicas("backend")[0]
    said_in(one, "sh", "-c", "kill -9 $(cat /proc/1/task/1/children)")
    eventually(lambda: restarted(one))


def test_prod_is_settled(in_prod: Cirame) -> None:
    """A second `up` changes nothing."""
    in_prod.settled()


def test_a_backup_is_taken_and_put_back(in_prod: Cirame) -> None:
    """Lines 181 to 189: by the commands of the README, which take it down and bring it up again."""
    before = in_prod.sources()
    assert "walk" in before
    in_prod.does("tar -czf")
    assert in_prod.sources() == before
    assert in_prod.sent(10, "afterwards") == 201
    in_prod.does("tar -xzf")
    assert in_prod.sources() == before
    assert (in_prod.root / "docker-volumes" / "datasets" / "walk.csv").read_text() == recording()
    in_prod.settled()
