"""The base images keep the contract of the official ones: what is inside, and how it is described."""

import pytest

from tests.offline.conftest import docker, eventually, inspect, run_once

IMAGES = [
    "debian:trixie-slim",
    "debian:bookworm-slim",
    "python:3.13-slim",
    "node:20-slim",
    "nginx:1.28",
    "postgres:17",
    "postgres:15",
    "redis:8",
    "redis:7",
    "mailhog/mailhog:v1.0.1",
]


@pytest.mark.parametrize(
    ("image", "command", "expected"),
    [
        ("debian:trixie-slim", "cat /etc/os-release", "VERSION_CODENAME=trixie"),
        ("debian:bookworm-slim", "cat /etc/os-release", "VERSION_CODENAME=bookworm"),
        ("python:3.13-slim", "python --version", "Python 3.13."),
        ("python:3.13-slim", "python3.13 --version", "Python 3.13."),
        ("node:20-slim", "node --version", "v20."),
        ("node:20-slim", "npm --version", "10."),
        ("nginx:1.28", "nginx -v", "nginx/1.28."),
        ("postgres:17", "postgres --version", "(PostgreSQL) 17."),
        ("postgres:15", "postgres --version", "(PostgreSQL) 15."),
        ("redis:8", "redis-server --version", "v=8."),
        ("redis:7", "redis-server --version", "v=7."),
        ("redis:8", "redis-cli --version", "redis-cli 8."),
    ],
)
def test_the_version_inside_is_the_one_in_the_name(image: str, command: str, expected: str) -> None:
    assert expected in run_once(image, *command.split())


@pytest.mark.parametrize(
    ("image", "user", "uid"),
    [
        ("node:20-slim", "node", 1000),
        ("nginx:1.28", "nginx", 101),
        ("postgres:17", "postgres", 999),
        ("postgres:15", "postgres", 999),
        ("redis:8", "redis", 999),
        ("redis:7", "redis", 999),
    ],
)
def test_the_numbers_of_users_are_the_official_ones(image: str, user: str, uid: int) -> None:
    assert run_once("--entrypoint", "id", image, user).startswith(f"uid={uid}({user}) gid={uid}({user})")


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("debian:trixie-slim", {"Cmd": ["bash"]}),
        ("python:3.13-slim", {"Cmd": ["python3"]}),
        ("node:20-slim", {"Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["node"]}),
        (
            "nginx:1.28",
            {
                "Entrypoint": ["/docker-entrypoint.sh"],
                "Cmd": ["nginx", "-g", "daemon off;"],
                "StopSignal": "SIGQUIT",
                "ExposedPorts": {"80/tcp": {}},
            },
        ),
        (
            "postgres:17",
            {
                "Entrypoint": ["docker-entrypoint.sh"],
                "Cmd": ["postgres"],
                "StopSignal": "SIGINT",
                "ExposedPorts": {"5432/tcp": {}},
                "Volumes": {"/var/lib/postgresql/data": {}},
            },
        ),
        (
            "redis:8",
            {
                "Entrypoint": ["docker-entrypoint.sh"],
                "Cmd": ["redis-server"],
                "ExposedPorts": {"6379/tcp": {}},
                "Volumes": {"/data": {}},
                "WorkingDir": "/data",
            },
        ),
        (
            "mailhog/mailhog:v1.0.1",
            {"Entrypoint": ["MailHog"], "ExposedPorts": {"1025/tcp": {}, "8025/tcp": {}}},
        ),
    ],
)
def test_the_description_is_the_official_one(image: str, expected: dict[str, object]) -> None:
    config = inspect(image)["Config"]
    assert {name: config.get(name) for name in expected} == expected


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_can_be_pulled_by_its_digest(image: str) -> None:
    (digest, *_) = inspect(image)["RepoDigests"]
    assert digest.startswith(image.split(":", maxsplit=1)[0] + "@sha256:")
    assert digest.split("@")[1] in docker("pull", digest)


@pytest.mark.parametrize(
    ("image", "lines"),
    [
        ("python:3.13-slim", "RUN pip install idna==3.10 && python -c 'import idna'"),
        ("python:3.13-slim", "RUN python -m venv /venv && /venv/bin/pip install idna==3.10 && /venv/bin/python -c 'import idna'"),
        ("node:20-slim", "RUN npm install --global semver@7.6.3 && semver 1.2.3"),
        ("debian:trixie-slim", "RUN apt-get update && apt-get install -y --no-install-recommends hello && hello"),
        ("debian:bookworm-slim", "RUN apt-get update && apt-get install -y --no-install-recommends hello && hello"),
    ],
)
def test_builds_reach_their_package_registries(image: str, lines: str) -> None:
    docker("build", "--no-cache", "--quiet", "-", stdin=f"FROM {image}\n{lines}\n")


def test_python_packages_are_copied_between_stages_as_from_the_official_image() -> None:
    folder = "/usr/local/lib/python3.13/site-packages"
    stages = (
        f"FROM python:3.13-slim AS build\nRUN pip install idna==3.10\nFROM python:3.13-slim\nCOPY --from=build {folder} {folder}\nRUN python -c 'import idna'\n"
    )
    docker("build", "--quiet", "-", stdin=stages)


def test_node_takes_arguments_that_are_no_command() -> None:
    assert run_once("node:20-slim", "-e", "console.log(6*7)") == "42"
    assert run_once("--user", "node", "node:20-slim", "sh", "-c", "id -u") == "1000"


def test_python_runs_read_only_as_anybody() -> None:
    assert run_once("--read-only", "--user", "12345:12345", "python:3.13-slim", "python", "-c", "import ssl, sqlite3, lzma; print(6*7)") == "42"


def test_no_base_image_brings_package_lists_or_archives() -> None:
    for image in IMAGES[:-1]:
        found = run_once("--entrypoint", "find", image, "/var/lib/apt/lists", "/var/cache/apt/archives", "-type", "f", "-size", "+1k")
        assert found == "", image


def test_an_image_that_exists_nowhere_is_an_error_and_does_not_hang() -> None:
    eventually(lambda: "Error" in docker("pull", "berth-no-such-image:1", check=False), seconds=1)
