"""The compose file that stages are compared with: Compose takes it, and it says of every service what berth does."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bench.compose import compose, written
from bench.stages import SHOP
from config.load import Source, resolve
from config.stage import DevStage

MIB = 1024**2


def made(probes: bool) -> dict[str, Any]:
    stage = resolve(Source(root=SHOP, stack="dev", values={"topology": "dev", "application": "app.yaml"}, secret_keys=frozenset())).stage
    assert isinstance(stage, DevStage)
    return compose(stage, "sha256:" + "0" * 64, {20000: 8080}, probes=probes)


@pytest.mark.parametrize("probes", [True, False])
def test_compose_takes_it(probes: bool, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(written({"name": "bench"} | made(probes)))
    done = subprocess.run(["docker", "compose", "config", "--format", "json"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    services = json.loads(done.stdout)["services"]
    assert set(services) == {"proxy", "assets", "web", "jobs", "db", "cache"}
    assert "$code" in services["web"]["healthcheck"]["test"][-1].replace("$$", "$"), "Compose has replaced nothing"


def test_the_same_probes_have_berths_times() -> None:
    web = made(probes=True)["services"]["web"]["healthcheck"]
    assert {key: value for key, value in web.items() if key != "test"} == {
        "interval": "5s", "timeout": "3s", "retries": 3, "start_period": "1m0s", "start_interval": "500ms"
    }  # fmt: skip
    assert list(made(probes=False)["services"]["web"]["healthcheck"]) == ["test"]


def test_the_same_limits_and_order() -> None:
    services = made(probes=True)["services"]
    assert [(services[name]["mem_limit"] // MIB, services[name]["cpus"]) for name in ("web", "db", "cache")] == [(512, 1.0), (384, 1.0), (128, 0.5)]
    assert all(one["read_only"] and one["cap_drop"] == ["ALL"] for one in services.values())
    assert set(services["proxy"]["depends_on"]) == {"web", "assets"}
    assert set(services["web"]["depends_on"]) == {"db", "cache"}
