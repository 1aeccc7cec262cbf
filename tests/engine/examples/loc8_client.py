"""What LOC8 is asked for: a person's questions, and the demands of its description as rows of a table."""

from typing import Any

from tests.engine.examples.demands import Demand
from tests.engine.examples.readers import (
    BUSYBOX,
    bindings,
    command,
    environment,
    everywhere,
    limits,
    loopback,
    owners_of_ports,
    probe,
    published,
    python,
    reaches,
    reserved,
    shows,
    users,
    variables,
    visitor_address,
)
from tests.engine.examples.shipped import Guest
from tests.engine.project import said_in

QUESTION = {"measurements": [{"day": 0, "size": 1}, {"day": 1, "size": 2}, {"day": 2, "size": 4}], "day": 5}
DOMAIN = "loc8.example"
BACKEND, FRONTEND = "apps backend routes / listen", "apps frontend publish"
"""Where the direct ports stand."""
SECRETS = ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD")
"""Variables of the backend that nobody else may see; the last two where the stage has these."""


def predict(loc8: Guest) -> float:
    """The size on day 5 of what doubles every day from 1 on."""
    return round(float(loc8.json("/api/predictions", "POST", json=QUESTION)["size"]), 6)


def replicas(loc8: Guest, questions: int = 20) -> set[str]:
    """Who answers when one asks again and again."""
    return {loc8.json("/api/status")["replica"] for _ in range(questions)}


def inside(loc8: Guest, service: str) -> Any:
    """What the engine knows of the first container of a service."""
    return loc8.project.replicas(service)[0]


def visitor(loc8: Guest) -> str:
    """Who asks, as the backend is told; whoever asks says that it is somebody else."""
    return str(loc8.json("/api/status", headers={"X-Forwarded-For": "6.6.6.6"})["client"])


def secrets(loc8: Guest) -> list[str]:
    """What the process of the backend has of them."""
    found = variables(inside(loc8, "backend"), "main:app")
    return [found[name] for name in SECRETS if name in found]


def answered(loc8: Guest) -> tuple[int, str]:
    """Of /health, which has no rate limit: the status, and what it says."""
    answer = loc8.ask("/health")
    return answer.status_code, answer.text


def compressed(loc8: Guest, path: str) -> bool:
    """Whether an answer comes compressed to who can read that."""
    return "gzip" in loc8.patiently(path, headers={"Accept-Encoding": "gzip"}).headers.get("content-encoding", "")


def compressed_inside(loc8: Guest) -> str:
    """What the frontend itself, asked by the backend, says of how its script is compressed."""
    asked = f"request.Request('http://frontend:3000{asset(loc8).url.path}', headers={{'Accept-Encoding': 'gzip'}})"
    return python(loc8.project, "backend", f"from urllib import request; print(request.urlopen({asked}).headers['Content-Encoding'])")


def given_certificate(loc8: Guest) -> tuple[str, bool]:
    """The certificate that the proxy was given, and whether its files are closed to whoever would change them."""
    proxy = inside(loc8, "proxy")
    return said_in(proxy, BUSYBOX, "cat", "/etc/berth/tls.crt"), "Read-only file system" in said_in(proxy, BUSYBOX, "touch", "/etc/berth/tls.key")


def sized(cores: float, mib: int) -> Demand:
    """Limits of the backend."""
    return Demand("Backend Container", "limits", lambda loc8: limits(inside(loc8, "backend")), (cores, mib))


