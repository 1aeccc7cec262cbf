"""Somebody who uses an example: over HTTP by name, and in a browser."""

import shutil
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Error, Page, sync_playwright

from tests.engine.examples.copied import Copy

CHROMIUM = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
PATIENCE_S = 60
SCENARIO_MS = 20_000


def eventually(check: Callable[[], Any], seconds: float = PATIENCE_S) -> Any:
    """What `check` returns as soon as that is something."""
    end = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < end, f"{check.__name__} found nothing in {seconds} s"
        time.sleep(0.3)
    return found


class Visitor:
    """Asks a site on 127.0.0.1 as `host`; by TLS where the stage has it, trusting the certificate that it shows."""

    def __init__(self, copy: Copy, host: str = "localhost", *, tls: bool = False) -> None:
        self.copy, self.host, self.tls = copy, host, tls
        self.context = ssl.create_default_context(cadata=self.certificate()) if tls else ssl.create_default_context()
        once = httpx.Limits(max_keepalive_connections=0)  # a container that is killed says nothing to those who are connected
        self.client = httpx.Client(verify=self.context, timeout=30, limits=once)

    def certificate(self) -> str:
        """The certificate of the site, PEM."""
        return ssl.get_server_certificate(("127.0.0.1", self.copy.https))

    def ask(self, path: str, method: str = "GET", *, plain: bool = False, host: str = "", **more: Any) -> httpx.Response:
        """One request, whatever the answer."""
        secure = self.tls and not plain
        url = f"{'https' if secure else 'http'}://127.0.0.1:{self.copy.https if secure else self.copy.http}{path}"
        headers = {"Host": host or self.host, **more.pop("headers", {})}
        return self.client.request(method, url, headers=headers, extensions={"sni_hostname": self.host}, **more)

    def patiently(self, path: str, method: str = "GET", **more: Any) -> httpx.Response:
        """A request that waits for its turn where a rate limit says so."""

        found: list[httpx.Response] = []

        def answered() -> bool:
            found.append(self.ask(path, method, **more))
            return found[-1].status_code != 429

        eventually(answered)
        return found[-1]

    def json(self, path: str, method: str = "GET", **more: Any) -> Any:
        """What an answer says that has to be a good one."""
        answer = self.patiently(path, method, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def sent(self, text: str) -> bytes:
        """The answer to a request as it is written, which no client would send."""
        with socket.create_connection(("127.0.0.1", self.copy.http)) as plain:
            plain.sendall(text.encode())
            return b"".join(iter(lambda: plain.recv(65536), b""))


def in_browser(scenario: Callable[[Page], None], *arguments: str) -> None:
    """Play a scenario in a headless Chromium that takes any certificate; anew when it failed and Chromium had dropped its connections meanwhile.

    It does so whenever a network of this host comes or goes, as those of other stages do."""
    for last in (False, False, False, True):
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*CHROMIUM, *arguments])
            page = chromium.new_page(ignore_https_errors=True)
            page.set_default_timeout(SCENARIO_MS)
            dropped = _dropped(page)
            try:
                scenario(page)
            except (Error, AssertionError):
                if last or not dropped:
                    raise
            else:
                return
            finally:
                chromium.close()


def _dropped(page: Page) -> list[str]:
    """Connections that Chromium drops from now on, by what it says of them."""
    found: list[str] = []
    page.on("requestfailed", lambda request: found.append(request.url) if "NETWORK_CHANGED" in (request.failure or "") else None)
    page.on("console", lambda message: found.append(message.text) if "NETWORK_CHANGED" in message.text or "connection lost" in message.text else None)
    return found
