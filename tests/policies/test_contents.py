"""A bad resource for each rule about images and secrets, and what may be."""

import pytest

from policies import contents
from policies.resource import Mark, Resource
from policies.rule import Rule
from tests.policies.samples import Case, container, ids, image, labels, said

PULLED = "registry.example:5000/shop"


def env(*texts: object) -> Resource:
    return container(envs=list(texts))


BAD: list[Case] = [
    (contents.image_exact, container(image="shop:1"), "runs shop:1"),
    (contents.image_exact, container(image=None), "runs no image"),
    (contents.image_exact, container(image=f"{PULLED}@sha256:12"), f"runs {PULLED}@sha256:12"),
    (contents.pulled_by_digest, image(name="postgres:17"), "pulls postgres:17"),
    (contents.pulled_by_digest, image(name="postgres:17", triggers={"berth.allows": "read_only"}), "pulls postgres:17"),
    (contents.no_secrets_in_builds, image(build={"context": ".", "buildArgs": {"NPM_TOKEN": "x1"}}), "build argument NPM_TOKEN"),
    (contents.no_secrets_in_builds, image(build={"buildArgs": {"INDEX": Mark.SECRET}}), "build argument INDEX"),
    (contents.no_secrets_in_variables, env("DB_PASSWORD=x1"), "variable DB_PASSWORD"),
    (contents.no_secrets_in_variables, env("SECRET_KEY=x1"), "variable SECRET_KEY"),
    (contents.no_secrets_in_variables, env("aws_secret_access_key=x1"), "variable aws_secret_access_key"),
    (contents.no_secrets_in_variables, env("PGPASSWORD=x", "DATABASE_URL=postgresql://shop:x1@db:5432/shop"), "variable DATABASE_URL"),
    (contents.no_secrets_in_variables, env("CACHE=redis://:x1@cache:6379"), "variable CACHE"),
    (contents.no_secrets_in_variables, env("A=b", Mark.SECRET), "a secret among its variables"),
    (contents.no_secrets_in_variables, container(envs=Mark.SECRET), "a secret among its variables"),
    (contents.no_secrets_in_commands, container(command=["--db", "postgresql://shop:x1@db/shop"]), "password in its command"),
    (contents.no_secrets_in_commands, container(healthcheck={"tests": ["CMD", "get", "http://a:b@web/"]}), "password in its health check"),
    (contents.no_secrets_in_commands, container(labels=labels("service", url="amqp://a:b@queue")), "password in its labels"),
]
GOOD: list[tuple[Rule, Resource]] = [
    (contents.image_exact, container(image="sha256:0123")),
    (contents.image_exact, container(image=Mark.UNKNOWN)),
    (contents.pulled_by_digest, image(name="postgres:17", triggers={"berth.allows": "moving_tags"})),
    (contents.pulled_by_digest, image(name="shop:0123456789ab", build={"context": "."})),
    (contents.no_secrets_in_builds, image(build={"context": "."})),
    (contents.no_secrets_in_builds, image(build={"buildArgs": {"VERSION": "1"}})),
    (contents.no_secrets_in_variables, env("DB_PASSWORD=", "DB_PASSWORD_FILE=/run/secrets/x", "TOKEN_URL=https://sso.example/token", "CSRF_TOKEN=off")),
    (contents.no_secrets_in_variables, env("PUBLIC_KEY=x", "KEYBOARD=de", "COMPASS=n", Mark.UNKNOWN)),
    (contents.no_secrets_in_variables, env("SITE=https://shop.example/a:b@c", "AT=http://shop.example:80/@me", "NOBODY=redis://default@cache")),
    (contents.no_secrets_in_commands, container(command=Mark.UNKNOWN)),
]


@pytest.mark.parametrize(("rule", "bad", "words"), BAD, ids=ids(BAD))
def test_bad(rule: Rule, bad: Resource, words: str) -> None:
    assert words in said(rule, bad)


@pytest.mark.parametrize(("rule", "good"), GOOD, ids=[rule.name for rule, _ in GOOD])
def test_good(rule: Rule, good: Resource) -> None:
    assert said(rule, good) == ""


def test_no_value_is_said() -> None:
    assert "x1" not in "".join(said(rule, bad) for rule, bad, _ in BAD)
