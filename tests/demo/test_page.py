"""The page: what it says, what it escapes, its forms.

Browser tests may rely on these `data-testid`s. `data-state` is `works`, `failing` or `checking`.

- `headline`: "All five services work" (made by the script once the websocket has answered), else "N of 5 services work"
- `environment`: the badge, if ENVIRONMENT_NAME is set; `offline`: the banner when the site does not answer
- `status-*` and `state-*`, each with `data-state`: the strip and the cards' first line; * is postgres, worker, redis, volume, websocket
- `card-*`: the cards, of the same names
- `notes-form` (#note-text), `notes-list`, `note`, `notes-error`
- `counter-form`, `counter-value`, `counter-error`
- `jobs-form` (#job-to, #job-subject), `jobs-list`, `job` (`data-job` its id, `data-state` queued, mailed or failed), `job-state`,
  `jobs-error`, `mail-ui` (if MAIL_UI_URL is set)
- `uploads-form` (#upload-file), `uploads-list`, `upload`, `uploads-error`
- `echo-form` (#echo-text), `echo-time`, `echo-answer`

The Content-Security-Policy forbids eval: use locators and `expect`, for `page.wait_for_function` does not work here.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from demo.jobs import Job, JobState
from demo.overview import Finding, Overview, worker_finding
from demo.page import Refused, render
from demo.settings import Settings
from demo.store import Note
from demo.uploads import Upload
from demo.words import ago, size_in_words
from fastapi.testclient import TestClient

NOW = datetime.now(UTC)
EVIL = "\"'><script>alert(1)</script>{{ 7*7 }}"
JOB = Job(id=7, recipient="you@demo.test", subject="Ahoy", state=JobState.QUEUED, attempts=0, error=None, created_at=NOW, mailed_at=None)
FINE = Finding(works=True, says="Fine.")
OVERVIEW = Overview(
    postgres=FINE,
    redis=Finding(works=False, says="Redis does not answer."),
    worker=FINE,
    volume=FINE,
    notes=[Note(id=1, text="Buy rope", created_at=NOW)],
    counter=41,
    jobs=[JOB, replace(JOB, id=6, state=JobState.FAILED, attempts=1, error="refused: 550")],
    uploads=[Upload(name="a b.txt", size=2048, changed_at=NOW)],
)


class Page(HTMLParser):
    """Attributes of the elements that have a `data-testid`, labels and ids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tested: dict[str, dict[str, str | None]] = {}
        self.labelled: set[str | None] = set()
        self.fields: set[str | None] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if "data-testid" in attributes:
            self.tested.setdefault(str(attributes["data-testid"]), attributes)
        if tag == "label":
            self.labelled.add(attributes["for"])
        if tag == "input" and attributes.get("type") != "hidden":
            self.fields.add(attributes["id"])


def test_has_every_documented_id(settings: Settings) -> None:
    everything = replace(settings, environment_name="dev", mail_ui_url="http://localhost:8025")
    documented = set(re.findall(r"`([a-z]+(?:-[a-z]+)?)`", (__doc__ or "").split("\n\n")[2])) - {"data-job", "data-state", "works", "failing", "checking"}
    services = ("postgres", "worker", "redis", "volume", "websocket")
    documented |= {f"{kind}-{service}" for kind in ("status", "state", "card") for service in services} | {"job"}
    assert set(Page(render(OVERVIEW, everything, "token")).tested) == documented


def test_says_what_works(settings: Settings) -> None:
    page = Page(render(OVERVIEW, settings, "token"))
    states = {name: page.tested[f"status-{name}"]["data-state"] for name in ("postgres", "redis", "worker", "volume", "websocket")}
    assert states == {"postgres": "works", "redis": "failing", "worker": "works", "volume": "works", "websocket": "checking"}
    html = render(OVERVIEW, settings, "token")
    assert "3 of 5 services work" in html
    assert "<b>Not working.</b> Redis does not answer." in html


def test_every_field_has_a_label(settings: Settings) -> None:
    page = Page(render(OVERVIEW, settings, "token"))
    assert page.fields == page.labelled == {"note-text", "job-to", "job-subject", "upload-file", "echo-text"}


def test_optional_parts(settings: Settings) -> None:
    html = render(OVERVIEW, settings, "token")
    assert "environment" not in Page(html).tested
    assert "mail-ui" not in Page(html).tested
    named = render(OVERVIEW, replace(settings, environment_name="staging", mail_ui_url="http://localhost:8025"), "token")
    assert Page(named).tested["mail-ui"]["href"] == "http://localhost:8025"
    assert ">staging</p>" in named


