"""Stage files read without Pulumi: the same values, encrypted ones closed."""

import json
from pathlib import Path
from typing import Any

import pytest

from config.load import SEALED, from_pulumi
from config.problems import Refused
from config.stage_file import source_of

PROJECT = "name: shop\n"


def write(root: Path, config: str, project: str = PROJECT) -> Path:
    (root / "Pulumi.yaml").write_text(project)
    (root / "Pulumi.dev.yaml").write_text("config:\n" + "".join(f"  {line}\n" for line in config.splitlines()))
    return root


@pytest.mark.parametrize(
    ("config", "raw"),
    [
        ("", {}),
        ("berth:topology: dev\naws:region: x", {"topology": "dev"}),
        ("berth:apps: { web: { replicas: 2, read_only: false, env: { A: '1' } } }", {"apps": {"web": {"replicas": 2, "read_only": False, "env": {"A": "1"}}}}),
        ("berth:apps:\n  web:\n    env: { A: null }", {"apps": {"web": {"env": {"A": None}}}}),
        ("berth:instance: 12345678", {"instance": "12345678"}),
        ("berth:x: true", {"x": "true"}),
        ("berth:x: [1, a]", {"x": [1, "a"]}),
        ("berth:x: null", {}),
        ('berth:apps: \'{"web": {"replicas": 2}}\'', {"apps": '{"web": {"replicas": 2}}'}),
    ],
)
def test_the_values_are_those_that_pulumi_hands_over(config: str, raw: dict[str, Any], tmp_path: Path) -> None:
    of_pulumi = {f"berth:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in raw.items()}
    source, expected = source_of(write(tmp_path, config), "dev"), from_pulumi(tmp_path, "dev", of_pulumi, frozenset())
    assert (source.root, source.stack, source.values, source.secret_keys) == (expected.root, expected.stack, expected.values, expected.secret_keys)
    assert source.sealed
    assert not expected.sealed


@pytest.mark.parametrize(
    ("config", "values", "secret"),
    [
        ("berth:secrets: { key: { secure: AAAA } }", {"secrets": {"key": SEALED}}, {"secrets"}),
        ("berth:root_secret: { secure: AAAA }", {"root_secret": SEALED}, {"root_secret"}),
        ("berth:apps: { web: { env: { A: { secure: AAAA } } } }", {"apps": {"web": {"env": {"A": SEALED}}}}, {"apps"}),
        ("berth:apps: { web: { uses: [{ secure: AAAA }] } }", {"apps": {"web": {"uses": [SEALED]}}}, {"apps"}),
        ("berth:apps: { secure: { port: 1 } }", {"apps": {"secure": {"port": 1}}}, set()),
    ],
)
def test_encrypted_values_stay_closed(config: str, values: dict[str, Any], secret: set[str], tmp_path: Path) -> None:
    source = source_of(write(tmp_path, config), "dev")
    assert source.values == values
    assert source.secret_keys == secret


def test_pulumi_yaml_speaks_for_all_stages(tmp_path: Path) -> None:
    shared = (
        "config:\n  berth:topology: prod\n  berth:application: { value: app.yaml }\n  berth:instance: { type: string, default: 0badcafe }\n  aws:region: x\n"
    )
    source = source_of(write(tmp_path, "berth:topology: dev", PROJECT + shared), "dev")
    assert source.values == {"topology": "dev", "application": "app.yaml", "instance": "0badcafe"}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            "berth:secrets: { secure: AAAA }",
            "Pulumi.dev.yaml:2: berth:secrets: is encrypted as one value, and the names in it cannot be read without the passphrase: "
            "set each with pulumi config set -s dev --path --secret berth:secrets.NAME",
        ),
        ("- topology", "Pulumi.dev.yaml:1: config: has to be a mapping of keys to values"),
    ],
)
def test_what_cannot_be_read(config: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        source_of(write(tmp_path, config), "dev")
    assert str(refused.value) == message
