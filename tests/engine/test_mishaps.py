"""What people do to a stage behind berth's back: nothing is lost in silence, and what can be put back is."""

import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.engine.conftest import Make
from tests.engine.project import Project, said_in
from tests.engine.test_other_applications import DOCKERFILE

pytestmark = pytest.mark.thorough
APP = """\
format: 1
name: {application}
apps:
  web: {{ build: {{ context: web }}, port: 9000, routes: {{ /: {{}} }}, volumes: {{ state: {{ path: /state }} }} }}
"""
BUSYBOX = "/.berth/busybox"


def write_application(project: Project, application: str) -> None:
    page = project.root / "web" / "page"
    page.mkdir(parents=True, exist_ok=True)
    (page / "index.html").write_text(application)
    (project.root / "web" / "Dockerfile").write_text(DOCKERFILE)
    (project.root / "app.yaml").write_text(APP.format(application=application))


@pytest.fixture(scope="module")
def project(make_project: Make) -> Project:
    project = make_project("mishap")
    write_application(project, "mishap")
    project.berth("up")
    return project


def serves(project: Project) -> bool:
    """Whether the site answers; nginx may need a moment to hear of an address that changed."""
    for _ in range(60):
        try:
            if httpx.get(project.url).status_code == 200:
                return True
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    return False


def remember(project: Project, text: str) -> None:
    said_in(project.one("web"), BUSYBOX, "sh", "-c", f"{BUSYBOX} rm -f /state/note; echo {text} >/state/note")


def remembered(project: Project) -> str:
    return said_in(project.one("web"), BUSYBOX, "sh", "-c", f"[ ! -e /state/note ] || {BUSYBOX} cat /state/note").strip()


def lose(project: Project, volume: str) -> None:
    """Remove a data volume, and before it the containers that hold it."""
    for one in project.engine.containers.list(all=True, filters={"volume": volume}):
        one.remove(v=True, force=True)
    project.engine.volumes.get(volume).remove()


def test_a_new_state_is_its_owners_alone(make_project: Make) -> None:
    fresh = make_project("private")
    fresh.berth("status")
    assert stat.S_IMODE((fresh.root / ".pulumi").stat().st_mode) == 0o700


def test_a_renamed_container_gets_its_name_back(project: Project) -> None:
    web = project.one("web")
    web.rename("elsewhere")
    assert f"{web.name} was renamed to elsewhere" in project.berth("preview")
    assert f"repair: container {web.name} was renamed to elsewhere" in project.berth("up")
    assert (project.one("web").id, project.one("web").name) == (web.id, web.name)
    assert serves(project)


@pytest.mark.parametrize("service", ["web", "proxy"])
def test_a_container_that_was_cut_off_is_joined_again(project: Project, service: str) -> None:
    before = project.one(service)
    networks = {name: to["Aliases"] for name, to in before.attrs["NetworkSettings"]["Networks"].items()}
    for name in networks:
        project.engine.networks.get(name).disconnect(before)
    said = project.berth("up")
    assert all(f"is not in network {name}" in said for name in networks)
    after = project.one(service)
    assert after.id == before.id
    assert {name: to["Aliases"] for name, to in after.attrs["NetworkSettings"]["Networks"].items()} == networks
    assert serves(project)
    project.berth("preview", "--", "--expect-no-changes", "--refresh")


def test_a_network_joined_without_its_names_is_no_good(project: Project) -> None:
    web = project.one("web")
    name, wanted = next((name, to["Aliases"]) for name, to in web.attrs["NetworkSettings"]["Networks"].items() if "front" in name)
    project.engine.networks.get(name).disconnect(web)
    project.engine.networks.get(name).connect(web)
    assert "putting that right" in project.berth("up")
    assert project.one("web").attrs["NetworkSettings"]["Networks"][name]["Aliases"] == wanted
    assert serves(project)