def test_escapes_everything(settings: Settings) -> None:
    overview = Overview(
        postgres=Finding(works=False, says=EVIL),
        redis=FINE,
        worker=FINE,
        volume=FINE,
        notes=[Note(id=1, text=EVIL, created_at=NOW)],
        jobs=[replace(JOB, recipient=EVIL, subject=EVIL, error=EVIL)],
        uploads=[Upload(name=EVIL, size=1, changed_at=NOW)],
    )
    evil_settings = replace(settings, environment_name=EVIL, mail_ui_url=EVIL, mail_from=EVIL)
    html = render(overview, evil_settings, EVIL, Refused(form="notes", why=EVIL, values={"text": EVIL}))
    html += render(overview, evil_settings, EVIL, Refused(form="jobs", why=EVIL, values={"to": EVIL, "subject": EVIL}))
    assert "<script>alert" not in html
    assert "&#34;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in html
    assert not re.search(r"\"'>", html)


def test_a_refused_form_says_why_and_keeps_what_was_typed(settings: Settings) -> None:
    html = render(OVERVIEW, settings, "token", Refused(form="jobs", why="to is not a mail address", values={"to": "you", "subject": "Ahoy!"}))
    assert "Not done: to is not a mail address." in html
    assert html.count("Not done") == 1
    assert 'value="you"' in html
    assert 'value="Ahoy!"' in html


@pytest.mark.parametrize(
    ("jobs", "has_postgres", "worker_here", "works", "says"),
    [
        ([], True, True, True, "The worker waits for jobs."),
        ([JOB], True, True, True, "The worker is at it."),
        ([replace(JOB, error="away")], True, True, False, "The mail server does not take mail; the worker keeps trying."),
        ([replace(JOB, error="refused", state=JobState.FAILED)], True, True, True, "The worker waits for jobs."),
        ([], True, False, False, "No worker was seen in the last ten seconds."),
        ([], True, None, False, "Whether a worker is there is known to Redis, which does not answer."),
        ([], False, True, False, "The jobs are in Postgres, which does not answer."),
    ],
)
def test_what_can_be_said_about_the_worker(jobs: list[Job], has_postgres: bool, worker_here: bool | None, works: bool, says: str) -> None:
    assert worker_finding(jobs, has_postgres=has_postgres, worker_here=worker_here) == Finding(works=works, says=says)


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (1023, "1023 bytes"), (1024, "1 KiB"), (1536, "1.5 KiB"), (1024**2 - 1, "1 MiB"), (5 * 1024**5, "5120 TiB")],
)
def test_size_in_words(size: int, words: str) -> None:
    assert size_in_words(size) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(-5, "just now"), (59, "just now"), (60, "1 min ago"), (3599, "59 min ago"), (7200, "2 h ago"), (86400, "2026-01-01")]
)
def test_ago(seconds: int, words: str) -> None:
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert ago(moment, moment + timedelta(seconds=seconds)) == words


def test_is_shown_when_postgres_and_redis_are_away(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "1 of 5 services work" in answer.text
    assert "Postgres does not answer." in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def token_of(client: TestClient) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', client.get("/").text)
    assert found
    return found[1]


def test_a_form_without_its_token_is_refused(client: TestClient) -> None:
    answer = client.post("/uploads", files={"file": ("a.txt", b"a")})
    assert answer.status_code == 403
    assert "Not done: this page was too old or not ours: please try again." in answer.text
    assert client.get("/api/uploads").json() == []


def test_an_upload_by_form(client: TestClient) -> None:
    answer = client.post("/uploads", data={"csrf": token_of(client)}, files={"file": ("a.txt", b"a")})
    assert (answer.status_code, answer.headers["location"]) == (303, "/#uploads")
    assert client.get("/api/uploads").json() == [{"name": "a.txt", "size": 1}]


@pytest.mark.parametrize(
    ("path", "form", "status", "says"),
    [
        ("/notes", {"text": " "}, 422, "Not done: text is empty."),
        ("/notes", {"text": "fine"}, 503, "Not done: Postgres cannot be used at the moment."),
        ("/counter", {}, 503, "Not done: Redis cannot be used at the moment."),
        ("/jobs", {"to": "you", "subject": ""}, 422, "Not done: to is not a mail address like you@demo.test; subject is empty."),
        ("/uploads", {}, 422, "Not done: choose a file."),
    ],
)
def test_a_form_that_cannot_be_done(client: TestClient, path: str, form: dict[str, str], status: int, says: str) -> None:
    answer = client.post(path, data={**form, "csrf": token_of(client)})
    assert answer.status_code == status
    assert says in answer.text


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_the_cookie(client: TestClient, scheme: str, secure: bool) -> None:
    cookie = client.get(f"{scheme}://localhost/").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert ("secure" in cookie) is secure
