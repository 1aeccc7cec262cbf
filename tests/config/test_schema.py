"""The exported schemas: they are up to date, take what berth takes, and refuse mistakes while they are written."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has no types of its own
import pytest
from ruamel.yaml import YAML

from config.load import OWN_KEYS, SECTIONS, resolve
from config.problems import Refused
from config.schema import DRAFT, OWN, app_schema, stage_schema
from config.stage_file import source_of
from tests.config import samples
from tests.golden import CHECKOUT, compare
from tests.topologies import samples as whole

REFERENCE = CHECKOUT / "docs" / "reference"
SCHEMAS = {"app": app_schema(), "stage": stage_schema()}
BAD = Path(__file__).parent / "bad"
FOREIGN = {".venv", ".git", "tests", "build"}


def shipped(pattern: str) -> list[Path]:
    return sorted(path for path in CHECKOUT.rglob(pattern) if not FOREIGN & set(path.relative_to(CHECKOUT).parts) and not path.name.endswith(".pins.yaml"))


FILES = {"app": shipped("app.yaml"), "stage": shipped("Pulumi.*.yaml")}


def judged(kind: str, files: list[Path]) -> dict[str, Any]:
    """What check-jsonschema says of files."""
    command: list[str | Path] = [Path(sys.executable).with_name("check-jsonschema"), "-o", "json", "--schemafile", REFERENCE / f"{kind}.schema.json", *files]
    answer: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    assert answer.get("parse_errors", []) == []
    return answer


def accepted(kind: str, data: object) -> bool:
    return bool(jsonschema.Draft202012Validator(SCHEMAS[kind]).is_valid(data))


def parsed(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_is_up_to_date(kind: str) -> None:
    compare(REFERENCE / f"{kind}.schema.json", json.dumps(SCHEMAS[kind], indent=2, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("kind", SCHEMAS)
def test_is_a_schema_of_its_draft(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[kind])
    assert SCHEMAS[kind]["$schema"] == DRAFT


@pytest.mark.parametrize("kind", SCHEMAS)
def test_takes_every_shipped_file(kind: str) -> None:
    assert FILES[kind]
    assert judged(kind, FILES[kind])["errors"] == []


@pytest.mark.parametrize("path", [*FILES["app"], *FILES["stage"]], ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_every_shipped_file_tells_the_editor_its_schema(path: Path) -> None:
    kind = "app" if path.name == "app.yaml" else "stage"
    schema = os.path.relpath(REFERENCE / f"{kind}.schema.json", path.parent)
    assert path.read_text().splitlines()[0] == f"# yaml-language-server: $schema={schema}"


@pytest.mark.parametrize("kind", SCHEMAS)
def test_refuses_every_mistake_where_it_stands(kind: str) -> None:
    files = sorted(BAD.glob(f"{kind}-*.yaml"))
    assert len(files) > 7
    found: dict[str, set[str]] = {path.name: set() for path in files}
    for error in judged(kind, files)["errors"]:
        found[Path(error["filename"]).name] |= {error["path"], error.get("best_deep_match", error)["path"]}
    for path in files:
        stated = re.match(r"# refused at (\$\S*)\n", path.read_text())
        assert stated, f"{path.name} has to begin with `# refused at $.path`"
        assert stated[1] in found[path.name], f"{path.name} is refused at {found[path.name]}"


PLAIN = "{ tls: { elsewhere: {} } }"


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_the_schema_refuses_berth_refuses_too(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    good = {
        "Pulumi.yaml": "name: shop\n",
        "app.yaml": f'format: 1\nname: shop\napps:\n  web: {{ image: "shop:1", port: 8000 }}\ntopologies: {{ prod: {{ proxy: {PLAIN} }} }}\n',
        "Pulumi.dev.yaml": "config: { berth:topology: dev, berth:application: app.yaml }\n",
        "Pulumi.prod.yaml": "config: { berth:topology: prod, berth:application: app.yaml, berth:instance: 0badcafe, berth:root_secret: { secure: x }, "
        f"berth:proxy: {PLAIN} }}\n",
    }
    for name, text in good.items():
        (tmp_path / name).write_text(text)
    assert refusals(tmp_path) == 0, "only the mistake may be wrong"
    for name in ("app.yaml",) if path.name.startswith("app-") else ("Pulumi.dev.yaml", "Pulumi.prod.yaml"):
        (tmp_path / name).write_text(path.read_text())
    assert bool(refusals(tmp_path)) or path.name == "stage-misspelt-pulumi-key.yaml"


def refusals(root: Path) -> int:
    found = 0
    for stack in ("dev", "prod"):
        try:
            resolve(source_of(root, stack))
        except Refused:
            found += 1
    return found


@pytest.mark.parametrize("app", [samples.APP, whole.APP], ids=["samples.APP", "topologies.samples.APP"])
def test_takes_what_berth_takes(app: str) -> None:
    assert accepted("app", parsed(app))


STAGE = "config:\n  berth:topology: dev\n  berth:application: app.yaml\n"


@pytest.mark.parametrize(
    "text",
    [
        STAGE,
        STAGE + "  berth:apps: { web: { env: { A: null }, command: null, replicas: 2 }, gone: null }\n",
        STAGE + "  berth:proxy: null\n  berth:redis: null\n",
        STAGE + "  aws:region: { any: [thing] }\n  other:key: { secure: AAAA }\n",
        STAGE + "  berth:secrets: { key: { secure: AAAA } }\nsecretsprovider: awskms://x\nencryptedkey: AAAA\n",
        STAGE + "encryptionsalt: v1:AAAA\nenvironment: [shared]\n",
        STAGE.replace("dev", "prod") + "  berth:instance: 0badcafe\n  berth:root_secret: { secure: AAAA }\n",
        STAGE.replace("dev", "prod") + "  berth:mail: { smtp: { password: '${secrets.x}' } }\n",
    ],
)
def test_a_stage_that_berth_takes(text: str) -> None:
    assert accepted("stage", parsed(text))


@pytest.mark.parametrize(
    ("overlay", "taken"),
    [
        ("null", True),
        ("{ dev: null }", True),
        ("{ dev: {}, prod: {} }", True),
        ("{ dev: { apps: { web: { port: null } } } }", True),
        ("{ dev: { apps: { web: null } } }", True),
        ("{ dev: { workers: { jobs: { replicas: 2 } } } }", True),
        ("{ dev: { apps: { web: { build: null, image: x } } } }", True),
        ("{ dev: { apps: { web: { build: { target: dev }, image: x } } } }", False),
        ("{ prod: { apps: { web: { mounts: { src: /src } } } } }", False),
        ("{ dev: { mail: { smtp: { host: x } } } }", False),
    ],
)
def test_an_overlay_may_be_partial_and_delete(overlay: str, taken: bool) -> None:
    assert accepted("app", {"format": 1, "name": "shop", "topologies": parsed(overlay)}) is taken


@pytest.mark.parametrize(("null", "taken"), [({"apps": None}, False), ({"redis": {"cache": None}}, False), ({"mail": None}, True)])
def test_null_outside_overlays_is_for_what_may_be_none(null: dict[str, Any], taken: bool) -> None:
    assert accepted("app", {"format": 1, "name": "shop", **null}) is taken


def test_keys_of_a_stage_are_those_of_the_program() -> None:
    assert OWN.keys() == OWN_KEYS
    config = SCHEMAS["stage"]["properties"]["config"]["properties"]
    assert config.keys() == {f"berth:{key}" for key in OWN_KEYS | SECTIONS}
    assert all(node["description"] for node in config.values())
