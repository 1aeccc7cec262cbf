"""What the check-in is asked for: a person's day at it, and the demands of its description as rows of a table."""

import base64
import hmac
import html
import re
import struct
import time
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from docker.models.containers import Container

from tests.engine.examples.demands import Demand
from tests.engine.examples.readers import before, bindings, environment, owners_of_ports, shows, users, variables, volumes
from tests.engine.examples.shipped import Guest
from tests.engine.project import said_in

SIDE = 64
SERVICES = ("backend", "frontend", "db", "proxy")
STARTING = ("db", "migrate", "backend", "frontend", "proxy")


def picture(brightness: Callable[[int, int], int]) -> bytes:
    """A grey PNG, from the brightness of each pixel."""
    rows = b"".join(b"\0" + bytes(brightness(x, y) % 256 for x in range(SIDE)) for y in range(SIDE))
    chunks = {b"IHDR": struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0), b"IDAT": zlib.compress(rows), b"IEND": b""}
    packed = (struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks.items())
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


ANN = picture(lambda x, y: 3 * x if (y // 16) % 2 else 190 - 3 * x)
STRANGER = picture(lambda x, y: 3 * x)


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    site: Guest
    email: str
    token: str

    def ask(self, path: str, method: str = "GET", **more: Any) -> Any:
        return self.site.json(f"/api/v1/{path}", method, headers={"Authorization": f"Bearer {self.token}"}, **more)

    def send(self, path: str, image: bytes, **fields: str) -> Any:
        return self.ask(path, "POST", files={"image": ("face.png", image)}, data=fields)


def sign_in(site: Guest) -> Person:
    """A new account, signed in."""
    account = {"email": f"{uuid.uuid4().hex}@checkin.test", "password": uuid.uuid4().hex}
    site.json("/api/v1/auth/register", "POST", json=account)
    token = site.json("/api/v1/auth/login", "POST", json=account)["access_token"]
    return Person(site, account["email"], token)


def checks_in(site: Guest) -> bool:
    """Learn a face, find it again, refuse another one, count in the page that the server renders."""
    person, name = sign_in(site), f"ann {uuid.uuid4().hex}"
    before = site.json("/api/v1/attendance/count")["count"]
    person.send("faces", ANN, name=name)
    person.send("attendance", ANN)
    headers = {"Authorization": f"Bearer {person.token}"}
    assert site.patiently("/api/v1/attendance", "POST", headers=headers, files={"image": ("face.png", STRANGER)}).status_code == 404
    assert len(person.ask("attendance")) == min(before + 1, 100)
    return f"<!-- -->{before + 1}</p>" in site.ask("/").text


def trains(site: Guest) -> bool:
    """A dataset of two pictures becomes a model."""
    person, name = sign_in(site), f"set_{uuid.uuid4().hex[:8]}"
    person.ask("datasets", "POST", json={"name": name})
    for image in (ANN, STRANGER):
        person.send(f"datasets/{name}/images", image)
    person.ask(f"models/{name}", "POST")
    return {"name": name, "images": 2} in person.ask("models") and {"name": name, "images": 2} in person.ask("datasets")


def shows_pictures(site: Guest) -> bool:
    """What was learnt is shown by nginx itself, and kept by browsers."""
    shown = sign_in(site).send("faces", ANN, name="shown")["picture"]
    answer = site.ask(shown)
    assert answer.content.startswith(b"\x89PNG")
    return answer.headers["cache-control"] == "max-age=3600"


def refuses_strangers(site: Guest) -> bool:
    """Without a token, or with a forged one, nobody gets anything."""
    forged = {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0."}
    return {site.patiently("/api/v1/attendance", headers=headers).status_code for headers in ({}, forged)} == {401}


def injection_is_text(site: Guest) -> bool:
    """SQL in a value is text."""
    name = "x'); DROP TABLE faces; --"
    return bool(sign_in(site).send("faces", ANN, name=name)["name"] == name) and checks_in(site)


def limited(site: Guest) -> bool:
    """Sign-ins are limited most: five at once, one each second."""
    codes = {site.ask("/api/v1/auth/login", "POST", json={}).status_code for _ in range(20)}
    time.sleep(3)  # 20 others come again, 10 each second
    assert all(site.ask("/api/v1/attendance/count").status_code == 200 for _ in range(12))
    assert site.at_once("/api/v1/attendance/count", 80) == {200, 429}, "the API has a limit too"
    return 429 in codes and codes <= {422, 429}


def answers(site: Guest, path: str, text: str) -> bool:
    """Whether a path is answered with a text."""
    answer = site.patiently(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return text in answer.text


def compressed(site: Guest, path: str) -> bool:
    """Whether an answer comes compressed; neither the backend nor the frontend does that by itself."""
    return bool(site.patiently(path, headers={"Accept-Encoding": "gzip"}).headers.get("content-encoding") == "gzip")


def script(site: Guest) -> str:
    """Path of a script of the page that Next.js built."""
    return "/_next/static/" + site.ask("/").text.partition('src="/_next/static/')[2].partition('"')[0]


def styled(site: Guest) -> bool:
    """Whether the page's stylesheet has what its classes want."""
    page = site.ask("/").text
    assert "max-w-2xl" in page
    sheets = [html.unescape(path) for path in re.findall(r'href="(/_next/static/[^"]+\.css[^"]*)"', page)]
    return ".max-w-2xl" in "".join(site.ask(path).text for path in sheets)


def backend(site: Guest) -> dict[str, str]:
    """Variables of the backend's own process, wherever it runs."""
    return variables(first(site, "backend" if site.project.replicas("backend") else "mono"), "/venv/bin/uvicorn")


def reaches_postgres(site: Guest) -> bool:
    """Whether the backend has the password of Postgres, alone and in a URL."""
    found = backend(site)
    return len(found["POSTGRES_PASSWORD"]) >= 20 and f"://yolouser:{quote(found['POSTGRES_PASSWORD'], safe='')}@" in found["DATABASE_URL"]


def signs(site: Guest) -> bool:
    """Whether tokens are signed with the key that the backend has."""
    claims, _, signature = sign_in(site).token.rpartition(".")
    right = hmac.digest(backend(site)["SECRET_KEY"].encode(), claims.encode(), "sha256")
    return signature == base64.urlsafe_b64encode(right).decode().rstrip("=")


def hides(site: Guest) -> bool:
    """Whether the engine shows no secret of the backend, of whichever container somebody asks."""
    found = backend(site)
    return not any(shows(site.project, found[name]) for name in ("POSTGRES_PASSWORD", "SECRET_KEY"))


def wants_password(container: Container) -> bool:
    """Whether Postgres lets nobody in without a password, not even from where it runs."""
    return "no password supplied" in said_in(container, "psql", "-wh", "127.0.0.1", "-U", "yolouser", "checkin")


def first(site: Guest, service: str) -> Container:
    """The first container of a service."""
    return site.project.replicas(service)[0]


def kept(container: Container) -> dict[str, str]:
    """Data volumes by the paths where they are, named as in the description."""
    return {path: name.rsplit("-", 1)[-1] for path, name in volumes(container).items()}


SECRETS = Demand("Security Layers", "secrets are not in the environment", hides)
PORT = Demand("System Architecture", "port 80", lambda site: site.project.value("proxy ports http"), 80)
"""Not of dev, as examples/README.md says."""
SITE = (
    Demand("System Architecture, nginx", "/api/* to the backend", lambda site: answers(site, "/api/v1/attendance/count", '"count":')),
    Demand("System Architecture, nginx", "/docs", lambda site: answers(site, "/docs", "Swagger UI")),
    Demand("System Architecture, nginx", "/redoc", lambda site: answers(site, "/redoc", "ReDoc")),
    Demand("System Architecture, nginx", "/* to the frontend", lambda site: answers(site, "/", "Check-in")),
    Demand("System Architecture, nginx", "static files", shows_pictures),
    Demand("System Architecture, nginx", "files of the frontend", lambda site: answers(site, "/logo.svg", "<svg")),
    Demand("System Architecture, nginx", "gzip", lambda site: compressed(site, script(site))),
    Demand("API Request Flow", "gzip", lambda site: compressed(site, "/api/v1/openapi.json")),
    Demand(
        "System Architecture, nginx",
        "security headers",
        lambda site: (
            [
                site.ask(path).headers.get(name)
                for path in ("/", "/docs", "/none")
                for name in ("x-frame-options", "x-content-type-options", "referrer-policy", "permissions-policy")
            ]
            == ["SAMEORIGIN", "nosniff", "strict-origin-when-cross-origin", "camera=(self)"] * 3
        ),
    ),
    Demand("System Architecture, backend", "JWT", refuses_strangers),
    Demand("System Architecture, backend", "face recognition and attendance", checks_in),
    Demand("System Architecture, backend", "datasets, training and models", trains),
    Demand("System Architecture, frontend", "Tailwind", styled),
    Demand("Configuration Flow", "API_V1_STR", lambda site: backend(site)["API_V1_STR"] == "/api/v1"),
    Demand("Configuration Flow", "POSTGRES_USER", lambda site: backend(site)["POSTGRES_USER"] == "yolouser"),
    Demand("Configuration Flow", "POSTGRES_PASSWORD, DATABASE_URL", reaches_postgres),
    Demand("Configuration Flow", "SECRET_KEY", signs),
    Demand("Deployment Flow, Health Check", "/health", lambda site: site.json("/health") == {"status": "healthy"}),
    Demand("Request Flow", "server-side rendering", lambda site: answers(site, "/", "Checked in so far")),
    Demand("Security Layers", "rate limiting", limited),
    Demand("Security Layers", "request filtering, body", lambda site: site.ask("/api/x", "POST", content=b"x" * (20 * 2**20 + 1)).status_code == 413),
    Demand("Security Layers", "SQL injection", injection_is_text),
    Demand("Security Layers", "request validation", lambda site: site.patiently("/api/v1/auth/login", "POST", json={"email": "x"}).status_code == 422),
)
APART = (
    Demand("Deployment Flow, Container Startup", "Postgres, backend, frontend, nginx", lambda site: before(site.project, *STARTING)),
    SECRETS,
    Demand(
        "Data Persistence",
        "uploads_data, models_data, datasets_data",
        lambda site: (
            {
                "/app/uploads": "uploads_data",
                "/app/models": "models_data",
                "/app/datasets": "datasets_data",
            }.items()
            <= kept(first(site, "backend")).items()
        ),
    ),
    Demand("Data Persistence", "postgres_data", lambda site: kept(first(site, "db")).get("/var/lib/postgresql/data"), "data"),
    Demand("System Architecture", "PostgreSQL 15", lambda site: "PostgreSQL) 15" in said_in(first(site, "db"), "postgres", "--version")),
    Demand("Security Layers", "password authentication", lambda site: wants_password(first(site, "db"))),
    Demand("Security Layers", "Postgres is not exposed", lambda site: owners_of_ports(site.project) == {"proxy"}),
    Demand("Security Layers", "nobody is root", lambda site: all(found and "0" not in found for found in (users(first(site, name)) for name in SERVICES))),
)
DEV = (
    Demand(
        "README, Development",
        "backend",
        lambda site: bindings(first(site, "backend"))["/app/backend/checkin"] == str(site.project.root / "backend" / "checkin"),
    ),
    Demand(
        "README, Development", "frontend", lambda site: bindings(first(site, "frontend"))["/app/frontend/app"] == str(site.project.root / "frontend" / "app")
    ),
)
PROD = (
    PORT,
    Demand("Security Layers", "TLS", lambda site: site.ask("/docs", plain=True).headers["location"].startswith("https://checkin.example")),
    Demand("Security Layers", "request filtering, host", lambda site: site.ask("/", host="evil.test", sni=site.host).status_code == 421),
    Demand(
        "Security Layers",
        "request filtering, method",
        lambda site: b" 405 " in site.sent("TRACE / HTTP/1.1\r\nHost: checkin.example\r\nConnection: close\r\n\r\n"),
    ),
    Demand("System Architecture, frontend", "Next.js in production", lambda site: environment(first(site, "frontend"))["NODE_ENV"] == "production"),
    Demand("Summary", "scaled horizontally", lambda site: [len(site.project.replicas(name)) for name in ("backend", "frontend")] == [2, 2]),
    Demand("Security Layers", "nothing of the host is mounted", lambda site: not any(bindings(one) for one in site.project.containers(role="service"))),
)
