"""A Docker engine of a test's own, in a network of its own, which may be restarted and killed: the one that everybody uses is left alone.

It may be blind for folders of this host too, as an engine on another machine is.
"""

import io
import json
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import docker
import docker.errors
import psutil
import requests

READY_S = 120
BASE = """\
FROM debian:trixie-slim
RUN apt-get update && apt-get install -y --no-install-recommends busybox-static && ln -sf /bin/true /usr/bin/apt-get
"""
"""What the tools of berth are built from, where there is no network: what they would install is there already."""
CONTAINERD = Path("/run/containerd")
"""Where an engine finds a containerd that runs already, which would see this host's files."""
APART = """\
root=$1
shift
mount --bind "$root" /mnt
while [ "$1" != -- ]; do
  [ ! -d "$1" ] || mount -t tmpfs none "$1"
  shift
done
shift
mkdir -p "$root"
mount --move /mnt "$root"
exec "$@"
"""
"""Runs a command for which folders are empty, but for the engine's own."""


@dataclass
class SecondEngine:
    """Runs the very programs of the engine that runs already, as root."""

    root: Path
    """A short path: those of sockets have a limit."""
    hidden: tuple[Path, ...] = ()
    """Folders of this host that are empty for it and its containers. None: it has this host's file system."""

    def __post_init__(self) -> None:
        model = next(process for process in psutil.process_iter() if process.name() == "dockerd")
        self._program, self._path = model.exe(), model.environ()["PATH"]
        self.host = f"unix://{self.root}/s"
        configuration = {
            "data-root": f"{self.root}/data",
            "exec-root": f"{self.root}/x",
            "pidfile": f"{self.root}/pid",
            "hosts": [self.host],
            "containerd-namespace": f"berth-{os.getpid()}",
            "containerd-plugins-namespace": f"berth-{os.getpid()}-plugins",
            "default-address-pools": [{"base": "10.231.0.0/16", "size": 24}],
        }
        (self.root / "daemon.json").write_text(json.dumps(configuration))
        (self.root / "network").touch()
        subprocess.run(["unshare", f"--net={self.root}/network", "busybox", "ip", "link", "set", "lo", "up"], check=True)

    def inside(self, *command: str) -> list[str]:
        """A command line that runs in the engine's network."""
        return ["nsenter", f"--net={self.root}/network", *command]

    def start(self) -> None:
        """Start it, and wait until it answers."""
        (self.root / "pid").unlink(missing_ok=True)
        with (self.root / "log").open("a") as log:
            daemon = self.inside(*self._apart(), self._program, "--config-file", str(self.root / "daemon.json"))
            environment = {**os.environ, "PATH": self._path}
            self._daemon = subprocess.Popen(daemon, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", env=environment)
        end = time.monotonic() + READY_S
        while not self._answers():
            assert (self._daemon.poll(), time.monotonic() < end) == (None, True), (self.root / "log").read_text()[-3000:]
            time.sleep(0.2)

    def _apart(self) -> list[str]:
        """What runs the engine with a view of the files that is its own."""
        if not self.hidden:
            return []
        covered = map(str, (*self.hidden, CONTAINERD))
        return ["unshare", "--mount", "--propagation", "slave", "sh", "-euc", APART, "apart", str(self.root), *covered, "--"]

    def _answers(self) -> bool:
        with suppress(docker.errors.DockerException, requests.exceptions.RequestException):
            self.client = docker.DockerClient(base_url=self.host)
            return True
        return False

    def take(self, other: docker.DockerClient, *images: str) -> None:
        """Copy images from another engine."""
        for name in images:
            self.client.images.load(b"".join(other.images.get(name).save(named=name)))
        base, _ = other.images.build(fileobj=io.BytesIO(BASE.encode()), rm=True)
        (loaded,) = self.client.images.load(b"".join(base.save()))
        loaded.tag("debian", "trixie-slim")
        other.images.remove(str(base.id))

    def stop(self) -> None:
        """As a machine that is shut down does it."""
        self._daemon.terminate()
        self._daemon.wait()

    def power_cut(self, chance: random.Random) -> None:
        """Everything of it is gone at once, containers first or last."""
        mine = [process for process in psutil.process_iter() if self._is_mine(process)]
        mine += [child for process in mine for child in process.children(recursive=True)]
        chance.shuffle(mine)
        for process in mine:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._daemon.wait()
        psutil.wait_procs(mine)

    def _is_mine(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error):
            return any(str(self.root) in word for word in process.cmdline())
        return False

    def remove(self) -> None:
        """Stop it, however it is, and take away all that it had."""
        if self._answers():
            for container in self.client.containers.list(all=True):
                container.remove(force=True, v=True)
        self.stop()
        for mounted in sorted((one.mountpoint for one in psutil.disk_partitions(all=True) if one.mountpoint.startswith(f"{self.root}/")), reverse=True):
            subprocess.run(["umount", "--lazy", mounted], check=True)  # its network, and what a power cut has left
        shutil.rmtree(self.root)


@contextmanager
def second_engine(other: docker.DockerClient, images: tuple[str, ...], hidden: tuple[Path, ...] = ()) -> Iterator[SecondEngine]:
    """A running one that has these images of the other; nothing of it is left."""
    made = SecondEngine(root=Path(tempfile.mkdtemp(prefix="berth-")), hidden=hidden)
    try:
        made.start()
        made.take(other, *images)
        yield made
    finally:
        made.remove()
