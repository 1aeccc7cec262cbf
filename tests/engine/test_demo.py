"""The demo on a real engine: every service works, over HTTP and in a browser, nothing leaks, nothing drifts."""

import io
import tarfile
import uuid

import httpx
import pytest
from docker.models.containers import Container
from playwright.sync_api import Page
from websockets.sync.client import connect

from config import identity
from tests.engine.leaks import leaks, shown
from tests.engine.project import CHECKOUT, Project, runs_as, said_in
from tests.engine.visitor import eventually, in_browser, refusals


def test_every_service_is_healthy(demo: Project) -> None:
    health = {one.labels["berth.service"]: one.attrs["State"]["Health"]["Status"] for one in demo.containers(role="service")}
    assert health == dict.fromkeys(("proxy", "web", "jobs", "db", "cache", "mail"), "healthy")


def test_page_and_note(demo: Project) -> None:
    assert "<html" in httpx.get(demo.url).text
    text = f"note {uuid.uuid4()}"
    assert httpx.post(f"{demo.url}/api/notes", json={"text": text}).status_code == 201
    assert text in [note["text"] for note in httpx.get(f"{demo.url}/api/notes").json()]


def test_counter(demo: Project) -> None:
    first, second = (httpx.post(f"{demo.url}/api/counter").json()["value"] for _ in range(2))
    assert second == first + 1


def test_worker_mails(demo: Project) -> None:
    address = f"{uuid.uuid4().hex}@demo.test"
    assert httpx.post(f"{demo.url}/api/jobs", json={"to": address, "subject": "hello"}).status_code == 202
    (mail,) = eventually(lambda: demo.caught(address))
    assert mail["From"] == "demo@demo.test"


def test_mails_are_shown_in_a_browser(demo: Project) -> None:
    subject = f"seen {uuid.uuid4()}"
    assert httpx.post(f"{demo.url}/api/jobs", json={"to": "reader@demo.test", "subject": subject}).status_code == 202
    assert eventually(lambda: [mail for mail in demo.caught("reader@demo.test") if mail["Subject"] == subject])

    def scenario(page: Page) -> None:
        page.goto(demo.mail_url)
        page.get_by_text(subject).first.click()
        page.get_by_text("reader@demo.test").first.wait_for()

    in_browser(scenario)


def test_upload(demo: Project) -> None:
    name = f"{uuid.uuid4().hex}.txt"
    assert httpx.post(f"{demo.url}/api/uploads", files={"file": (name, b"hello")}).status_code == 201
    assert httpx.get(f"{demo.url}/uploads/{name}").content == b"hello"


def test_websocket_echo_through_the_proxy(demo: Project) -> None:
    with connect(f"ws://127.0.0.1:{demo.http}/ws") as socket:
        socket.send("ping")
        assert "ping" in str(socket.recv(timeout=10))


def test_page_in_a_browser(demo: Project) -> None:
    in_browser(lambda page: _write_a_note(page, demo))


def _write_a_note(page: Page, demo: Project) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    refused = refusals(page)
    page.goto(demo.url)
    text = f"browser {uuid.uuid4()}"
    form = page.get_by_test_id("notes-form")
    form.get_by_role("textbox").fill(text)
    form.get_by_role("button").click()
    page.get_by_test_id("notes-list").get_by_text(text).wait_for()
    page.get_by_test_id("headline").get_by_text("All five services work").wait_for()
    assert problems == refused == []


def test_second_up_changes_nothing(demo: Project) -> None:
    ids = sorted(str(one.id) for one in demo.containers(everything=True))
    said = demo.berth("up", "--", "--expect-no-changes")
    assert "unchanged" in said
    assert sorted(str(one.id) for one in demo.containers(everything=True)) == ids


@pytest.mark.parametrize("refresh", [[], ["--refresh"]], ids=["plain", "refresh"])
def test_preview_expects_no_changes(demo: Project, refresh: list[str]) -> None:
    demo.berth("preview", "--", "--expect-no-changes", *refresh)


