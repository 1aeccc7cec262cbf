"""Where a secret must not stand: everything that Docker, Pulumi, the host and the site show to whoever has no business with it."""

import base64
import json
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import quote

from docker.models.containers import Container

from tests.engine.project import Project, exec_in
from tests.engine.visitor import eventually

NOBODY = 65534
PROCESSES = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null"
"""What other users are shown of everybody's processes."""


def forms(secret: str) -> set[bytes]:
    """A secret as it stands, percent-encoded, and in base64 wherever it begins within what was encoded."""
    raw = secret.encode()
    encoded = {base64.b64encode(b"\0" * shift + raw)[-(-shift * 4 // 3) :].rstrip(b"=")[:-1] for shift in range(3)}
    return {raw, quote(secret, safe="").encode(), *encoded, *(one.replace(b"+", b"-").replace(b"/", b"_") for one in encoded)}


def leaks(places: Mapping[str, bytes], secrets: Mapping[str, str]) -> list[str]:
    """Which secret stands where."""
    return [f"{name} in {place}" for name, secret in secrets.items() for place, text in places.items() if any(form in text for form in forms(secret))]


def shown(project: Project, private: Iterable[str] = ()) -> dict[str, bytes]:
    """Everything that is shown of a stage whose jobs have ended, by place; `private` are files of its folder that hold secrets and are for their owner alone."""
    places: dict[str, bytes] = {}
    eventually(lambda: all(one.status != "running" for one in project.containers(role="job")))  # some stay for seconds, and would end while they are read
    for one in project.containers(everything=True):
        places |= _of_container(one)
    for kind in (project.engine.volumes, project.engine.networks):
        places |= {f"docker inspect {one.name}": json.dumps(one.attrs).encode() for one in kind.list(filters={"label": f"berth.instance={project.instance}"})}
    for path in project.root.rglob("*"):
        if path.is_file() and not {str(path.relative_to(project.root)), path.name} & set(private):
            places[str(path)] = path.read_bytes()
    for command in (["preview", "--diff", "--show-sames"], ["stack", "export"], ["stack", "output", "--json"], ["config"]):
        places[f"pulumi {' '.join(command)}"] = project.pulumi(*command).encode()
    for command in (["status", "--json"], ["config"], ["logs", "-n", "10000"]):
        places[f"berth {' '.join(command)}"] = project.berth(*command).encode()
    places["processes of the host"] = processes()
    return places


def saved(project: Project) -> dict[str, bytes]:
    """The images that were built for a stage, as `docker save` hands them out."""
    images = {image.id: image for one in project.containers(everything=True) if (image := one.image) and not image.attrs["RepoDigests"]}
    return {f"docker save {image.tags}": b"".join(image.save()) for image in images.values()}


def processes() -> bytes:
    """Arguments and variables of every process of the host, as another user sees them."""
    return subprocess.run(["sh", "-c", PROCESSES], capture_output=True, user=NOBODY, group=NOBODY, extra_groups=[], check=False).stdout


@contextmanager
def watched() -> Iterator[dict[str, bytes]]:
    """The same, again and again while something runs."""
    seen: dict[str, bytes] = {}
    ended = threading.Event()

    def watch() -> None:
        lines: set[bytes] = set()
        while not ended.wait(0.2):
            lines.update(processes().split(b"\0"))
            seen["processes of the host meanwhile"] = b"\n".join(lines)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def _of_container(one: Container) -> dict[str, bytes]:
    image = one.image
    assert image
    places = {
        f"docker inspect {one.name}": json.dumps(one.attrs).encode(),
        f"docker logs {one.name}": b"".join(one.logs(stream=True, follow=False)),
        f"docker history of {one.name}": json.dumps([image.attrs, image.history()]).encode(),
    }
    if one.status == "running":
        places[f"docker top {one.name}"] = json.dumps(one.top()).encode()
        _, said = exec_in(one, "/.berth/busybox", "sh", "-c", PROCESSES.replace("cat", "/.berth/busybox cat"), user=f"{NOBODY}:{NOBODY}")
        assert said, "other users see the arguments of a process"
        places[f"processes of {one.name}"] = said
    return places


def held(container: Container, path: str) -> str:
    """What a file holds for the user of its container."""
    code, said = exec_in(container, "/.berth/busybox", "cat", path)
    assert code == 0, said
    return said.decode()
