"""CiRA ME as its users and its administrators see it."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
from docker.models.networks import Network

from tests.engine.examples.readers import folder_of, inside
from tests.engine.examples.shipped import Changes, Shipped
from tests.engine.test_every_word import free_subnet

FOLDERS = ("data", "models", "datasets")


def recording(rows: int = 200) -> str:
    """A CSV of two columns that tell two classes apart."""
    draw = random.Random(1)
    lines = [f"{draw.gauss(3 * kind, 1):.3f},{draw.gauss(-2 * kind, 1):.3f},{kind}" for kind in (0, 1) for _ in range(rows // 2)]
    return "\n".join(["a,b,class", *lines, ""])


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

    def nginx(self) -> str:
        """What the proxy is told."""
        return inside(self, "proxy", "cat", "/etc/berth/nginx.conf")

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
