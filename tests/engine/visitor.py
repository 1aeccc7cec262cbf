"""Somebody who uses a site on 127.0.0.1: over HTTP by name, and in a browser."""

import re
import shutil
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
from playwright.sync_api import Error, Page, WebSocket, sync_playwright

from tests.engine.project import Project

CHROMIUM = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
PATIENCE_S = 180
SCENARIO_MS = 60_000
Found = TypeVar("Found")


def eventually(check: Callable[[], Found], seconds: float = PATIENCE_S) -> Found:
    """What `check` returns as soon as that is something."""
    end = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < end, f"{check.__name__} found nothing in {seconds} s"
        time.sleep(0.2)
    return found


class Visitor:
    """Asks a site as `host`; by TLS where it has a port for that, trusting the certificate that it shows."""

    def __init__(self, project: Project, host: str = "localhost", https: int = 0) -> None:
        self.project, self.host, self.https = project, host, https
        self.context = ssl.create_default_context(cadata=self.certificate()) if https else ssl.create_default_context()
        once = httpx.Limits(max_keepalive_connections=0)  # a container that is killed says nothing to those who are connected
        self.client = httpx.Client(verify=self.context, timeout=30, limits=once)

    def certificate(self) -> str:
        """The certificate of the site, PEM."""
        return ssl.get_server_certificate(("127.0.0.1", self.https))

    def ask(self, path: str, method: str = "GET", *, plain: bool = False, host: str = "", sni: str = "", port: int = 0, **more: Any) -> httpx.Response:
        """One request, whatever the answer. `sni`: the name in the handshake, where it is another than that of the request."""
        secure = bool(self.https) and not plain
        url = f"{'https' if secure else 'http'}://127.0.0.1:{port or (self.https if secure else self.project.http)}{path}"
        headers = {"Host": host or self.host, **more.pop("headers", {})}
        return self.client.request(method, url, headers=headers, extensions={"sni_hostname": sni or host or self.host}, **more)

    def patiently(self, path: str, method: str = "GET", **more: Any) -> httpx.Response:
        """A request that waits for its turn where a rate limit says so."""

        def answered() -> list[httpx.Response]:
            return [answer for answer in [self.ask(path, method, **more)] if answer.status_code != 429]

        return eventually(answered)[0]

    def at_once(self, path: str, count: int) -> set[int]:
        """What statuses so many requests get that do not wait for each other."""
        with ThreadPoolExecutor(8) as pool:
            return set(pool.map(lambda _: self.ask(path).status_code, range(count)))

    def json(self, path: str, method: str = "GET", **more: Any) -> Any:
        """What an answer says that has to be a good one."""
        answer = self.patiently(path, method, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def raw(self, target: str) -> bytes:
        """Ask with a path as it is, which no client would send."""
        return self.sent(f"GET {target} HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n")

    def sent(self, text: str) -> bytes:
        """Send a text, and wait until the connection is closed."""
        with self._connection() as connection:
            connection.sendall(text.encode())
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def _connection(self) -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", self.https or self.project.http))
        return self.context.wrap_socket(plain, server_hostname=self.host) if self.https else plain

    def browsing(self) -> httpx.Client:
        """A client that keeps cookies, for which the host leads here."""
        scheme, port = ("https", self.https) if self.https else ("http", self.project.http)
        return httpx.Client(base_url=f"{scheme}://{self.host}:{port}", transport=_Here(self.context), timeout=60)


class _Here(httpx.HTTPTransport):
    """Finds every host on 127.0.0.1."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(verify=context)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        here = request.url.copy_with(host="127.0.0.1")  # the header Host is there already
        extensions = {**request.extensions, "sni_hostname": request.url.host}
        return super().handle_request(httpx.Request(request.method, here, headers=request.headers, stream=request.stream, extensions=extensions))


@contextmanager
def browser(*arguments: str) -> Iterator[Page]:
    """A page of a headless Chromium that takes any certificate."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*CHROMIUM, *arguments])
        try:
            page = chromium.new_page(ignore_https_errors=True)
            page.set_default_timeout(SCENARIO_MS)
            yield page
        finally:
            chromium.close()


def refusals(page: Page) -> list[str]:
    """What the browser does not do from now on, for a header of an answer says so."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if re.search(r"[Pp]olicy|Refused to|Unrecognized feature", message.text) else None)
    return found


def in_browser(scenario: Callable[[Page], None], *arguments: str) -> None:
    """Play a scenario in a browser of its own; anew when it failed and Chromium had dropped its connections meanwhile.

    It does so whenever a network of this host comes or goes, as those of other stages do."""
    for last in (False, False, False, True):
        with browser(*arguments) as page:
            dropped = _dropped(page)
            try:
                scenario(page)
            except (Error, AssertionError):
                if last or not dropped:
                    raise
            else:
                return


def _dropped(page: Page) -> list[str]:
    """Connections that Chromium drops from now on because a network came or went, by what it says of them.

    Of a websocket it says no reason: that one is lost counts only where this host has other networks than before. Otherwise the site dropped it."""
    found: list[str] = []
    before = socket.if_nameindex()

    def closed(websocket: WebSocket) -> None:
        if socket.if_nameindex() != before:
            found.append(websocket.url)

    page.on("requestfailed", lambda request: found.append(request.url) if "NETWORK_CHANGED" in (request.failure or "") else None)
    page.on("console", lambda message: found.append(message.text) if "NETWORK_CHANGED" in message.text else None)
    page.on("websocket", lambda websocket: websocket.on("close", closed))
    return found
