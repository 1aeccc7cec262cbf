"""What is in a container: which image exactly, and no secret that anybody can read."""

import re
from collections.abc import Iterable

from policies.resource import Kind, Mark, Resource
from policies.rule import SERVING, Found, rule

SECRET_NAME = re.compile(
    r"(^|_)(PASS|PASSWD|PASSWORD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|APIKEY|((API|SECRET|PRIVATE|ACCESS|SESSION|SIGNING|ENCRYPTION|MASTER|AUTH)_?KEY))S?$"
)
"""Names of variables that hold a secret, by how they end: PASSWORD_FILE or TOKEN_URL hold none."""
NO_SECRETS = frozenset({"", "0", "1", "true", "false", "yes", "no", "on", "off", "none", "null"})
CREDENTIALS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s:/?#@]*:[^\s/?#@]+@")
"""A URL with a password in it."""
PINNED = re.compile(r"^sha256:|@sha256:[0-9a-f]{64}$")


@rule(Kind.CONTAINER, cis=("4.2", "5.28"))
def image_exact(container: Resource) -> Found:
    """A container runs one exact image, by its id or its digest: a tag may be something else tomorrow."""
    if not PINNED.search(image := container.text("image")):
        yield f"runs {image or 'no image'}: write the id of an image of the stage (image_id), or name@sha256:DIGEST"


@rule(Kind.IMAGE, cis=("4.2", "5.28"), levels=SERVING)
def pulled_by_digest(image: Resource) -> Found:
    """An image is pulled by its digest, unless `images.moving_tags` allows tags."""
    if not image.get("build") and "moving_tags" not in image.allowed and not PINNED.search(name := image.text("name")):
        yield f"pulls {name}, which may be something else tomorrow: berth pin writes down what it is"


@rule(Kind.IMAGE, cis=("4.10",))
def no_secrets_in_builds(image: Resource) -> Found:
    """No build argument holds a secret: arguments stay in the image's history."""
    arguments = image.inside("build").get("buildArgs") or {}
    for name in _hidden(arguments.items() if hasattr(arguments, "items") else ()):
        yield f"has a secret in the build argument {name}: use secrets of build, which no image keeps"


@rule(Kind.CONTAINER, cis=("4.10",))
def no_secrets_in_variables(container: Resource) -> Found:
    """No variable holds a secret in plain: `docker inspect` shows them. What is secret lies in a file of its process."""
    envs = container.get("envs")
    if Mark.SECRET in (envs if isinstance(envs, list | tuple) else [envs]):
        yield "has a secret among its variables, which docker inspect shows: give it under secrets"
    pairs = (text.partition("=")[::2] for text in container.texts("envs"))
    for name in _hidden(pairs):
        yield f"has a secret in the variable {name}, which docker inspect shows: give it under secrets"


@rule(Kind.CONTAINER, cis=("4.10",))
def no_secrets_in_commands(container: Resource) -> Found:
    """No word of a command and no label holds a URL with a password: `docker inspect` and `ps` show them."""
    tests = container.inside("healthcheck").get("tests") or ()
    words = {"command": [*container.texts("entrypoints"), *container.texts("command")], "health check": list(tests), "labels": list(container.labels.values())}
    for where, texts in words.items():
        if any(isinstance(text, str) and CREDENTIALS.search(text) for text in texts):
            yield f"has a password in its {where}: give it under secrets, and let the process read it"


def _hidden(pairs: Iterable[tuple[str, object]]) -> list[str]:
    """Names of values that are secrets, by their names or by what they are."""
    return [name for name, value in pairs if value is Mark.SECRET or (isinstance(value, str) and _secret(name, value))]


def _secret(name: str, value: str) -> bool:
    return bool(CREDENTIALS.search(value)) or (value.lower() not in NO_SECRETS and bool(SECRET_NAME.search(name.upper())))


RULES = (image_exact, pulled_by_digest, no_secrets_in_builds, no_secrets_in_variables, no_secrets_in_commands)
