"""Variables, references, secrets and ports: what the topologies share."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.app.config import AppConfig
from components.build import BuildConfig
from components.connection import Connection
from components.postgres.config import PostgresConfig
from components.proxy.certificate import self_signed
from components.secrets import Delivery
from config.load import Loaded
from config.profiles import PROFILES
from config.references import PARTS
from config.stage import DevStage, Topology
from tests.recording import FakeEngine, Hidden, record
from tests.topologies.samples import IDENTITY
from topologies import wiring


def sent(make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Values as they would go to Pulumi."""

    class Holder(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("test:index:Holder", "holder")
            self.register_outputs(make())

    return record(Holder).component_outputs["holder"]


def scope() -> wiring.Scope:
    made = wiring.Scope()
    made.plain("proxy.url", "http://localhost")
    made.secret("secrets.key", pulumi.Output.secret("s3cret"))
    made.connection("cache", ("host", "password", "url"), Connection(scheme="redis", host="cache", port=6379, password=pulumi.Output.secret("pw")))
    made.connection("mail", ("host", "password"), Connection(scheme="smtp", host="mail", port=1025))
    return made


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("", ""),
        ("${proxy.url}/x", "http://localhost/x"),
        ("$${proxy.url}", "${proxy.url}"),
        ("${cache.host}", "cache"),
        ("${mail.password}", ""),
        ("${secrets.key}", Hidden("s3cret")),
        ("${proxy.url}?key=${secrets.key}", Hidden("http://localhost?key=s3cret")),
        ("${cache.url}/1", Hidden("redis://:pw@cache:6379/1")),
    ],
)
def test_expand(text: str, value: object) -> None:
    assert sent(lambda: {"x": scope().expand(text).value}) == {"x": value}
    assert scope().expand(text).secret is isinstance(value, Hidden)


@given(st.text().filter(lambda text: "${" not in text))
def test_text_without_references_stays_as_it_is(text: str) -> None:
    assert not wiring.Scope().expand(text).secret


def dev_stage(**sections: Any) -> DevStage:
    return DevStage.model_validate({"format": 1, "name": "shop", "topology": "dev", **PROFILES[Topology.DEV], **sections})


