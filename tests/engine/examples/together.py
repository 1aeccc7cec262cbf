"""Answers as Together.ai does, to who has the key. Every picture is of an otter."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = {"choices": [{"message": {"content": '{"species": "Eurasian otter", "confidence": 0.93}'}}]}


@dataclass(frozen=True)
class Question:
    """A picture, as it was sent, whether it was by who may ask, and what was seen elsewhere at that moment."""

    allowed: bool
    picture: str
    meanwhile: str


@dataclass
class Together:
    """Where it listens, who may ask, where to look before it answers, and what it was asked."""

    url: str
    key: str
    look: Callable[[], str] = str
    asked: list[Question] = field(default_factory=list)


class _Handler(BaseHTTPRequestHandler):
    """POST /v1/chat/completions."""

    server: "_Listener"

    def do_POST(self) -> None:
        """Answer, or refuse who has no key."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        together = self.server.together
        allowed = self.path == "/v1/chat/completions" and self.headers["Authorization"] == f"Bearer {together.key}"
        together.asked.append(Question(allowed, body["messages"][0]["content"][1]["image_url"]["url"], together.look()))
        answer = json.dumps(ANSWER).encode()
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        """Say nothing: the test reads what was asked."""


class _Listener(ThreadingHTTPServer):
    together: Together


@contextmanager
def together(host: str, key: str) -> Iterator[Together]:
    """Listen on a free port of an address."""
    with _Listener((host, 0), _Handler) as listener:
        listener.together = Together(f"http://{host}:{listener.server_address[1]}/v1", key)
        thread = threading.Thread(target=listener.serve_forever, daemon=True)
        thread.start()
        try:
            yield listener.together
        finally:
            listener.shutdown()
            thread.join()
