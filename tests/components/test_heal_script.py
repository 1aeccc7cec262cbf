"""The probe that heals: it counts, spares who was never well, and ends who was; in a folder of its own instead of /dev/shm and /proc.

The last resort, SIGKILL to all there are, would reach beyond that folder: here it is written down instead.
"""

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
        assert text.count("kill -KILL -1 ") == 1
        text = text.replace("kill -KILL -1 ", f": >{folder}/killed ")
        (folder / "heal").write_text(re.sub(r"/proc(?=[/\[])", str(folder / "proc"), text))
        self.at(1000)
        ignoring = "trap '' TERM; " if deaf else ""
        self.process = subprocess.Popen(["sh", "-c", f"{ignoring}while :; do sleep 0.1; done"])
        self.show(1)

    def show(self, parent: int) -> None:
        """Let the probe see the process as a child of process `parent`."""
        place = self.folder / "proc" / str(self.process.pid)
        place.mkdir(exist_ok=True)
        (place / "status").write_text(f"Name:\tsh\nPPid:\t{parent}\n")

    def at(self, second: int) -> None:
        """Let it be so many seconds since the start of the host."""
        (self.folder / "proc" / "uptime").write_text(f"{second}.37 99.00\n")

    def probe(self, *, well: bool = False, command: str = "", retries: int = 3, seconds: int = 5, patience: int = 20) -> subprocess.CompletedProcess[str]:
        probe = ["sh", "-c", command] if command else ["true" if well else "false"]
        heal = ["busybox", "sh", str(self.folder / "heal"), str(retries), str(patience), "SIGTERM", str(seconds), "--", *probe]
        return subprocess.run(heal, capture_output=True, timeout=60, check=False, text=True)

    @property
    def killed(self) -> bool:
        """Whether everything was sent SIGKILL."""
        return (self.folder / "killed").exists()

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
    assert [service.probe(well=well).returncode for well in (True, False, True)] == [0, 1, 0]
    said = service.probe(command="echo why; exit 7")
    assert (said.returncode, said.stdout, said.stderr) == (7, "why\n", "")


def test_who_was_well_and_is_not_any_more_is_ended(service: Service) -> None:
    for well in (True, False, False):
        service.probe(well=well)
    time.sleep(0.3)
    assert not service.ended, "as long as the engine waits too"
    service.probe()
    until(lambda: service.ended)
    assert service.process.wait() == -15


def test_one_failure_may_be_enough(service: Service) -> None:
    service.probe(well=True)
    service.probe(retries=1)
    until(lambda: service.ended)


def test_who_was_never_well_is_spared(service: Service) -> None:
    for _ in range(6):
        service.probe()
    time.sleep(0.3)
    assert not service.ended


def test_a_success_in_between_begins_anew(service: Service) -> None:
    for well in (True, False, False, True, False, False):
        service.probe(well=well)
    time.sleep(0.3)
    assert not service.ended


def test_a_probe_that_takes_too_long_has_failed(service: Service) -> None:
    service.probe(well=True)
    said = [service.probe(command="exec sleep 30", patience=1) for _ in range(3)]
    assert [(one.returncode, one.stdout) for one in said] == [(143, "no answer within 1 s\n")] * 3
    until(lambda: service.ended)


def test_who_is_unwell_and_would_be_after_a_start_is_spared(service: Service) -> None:
    service.probe(well=True)
    for _ in range(6):
        assert service.probe(command="exit 100").returncode == 100
    time.sleep(0.3)
    assert not service.ended


def test_only_what_the_init_started_is_ended(service: Service) -> None:
    service.show(0)
    for well in (True, False, False, False, False):
        service.probe(well=well)
    time.sleep(0.5)
    assert not service.ended


def test_who_does_not_hear_is_made_to_when_its_time_is_up(tmp_path: Path) -> None:
    deaf = Service(tmp_path, deaf=True)
    time.sleep(0.3)
    for well in (True, False, False, False):
        deaf.probe(well=well)
    deaf.at(1004)
    deaf.probe()
    assert not deaf.killed
    deaf.at(1005)
    deaf.probe()
    assert deaf.killed
    assert not deaf.ended, "it was asked, once"
    deaf.process.kill()
    deaf.process.wait()


@pytest.mark.parametrize("well", [True, False])
def test_where_nobody_can_start_a_process_it_still_counts_and_ends(well: bool, service: Service) -> None:
    """Without a program of its own: what the shell cannot do itself fails, as where a service has taken all processes there are."""
    if well:
        service.probe(well=True)
    script = service.folder / "heal"
    script.write_text(script.read_text().replace(f"b={shutil.which('busybox')}", "b=/nowhere"))
    for _ in range(3):
        assert service.probe(well=True).returncode == 127
    service.at(1005)
    assert service.probe(well=True).returncode == 127
    assert (service.killed, service.ended) == (well, well)
    assert not re.search(r"\$\((?!\()|[^|]\|[^|]", script.read_text().split("set -eu")[1].split("case $code")[0]), "no subshell, no pipe"
