"""What LOC8 is asked for: a person's questions, and the demands of its description as rows of a table."""

from collections.abc import Callable
from typing import Any

from tests.engine.examples.copied import bindings, environment, limits, processes
from tests.engine.examples.visitor import Visitor
from tests.engine.project import said_in

QUESTION = {"measurements": [{"day": 0, "size": 1}, {"day": 1, "size": 2}, {"day": 2, "size": 4}], "day": 5}
DOMAIN = "loc8.example"
DIRECT = {"backend": 8000, "frontend": 3000}
Check = Callable[[Visitor], Any]


def predict(loc8: Visitor) -> float:
    """The size on day 5 of what doubles every day from 1 on."""
    return round(float(loc8.json("/api/predictions", "POST", json=QUESTION)["size"]), 6)


def replicas(loc8: Visitor, questions: int = 20) -> set[str]:
    """Who answers when one asks again and again."""
    return {loc8.json("/api/status")["replica"] for _ in range(questions)}


def inside(loc8: Visitor, service: str) -> Any:
    """What the engine knows of the first container of a service."""
    return loc8.copy.containers(service, role="service")[0]


def published(loc8: Visitor) -> set[str]:
    """Services that own ports of the host."""
    return {one.labels["berth.service"] for one in loc8.copy.containers(role="service") if any(one.ports.values())}


def resolves(loc8: Visitor, source: str, target: str, port: int) -> bool:
    """Whether a service reaches another one by its name."""
    return int(inside(loc8, source).exec_run(["/.berth/busybox", "sh", "/.berth/probe", "tcp", str(port), target]).exit_code) == 0


def command(loc8: Visitor, service: str) -> str:
    """The command line of a service."""
    return " ".join([*(inside(loc8, service).attrs["Config"]["Entrypoint"] or []), *inside(loc8, service).attrs["Config"]["Cmd"]])


def probes(loc8: Visitor, service: str) -> str:
    """What the engine runs to see whether a service is well."""
    return " ".join(inside(loc8, service).attrs["Config"]["Healthcheck"]["Test"])


def restarted(loc8: Visitor) -> set[str]:
    """Restart policies of all services."""
    return {one.attrs["HostConfig"]["RestartPolicy"]["Name"] for one in loc8.copy.containers(role="service")}


def users(loc8: Visitor) -> set[str]:
    """Users of all services."""
    return {one.attrs["Config"]["User"].split(":")[0] for one in loc8.copy.containers(role="service")}