def test_a_paused_container_goes_on(project: Project) -> None:
    proxy = project.one("proxy")
    proxy.pause()
    assert f"repair: container {proxy.name} is paused; putting that right" in project.berth("up")
    assert serves(project)


def test_lost_data_is_said_in_dev(project: Project) -> None:
    remember(project, "precious")
    (volume,) = project.data_volumes()
    lose(project, volume)
    assert f"data is lost: volume {volume} is not on the engine any more; what used it starts empty" in project.berth("up")
    assert remembered(project) == ""
    assert "is lost" not in project.berth("up")


def test_an_application_that_is_renamed_leaves_data_behind(project: Project) -> None:
    remember(project, "of the old name")
    (old,) = project.data_volumes()
    write_application(project, "renamed")
    assert f"data kept but not used any more: {old} " in project.berth("up")
    assert remembered(project) == ""
    write_application(project, "mishap")
    (new,) = set(project.data_volumes()) - {old}
    assert f"data kept but not used any more: {new} " in project.berth("up")
    assert remembered(project) == "of the old name"


def test_the_instance_of_another_stack_is_refused(project: Project) -> None:
    identity = project.root / ".berth" / "dev.json"
    twin = identity.with_name("twin.json")
    shutil.copy(identity, twin)
    shutil.copy(project.root / "Pulumi.dev.yaml", project.root / "Pulumi.twin.yaml")
    before = project.leftovers()
    said = project.berth("up", "-s", "twin", fails=True)
    assert f"instance {project.instance} is that of stage dev of project mishap, too (container " in said
    assert f"if {twin} was copied from there, remove it" in said
    assert project.leftovers() == before
    assert not list((project.root / ".pulumi" / "stacks").rglob("twin.json"))
    twin.unlink()
    (project.root / "Pulumi.twin.yaml").unlink()


def refused_by_both(project: Project, said: str) -> None:
    """Whoever starts the stage is refused, and nothing is made."""
    assert said in project.berth("up", fails=True)
    plain = subprocess.run(["pulumi", "up", "--yes", "--non-interactive", "-s", "dev"], cwd=project.root, text=True, capture_output=True, check=False)
    assert plain.returncode != 0
    assert said in plain.stdout + plain.stderr
    assert not (project.root / ".berth" / "dev.json").exists()


def test_a_lost_identity_is_no_new_stage(project: Project) -> None:
    remember(project, "kept")
    instance, identity = project.instance, project.root / ".berth" / "dev.json"
    text = f"{identity}: is gone, but Pulumi's state knows this stage as instance {instance}: it would start without its data."
    content = identity.read_text()
    identity.unlink()
    refused_by_both(project, text)
    assert "healthy" in project.berth("status"), "it is still found"
    assert "mishap-dev" in project.berth("down")
    refused_by_both(project, text)  # the state is empty now
    identity.write_text(content)
    project.berth("up")
    assert remembered(project) == "kept"


def test_a_foreign_identity_is_refused(project: Project) -> None:
    identity = project.root / ".berth" / "dev.json"
    content, instance = identity.read_text(), project.instance
    identity.write_text(content.replace(instance, "0badcafe"))
    text = f"says instance 0badcafe, but Pulumi's state knows this stage as instance {instance}"
    assert text in project.berth("up", fails=True)
    assert text in project.berth("erase", "--confirm", "dev", fails=True)
    identity.write_text(content)
    project.berth("up")


def images(project: Project) -> set[str]:
    return {tag for image in project.engine.images.list(name="mishap-web") for tag in image.tags}


def test_images_of_others_are_kept_and_a_lost_identity_can_be_erased(project: Project, make_project: Make) -> None:
    clone = make_project("clone")
    write_application(clone, "mishap")
    clone.berth("up")
    clone.berth("down")
    (shared,) = images(project)
    instance = project.instance
    (project.root / ".berth" / "dev.json").unlink()
    said = project.berth("erase", "--confirm", "dev")
    assert f"kept image {shared}: stage dev of project clone may need it" in said
    assert not any(project.leftovers(instance).values())

    theirs = clone.instance
    assert f"erased image {shared}" in clone.berth("erase", "--confirm", "dev")
    assert images(clone) == set()
    assert not any(clone.leftovers(theirs).values())

    project.berth("up")
    assert project.instance != instance
    assert serves(project)


