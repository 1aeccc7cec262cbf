"""CiRA ME as its users and its administrators see it."""

import json
import os
import random
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from docker.models.networks import Network

from tests.engine.examples.readers import folder_of
from tests.engine.examples.shipped import Changes, Shipped
from tests.engine.test_every_word import free_subnet
from tests.engine.visitor import eventually

FOLDERS = ("data", "models", "datasets")


def recording(rows: int = 200) -> str:
    """A CSV of two columns that tell two classes apart."""
    draw = random.Random(1)
    lines = [f"{draw.gauss(3 * kind, 1):.3f},{draw.gauss(-2 * kind, 1):.3f},{kind}" for kind in (0, 1) for _ in range(rows // 2)]
    return "\n".join(["a,b,class", *lines, ""])


@dataclass
class Late:
    """A question that a backend is at work on until it is told what it reads: its dataset is a pipe meanwhile."""

    dataset: Path
    answer: Future[httpx.Response]
    since: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.pipe = eventually(self._opened)

    def _opened(self) -> int:
        """The writer's end; 0 as long as nobody reads."""
        try:
            return os.open(self.dataset, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            assert not self.answer.done(), self.answer.result().text
            return 0

    def end(self) -> httpx.Response:
        """Let it read, and what it answers."""
        assert not self.answer.done(), f"nobody waited for the backend: {self.answer.result()}"
        os.write(self.pipe, recording().encode())
        os.close(self.pipe)
        self.dataset.unlink()
        self.dataset.write_text(recording())
        return self.answer.result()


@dataclass
class Cirame(Shipped):
    """A copy of the example, up in a network that is free."""

    name: str = "cirame"

    def fit(self) -> None:
        """What has to differ from the example for a test: the subnet, and no more cores than there are."""
        self.subnet = free_subnet(self.engine)
        self.cores = min(float(self.value("apps backend resources cpus")), float(self.engine.info()["NCPU"]))
        addresses = {"frontend": "10", "backend": "20"} if self.stack == "dev" else {}
        apps: Changes = {name: {"address": self.subnet.replace("0/24", last)} for name, last in addresses.items()}
        apps = {"backend": {}, **apps}
        apps["backend"] |= {"resources": {"cpus": f"{self.cores}"}}
        self.configure(apps=apps, networks={"front": {"subnet": self.subnet}})

    @property
    def direct_url(self) -> str:
        return f"http://127.0.0.1:{self.port('apps backend routes / listen')}"

    def front(self) -> Network:
        """The network that joins proxy and apps."""
        (found,) = self.engine.networks.list(filters={"label": [f"berth.instance={self.instance}", "berth.service=front"]})
        found.reload()
        return found

    def addresses(self, service: str) -> list[str]:
        """Addresses of a service in that network."""
        return [one.attrs["NetworkSettings"]["Networks"][self.front().name]["IPAddress"] for one in self.replicas(service)]

    def ask_late(self, name: str) -> Late:
        """Ask for the features of a dataset that the backend cannot read to its end yet."""
        assert self.sent(10, name) == 201
        dataset = self.root / "docker-volumes" / "datasets" / f"{name}.csv"
        dataset.unlink()
        os.mkfifo(dataset)
        dataset.chmod(0o666)
        return Late(dataset, ThreadPoolExecutor(1).submit(httpx.get, f"{self.url}/api/features/{name}", timeout=320))

    def balanced(self, path: str) -> set[str]:
        """Who answers when one asks again and again, by address and port, as the proxy's log has them."""
        asked = f"{path}?{uuid4()}"
        for _ in range(12):
            httpx.get(f"{self.url}{asked}").raise_for_status()

        def logged() -> list[str]:
            found = [line for line in self.one("proxy").logs().decode().splitlines() if f" {asked} HTTP/" in line]
            return found if len(found) == 12 else []

        return {line.rpartition(" ")[2].strip('"') for line in eventually(logged)}

    def record(self, path: str) -> dict[str, Any]:
        """What a backend writes down of a request."""
        httpx.get(f"{self.url}{path}")

        def written() -> list[str]:
            lines = [line for one in self.replicas("backend") for line in one.logs().decode().splitlines()]
            return [line for line in lines if path in line]

        return dict(json.loads(eventually(written)[-1]))

    def header(self, name: str, path: str = "/") -> str | None:
        """A header of an answer to a browser."""
        headers: dict[str, str] = dict(httpx.get(f"{self.url}{path}", headers={"Accept-Encoding": "gzip"}).headers)
        return headers.get(name)

    def asset(self) -> str:
        """Path of the script that the built page loads."""
        return httpx.get(self.url).text.partition('src="')[2].partition('"')[0]

    def allowed(self, origin: str) -> str | None:
        """What a page of an origin is told when it asks the backend's own port."""
        headers: dict[str, str] = dict(httpx.get(f"{self.direct_url}/api/data/sources", headers={"Origin": origin}).headers)
        return headers.get("access-control-allow-origin")

    def sent(self, size: int, name: str) -> int:
        """Status of the answer to a dataset of that many bytes."""
        return httpx.put(f"{self.url}/api/data/{name}", content=b"1" * size, timeout=120).status_code

    def binds(self) -> set[str]:
        """Folders of the example that hold data, as the engine has them."""
        return {str(path.relative_to(self.root)) for name in FOLDERS if (path := folder_of(self, name))}

    def sources(self) -> list[str]:
        """Names of the datasets."""
        return [source["name"] for source in httpx.get(f"{self.url}/api/data/sources").json()]

    def upload_many(self, count: int, prefix: str) -> Counter[str]:
        """Upload small datasets, many at once; how many each replica took."""

        def upload(number: int) -> str:
            answer = httpx.put(f"{self.url}/api/data/{prefix}-{number}", content="a,class\n1,0\n2,1\n", timeout=60)
            assert answer.status_code == 201, answer.text
            return str(answer.headers["x-served-by"])

        with ThreadPoolExecutor(24) as pool:
            return Counter(pool.map(upload, range(count)))