def variables(**app: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def make() -> dict[str, Any]:
        config = AppConfig.model_validate({"image": "x", "port": 80} | app)
        plain, hidden = wiring.variables(config, scope(), dev_stage(redis={"cache": {}, "other": {}}), {"key": pulumi.Output.secret("s3cret")})
        found.append({name: secret.delivery for name, secret in hidden.items()})
        return {"plain": plain, "hidden": {name: secret.value for name, secret in hidden.items()}}

    made = sent(make)
    hidden = made["hidden"].value if isinstance(made["hidden"], Hidden) else made["hidden"]
    plain = made["plain"].value if isinstance(made["plain"], Hidden) else made["plain"]
    return plain, {name: (value, found[0][name]) for name, value in hidden.items()}


@pytest.mark.parametrize(
    ("app", "plain", "hidden"),
    [
        ({}, {}, {}),
        ({"env": {"A": "1", "URL": "${proxy.url}"}}, {"A": "1", "URL": "http://localhost"}, {}),
        ({"env": {"A": "${secrets.key}"}}, {}, {"A": (Hidden("s3cret"), Delivery.ENV)}),
        ({"secrets": {"K": {"from": "key", "as": "file"}}}, {}, {"K": (Hidden("s3cret"), Delivery.FILE)}),
        ({"secrets": {"K": {"from": "missing"}}}, {}, {}),
    ],
    ids=["none", "plain", "a value with a secret part", "a secret as a file", "an optional secret that is not given"],
)
def test_variables(app: dict[str, Any], plain: dict[str, Any], hidden: dict[str, Any]) -> None:
    assert variables(**app) == (plain, hidden)


def test_own_variables_go_over_injected_ones() -> None:
    config = AppConfig.model_validate({"image": "x", "port": 80, "uses": ["cache"], "env": {"CACHE_HOST": "mine"}, "secrets": {"CACHE_PORT": {"from": "key"}}})
    made = wiring.Scope()
    made.connection("cache", PARTS["redis"], Connection(scheme="redis", host="cache", port=1, password=pulumi.Output.secret("x")))
    plain, hidden = wiring.variables(config, made, dev_stage(redis={"cache": {}, "b": {}}), {"key": pulumi.Output.secret("s3cret")})
    assert set(plain) == {"CACHE_HOST", "CACHE_USERNAME"}
    assert set(hidden) == {"CACHE_PASSWORD", "CACHE_URL", "CACHE_PORT"}
    assert sent(lambda: {"x": plain["CACHE_HOST"]}) == {"x": "mine"}


def make_loaded(given: dict[str, str] | None = None, **sections: Any) -> Loaded:
    return Loaded(stage=dev_stage(**sections), identity=IDENTITY, secrets=given or {}, certificate=None)


@pytest.mark.parametrize(
    ("given", "config", "expected"),
    [
        ({}, {"generate": {}}, IDENTITY.password("secrets/key", 32)),
        ({}, {"generate": {"bytes": 16, "rotation": 2}}, IDENTITY.password("secrets/key", 16, 2)),
        ({"key": "given"}, {"generate": {}}, "given"),
        ({"key": "given"}, {}, "given"),
        ({}, {"required": False}, None),
    ],
    ids=["generated", "generated, explicit", "given goes over generated", "given", "optional"],
)
def test_application_secrets(given: dict[str, str], config: dict[str, Any], expected: str | None) -> None:
    made = sent(lambda: wiring.application_secrets(make_loaded(given, secrets={"key": config})))
    assert made == ({"key": Hidden(expected)} if expected else {})


def test_passwords_are_derived_and_secret() -> None:
    wanted = {("db", 0), ("cache", 0), ("db", 1)}
    made = sent(lambda: {f"{name}-{rotation}": wiring.password(make_loaded(), name, rotation) for name, rotation in wanted})
    assert made == {f"{name}-{rotation}": Hidden(IDENTITY.password(f"services/{name}", rotation=rotation)) for name, rotation in wanted}
    assert len({one.value for one in made.values()}) == 3


def test_make_stage() -> None:
    found: list[Any] = []
    record(lambda: found.append(wiring.make_stage(make_loaded(), FakeEngine(), protect_data=True)))
    made = found[0]
    assert (made.application, made.project, made.stack, made.instance, made.protect_data) == ("shop", "berth", "dev", "0badcafe", True)
    assert made.fingerprint_key == IDENTITY.derive("fingerprint", 32)


@pytest.mark.parametrize(
    ("build", "reference", "image"),
    [(None, "x:1", "x:1"), (BuildConfig(context="/x"), None, "shop-web (built)"), (BuildConfig(context="/x"), "x:1", "shop-web (built)")],
    ids=["image", "build", "both"],
)
def test_image_of(build: BuildConfig | None, reference: str | None, image: str) -> None:
    assert wiring.image_of("web", "shop", build, reference) == image


def test_every_role_has_a_password_of_its_own_and_the_first_that_of_the_service() -> None:
    config = PostgresConfig.model_validate({"database": "shop", "databases": {"books": {}, "stock": {"username": "shop"}, "more": {"username": "books"}}})
    made = sent(lambda: dict(wiring.role_passwords(make_loaded(), "db", config)))
    derived = {"shop": IDENTITY.password("services/db"), "books": IDENTITY.password("services/db/books")}
    assert made == {role: Hidden(password) for role, password in derived.items()}
    rotated = sent(lambda: dict(wiring.role_passwords(make_loaded(), "db", config.model_copy(update={"rotation": 1}))))
    assert rotated == {"shop": Hidden(IDENTITY.password("services/db", rotation=1)), "books": Hidden(IDENTITY.password("services/db/books", rotation=1))}


@pytest.mark.parametrize(
    ("more", "expected"),
    [({}, {"url": "", "credentials": ""}), ({"url": "http://x", "credentials": "none"}, {"url": "http://x", "credentials": "none"})],
    ids=["defaults", "explicit"],
)
def test_described(more: dict[str, Any], expected: dict[str, str]) -> None:
    assert wiring.described("App", "x:1", **more) == {"kind": "App", "image": "x:1", **expected}


def test_a_certificate_is_renewed_a_month_before_it_expires() -> None:
    made = wiring.described("Proxy", "nginx", certificate=self_signed([], b"x" * 48))
    assert (made["expires"], made["renew"]) == ("2054-12-31T00:00:00+00:00", "2054-12-01T00:00:00+00:00")
