"""Paths that a stage names, and what is there."""

from pathlib import Path
from typing import Any

import pytest

from components.build import BuildConfig
from config.files import absolute
from config.problems import Refused
from tests.config.samples import APP, dev_stage, project, refused, stage_of


def test_paths_are_relative_to_the_file_that_states_them(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    project(shop)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "Dockerfile").touch()
    stage = dev_stage(tmp_path, application="shop/app.yaml")
    assert stage.apps["web"].build == BuildConfig(context=str(shop / "web"))
    stage = dev_stage(tmp_path, application="shop/app.yaml", apps={"web": {"build": {"context": "other"}, "mounts": {"other": "/other"}}})
    assert stage.apps["web"].build == BuildConfig(context=str(tmp_path / "other"))
    assert stage.apps["web"].mounts == {str(shop / "web"): "/src", str(tmp_path / "other"): "/other"}


def test_paths_of_a_certificate_are_relative_too(tmp_path: Path) -> None:
    files = {"certificate": "tls/site.crt", "key": "/etc/tls/site.key"}
    messages = refused(project(tmp_path), proxy={"tls": {"files": files}})
    assert [message.partition(": ")[2] for message in messages] == [
        f"proxy.tls.files.certificate: {tmp_path}/tls/site.crt cannot be read: No such file or directory",
        "proxy.tls.files.key: /etc/tls/site.key cannot be read: No such file or directory",
    ]


def test_a_dockerfile_that_is_not_there(tmp_path: Path) -> None:
    (project(tmp_path) / "web" / "Dockerfile").unlink()
    assert refused(tmp_path) == [f"app.yaml:5: apps.web.build: {tmp_path}/web/Dockerfile cannot be read: correct context and dockerfile, or make the file"]


def test_a_folder_that_is_not_there_is_found_where_it_is_said(tmp_path: Path) -> None:
    (project(tmp_path) / "Pulumi.dev.yaml").write_text("config:\n  berth:apps:\n    web:\n      mounts: { nowhere: /x }\n      build: { context: gone }\n")
    assert refused(tmp_path, apps={"web": {"mounts": {"nowhere": "/x"}, "build": {"context": "gone"}}}) == [
        f"Pulumi.dev.yaml:5: apps.web.build: {tmp_path}/gone/Dockerfile cannot be read: correct context and dockerfile, or make the file",
        f"Pulumi.dev.yaml:4: apps.web.mounts: {tmp_path}/nowhere does not exist: make it, or take the mount away",
    ]


@pytest.mark.parametrize("folder", ["x" * 300, "x/" * 3000], ids=["a long name", "a long path"])
def test_a_path_that_is_too_long(folder: str, tmp_path: Path) -> None:
    problems = refused(project(tmp_path), apps={"web": {"build": {"context": folder}, "mounts": {folder: "/x"}}})
    assert [problem.partition(": /")[0] for problem in problems] == ["Pulumi.dev.yaml: apps.web.build", "Pulumi.dev.yaml: apps.web.mounts"]
    assert problems[1].endswith(" does not exist: make it, or take the mount away")


def test_a_loop_of_links(tmp_path: Path) -> None:
    (project(tmp_path) / "loop").symlink_to("loop")
    message = f"Pulumi.dev.yaml: apps.web.build: {tmp_path}/loop/Dockerfile cannot be read: correct context and dockerfile, or make the file"
    assert refused(tmp_path, apps={"web": {"build": {"context": "loop"}}}) == [message]


def test_a_dockerignore_that_is_no_text(tmp_path: Path) -> None:
    (project(tmp_path) / "web" / ".dockerignore").write_bytes(b"\xff\n")
    (problem,) = refused(tmp_path)
    assert problem.startswith(f"app.yaml:5: apps.web.build: {tmp_path}/web or its .dockerignore cannot be read (")


def test_sql_builds_of_servers_and_folders_of_volumes_are_relative_too(tmp_path: Path) -> None:
    server = "postgres: { db: { build: { context: web }, init: [web/a.sql], databases: { more: { init: [web/b.sql] } } } }"
    app = APP.replace("postgres: { db: {} }", server).replace("redis:", "volumes: { media: { folder: files } }\nredis:")
    (project(tmp_path, app) / "web" / "a.sql").touch()
    assert refused(tmp_path) == [
        f"app.yaml:13: postgres.db.databases: {tmp_path}/web/b.sql cannot be read (No such file or directory): correct the path, or make the file"
    ]
    (tmp_path / "web" / "b.sql").touch()
    stage = dev_stage(tmp_path)
    made = stage.postgres["db"]
    assert (made.init, made.databases["more"].init) == ((f"{tmp_path}/web/a.sql",), (f"{tmp_path}/web/b.sql",))
    assert (made.build, stage.volumes["media"].folder) == (BuildConfig(context=str(tmp_path / "web")), str(tmp_path / "files"))


@pytest.mark.parametrize("data", [{"apps": 1}, {"apps": {"web": []}}, {"postgres": {"db": {"init": "x"}}}, {"volumes": {"a": {"folder": 7}}}, {}])
def test_what_has_another_form_is_left_for_the_models(data: dict[str, Any], tmp_path: Path) -> None:
    assert absolute(data, tmp_path) == data


def test_templates_are_relative_to_the_file_that_states_them_and_there(tmp_path: Path) -> None:
    app = APP.replace("    port: 8000", "    port: 8000\n    files: { /etc/shop: { a.cfg: { template: a.cfg } } }")
    with pytest.raises(Refused, match=r"apps\.web\.files: .*/a\.cfg cannot be read \(No such file or directory\): correct the path, or make the file"):
        stage_of(project(tmp_path, app))
    (tmp_path / "a.cfg").write_text("x")
    assert stage_of(project(tmp_path, app)).stage.apps["web"].files["/etc/shop"]["a.cfg"].template == str(tmp_path / "a.cfg")
