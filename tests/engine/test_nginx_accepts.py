"""Whatever a user may write, nginx takes: many sites, one container."""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import replace

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
    every = {f"any-{number:03}": site for number, site in enumerate(many())} | {name: sample(name) for name in SAMPLES}
    made = {name: replace(site, embedded=False) for name, site in every.items()}
    assert len(made) > MANY
    said = said_of(nginx, made)
    assert len(said) == len(made)
    assert {name: (text, render(made[name.removesuffix(".conf")])) for name, text in said.items() if text} == {}


def test_nginx_refuses_what_is_wrong(nginx: Container) -> None:
    """The check above can fail."""
    site = sample("one-app")
    said = said_of(nginx, {"wrong": Site(**{**vars(site), "headers": (("X;", "1"),)})})
    assert "[emerg]" in said["wrong.conf"]


def at_home(site: Site) -> Site:
    """The same site in one container with its apps."""
    local = tuple(replace(one, servers=tuple(f"127.0.0.1:{server.rpartition(':')[2]}" for server in one.servers)) for one in site.upstreams)
    return replace(site, embedded=True, kept_ms=0, upstreams=local, pages=(), streams=())


def test_nginx_accepts_every_site_of_one_container(nginx: Container) -> None:
    """This nginx is newer than those of distributions, and would have `http2` said otherwise."""
    made = {f"any-{number:03}": at_home(site) for number, site in enumerate(many())}
    said = said_of(nginx, made)
    assert len(said) == len(made)
    left = {name: [line for line in text.splitlines() if '"listen ... http2" directive is deprecated' not in line] for name, text in said.items()}
    assert {name: lines for name, lines in left.items() if lines} == {}
