"""Bytes as they come: a data service's own port through the proxy."""

from collections.abc import Iterator

import docker
import pytest
from docker.models.containers import Container

from components.proxy.nginx import render
from tests.engine.project import said_in
from tests.engine.test_nginx_accepts import packed
from tests.sites import configured

ASK = "until printf 'PING\\r\\nQUIT\\r\\n' | curl -s --max-time 5 telnet://127.0.0.1:8082; do sleep 0.2; done"


@pytest.fixture
def proxy(engine: docker.DockerClient) -> Iterator[Container]:
    """A proxy, and a Redis that is called `db`, on a network of their own."""
    network = engine.networks.create("berth-test-streams", internal=True, labels={"berth.test": "streams"})
    made: list[Container] = []
    try:
        for image, command, alias in (("redis:8", ["redis-server", "--port", "5432"], "db"), ("nginx:1.28", ["nginx", "-c", "/etc/berth/nginx.conf"], "proxy")):
            configuration = {"berth-test-streams": engine.api.create_endpoint_config(aliases=[alias])}
            made.append(
                engine.containers.create(image, command, network="berth-test-streams", networking_config=configuration, labels={"berth.test": "streams"})
            )
        made[1].put_archive("/etc", packed({"nginx.conf": render(configured({}, {}, pages=True))}))
        for container in made:
            container.start()
        yield made[1]
    finally:
        for container in made:
            container.remove(force=True, v=True)
        network.remove()


def test_a_port_of_a_data_service(proxy: Container) -> None:
    assert said_in(proxy, "timeout", "60", "sh", "-c", ASK).split() == ["+PONG", "+OK"]