def test_plain_pulumi_works_too(demo: Project) -> None:
    demo.pulumi("preview", "--expect-no-changes")


REACHABLE = {
    ("web", "db", 5432): True,
    ("web", "cache", 6379): True,
    ("web", "mail", 1025): True,
    ("jobs", "db", 5432): True,
    ("jobs", "cache", 6379): True,
    ("jobs", "mail", 1025): True,
    ("proxy", "web", 8000): True,
    ("proxy", "mail", 8025): True,
    ("proxy", "db", 5432): False,
    ("proxy", "cache", 6379): False,
    ("db", "proxy", 8080): False,
    ("cache", "proxy", 8080): False,
    ("db", "1.1.1.1", 80): False,
}


@pytest.mark.parametrize(("source", "target", "port"), REACHABLE, ids=str)
def test_who_reaches_whom(demo: Project, source: str, target: str, port: int) -> None:
    if target == "1.1.1.1":  # a way out is a default route: nothing outside has to be asked
        routes = said_in(demo.one(source), "/.berth/busybox", "ip", "route")
        assert ("default" in routes) is REACHABLE[source, target, port]
        return
    code, _ = demo.one(source).exec_run(["/.berth/busybox", "sh", "/.berth/probe", "tcp", str(port), target])
    assert (code == 0) is REACHABLE[source, target, port]


def test_only_the_proxy_publishes_and_on_loopback_only(demo: Project) -> None:
    published = {one.labels["berth.service"]: one.ports for one in demo.containers() if any(one.ports.values())}
    assert set(published) == {"proxy"}
    ports = {(binding["HostIp"], int(binding["HostPort"])) for bindings in published["proxy"].values() if bindings for binding in bindings}
    assert ports == {("127.0.0.1", demo.http), ("127.0.0.1", demo.mail_ui)}, "nobody asked for those of Postgres and Redis"


def test_containers_are_hardened(demo: Project) -> None:
    for one in demo.containers(role="service"):
        host, config = one.attrs["HostConfig"], one.attrs["Config"]
        assert config["User"].split(":")[0] not in ("", "0", "root"), one.name
        assert host["ReadonlyRootfs"] is True
        assert host["CapDrop"] == ["ALL"]
        assert not host["CapAdd"]
        assert host["SecurityOpt"] == ["no-new-privileges:true"]
        assert host["Memory"] > 0
        assert host["MemorySwap"] == host["Memory"]
        assert host["NanoCpus"] > 0
        assert host["Init"] is True
        assert host["RestartPolicy"]["Name"] == "unless-stopped"
        assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "3"}


def passwords(project: Project) -> dict[str, str]:
    kept = identity.keep(project.root, "dev", project.name)
    return {"db": kept.password("services/db"), "cache": kept.password("services/cache"), "session": kept.password("secrets/session_key", 32)}


def file_in(container: Container, path: str) -> tuple[tarfile.TarInfo, str]:
    chunks, _ = container.get_archive(path)
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        member = archive.getmembers()[0]
        content = archive.extractfile(member)
        assert content
        return member, content.read().decode()


def test_passwords_are_where_they_belong(demo: Project) -> None:
    known = passwords(demo)
    web = int(runs_as(CHECKOUT / "demo" / "web" / "src").partition(":")[0])
    for service, path, uid, secret in (
        ("db", "/run/secrets/password", 999, "db"),
        ("cache", "/run/secrets/password", 999, "cache"),
        ("web", "/run/secrets/SESSION_KEY", web, "session"),
        ("web", "/run/secrets/DB_PASSWORD", web, "db"),
    ):
        member, content = file_in(demo.one(service), path)
        assert (member.uid, member.mode & 0o777, content) == (uid, 0o400, known[secret])


def test_passwords_are_nowhere_else(demo: Project) -> None:
    assert leaks(shown(demo, private=("dev.json",)), passwords(demo)) == []
