"""What LOC8 is asked for: a person's questions, and the demands of its description as rows of a table."""

from typing import Any

from tests.engine.examples.demands import Demand
from tests.engine.examples.readers import bindings, command, environment, everywhere, limits, owners_of_ports, probe, reaches, reserved, users
from tests.engine.examples.shipped import Guest
from tests.engine.project import said_in

QUESTION = {"measurements": [{"day": 0, "size": 1}, {"day": 1, "size": 2}, {"day": 2, "size": 4}], "day": 5}
DOMAIN = "loc8.example"
DIRECT = {"backend": 8000, "frontend": 3000}


def predict(loc8: Guest) -> float:
    """The size on day 5 of what doubles every day from 1 on."""
    return round(float(loc8.json("/api/predictions", "POST", json=QUESTION)["size"]), 6)


def replicas(loc8: Guest, questions: int = 20) -> set[str]:
    """Who answers when one asks again and again."""
    return {loc8.json("/api/status")["replica"] for _ in range(questions)}


def inside(loc8: Guest, service: str) -> Any:
    """What the engine knows of the first container of a service."""
    return loc8.project.replicas(service)[0]


BOTH = (
    Demand("Nginx Container, Routes", "/ to the frontend", lambda loc8: '<div id="root">' in loc8.ask("/").text),
    Demand("Nginx Container, Routes", "/api/* to the backend", lambda loc8: loc8.json("/api/status")["user"] == 1000),
    Demand("Nginx Container, Routes", "/docs", lambda loc8: "Swagger UI" in loc8.ask("/docs").text),
    Demand("Nginx Container, Routes", "/health", lambda loc8: loc8.json("/health") == {"status": "ok"}),
    Demand("Nginx Container, Purpose", "reverse proxy", lambda loc8: bool(loc8.json("/api/status")["client"])),
    Demand("Production Environment", "growth prediction", lambda loc8: predict(loc8) == 32.0),
    Demand("Production Environment", "analytics routes", lambda loc8: loc8.json("/api/analytics")["predictions"] >= 0),
    Demand("Network Architecture", "name backend", lambda loc8: reaches(loc8.project, "frontend", "backend", 8000)),
    Demand("Network Architecture", "name frontend", lambda loc8: reaches(loc8.project, "backend", "frontend", 3000)),
    Demand(
        "Backend Container",
        "port 8000, health check /docs",
        lambda loc8: "8000" in probe(inside(loc8, "backend")) and "/docs" in probe(inside(loc8, "backend")),
    ),
    Demand("Frontend Container", "health check /", lambda loc8: "3000" in probe(inside(loc8, "frontend"))),
    Demand("Health Checks", "restart unless-stopped", lambda loc8: everywhere(loc8.project, "HostConfig", "RestartPolicy", "Name") == {"unless-stopped"}),
    Demand("Backend Container", "environment PYTHONUNBUFFERED", lambda loc8: environment(inside(loc8, "backend"))["PYTHONUNBUFFERED"] == "1"),
    Demand("Container Security", "non-root user appuser, uid 1000", lambda loc8: "uid=1000(appuser)" in said_in(inside(loc8, "backend"), "id")),
    Demand(
        "Container Security",
        "nobody is root",
        lambda loc8: not {one.partition(":")[0] for one in everywhere(loc8.project, "Config", "User")} & {"", "0", "root"},
    ),
    Demand("Network Security", "no ports but those of nginx", lambda loc8: owners_of_ports(loc8.project) == {"proxy"}),
    Demand("Environment Security", "no secret in the environment", lambda loc8: "SECRET_KEY" not in environment(inside(loc8, "backend"))),
    Demand("Production Environment", "limits of the backend", lambda loc8: limits(inside(loc8, "backend")) == (1.0, 512)),
    Demand("Frontend Container", "limits", lambda loc8: limits(inside(loc8, "frontend")) == (1.0, 512)),
    Demand("Scaling, vertical", "reservation of memory", lambda loc8: reserved(inside(loc8, "backend")) == 256),
)
DEV = (
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
        lambda loc8: len([port for port in inside(loc8, "proxy").ports.values() if port]) == 2,
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
    Demand("Performance", "gzip", lambda loc8: asset(loc8).headers["content-encoding"] == "gzip"),
    Demand("Performance", "multi-stage builds", lambda loc8: inside(loc8, "frontend").exec_run(["node", "--version"]).exit_code != 0),
    Demand(
        "Production Volumes",
        "SSL certificates read-only",
        lambda loc8: any(mount["Destination"].startswith("/etc/berth") and not mount["RW"] for mount in inside(loc8, "proxy").attrs["Mounts"]),
    ),
    Demand("Container Security", "nothing of the host is mounted", lambda loc8: not any(bindings(one) for one in loc8.project.containers(role="service"))),
    Demand("Container Security", "no process of the proxy is root", lambda loc8: "0" not in users(inside(loc8, "proxy"), "nginx")),
)


def asset(loc8: Guest) -> Any:
    """The script of the page, whose name contains a hash."""
    page = loc8.ask("/").text
    path = page.partition('src="/assets/')[2].partition('"')[0]
    assert path, page
    return loc8.ask(f"/assets/{path}", headers={"Accept-Encoding": "gzip"})
