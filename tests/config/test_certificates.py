"""The certificate of a stage: read when the stage is, and refused by name when it cannot serve."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from components.proxy.certificate import MATERIAL_BYTES, Certificate, self_signed
from config.problems import Refused
from tests.config.samples import APP, project, stage_of

FILES = {"tls": {"files": {"certificate": "site.crt", "key": "site.key"}}}


def given(root: Path, *hosts: str) -> Certificate:
    made = self_signed(hosts, b"x" * MATERIAL_BYTES)
    (root / "site.crt").write_text(made.chain)
    (root / "site.key").write_text(made.key)
    return made


def refused(root: Path, app: str = APP, **proxy: Any) -> list[str]:
    with pytest.raises(Refused) as refusal:
        stage_of(project(root, app), proxy=FILES | proxy)
    return [f"{problem.path}: {problem.text}" for problem in refusal.value.problems]


def test_it_is_read(tmp_path: Path) -> None:
    made = given(tmp_path, "shop.test")
    loaded = stage_of(project(tmp_path), proxy=FILES | {"domains": ["shop.test"]})
    assert loaded.certificate == made
    assert "PRIVATE" not in repr(loaded)


@pytest.mark.parametrize("proxy", [{}, {"tls": {"self_signed": {}}}])
def test_none_is_read_where_none_is_named(proxy: dict[str, Any], tmp_path: Path) -> None:
    assert stage_of(project(tmp_path), proxy=proxy).certificate is None


def test_every_host_of_the_site_has_to_be_in_it(tmp_path: Path) -> None:
    given(tmp_path, "shop.test")
    app = APP.replace("/: {}", "/: {}, api.shop.test/: {}")
    text = "is not for api.shop.test, but for 127.0.0.1, localhost, shop.test: give one for every host of the site"
    assert refused(tmp_path, app, domains=["shop.test"]) == [f"proxy.tls.files.certificate: {text}"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    given(tmp_path)
    (tmp_path / "site.crt").unlink()
    (tmp_path / "site.key").write_bytes(b"\xff\xfe")
    assert refused(tmp_path) == [
        f"proxy.tls.files.certificate: {tmp_path}/site.crt cannot be read: No such file or directory",
        f"proxy.tls.files.key: {tmp_path}/site.key is no PEM file: convert it",
    ]


def test_a_key_of_another_certificate(tmp_path: Path) -> None:
    given(tmp_path)
    (tmp_path / "site.key").write_text(self_signed([], b"y" * MATERIAL_BYTES).key)
    assert refused(tmp_path) == ["proxy.tls.files.key: belongs to another certificate: give the key that this one was made with"]


def test_one_that_has_expired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given(tmp_path)

    class Later(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> "Later":
            return cls(2055, 1, 1, tzinfo=tz)

    monkeypatch.setattr("config.certificates.datetime", Later)
    assert refused(tmp_path) == ["proxy.tls.files.certificate: has expired on 2054-12-31: renew it"]


def test_it_is_found_where_it_is_named(tmp_path: Path) -> None:
    app = APP + "proxy: { tls: { files: { certificate: a, key: b } } }\n"
    with pytest.raises(Refused) as refusal:
        stage_of(project(tmp_path, app))
    assert {problem.place for problem in refusal.value.problems} == {"app.yaml:20"}
