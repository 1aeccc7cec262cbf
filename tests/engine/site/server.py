"""An app that says what it was asked, and misbehaves where it is told to."""

import base64
import hashlib
import json
import os
import shutil
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FILES = Path("/files")
OWN = {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "usb=()",
    "X-Permitted-Cross-Domain-Policies": "all",
    "Access-Control-Allow-Origin": "https://app.test",
    "Strict-Transport-Security": "max-age=1",
}
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def write_files() -> None:
    """Files for the proxy, and links that it must not follow."""
    public = FILES / "public"
    shutil.rmtree(public, ignore_errors=True)
    (public / "docs").mkdir(parents=True)
    (FILES / "secret.txt").write_text("not for you")
    (public / "index.html").write_text("<p>the page")
    (public / "app.js").write_text("x" * 2000)
    (public / "app.mjs").write_text("export {}")
    (public / "docs" / "index.html").write_text("<p>docs")
    (public / "key").symlink_to("/etc/berth/nginx.conf")
    (public / "own").symlink_to("app.js")


class Handler(BaseHTTPRequestHandler):
    """Answers with what it got."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer by the last part of the path."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.split("?")[0]
        if path.endswith(("/die", "/die.json")):
            self.close_connection = True
        elif path.endswith("/slow"):
            time.sleep(5)
        elif "upgrade" in self.headers.get("Connection", "").lower():
            self.upgrade()
        else:
            self.answer(path, len(body))

    do_POST = do_PUT = do_OPTIONS = do_GET  # noqa: N815  # names of http.server

    def answer(self, path: str, size: int) -> None:
        """Say everything."""
        text = json.dumps({"app": os.environ["APP"], "path": self.path, "headers": dict(self.headers), "size": size, "filler": " " * 2000}).encode()
        self.send_response(404 if path.endswith("/missing") else 200)
        if path.endswith("/own"):
            for name, value in OWN.items():
                self.send_header(name, value)
        if path.endswith("/large"):
            self.send_header("Link", "x" * 12_000)
        self.send_header("X-Powered-By", "http.server")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def upgrade(self) -> None:
        """Shake hands and send one frame."""
        accept = base64.b64encode(hashlib.sha1((self.headers["Sec-WebSocket-Key"] + GUID).encode()).digest()).decode()
        self.send_response(101)
        for name, value in {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"\x81\x05hello")
        self.close_connection = True

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


write_files()
ThreadingHTTPServer(("", 8000), Handler).serve_forever()
