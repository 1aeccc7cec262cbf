"""The JSON API, as far as it goes without Postgres and Redis."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

MIB = 1024**2


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/api/notes", {}, "text is missing"),
        ("/api/notes", {"text": "  "}, "text is empty"),
        ("/api/notes", {"text": "x" * 501}, "text is longer than 500 characters"),
        ("/api/notes", {"text": "a\0b"}, "text has characters that cannot be shown"),
        ("/api/notes", {"text": 1}, "text has to be text"),
        ("/api/notes", {"text": "x", "id": 1}, "id is not known"),
        ("/api/notes", ["x"], "the body has to be a JSON object"),
        ("/api/jobs", {"to": "you", "subject": "x"}, "to is not a mail address like you@demo.test"),
        ("/api/jobs", {"to": "you@demo.test\r\nBcc: all@demo.test", "subject": "x"}, "to is not a mail address like you@demo.test"),
        ("/api/jobs", {"to": "you@demo.test", "subject": "x\nBcc: all@demo.test"}, "subject has to be one line of text"),
        ("/api/jobs", {"to": "you@demo.test", "subject": "x" * 151}, "subject is longer than 150 characters"),
    ],
)
def test_refuses_what_is_not_valid(client: TestClient, path: str, body: object, says: str) -> None:
    answer = client.post(path, json=body)
    assert (answer.status_code, answer.json()) == (422, {"error": says})


@pytest.mark.parametrize("body", [b'{"text', b"\xff", b""])
def test_refuses_what_is_not_json(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/notes", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert set(answer.json()) == {"error"}


def test_refuses_half_a_character(client: TestClient) -> None:
    answer = client.post("/api/notes", content=rb'{"text": "\ud800"}', headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()) == (422, {"error": "text has characters that cannot be shown"})


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30])
def test_refuses_what_is_no_job(client: TestClient, number: str) -> None:
    assert client.get(f"/api/jobs/{number}").status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "who"),
    [
        ("GET", "/api/notes", "Postgres"),
        ("GET", "/api/jobs/1", "Postgres"),
        ("GET", "/api/counter", "Redis"),
        ("POST", "/api/counter", "Redis"),
    ],
)
def test_says_who_is_away(client: TestClient, method: str, path: str, who: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()) == (503, {"error": f"{who} cannot be used at the moment"})


def test_health_names_who_is_away(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "failing", "failing": ["postgres", "redis"]})


@pytest.mark.parametrize(("origin", "status"), [("https://evil.test", 403), ("null", 403), ("http://localhost:8080", 201), (None, 201)])
def test_another_sites_page_changes_nothing(client: TestClient, origin: str | None, status: int) -> None:
    headers = {"origin": origin} if origin else {}
    assert client.post("/api/uploads", files={"file": ("a.txt", b"a")}, headers=headers).status_code == status
    assert len(client.get("/api/uploads").json()) == (status == 201)


def test_upload_and_download(client: TestClient) -> None:
    html = b"<script>alert(1)</script>"
    answer = client.post("/api/uploads", files={"file": ("../page.html", html)})
    assert (answer.status_code, answer.json()) == (201, {"name": "page.html", "size": len(html)})
    file = client.get("/uploads/page.html")
    assert file.content == html
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"] == 'attachment; filename="page.html"'
    assert file.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/uploads/no.txt", "/uploads/..%2F..%2Fetc%2Fpasswd", "/uploads/%2e%2e", "/no"])
def test_what_is_not_there(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize(("size", "status"), [(10 * MIB, 201), (10 * MIB + 1, 413), (11 * MIB, 413)])
def test_upload_limit(client: TestClient, size: int, status: int) -> None:
    answer = client.post("/api/uploads", files={"file": ("a", bytes(size))})
    assert answer.status_code == status
    assert status == 201 or answer.json() == {"error": "the file is larger than 10 MiB"}


def test_upload_limit_without_a_stated_length(client: TestClient) -> None:
    def body() -> Iterator[bytes]:
        yield b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        yield from (bytes(MIB) for _ in range(12))

    answer = client.post("/api/uploads", content=body(), headers={"content-type": "multipart/form-data; boundary=B"})
    assert (answer.status_code, answer.json()) == (413, {"error": "the file is larger than 10 MiB"})


def test_other_bodies_are_small(client: TestClient) -> None:
    answer = client.post("/api/notes", json={"text": "x" * 70_000})
    assert (answer.status_code, answer.json()) == (413, {"error": "the body is larger than 64 KiB"})


@pytest.mark.parametrize("files", [{"file": ("...", b"a")}, {"other": ("a", b"a")}])
def test_an_upload_needs_a_file_and_a_name(client: TestClient, files: dict[str, tuple[str, bytes]]) -> None:
    answer = client.post("/api/uploads", files=files)
    assert answer.status_code == 422
    assert answer.json()["error"] in ("choose a file", "the file needs a name")


def test_echo(client: TestClient) -> None:
    with client.websocket_connect("/ws") as socket:
        for text in ("Ahoy ⚓", ""):
            socket.send_text(text)
            assert socket.receive_text() == text


@pytest.mark.parametrize(("send", "code"), [({"text": "x" * 5000}, 1009), ({"bytes": b"x"}, 1003)])
def test_echo_of_short_text_only(client: TestClient, send: dict[str, object], code: int) -> None:
    with client.websocket_connect("/ws") as socket:
        socket.send({"type": "websocket.receive", **send})
        with pytest.raises(WebSocketDisconnect) as caught:
            socket.receive_text()
    assert caught.value.code == code
