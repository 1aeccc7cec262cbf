"""Somebody who asks a site, by name, on 127.0.0.1."""

import socket
import ssl
from typing import Any

import httpx

from tests.engine.project import Project


class Site:
    """The site as its users reach it: by name, on 127.0.0.1."""

    def __init__(self, project: Project, https: int, inner: int) -> None:
        self.project, self.https, self.inner = project, https, inner
        self.context = ssl.create_default_context(cadata=ssl.get_server_certificate(("127.0.0.1", https)))
        self.client = httpx.Client(verify=self.context)

    def ask(self, path: str, *, method: str = "GET", host: str = "site.test", port: int | None = None, tls: bool = True, **more: Any) -> httpx.Response:
        url = f"{'https' if tls else 'http'}://127.0.0.1:{port or self.https}{path}"
        headers = {"Host": host, **more.pop("headers", {})}
        return self.client.request(method, url, headers=headers, extensions={"sni_hostname": host}, **more)

    def raw(self, target: str) -> bytes:
        """Ask with a path as it is, which no client would send."""
        return self.sent(f"GET {target} HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n\r\n")

    def sent(self, text: str) -> bytes:
        """Send a text, and wait until the connection is closed."""
        with socket.create_connection(("127.0.0.1", self.https)) as plain, self.context.wrap_socket(plain, server_hostname="site.test") as wrapped:
            wrapped.sendall(text.encode())
            return b"".join(iter(lambda: wrapped.recv(65536), b""))
