""".berth/env: sourced by POSIX shells, twice without harm, and nothing of the user's is overridden."""

import subprocess

import pytest

from tests.offline.conftest import CHECKOUT

ENV = CHECKOUT / ".berth" / "env"


def _sh(script: str, **environment: str) -> str:
    base = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/root"}
    done = subprocess.run(["sh", "-euc", script], env=base | environment, stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    return done.stdout.strip()


def test_sourcing_it_twice_does_not_grow_the_path() -> None:
    once, twice = _sh(f'. "{ENV}"; echo "$PATH"; . "{ENV}"; echo "$PATH"').splitlines()
    assert once == twice
    assert once.startswith(f"{CHECKOUT}/.venv/bin:")
    assert once.endswith("/usr/local/bin:/usr/bin:/bin")


def test_it_finds_pulumi_with_its_provider_and_docker_with_its_plugins() -> None:
    assert _sh(f'. "{ENV}"; pulumi version').startswith("v3.")
    assert "Docker Compose version" in _sh(f'. "{ENV}"; docker compose version')
    assert "buildx" in _sh(f'. "{ENV}"; docker buildx version')


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "unset /dev/null"),  # a file: an empty variable would override the file that somebody names later
        ({"PULUMI_CONFIG_PASSPHRASE": "mine"}, "mine no-file"),
        ({"PULUMI_CONFIG_PASSPHRASE_FILE": "/a/file"}, "unset /a/file"),
    ],
)
def test_a_passphrase_of_the_users_is_kept(given: dict[str, str], expected: str) -> None:
    show = '''
        if [ -n "${PULUMI_CONFIG_PASSPHRASE+set}" ]; then p=${PULUMI_CONFIG_PASSPHRASE:-empty}; else p=unset; fi
        echo "$p ${PULUMI_CONFIG_PASSPHRASE_FILE:-no-file}"'''
    assert _sh(f'. "{ENV}"; {show}', **given) == expected
