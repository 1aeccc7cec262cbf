"""What the configuration of an app refuses."""

import pytest
from pydantic import ValidationError

from components.app.config import AppConfig


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"port": 80}, "needs exactly one of build and image"),
        ({"port": 80, "image": "x", "build": {"context": "."}}, "needs exactly one of build and image"),
        ({"image": "x", "routes": {"/": {}}}, "has routes and no port: write the port it listens on"),
        ({"image": "x"}, r"has neither port nor health\.command, health\.file or health\.tcp: nothing would tell whether it is well"),
        ({"image": "x", "port": 80, "health": {"path": "/", "command": ["x"]}}, "has path and command: keep one of them"),
        (
            {"image": "x", "port": 80, "replicas": 2, "volumes": {"d": {"path": "/d"}}},
            "has several replicas and a volume with one writer: set replicas to 1, or writers to many if the app can share it",
        ),
        ({"image": "x", "port": 80, "replicas": 2, "address": "172.20.0.5"}, "has several replicas and one address: set replicas to 1"),
        ({"image": "x", "port": 80, "files": {"/etc/shop": {"a.cfg": {}}}}, "needs exactly one of template and text"),
        ({"image": "x", "port": 80, "files": {"/etc/shop": {"a.cfg": {"text": "", "template": "x"}}}}, "needs exactly one of template and text"),
        ({"image": "x", "port": 80, "files": {"/etc/shop": {"../a.cfg": {"text": ""}}}}, "should match pattern"),
        ({"image": "x", "port": 80, "labels": {"berth.role": "x"}}, "begins with berth., as berth's own labels do"),
        ({"image": "x", "port": 80, "capabilities": ["ALL"]}, r"is no capability: write one name of capabilities\(7\), for example NET_BIND_SERVICE"),
        ({"image": "x", "port": 80, "stop_signal": "TERM"}, "should match pattern"),
        ({"image": "x", "port": 80, "user": "0:0"}, "should match pattern"),
        ({"image": "x", "port": 80, "user": "root"}, "should match pattern"),
        ({"image": "x", "port": 80, "env": {"MY-VAR": "x"}}, "should match pattern"),
        ({"image": "x", "port": 80, "routes": {"api": {}}}, "is no route: write"),
        ({"image": "x", "port": 80, "routes": {"/a b;": {}}}, "is no route: write"),
        ({"image": "x", "port": 80, "replicas": 0}, "greater than or equal to 1"),
    ],
)
def test_what_its_configuration_refuses(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        AppConfig.model_validate(values)


def test_an_app_that_is_asked_nothing_needs_no_port() -> None:
    routes = {"/files": {"static": {"volume": "media"}}, "/old": {"redirect": {"to": "/"}}}
    values = {"image": "x", "health": {"command": ["x"]}, "volumes": {"media": {"path": "/media"}}}
    assert AppConfig.model_validate(values | {"routes": routes}).port is None
    with pytest.raises(ValidationError, match="has routes and no port"):
        AppConfig.model_validate(values | {"routes": routes | {"/": {}}})