BOTH: dict[str, Check] = {
    "Nginx Container, Routes: / to the frontend": lambda loc8: '<div id="root">' in loc8.ask("/").text,
    "Nginx Container, Routes: /api/* to the backend": lambda loc8: loc8.json("/api/status")["user"] == 1000,
    "Nginx Container, Routes: /docs": lambda loc8: "Swagger UI" in loc8.ask("/docs").text,
    "Nginx Container, Routes: /health": lambda loc8: loc8.json("/health") == {"status": "ok"},
    "Nginx Container, Purpose: reverse proxy": lambda loc8: loc8.json("/api/status")["client"],
    "Production Environment: growth prediction": lambda loc8: predict(loc8) == 32.0,
    "Production Environment: analytics routes": lambda loc8: loc8.json("/api/analytics")["predictions"] >= 0,
    "Network Architecture: name backend": lambda loc8: resolves(loc8, "frontend", "backend", 8000),
    "Network Architecture: name frontend": lambda loc8: resolves(loc8, "backend", "frontend", 3000),
    "Backend Container: port 8000, health check /docs": lambda loc8: "8000" in probes(loc8, "backend") and "/docs" in probes(loc8, "backend"),
    "Frontend Container: health check /": lambda loc8: "3000" in probes(loc8, "frontend"),
    "Health Checks: restart unless-stopped": lambda loc8: restarted(loc8) == {"unless-stopped"},
    "Backend Container: environment PYTHONUNBUFFERED": lambda loc8: environment(inside(loc8, "backend"))["PYTHONUNBUFFERED"] == "1",
    "Container Security: non-root user appuser, uid 1000": lambda loc8: "uid=1000(appuser)" in said_in(inside(loc8, "backend"), "id"),
    "Container Security: nobody is root": lambda loc8: not users(loc8) & {"", "0", "root"},
    "Network Security: no ports but those of nginx": lambda loc8: published(loc8) == {"proxy"},
    "Environment Security: no secret in the environment": lambda loc8: "SECRET_KEY" not in environment(inside(loc8, "backend")),
    "Production Environment: limits of the backend": lambda loc8: limits(inside(loc8, "backend")) == (1.0, 512),
    "Frontend Container: limits": lambda loc8: limits(inside(loc8, "frontend")) == (1.0, 512),
    "Scaling, vertical: reservation of memory": lambda loc8: inside(loc8, "backend").attrs["HostConfig"]["MemoryReservation"] == 256 * 2**20,
}
DEV: dict[str, Check] = {
    "Backend Container, Development: uvicorn main:app --reload": (
        lambda loc8: "uvicorn main:app --host 0.0.0.0 --port 8000 --reload" in command(loc8, "backend")
    ),
    "Backend Container, Development: ./Backend:/app": (lambda loc8: bindings(inside(loc8, "backend"))["/app"] == str(loc8.copy.root / "backend")),
    "Frontend Container, Development: ./Frontend:/app": (lambda loc8: bindings(inside(loc8, "frontend"))["/app"] == str(loc8.copy.root / "frontend")),
    "Environment Configuration, Development: DEBUG=true": lambda loc8: loc8.json("/api/status")["debug"] is True,
    "Environment Configuration, Development: permissive CORS": (
        lambda loc8: loc8.patiently("/api/status", headers={"Origin": "http://any.test"}).headers["access-control-allow-origin"] == "*"
    ),
    "Development Environment: nginx on a port": lambda loc8: loc8.ask("/").status_code == 200,
}
PROD: dict[str, Check] = {
    "Backend Container, Production: gunicorn with 4 workers": (lambda loc8: processes(inside(loc8, "backend"), "/venv/bin/gunicorn") == ["1000"] * 5),
    "Environment Configuration, Production: DEBUG=false": lambda loc8: loc8.json("/api/status")["debug"] is False,
    "Horizontal Scaling: backend=3, balanced": lambda loc8: len(replicas(loc8)) == 3,
    "Network Security: HTTPS": lambda loc8: loc8.json("/api/status")["scheme"] == "https",
    "Environment Configuration, Production: all traffic on two ports": (lambda loc8: len([port for port in inside(loc8, "proxy").ports.values() if port]) == 2),
    "Network Security: plain HTTP leads to HTTPS": (
        lambda loc8: loc8.ask("/docs?a=b", plain=True).headers["location"] == f"https://{DOMAIN}:{loc8.copy.https}/docs?a=b"
    ),
    "Environment Configuration, Production: restricted CORS, own domain": (
        lambda loc8: loc8.patiently("/api/status", headers={"Origin": f"https://{DOMAIN}"}).headers["access-control-allow-origin"] == f"https://{DOMAIN}"
    ),
    "Environment Configuration, Production: restricted CORS, others": (
        lambda loc8: "access-control-allow-origin" not in loc8.patiently("/api/status", headers={"Origin": "https://evil.test"}).headers
    ),
    "Environment Configuration, Production: security headers": (
        lambda loc8: (
            [loc8.ask("/").headers.get(name) for name in ("x-frame-options", "x-content-type-options", "referrer-policy", "permissions-policy")]
            == ["DENY", "nosniff", "strict-origin-when-cross-origin", "geolocation=(self)"]
        )
    ),
    "Environment Configuration, Production: VITE_API_BASE_URL=/api": (lambda loc8: "`/api`" in asset(loc8).text or '"/api"' in asset(loc8).text),
    "Performance: static assets with long expiration": (lambda loc8: asset(loc8).headers["cache-control"] == "public, max-age=31536000, immutable"),
    "Performance: pages are asked for again": lambda loc8: loc8.ask("/").headers["cache-control"] == "no-cache",
    "Performance: gzip": lambda loc8: asset(loc8).headers["content-encoding"] == "gzip",
    "Performance: multi-stage builds": lambda loc8: inside(loc8, "frontend").exec_run(["node", "--version"]).exit_code != 0,
    "Production Volumes: SSL certificates read-only": (
        lambda loc8: any(mount["Destination"].startswith("/etc/berth") and not mount["RW"] for mount in inside(loc8, "proxy").attrs["Mounts"])
    ),
    "Container Security: nothing of the host is mounted": (lambda loc8: not any(bindings(one) for one in loc8.copy.containers(role="service"))),
    "Container Security: no process of the proxy is root": lambda loc8: "0" not in processes(inside(loc8, "proxy"), "nginx"),
}


def asset(loc8: Visitor) -> Any:
    """The script of the page, whose name contains a hash."""
    page = loc8.ask("/").text
    path = page.partition('src="/assets/')[2].partition('"')[0]
    assert path, page
    return loc8.ask(f"/assets/{path}", headers={"Accept-Encoding": "gzip"})
