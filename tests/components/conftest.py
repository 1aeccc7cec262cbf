"""The scripts of the tools image, run for real by the busybox of this machine (Debian: busybox-static)."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from components.tools import CONTEXT

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def berth(tmp_path: Path) -> Path:
    """The folder /.berth of a container, with its other paths below it as well."""
    busybox = shutil.which("busybox")
    assert busybox, "busybox is missing: apt-get install busybox-static (make test does it)"
    folder = tmp_path / "berth"
    folder.mkdir()
    for name in ("secrets", "tmp", "berth"):
        (folder / name).mkdir()
    (folder / "busybox").symlink_to(busybox)
    for script in CONTEXT.iterdir():
        (folder / script.name).write_text(re.sub(r"/\.berth/(?=busybox)|/run/(?=secrets|berth)|/etc/(?=berth)|/(?=tmp/)", f"{folder}/", script.read_text()))
    return folder


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that has to come."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


@pytest.fixture
def run(berth: Path) -> Run:
    def call(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        command = [str(berth / "busybox"), "sh", str(berth / name), *arguments]
        return subprocess.run(command, capture_output=True, check=False, timeout=20, env={"PATH": os.environ["PATH"], **environment})

    return call
