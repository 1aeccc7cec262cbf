"""The policy pack through the real Pulumi: the demo as prod passes, and a bad resource for each rule is found out."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ops.policies import PACK
from policies.resource import Kind, Mark
from policies.rule import Level, Rule
from policies.rules import ALL
from tests.engine.project import CHECKOUT, PASSPHRASE, Project
from tests.policies.test_rules import BAD

PROGRAM = '''\
"""Asks for a bad resource for each rule, below a component of the kind that it is about."""

import json
import os
import re
import subprocess
from pathlib import Path

import pulumi

for one in json.loads((Path(pulumi.get_root_directory()) / "bad.json").read_text()):
    parent = pulumi.ComponentResource(f"berth:index:{one['component'] or 'Other'}", one["name"]) if one["component"] else None
    pulumi.CustomResource(one["type"], one["name"], one["inputs"], pulumi.ResourceOptions(parent=parent, protect=one["protect"]))
'''
UNSEEN = {"data-retained"}
"""Rules about what Pulumi tells no policy pack."""
ASKED = [rule for rule in ALL if rule.name not in UNSEEN]
SMTP = {"smtp": {"host": "smtp.test", "username": "demo", "password": "${secrets.smtp_password}"}}


def bad(rule: Rule) -> dict[str, Any]:
    """The first of a rule's bad fixtures that the provider takes."""
    for one, resource, _ in BAD:
        inputs = json.dumps(resource.inputs, default=lambda mark: mark.value)
        if one is rule and ("image" in resource.inputs or resource.type != Kind.CONTAINER) and Mark.SECRET not in resource.inputs.values():
            name = resource.name if rule.name in ("loaders-never-start", "owners-only-chown") else "one"
            return {
                "type": resource.type,
                "component": resource.component,
                "name": f"{rule.name}-{name}",
                "inputs": json.loads(inputs),
                "protect": resource.protect,
            }
    raise AssertionError(rule.name)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program of its own, with a stage of each topology."""
    root = tmp_path_factory.mktemp("bad")
    (root / "__main__.py").write_text(PROGRAM)
    (root / "bad.json").write_text(json.dumps([bad(rule) for rule in ASKED]))
    runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(CHECKOUT / ".venv")}}
    files = {"Pulumi.yaml": {"name": "bad", "runtime": runtime, "backend": {"url": "file://."}}}
    for topology in ("dev", "prod"):
        files[f"Pulumi.{topology}.yaml"] = {"config": {"berth:topology": topology}}
    for name, content in files.items():
        with (root / name).open("w") as file:
            YAML(typ="safe").dump(content, file)
    return root


def pulumi(root: Path, *arguments: str) -> tuple[int, str]:
    """Run plain pulumi, with an empty passphrase."""
    environment = os.environ | {"PULUMI_CONFIG_PASSPHRASE": "", "PULUMI_CONFIG_PASSPHRASE_FILE": ""}
    done = subprocess.run(["pulumi", *arguments, "--non-interactive"], cwd=root, env=environment, text=True, capture_output=True, timeout=600, check=False)
    return done.returncode, done.stdout + done.stderr


def told(said: str) -> dict[str, set[str]]:
    """Names of the rules that were broken, by level, and of the resources that broke each."""
    lines = re.findall(r"\[(advisory|mandatory)\]\s+([a-z-]+)\s+\(docker:index:[A-Za-z]+: ([a-z0-9-]+)\)", said, re.IGNORECASE)
    return {f"{level} {rule}": {one for _, other, one in lines if other == rule} for level, rule, _ in lines}


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_every_rule_finds_its_bad_resource(program: Path, stack: str) -> None:
    pulumi(program, "stack", "select", "--create", stack)
    code, said = pulumi(program, "preview", "-s", stack, "--policy-pack", str(PACK))
    found = told(said)
    wanted = {rule.name: found.get(f"{rule.levels[stack].value} {rule.name}", set()) for rule in ASKED if stack in rule.levels}
    assert [rule for rule, ones in wanted.items() if not any(one.startswith(rule) for one in ones)] == [], said
    assert (code != 0) is (stack == "prod"), said
    assert any(name.startswith(Level.MANDATORY.value) for name in found) is (stack == "prod")


def test_the_demo_as_prod_breaks_no_rule(tmp_path: Path) -> None:
    project = Project(
        root=tmp_path / "prod",
        name="prod-policies",
        application=str(CHECKOUT / "demo" / "app.yaml"),
        stack="prod",
        environment=PASSPHRASE,
        stage={"topology": "prod", "mail": SMTP, "images": {"moving_tags": True}},
    )
    project.introduce()
    project.pulumi("config", "set", "--path", "--secret", "berth:secrets.smtp_password", "mail-canary")
    said = project.pulumi("preview", "--policy-pack", str(PACK))
    assert {name.split()[0] for name in told(said)} == {Level.ADVISORY.value}
    assert {name.split()[1] for name in told(said)} == {"pulled-by-digest"}, "its images are not pinned here"
    assert "local: " in project.berth("preview")
    assert project.leftovers() == {"containers": [], "networks": [], "volumes": []}


def test_a_stage_that_breaks_a_rule_is_not_brought_up(tmp_path: Path) -> None:
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod" / "app.yaml").write_text(
        "format: 1\nname: bare\napps:\n  web: { image: 'nginx:1.28', port: 80, routes: { /: {} }, capabilities: [SYS_ADMIN] }\n"
    )
    stage = {"topology": "prod", "images": {"moving_tags": True}}
    project = Project(root=tmp_path / "prod", name="prod-broken", stack="prod", environment=PASSPHRASE, stage=stage)
    project.introduce()
    for command in ("preview", "up"):
        found = told(project.berth(command, fails=True))
        assert found["mandatory capabilities-harmless"] == {"web-1"}
    assert project.leftovers() == {"containers": [], "networks": [], "volumes": []}


def test_dev_is_asked_on_demand_and_only_advised(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "app.yaml").write_text("format: 1\nname: bare\napps:\n  web: { image: 'nginx:1.28', port: 80, routes: { /: {} }, read_only: false }\n")
    project = Project(root=tmp_path / "dev", name="dev-policies")
    assert "Policies:" not in project.berth("preview")
    assert told(project.berth("preview", "--policies")) == {"advisory app-files-read-only": {"web-1"}}
