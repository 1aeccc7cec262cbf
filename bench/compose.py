"""What somebody would write by hand for Docker Compose: the same services with the same limits, networks, order and health checks."""

import json
from collections.abc import Mapping
from typing import Any

from components.app.config import AppConfig
from components.container import Resources
from components.model import Duration, go_duration
from components.probe import ProbeTimes
from config.stage import DevStage

Service = dict[str, Any]
"""One service of a compose file."""
PASSWORD = "of-the-bench"  # noqa: S105  # of data that live for a minute
PROXY = """\
pid /tmp/nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  server {
    listen 8080;
    location = /health { return 200; }
    location /assets { proxy_pass http://assets:8080; }
    location / { proxy_pass http://web:8000; }
  }
}
"""


def written(file: Mapping[str, Any]) -> str:
    """The text of a compose file: JSON, which is YAML, with what Compose would replace doubled."""
    return json.dumps(file, indent=2).replace("$", "$$")


def compose(stage: DevStage, image: str, ports: Mapping[int, int], *, probes: bool) -> dict[str, Any]:
    """A compose file for the shop. `image`: of its web app; `ports`: of the host, to those inside; `probes`: berth's times, or else Docker's own."""
    db, cache, web, assets = stage.postgres["db"], stage.redis["cache"], stage.apps["web"], stage.apps["assets"]
    env = {"DATABASE_URL": f"postgresql://bench:{PASSWORD}@db:5432/bench", "REDIS_URL": f"redis://:{PASSWORD}@cache:6379/0"}
    services = {
        "db": {
            **_confined(db.resources, "999:999", {"/var/run/postgresql": "1m"}),
            "image": db.reference,
            "environment": {"POSTGRES_USER": "bench", "POSTGRES_DB": "bench", "POSTGRES_PASSWORD": PASSWORD},
            "volumes": ["db:/var/lib/postgresql/data"],
            "networks": ["data"],
            "healthcheck": _check(["pg_isready", "-q", "-h", "127.0.0.1", "-U", "bench"], db, probes),
            "shm_size": "128m",
        },
        "cache": {
            **_confined(cache.resources, "999:999"),
            "image": cache.reference,
            "command": ["redis-server", "--appendonly", "yes", "--requirepass", PASSWORD],
            "volumes": ["cache:/data"],
            "networks": ["data"],
            "healthcheck": _check(["sh", "-c", f"redis-cli -a {PASSWORD} --no-auth-warning ping | grep -qx PONG"], cache, probes),
        },
        "web": {
            **_app(web, image),
            "environment": env,
            "networks": ["front", "data", "egress"],
            "depends_on": _healthy("db", "cache"),
            "healthcheck": _check(_http(8000, "/healthz"), web.health, probes),
        },
        "jobs": {
            **_app(web, image),
            "environment": env,
            "command": [*(stage.workers["jobs"].command or ())],
            "networks": ["front", "data", "egress"],
            "depends_on": _healthy("web"),
            "healthcheck": _check(["sh", "-c", "test -n \"$(find /tmp/alive -newermt '-10 seconds')\""], stage.workers["jobs"].health, probes),
        },
        "assets": {
            **_app(assets, str(assets.image)),
            "command": [*(assets.command or ())],
            "volumes": ["./assets.conf:/etc/assets/nginx.conf:ro"],
            "networks": ["front"],
            "healthcheck": _check(_http(8080, "/"), assets.health, probes),
        },
        "proxy": {
            **_confined(stage.proxy.resources, "101:101"),
            "image": stage.proxy.reference,
            "command": ["nginx", "-c", "/etc/proxy.conf", "-g", "daemon off;"],
            "volumes": ["./proxy.conf:/etc/proxy.conf:ro"],
            "networks": ["public", "front"],
            "ports": [f"127.0.0.1:{host}:{inside}" for host, inside in ports.items()],
            "depends_on": _healthy("web", "assets"),
            "healthcheck": _check(_http(8080, "/health"), ProbeTimes(), probes),
        },
    }
    networks: dict[str, Any] = {"public": {}, "front": {"internal": True}, "data": {"internal": True}, "egress": {}}
    return {"services": services, "networks": networks, "volumes": {"db": {}, "cache": {}}}


def _app(app: AppConfig, image: str) -> Service:
    return {**_confined(app.resources, app.user), "image": image, "stop_grace_period": _time(app.stop_grace)}


def _confined(resources: Resources, user: str, tmpfs: Mapping[str, str] | None = None) -> Service:
    uid, gid = user.split(":")
    return {
        "user": user,
        "init": True,
        "read_only": True,
        "tmpfs": [f"{path}:size={size},mode=1777,uid={uid},gid={gid}" for path, size in {"/tmp": "64m", **(tmpfs or {})}.items()],  # noqa: S108  # inside
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "mem_limit": resources.memory.amount,
        "memswap_limit": resources.memory.amount,
        "cpus": float(resources.cpus),
        "pids_limit": resources.pids,
        "restart": "unless-stopped",
        "logging": {"driver": "json-file", "options": {"max-size": "10m", "max-file": "3"}},
    }


def _healthy(*services: str) -> dict[str, dict[str, str]]:
    return {service: {"condition": "service_healthy"} for service in services}


def _check(test: list[str], times: object, probes: bool) -> dict[str, Any]:
    """A health check; without `probes` with the times that Docker gives to whoever writes none."""
    known = times if isinstance(times, ProbeTimes) else ProbeTimes()
    if not probes:
        return {"test": ["CMD", *test]}
    paces = {name: _time(getattr(known, name)) for name in ("interval", "timeout", "start_period", "start_interval")}
    return {"test": ["CMD", *test], "retries": known.retries, **paces}


def _time(time: Duration) -> str:
    return go_duration(time.amount)


def _http(port: int, path: str) -> list[str]:
    """A request by what every image of Debian has."""
    ask = f"exec 3<>/dev/tcp/127.0.0.1/{port}; printf 'GET {path} HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3; read -r _ code _ <&3; test \"$code\" = 200"
    return ["bash", "-c", ask]
