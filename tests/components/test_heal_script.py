"""The probe that heals: it counts, spares who was never well, and ends who was; in a folder of its own instead of /dev/shm and /proc."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.tools import CONTEXT
from tests.components.conftest import until


class Service:
    """A process that could be some init's child, and the probe for it."""

    def __init__(self, folder: Path, *, deaf: bool = False) -> None:
        self.folder = folder
        (folder / "shm").mkdir()
        (folder / "proc").mkdir()
        text = (CONTEXT / "heal").read_text().replace("/.berth/busybox", shutil.which("busybox") or "").replace("/dev/shm", str(folder / "shm"))
        (folder / "heal").write_text(re.sub(r"/proc(?=[/\[])", str(folder / "proc"), text))
        ignoring = "trap '' TERM; " if deaf else ""
        self.process = subprocess.Popen(["sh", "-c", f"{ignoring}while :; do sleep 0.1; done"])
        self.show(1)

    def show(self, parent: int) -> None:
        """Let the probe see the process as a child of process `parent`."""
        place = self.folder / "proc" / str(self.process.pid)
        place.mkdir(exist_ok=True)
        (place / "status").write_text(f"Name:\tsh\nPPid:\t{parent}\n")

    def probe(self, *, well: bool, retries: int = 3, seconds: int = 1) -> int:
        command = ["busybox", "sh", str(self.folder / "heal"), str(retries), "SIGTERM", str(seconds), "--", "true" if well else "false"]
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    yield made
    made.process.kill()
    made.process.wait()


def test_the_result_is_the_probes(service: Service) -> None:
    assert [service.probe(well=well) for well in (True, False, True)] == [0, 1, 0]


def test_who_was_well_and_is_not_any_more_is_ended(service: Service) -> None:
    service.probe(well=True)
    for _ in range(3):
        service.probe(well=False)
    time.sleep(0.3)
    assert not service.ended, "as long as the engine waits too"
    service.probe(well=False)
    until(lambda: service.ended)


def test_who_was_never_well_is_spared(service: Service) -> None:
    for _ in range(6):
        service.probe(well=False)
    time.sleep(0.3)
    assert not service.ended


def test_a_success_in_between_begins_anew(service: Service) -> None:
    for well in (True, False, False, True, False, False):
        service.probe(well=well)
    time.sleep(0.3)
    assert not service.ended


def test_only_what_the_init_started_is_ended(service: Service) -> None:
    service.show(0)
    for well in (True, False, False, False, False):
        service.probe(well=well)
    time.sleep(0.5)
    assert not service.ended


def test_who_does_not_hear_is_made_to(tmp_path: Path) -> None:
    deaf = Service(tmp_path, deaf=True)
    time.sleep(0.3)
    for well in (True, False, False, False, False):
        deaf.probe(well=well)
    until(lambda: deaf.ended)
    assert deaf.process.wait() == -9
