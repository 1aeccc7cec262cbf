"""Whatever a user may write, nginx takes: many sites, one container."""

import io
import tarfile
from collections.abc import Iterator

import docker
import pytest
from docker.models.containers import Container
from hypothesis import Phase, given, settings

from components.proxy.certificate import MATERIAL_BYTES, self_signed
from components.proxy.nginx import Site, render
from tests.sites import SAMPLES, sample, sites

CHECK = 'cd /etc/berth; for site in *.conf; do echo "== $site"; nginx -t -q -c "/etc/berth/$site" -e /dev/stderr 2>&1; done; echo "== end"'
MANY = 150


def many() -> list[Site]:
    """Sites of the strategy, the same every time."""
    made: list[Site] = []

    @settings(derandomize=True, max_examples=MANY, deadline=None, database=None, phases=[Phase.generate])
    @given(sites())
    def collect(site: Site) -> None:
        made.append(site)

    collect()
    return made


def packed(files: dict[str, str]) -> bytes:
    """Files as the engine takes them."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"berth/{name}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


@pytest.fixture
def nginx(engine: docker.DockerClient) -> Iterator[Container]:
    container = engine.containers.create("nginx:1.28", ["-c", CHECK], entrypoint=["sh"], network_mode="none", labels={"berth.test": "nginx-accepts"})
    yield container
    container.remove(v=True, force=True)


def said_of(nginx: Container, sites_: dict[str, Site]) -> dict[str, str]:
    """What nginx has to say to each."""
    certificate = self_signed(["a.example"], b"x" * MATERIAL_BYTES)
    configurations = {f"{name}.conf": render(site) for name, site in sites_.items()}
    nginx.put_archive("/etc", packed({"tls.crt": certificate.chain, "tls.key": certificate.key, **configurations}))
    nginx.start()
    nginx.wait(timeout=300)
    parts = nginx.logs().decode().split("== ")[1:]
    assert parts[-1] == "end\n"
    return dict(part.split("\n", maxsplit=1) for part in parts[:-1])


def test_nginx_accepts_every_site_without_a_warning(nginx: Container) -> None:
    made = {f"any-{number:03}": site for number, site in enumerate(many())} | {name: sample(name) for name in SAMPLES}
    assert len(made) > MANY
    said = said_of(nginx, made)
    assert len(said) == len(made)
    assert {name: (text, render(made[name.removesuffix(".conf")])) for name, text in said.items() if text} == {}


def test_nginx_refuses_what_is_wrong(nginx: Container) -> None:
    """The check above can fail."""
    site = sample("one-app")
    said = said_of(nginx, {"wrong": Site(**{**vars(site), "headers": (("X;", "1"),)})})
    assert "[emerg]" in said["wrong.conf"]
