"""Objects to decide about, as the engine and Pulumi describe them."""

import json
from pathlib import Path
from typing import Any

from ops.objects import Container, container_of
from ops.state import VOLUME

STAGE_FILE = "config:\n  berth:topology: {topology}\n  berth:application: app.yaml\n"


def project(root: Path, *, topology: str = "dev", stack: str = "dev", more: str = "") -> Path:
    root.mkdir(exist_ok=True)
    (root / "Pulumi.yaml").write_text("name: shop\nruntime: python\nbackend: { url: 'file://.' }\n")
    (root / f"Pulumi.{stack}.yaml").write_text(STAGE_FILE.format(topology=topology) + more)
    (root / "app.yaml").write_text("format: 1\nname: demo\n")
    return root


def identity(root: Path, instance: str = "0badcafe", home: Path | None = None) -> None:
    (root / ".berth").mkdir(exist_ok=True)
    (root / ".berth" / "dev.json").write_text(json.dumps({"instance": instance, "root_secret": "ab" * 32, "project": str(home or root)}))


def detail(id_: str, **changes: Any) -> dict[str, Any]:
    """What `docker inspect` says of a healthy service container."""
    labels = {"berth.service": changes.pop("service", "web"), "berth.role": changes.pop("role", "service")}
    health = changes.pop("health", "healthy")
    probes = changes.pop("probes", [{"ExitCode": 0, "Output": "ok\n"}])
    check = {"Interval": 10_000_000_000, "Timeout": 5_000_000_000, "Retries": 3, "StartPeriod": 60_000_000_000}
    restarts = changes.pop("restarts", 0)
    name = changes.pop("name", f"web-{id_}")
    image = changes.pop("image_id", "sha256:0123456789abcdef")
    memory_mib, cpus = changes.pop("limits", (256, 1.0))
    networks = {network: {"Aliases": aliases} for network, aliases in changes.pop("networks", {}).items()}
    state = {"Status": "running", "ExitCode": 0, "Error": "", "Health": {"Status": health, "Log": probes}} | changes
    return {
        "Id": id_,
        "Image": image,
        "Name": f"/{name}",
        "RestartCount": restarts,
        "State": state,
        "HostConfig": {"Memory": memory_mib << 20, "NanoCpus": int(cpus * 1e9)},
        "NetworkSettings": {"Networks": networks},
        "Config": {"Labels": labels, "Image": "demo-web:0123456789ab", "Healthcheck": check},
    }


def container(id_: str, **changes: Any) -> Container:
    return container_of(detail(id_, **changes))


def resource(type_: str, name: str, id_: str, **more: Any) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:dev::shop::{type_}::{name}", "custom": True, "id": id_, "type": type_, **more}


def data_volume(name: str, id_: str, **more: Any) -> dict[str, Any]:
    return resource(VOLUME, name, id_, **more) | {"urn": f"urn:pulumi:dev::shop::berth:index:DataVolume${VOLUME}::{name}"}


def labelled(*, role: str = "service", instance: str = "0badcafe") -> list[dict[str, str]]:
    """Labels as the inputs of a resource list them."""
    return [{"label": "berth.role", "value": role}, {"label": "berth.instance", "value": instance}]


def export(*resources: dict[str, Any], pending: tuple[str, ...] = (), outputs: dict[str, Any] | None = None) -> dict[str, Any]:
    """A stack as Pulumi writes it down."""
    stack = {"urn": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", "type": "pulumi:pulumi:Stack", "custom": False, "outputs": outputs or {}}
    operations = [{"resource": {"urn": f"urn:pulumi:dev::shop::t::{name}"}, "type": "creating"} for name in pending]
    return {"resources": [stack, *resources], "pending_operations": operations}
