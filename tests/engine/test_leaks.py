"""One canary in every source of secrets: each arrives where it belongs, and is nowhere else."""

import base64
import hashlib
import os
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from components.proxy.certificate import MATERIAL_BYTES, self_signed
from tests.engine.leaks import held, leaks, processes, saved, shown, watched
from tests.engine.project import PASSPHRASE, Project, free_port, said_in
from tests.engine.visitor import eventually

APP = """\
format: 1
name: leaks
apps:
  web:
    build: { context: web, secrets: { built: { from: built } } }
    port: 8000
    routes: { /: { body_limit: 1KiB } }
    uses: [db, cache, far, mail]
    env: { COMPOSED: "http://user:${secrets.configured}@far.test" }
    secrets:
      GENERATED: { from: generated }
      CONFIGURED: { from: configured }
      FILED: { from: filed, as: file }
      EXPORTED: { from: exported, as: file_env }
      TOLD: { from: told }
    files: { /etc/own: { own.cfg: { text: "key=${secrets.configured}" } } }
    health: { path: / }
    user: 1234:1235
postgres: { db: {}, far: { external: { tls: require, host: far.test, password: "${secrets.far}" } } }
redis: { cache: {} }
mail: { from: leaks@leaks.test, smtp: { host: smtp.test, username: leaks, password: "${secrets.smtp}" } }
secrets: { generated: { generate: {} }, configured: {}, filed: {}, exported: {}, told: {}, built: {}, far: {}, smtp: {} }
proxy:
  ports: { address: 127.0.0.1, https: HTTPS }
  tls: { files: { certificate: site.crt, key: site.key } }
  redirect_http: false
  rate_limits: { once: { paths: [/sum], per_second: 1, burst: 0 } }
"""
DOCKERFILE = """\
FROM debian:trixie-slim AS tools
RUN apt-get update && apt-get install -y --no-install-recommends busybox-static
RUN --mount=type=secret,id=built mkdir /www && sha256sum </run/secrets/built >/www/sum && echo planted in the image >/www/index.html
FROM scratch
COPY --from=tools /bin/busybox /httpd
COPY --from=tools /www /www
CMD ["/httpd", "httpd", "-f", "-p", "8000", "-h", "/www"]
"""
IN_CONFIG = ("configured", "built", "far", "smtp")
GIVEN = {name: f"canary-{name}-@:/%+{name[::-1]}" for name in (*IN_CONFIG, "filed", "exported", "told")}
ROOT = "c0ffee5eed" * 6 + "c0de"
PRIVATE = ("filed.txt", "site.key", "told.txt")
WEB = {
    "generated": "/run/secrets/GENERATED",
    "configured": "/run/secrets/CONFIGURED",
    "filed": "/run/secrets/FILED",
    "exported": "/run/secrets/EXPORTED",
    "told": "/run/secrets/TOLD",
    "db": "/run/secrets/DB_PASSWORD",
    "cache": "/run/secrets/CACHE_PASSWORD",
    "far": "/run/secrets/FAR_PASSWORD",
    "smtp": "/run/secrets/SMTP_PASSWORD",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A stage with a secret of every kind, not up yet."""
    project = Project(
        root=tmp_path_factory.mktemp("leaks") / "leaks",
        name="leaks",
        stack="prod",
        environment={**PASSPHRASE, "CANARY": GIVEN["exported"]},
        stage={"topology": "prod", "images": {"moving_tags": True}},
    )
    project.configure(secrets={"filed": {"file": "filed.txt"}, "exported": {"environment": "CANARY"}, "told": {"command": ["cat", "told.txt"]}})
    (project.root / "web").mkdir()
    (project.root / "web" / "Dockerfile").write_text(DOCKERFILE)
    certificate = self_signed(["leaks.test"], os.urandom(MATERIAL_BYTES))
    files = {"filed.txt": GIVEN["filed"], "told.txt": GIVEN["told"], "site.crt": certificate.chain, "site.key": certificate.key}
    for name, text in {**files, "app.yaml": APP.replace("HTTPS", str(free_port()))}.items():
        (project.root / name).write_text(text)
    project.introduce()
    project.pulumi("config", "set", "--secret", "berth:root_secret", ROOT)
    for name in IN_CONFIG:
        project.pulumi("config", "set", "--path", "--secret", f"berth:secrets.{name}", GIVEN[name])
    yield project
    project.remove()


def everything(project: Project) -> dict[str, str]:
    """Every secret, found in its consumer first."""
    web, proxy = project.one("web"), project.one("proxy")
    secrets = {name: held(web, path) for name, path in WEB.items()}
    assert {name: secrets[name] for name in GIVEN if name in secrets} == {name: text for name, text in GIVEN.items() if name != "built"}
    assert held(web, "/etc/own/own.cfg") == f"key={GIVEN['configured']}"
    own = said_in(web, "/.berth/busybox", "sh", "-c", "/.berth/busybox cat /proc/[0-9]*/environ")
    assert {name for name in ("generated", "configured", "told", "db", "far", "smtp") if secrets[name] not in own} == set(), "variables of the process itself"
    assert held(project.one("db"), "/run/secrets/password") == secrets["db"]
    assert held(project.one("cache"), "/run/secrets/password") == secrets["cache"]
    key = held(proxy, "/etc/berth/tls.key")
    assert key == (project.root / "site.key").read_text()
    sum_ = httpx.get(f"{project.url}/sum").text.split()[0]
    assert sum_ == sha256(GIVEN["built"]), "the build read its secret"
    return {**secrets, "built": GIVEN["built"], "root": ROOT, "tls key": key.splitlines()[1], "passphrase": project.environment["PULUMI_CONFIG_PASSPHRASE"]}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def error_pages(project: Project) -> dict[str, bytes]:
    """Errors of the proxy itself, headers too; the last one while nobody answers it."""
    asked: list[tuple[set[int], str, str, bytes]] = [
        ({404}, "GET", "/none", b""),
        ({413}, "POST", "/", b"x" * 2000),
        ({414}, "GET", "/" + "x" * 40000, b""),
        ({429}, "GET", "/sum", b""),
        ({502, 504}, "GET", "/", b""),
    ]
    pages = {}
    for expected, method, path, body in asked:
        if 502 in expected:
            project.one("web").stop(timeout=5)

        def refused(method: str = method, path: str = path, body: bytes = body) -> httpx.Response | None:
            answer = httpx.request(method, f"{project.url}{path}", content=body, timeout=60)
            return answer if answer.is_error else None

        answer = eventually(refused)
        assert answer is not None
        assert answer.status_code in expected
        pages[f"error page {answer.status_code}"] = f"{answer.headers}\n{answer.text}".encode()
    project.containers("web", everything=True, role="service")[0].start()
    return pages


def test_every_canary_is_where_it_belongs_and_nowhere_else(project: Project) -> None:
    with watched() as meanwhile:
        meanwhile["berth preview"] = project.berth("preview").encode()
        meanwhile["berth up"] = project.berth("up").encode()
    secrets = everything(project)
    images = saved(project)
    assert any(b"planted in the image" in text for text in images.values()), "an image can be searched"
    assert b"pytest" in processes(), "other users see the arguments of a process"
    places = {**meanwhile, **images, **shown(project, PRIVATE), **error_pages(project)}
    changed = GIVEN["configured"][::-1]
    project.pulumi("config", "set", "--path", "--secret", "berth:secrets.configured", changed)
    places["preview of a change"] = project.pulumi("preview", "--diff").encode()
    assert "update" in places["preview of a change"].decode() or "replace" in places["preview of a change"].decode()
    assert leaks(places, {**secrets, "changed": changed}) == []


@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
@pytest.mark.parametrize("after", ["", "@", "@host"])
def test_a_leak_would_be_found_in_every_form(before: str, after: str) -> None:
    secret = GIVEN["configured"]
    text = f"{before}{secret}{after}"
    for found in (text.encode(), quote(text, safe="").encode(), base64.b64encode(text.encode()), base64.urlsafe_b64encode(text.encode())):
        assert leaks({"there": found}, {"one": secret}) == ["one in there"], found
