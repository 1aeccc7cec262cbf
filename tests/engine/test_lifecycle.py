"""A stage through its life: broken and mended, killed, taken down, brought back, erased. Each test leaves the stage healthy."""

import contextlib
import os
import random
import time
import uuid

import httpx
import psutil
import pytest

from tests.engine.conftest import Make
from tests.engine.project import CHECKOUT, Project, free_port

SEED = 20261121
KILLS = int(os.environ.get("BERTH_KILLS", "3"))
QUICK = {"interval": "1s", "timeout": "2s", "retries": 2, "start_period": "8s", "start_interval": "500ms"}


@pytest.fixture(scope="module")
def project(make_project: Make) -> Project:
    project = make_project("life", application=str(CHECKOUT / "demo" / "app.yaml"))
    project.berth("up")
    return project


def healthy(project: Project) -> set[str]:
    return {str(one.labels["berth.service"]) for one in project.containers(role="service") if one.attrs["State"].get("Health", {}).get("Status") == "healthy"}


ALL = {"proxy", "web", "jobs", "db", "cache", "mail"}


def test_a_broken_change_fails_and_its_undoing_heals(project: Project) -> None:
    before = project.one("web").id
    project.configure(apps={"web": {"health": {"path": "/nonsense", **QUICK}}})
    said = project.berth("up", fails=True)
    assert "web" in said
    assert before in [one.id for one in project.containers("web", role="service")], "the healthy one keeps serving"
    assert httpx.get(project.url).status_code == 200
    project.configure(apps={})
    project.berth("up")
    assert healthy(project) == ALL
    assert len(project.containers("web", role="service")) == 1
    project.berth("preview", "--", "--expect-no-changes", "--refresh")


def test_a_broken_change_of_a_secret_can_be_taken_back(project: Project) -> None:
    """Going back makes a volume of files of the very name that is about to go."""
    project.configure(apps={"web": {"env": {"EXTRA": "${db.url}"}, "health": {"path": "/nonsense", **QUICK}}})
    project.berth("up", fails=True)
    project.configure(apps={})
    project.berth("up")
    assert healthy(project) == ALL
    project.berth("preview", "--", "--expect-no-changes", "--refresh")
    known = project.pulumi("stack", "export")
    assert [name for name in project.leftovers()["volumes"] if name not in known] == []


def test_another_stack_with_the_same_instance_is_left_alone(project: Project) -> None:
    """A stage file that was copied, instance and all."""
    theirs = sorted(str(one.id) for one in project.containers(everything=True))
    identity = project.root / ".berth" / "dev.json"
    identity.with_name("twin.json").write_text(identity.read_text())
    twin = (project.root / "Pulumi.dev.yaml").read_text().replace(str(project.http), str(free_port())).replace(str(project.mail_ui), str(free_port()))
    (project.root / "Pulumi.twin.yaml").write_text(twin)
    project.berth("down", "-s", "twin")
    assert sorted(str(one.id) for one in project.containers(everything=True)) == theirs
    identity.with_name("twin.json").unlink()


def test_a_container_removed_by_hand_comes_back(project: Project) -> None:
    project.one("cache").remove(v=True, force=True)
    project.berth("up")
    assert healthy(project) == ALL


def test_a_new_password_reaches_everybody(project: Project) -> None:
    """Rotation of what is derived from the root secret: the data stays, and Postgres takes the password of the file."""
    text = str(uuid.uuid4())
    httpx.post(f"{project.url}/api/notes", json={"text": text}).raise_for_status()
    path = project.root / ".berth" / "dev.json"
    old = path.read_text()
    root = old.split('"root_secret": "')[1][:64]
    path.write_text(old.replace(root, root[::-1]))
    project.berth("up")
    assert text in [note["text"] for note in httpx.get(f"{project.url}/api/notes").json()]


def test_down_keeps_data_and_secrets(project: Project) -> None:
    text = str(uuid.uuid4())
    httpx.post(f"{project.url}/api/notes", json={"text": text}).raise_for_status()
    said = project.berth("down")
    left = project.leftovers()
    assert (left["containers"], left["networks"], left["volumes"]) == ([], [], project.data_volumes())
    assert all(volume in said for volume in project.data_volumes())
    project.berth("up")
    assert text in [note["text"] for note in httpx.get(f"{project.url}/api/notes").json()]


def test_a_lost_state_loses_nothing(project: Project) -> None:
    text = str(uuid.uuid4())
    httpx.post(f"{project.url}/api/notes", json={"text": text}).raise_for_status()
    (project.root / ".pulumi").rename(project.root / "lost")
    project.berth("up")
    assert text in [note["text"] for note in httpx.get(f"{project.url}/api/notes").json()]
    assert len(project.containers(role="service")) == len(ALL)


def kill_everything(pid: int) -> None:
    """SIGKILL for a process and all that it started: berth, Pulumi, its language host, its provider, the program."""
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for one in (root, *root.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()


def test_killed_runs_are_repaired_and_the_neighbour_is_left_alone(project: Project, make_project: Make) -> None:
    neighbour = make_project("neighbour", application=str(CHECKOUT / "demo" / "app.yaml"))
    neighbour.berth("up")
    text = str(uuid.uuid4())
    httpx.post(f"{neighbour.url}/api/notes", json={"text": text}).raise_for_status()
    theirs = sorted(str(one.id) for one in neighbour.containers(everything=True))
    chance = random.Random(SEED)
    for turn in range(KILLS):
        project.berth("down")
        process = project.start("up")
        time.sleep(chance.uniform(0.5, 22))
        kill_everything(process.pid)
        process.communicate()
        project.berth("up")
        assert healthy(project) == ALL, f"turn {turn}"
        known = project.pulumi("stack", "export")
        assert [one.name for one in project.containers(everything=True) if str(one.id) not in known] == [], f"orphans in turn {turn}"
    assert sorted(str(one.id) for one in neighbour.containers(everything=True)) == theirs
    notes = [note["text"] for note in httpx.get(f"{neighbour.url}/api/notes").json()]
    assert text in notes
    assert text not in [note["text"] for note in httpx.get(f"{project.url}/api/notes").json()]


def test_two_runs_at_once_both_end_well(project: Project) -> None:
    project.configure(apps={"web": {"env": {"ROUND": "two"}}})
    runs = [project.start("up") for _ in range(2)]
    said = [run.communicate(timeout=600)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], "\n".join(said)
    assert healthy(project) == ALL


def test_erase_leaves_nothing(project: Project) -> None:
    instance = project.instance
    project.berth("erase", "--confirm", "dev")
    assert project.leftovers(instance) == {"containers": [], "networks": [], "volumes": []}
    assert not (project.root / ".berth" / "dev.json").exists()