# --- prod ---


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    environment, stage = (
        {"PULUMI_CONFIG_PASSPHRASE": "of this test"},
        {"topology": "prod", "images": {"moving_tags": True}, "proxy": {"tls": {"elsewhere": {}}}},
    )
    project = Project(root=tmp_path_factory.mktemp("mishap") / "mishap", name="mishap-prod", stack="prod", environment=environment, stage=stage)
    write_application(project, "mishap-prod")
    project.pulumi("stack", "init")
    project.pulumi("config", "set", "berth:instance", project.instance)
    project.pulumi("config", "set", "--secret", "berth:root_secret", "5eed" * 16)
    project.berth("up")
    yield project
    project.berth("down")
    for volume in project.engine.volumes.list(filters={"name": project.instance}):  # one of them has no labels
        volume.remove()
    assert not any(project.leftovers().values())


def test_lost_data_is_refused_in_prod(prod: Project) -> None:
    remember(prod, "precious")
    (volume,) = prod.data_volumes()
    lose(prod, volume)
    before = prod.leftovers()
    said = prod.berth("up", fails=True)
    remedy = "restore it from a backup under that name, or start empty with berth up -s prod --accept-lost-data"
    assert said == f"berth: data is lost: volume {volume} is not on the engine any more. Nothing was touched: {remedy}\n"
    assert prod.leftovers() == before
    assert f"data is lost: volume {volume}" in prod.berth("up", "--accept-lost-data")
    assert remembered(prod) == ""


def test_data_put_back_by_hand_is_data(prod: Project) -> None:
    (volume,) = prod.data_volumes()
    lose(prod, volume)
    prod.engine.volumes.create(volume, labels={"backup": "daily"})
    prod.engine.containers.run("debian:trixie-slim", ["sh", "-c", "echo restored >/v/note"], volumes={volume: {"bind": "/v", "mode": "rw"}}, remove=True)
    prod.berth("up")
    assert remembered(prod) == "restored"
    assert "repair" not in prod.berth("up")
    assert volume in prod.berth("down")
    prod.berth("up", "--", "--refresh")
    assert remembered(prod) == "restored"
    lose(prod, volume)
    assert f"data is lost: volume {volume}" in prod.berth("up", fails=True)
    assert f"data is lost: volume {volume}" in prod.berth("up", "--accept-lost-data")


def test_the_state_of_another_stage_is_refused_and_the_remedy_works(prod: Project, tmp_path: Path) -> None:
    remember(prod, "kept")
    (prod.root / ".pulumi").rename(tmp_path / "lost")
    said = prod.berth("up", fails=True)
    command = said.split("If it is lost for good: ")[1].split(", then berth up -s prod")[0]
    subprocess.run(["sh", "-c", command], check=True, capture_output=True)
    prod.berth("up")
    assert remembered(prod) == "kept"


def test_an_empty_passphrase_is_refused_wherever_it_stands(prod: Project, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n")
    with_file = {name: value for name, value in prod.environment.items() if name != "PULUMI_CONFIG_PASSPHRASE"}
    for environment in ({"PULUMI_CONFIG_PASSPHRASE": ""}, {"PULUMI_CONFIG_PASSPHRASE": "", "PULUMI_CONFIG_PASSPHRASE_FILE": str(empty)}):
        prod.environment = with_file
        assert "stage prod refuses an empty passphrase" in prod.berth("up", fails=True, **environment)
    prod.environment = {"PULUMI_CONFIG_PASSPHRASE": "of this test"}