BOTH = (
    Demand("Nginx Container, Routes", "/ to the frontend", lambda loc8: '<div id="root">' in loc8.ask("/").text),
    Demand("Nginx Container, Routes", "/api/* to the backend", lambda loc8: loc8.json("/api/status")["user"] == 1000),
    Demand("Nginx Container, Routes", "/docs", lambda loc8: "Swagger UI" in loc8.ask("/docs").text),
    Demand("Nginx Container, Routes", "/health", lambda loc8: loc8.json("/health") == {"status": "ok"}),
    Demand("Nginx Container, Purpose", "reverse proxy", lambda loc8: visitor(loc8) == visitor_address(loc8.project)),
    Demand("Production Environment", "growth prediction", lambda loc8: predict(loc8) == 32.0),
    Demand("Production Environment", "analytics routes", lambda loc8: loc8.json("/api/analytics")["predictions"] >= 0),
    Demand("Network Architecture", "name backend", lambda loc8: reaches(loc8.project, "frontend", "backend", 8000)),
    Demand("Network Architecture", "name frontend", lambda loc8: reaches(loc8.project, "backend", "frontend", 3000)),
    Demand("Backend Container", "port 8000, health check /docs", lambda loc8: probe(inside(loc8, "backend")).endswith("http 8000 /docs")),
    Demand("Frontend Container", "port 3000, health check /", lambda loc8: probe(inside(loc8, "frontend")).endswith("http 3000 /")),
    Demand("Health Checks", "restart unless-stopped", lambda loc8: everywhere(loc8.project, "HostConfig", "RestartPolicy", "Name") == {"unless-stopped"}),
    Demand("Backend Container", "environment PYTHONUNBUFFERED", lambda loc8: environment(inside(loc8, "backend"))["PYTHONUNBUFFERED"] == "1"),
    Demand("Container Security", "non-root user appuser, uid 1000", lambda loc8: "uid=1000(appuser)" in said_in(inside(loc8, "backend"), "id")),
    Demand(
        "Container Security",
        "nobody is root",
        lambda loc8: not {one.partition(":")[0] for one in everywhere(loc8.project, "Config", "User")} & {"", "0", "root"},
    ),
    Demand("Network Security", "no ports but those of nginx", lambda loc8: owners_of_ports(loc8.project) == {"proxy"}),
    Demand("Container Security", "no secret is shown by any container", lambda loc8: not any(shows(loc8.project, one) for one in secrets(loc8))),
    Demand("Environment Configuration, Production", "strong SECRET_KEY", lambda loc8: len(secrets(loc8)[0]) >= 32),
    Demand("Frontend Container", "limits", lambda loc8: limits(inside(loc8, "frontend")) == (1.0, 512)),
)
DEV = (
    sized(1.0, 512),
    Demand("Environment Configuration, Development", "direct ports", lambda loc8: [loc8.project.value(path) for path in (BACKEND, FRONTEND)] == [8000, 3000]),
    Demand(
        "Network Security",
        "these and the site's, and no others",
        lambda loc8: published(loc8.project) == loopback(loc8.project, "proxy ports http", BACKEND, FRONTEND),
    ),
    Demand(
        "Backend Container, Development",
        "uvicorn main:app --reload",
        lambda loc8: "uvicorn main:app --host 0.0.0.0 --port 8000 --reload" in command(inside(loc8, "backend")),
    ),
    Demand("Backend Container, Development", "./Backend:/app", lambda loc8: bindings(inside(loc8, "backend"))["/app"] == str(loc8.project.root / "backend")),
    Demand(
        "Frontend Container, Development", "./Frontend:/app", lambda loc8: bindings(inside(loc8, "frontend"))["/app"] == str(loc8.project.root / "frontend")
    ),
    Demand("Environment Configuration, Development", "DEBUG=true", lambda loc8: loc8.json("/api/status")["debug"] is True),
    Demand(
        "Environment Configuration, Development",
        "permissive CORS",
        lambda loc8: loc8.patiently("/api/status", headers={"Origin": "http://any.test"}).headers["access-control-allow-origin"] == "*",
    ),
    Demand("Development Environment", "nginx on a port", lambda loc8: loc8.ask("/").status_code == 200),
)
PROD = (
    Demand(
        "Network Architecture",
        "nginx is on 80 and 443",
        lambda loc8: (loc8.project.value("proxy ports http"), loc8.project.value("proxy ports https")),
        (80, 443),
    ),
    Demand("Backend Container, Production", "gunicorn with 4 workers", lambda loc8: users(inside(loc8, "backend"), "/venv/bin/gunicorn") == ["1000"] * 5),
    Demand("Environment Configuration, Production", "DEBUG=false", lambda loc8: loc8.json("/api/status")["debug"] is False),
    Demand("Horizontal Scaling", "backend=3, balanced", lambda loc8: len(replicas(loc8)) == 3),
    Demand("Network Security", "HTTPS", lambda loc8: loc8.json("/api/status")["scheme"] == "https"),
    Demand(
        "Environment Configuration, Production",
        "all traffic on two ports",
        lambda loc8: published(loc8.project) == loopback(loc8.project, "proxy ports http", "proxy ports https"),
    ),
    Demand(
        "Network Security",
        "plain HTTP leads to HTTPS",
        lambda loc8: loc8.ask("/docs?a=b", plain=True).headers["location"] == f"https://{DOMAIN}:{loc8.project.https}/docs?a=b",
    ),
    Demand(
        "Environment Configuration, Production",
        "restricted CORS, own domain",
        lambda loc8: loc8.patiently("/api/status", headers={"Origin": f"https://{DOMAIN}"}).headers["access-control-allow-origin"] == f"https://{DOMAIN}",
    ),
    Demand(
        "Environment Configuration, Production",
        "restricted CORS, others",
        lambda loc8: "access-control-allow-origin" not in loc8.patiently("/api/status", headers={"Origin": "https://evil.test"}).headers,
    ),
    Demand(
        "Environment Configuration, Production",
        "security headers",
        lambda loc8: (
            [loc8.ask("/").headers.get(name) for name in ("x-frame-options", "x-content-type-options", "referrer-policy", "permissions-policy")]
            == ["DENY", "nosniff", "strict-origin-when-cross-origin", "geolocation=(self)"]
        ),
    ),
    Demand("Environment Configuration, Production", "VITE_API_BASE_URL=/api", lambda loc8: "`/api`" in asset(loc8).text or '"/api"' in asset(loc8).text),
    Demand("Performance", "static assets with long expiration", lambda loc8: asset(loc8).headers["cache-control"] == "public, max-age=31536000, immutable"),
    Demand("Performance", "pages are asked for again", lambda loc8: loc8.ask("/").headers["cache-control"] == "no-cache"),
    Demand("Performance", "gzip for pages", lambda loc8: asset(loc8).headers["content-encoding"] == "gzip"),
    Demand("Performance", "gzip for the API, whose server has none", lambda loc8: compressed(loc8, "/api/openapi.json")),
    Demand("Frontend Container, Production", "gzip", compressed_inside, "gzip"),
    Demand("Performance", "multi-stage builds", lambda loc8: inside(loc8, "frontend").exec_run(["node", "--version"]).exit_code != 0),
    Demand("Production Volumes", "SSL certificates read-only", lambda loc8: given_certificate(loc8) == (loc8.certificate(), True)),
    Demand("Container Security", "nothing of the host is mounted", lambda loc8: not any(bindings(one) for one in loc8.project.containers(role="service"))),
    Demand("Container Security", "no process of the proxy is root", lambda loc8: "0" not in users(inside(loc8, "proxy"), "nginx")),
)
SMALL = (sized(1.0, 512),)
LARGE = (sized(2.0, 1024), Demand("Scaling, vertical", "512 MB reserved", lambda loc8: reserved(inside(loc8, "backend")), 512))


def asset(loc8: Guest) -> Any:
    """The script of the page, whose name contains a hash."""
    page = loc8.ask("/").text
    path = page.partition('src="/assets/')[2].partition('"')[0]
    assert path, page
    return loc8.ask(f"/assets/{path}", headers={"Accept-Encoding": "gzip"})
