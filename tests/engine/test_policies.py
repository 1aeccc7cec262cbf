"""The policy pack through the real Pulumi: what is shipped passes, and a bad resource for each rule is found out, together and each by itself."""

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
from tests.engine.project import CHECKOUT, PASSPHRASE, Project, shipped
from tests.policies.test_rules import BAD

PROGRAM = '''\
"""Asks for a bad resource for each rule, below a component of the kind that it is about."""

import json
from pathlib import Path

import pulumi

for one in json.loads((Path(pulumi.get_root_directory()) / "bad.json").read_text()):
    parent = pulumi.ComponentResource(f"berth:index:{one['component'] or 'Other'}", one["name"]) if one["component"] else None
    options = pulumi.ResourceOptions(parent=parent, protect=one["protect"], retain_on_delete=one["retained"])
    pulumi.CustomResource(one["type"], one["name"], one["inputs"], options)
'''
UNSEEN = {"data-retained"}
"""Rules about what Pulumi tells no policy pack: the real one has to let them pass, and the unit tests ask them."""
ASKED = [rule for rule in ALL if rule.name not in UNSEEN]
MONO = """\
format: 1
name: bare
apps: { web: { command: [serve], port: 8000, routes: { /: {} } } }
postgres: { db: {} }
mono: { image: "nginx:1.28" }
"""
STACKS = ("dev", "prod", "mono")
REFUSED = [rule for rule in ASKED if rule.levels.get("prod") is Level.MANDATORY]


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
                "retained": resource.retained,
            }
    raise AssertionError(rule.name)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program of its own, with a stage of each topology."""
    root = tmp_path_factory.mktemp("bad")
    (root / "__main__.py").write_text(PROGRAM)
    runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(CHECKOUT / ".venv")}}
    files = {"Pulumi.yaml": {"name": "bad", "runtime": runtime, "backend": {"url": "file://."}}}
    for topology in STACKS:
        files[f"Pulumi.{topology}.yaml"] = {"config": {"berth:topology": topology}}
    for name, content in files.items():
        with (root / name).open("w") as file:
            YAML(typ="safe").dump(content, file)
    for topology in STACKS:
        pulumi(root, "stack", "select", "--create", topology)
    return root


def previewed(program: Path, stack: str, rules: list[Rule]) -> tuple[int, str]:
    """How a preview of the bad resources of some rules ends, and what it says."""
    (program / "bad.json").write_text(json.dumps([bad(rule) for rule in rules]))
    return pulumi(program, "preview", "-s", stack, "--policy-pack", str(PACK))


def pulumi(root: Path, *arguments: str) -> tuple[int, str]:
    """Run plain pulumi, with an empty passphrase."""
    environment = os.environ | {"PULUMI_CONFIG_PASSPHRASE": "", "PULUMI_CONFIG_PASSPHRASE_FILE": ""}
    done = subprocess.run(["pulumi", *arguments, "--non-interactive"], cwd=root, env=environment, text=True, capture_output=True, timeout=600, check=False)
    return done.returncode, done.stdout + done.stderr


def told(said: str) -> dict[str, set[str]]:
    """Names of the rules that were broken, by level, and of the resources that broke each."""
    lines = re.findall(r"\[(advisory|mandatory)\]\s+([a-z-]+)\s+\(docker:index:[A-Za-z]+: ([a-z0-9-]+)\)", said, re.IGNORECASE)
    return {f"{level} {rule}": {one for _, other, one in lines if other == rule} for level, rule, _ in lines}


@pytest.mark.parametrize("stack", STACKS)
def test_every_rule_finds_its_bad_resource(program: Path, stack: str) -> None:
    code, said = previewed(program, stack, ASKED)
    found = told(said)
    wanted = {rule.name: found.get(f"{rule.levels[stack].value} {rule.name}", set()) for rule in ASKED if stack in rule.levels}
    assert [rule for rule, ones in wanted.items() if not any(one.startswith(rule) for one in ones)] == [], said
    assert (code != 0) is (stack != "dev"), said
    assert any(name.startswith(Level.MANDATORY.value) for name in found) is (stack != "dev")


@pytest.mark.thorough
@pytest.mark.parametrize("rule", REFUSED, ids=lambda rule: rule.name)
def test_every_bad_resource_ends_a_preview_by_itself(program: Path, rule: Rule) -> None:
    code, said = previewed(program, "prod", [rule])
    assert code != 0, said
    assert f"mandatory {rule.name}" in told(said), said


def test_one_bad_resource_is_enough(program: Path) -> None:
    """The short form of the one before."""
    for name in ("only-the-proxy-publishes", "data-protected"):
        [rule] = [rule for rule in REFUSED if rule.name == name]
        code, said = previewed(program, "prod", [rule])
        assert (code != 0, f"mandatory {name}" in told(said)) == (True, True), said


def test_a_rule_that_the_pack_cannot_answer_lets_pass(program: Path) -> None:
    """Pulumi does not tell a pack what is retained. If one day it does, this fails, and the rule is one of those above."""
    code, said = previewed(program, "prod", [rule for rule in ALL if rule.name in UNSEEN])
    assert (code, told(said)) == (0, {}), said


def test_the_demos_prod_stage_breaks_no_rule(tmp_path: Path) -> None:
    project = Project(root=tmp_path / "prod", name="prod-policies", stack="prod", environment=PASSPHRASE, stage=shipped("prod"))
    project.introduce()
    project.pulumi("config", "set", "--path", "--secret", "berth:secrets.smtp_password", "mail-canary")
    project.berth("pin")
    said = project.pulumi("preview", "--policy-pack", str(PACK))
    assert told(said) == {}, said
    assert "Policies:" in said
    assert project.leftovers() == {"containers": [], "networks": [], "volumes": []}


def test_a_mono_stage_breaks_no_rule(tmp_path: Path) -> None:
    (tmp_path / "mono").mkdir()
    (tmp_path / "mono" / "app.yaml").write_text(MONO)
    stage = {"topology": "mono", "proxy": {"tls": {"self_signed": {}}}, "images": {"moving_tags": True}}
    project = Project(root=tmp_path / "mono", name="mono-policies", stack="mono", environment=PASSPHRASE, stage=stage)
    project.introduce()
    assert told(project.pulumi("preview", "--policy-pack", str(PACK))) == {"advisory loosened-by-name": {"mono-image"}}
    assert project.leftovers() == {"containers": [], "networks": [], "volumes": []}


def test_a_stage_that_breaks_a_rule_is_not_brought_up(tmp_path: Path) -> None:
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod" / "app.yaml").write_text(
        "format: 1\nname: bare\napps:\n  web: { image: 'nginx:1.28', port: 80, routes: { /: {} }, capabilities: [SYS_ADMIN] }\n"
    )
    stage = {"topology": "prod", "images": {"moving_tags": True}, "proxy": {"tls": {"self_signed": {}}}}
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
    assert told(project.berth("preview", "--policies")) == {"advisory loosened-by-name": {"web-1"}}
