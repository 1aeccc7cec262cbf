"""Applications that are not the demo: one in its own repository, one from nothing but a static binary."""

import json
import subprocess

import httpx

from tests.engine.conftest import Make
from tests.engine.project import Project, said_in

APP = """\
format: 1
name: hello
apps:
  web:
    build: { context: web }
    port: 9000
    routes: { /: {}, /api: {} }
    uses: [db]
    secrets: { KEY: { from: key }, TOKEN: { from: key, as: file_env } }
    env: { GREETING: "$${literal} at ${proxy.url}", DSN: "${db.url}?sslmode=disable" }
    volumes: { state: { path: /state } }
postgres: { db: { version: "15" } }
secrets: { key: { generate: {} } }
"""
DOCKERFILE = """\
FROM debian:trixie-slim AS tools
RUN apt-get update && apt-get install -y --no-install-recommends busybox-static
FROM scratch
COPY --from=tools /bin/busybox /httpd
COPY page /www/
ENTRYPOINT ["/httpd", "httpd"]
CMD ["-f", "-p", "9000", "-h", "/www"]
"""


ENVIRONMENT = "b=/.berth/busybox; $b tr '\\0' '\\n' < /proc/$($b pidof httpd | $b awk '{print $1}')/environ"


def from_scratch(make_project: Make) -> Project:
    project = make_project("hello")
    page = project.root / "web" / "page"
    page.mkdir(parents=True)
    (page / "index.html").write_text("hello")
    (project.root / "web" / "Dockerfile").write_text(DOCKERFILE)
    (project.root / "app.yaml").write_text(APP)
    return project


def test_an_image_from_scratch_in_a_repository_of_its_own(make_project: Make) -> None:
    project = from_scratch(make_project)
    project.berth("up")
    assert httpx.get(project.url).text == "hello"
    web = project.one("web")
    assert web.attrs["Path"] == "/.berth/busybox"
    assert web.attrs["Args"][-8:] == ["--", "/httpd", "httpd", "-f", "-p", "9000", "-h", "/www"]
    inspected = json.dumps(web.attrs)
    assert f"GREETING=${{literal}} at http://localhost:{project.http}" in inspected
    assert "TOKEN_FILE=/run/secrets/TOKEN" in inspected
    assert "postgresql://" not in inspected
    environment = said_in(web, "/.berth/busybox", "sh", "-c", ENVIRONMENT)
    variables = dict(line.split("=", maxsplit=1) for line in environment.splitlines() if "=" in line)
    assert variables["DSN"].startswith("postgresql://db:")
    assert variables["DATABASE_URL"] + "?sslmode=disable" == variables["DSN"]
    assert said_in(web, "/.berth/busybox", "stat", "-c", "%u:%g", "/state").strip() == "10001:10001"
    project.berth("preview", "--", "--expect-no-changes", "--refresh")

    (project.root / "web" / "page" / "index.html").write_text("changed")
    project.berth("up")
    assert httpx.get(project.url).text == "changed"
    assert len(project.containers("web", role="service")) == 1


def test_the_repository_stays_clean(make_project: Make) -> None:
    project = make_project("clean")
    (project.root / "app.yaml").write_text("format: 1\nname: clean\napps: { web: { image: 'nginx:1.28', port: 80, routes: { /: {} } } }\n")
    (project.root / ".gitignore").write_text(".berth/\n.pulumi/\n")
    subprocess.run(["git", "-C", str(project.root), "add", "."], check=True)
    project.berth("pin")
    assert '"nginx:1.28": "nginx@sha256:' in (project.root / "Pulumi.dev.pins.yaml").read_text()
    subprocess.run(["git", "-C", str(project.root), "add", "."], check=True)
    assert "nginx@sha256:" in project.berth("preview", "--", "--diff")
    status = subprocess.run(["git", "-C", str(project.root), "status", "--porcelain"], check=True, capture_output=True, text=True).stdout
    assert [line for line in status.splitlines() if line.startswith("??")] == []
