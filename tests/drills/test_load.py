"""The load itself: what goes wrong on a server is found, and told apart from what no server can help."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import ClassVar

import pytest

from tests.drills.load import Client, Clients, Pace, Tally, load


class Bad(BaseHTTPRequestHandler):
    """Refuses every second write, and forgets or doubles others; hangs up on a second request."""

    protocol_version = "HTTP/1.1"
    journal: ClassVar[list[str]] = []
    seen: ClassVar[int] = 0

    def do_GET(self) -> None:
        self.answer(200)
        self.close_connection = True  # unannounced, as when a kept connection ends

    def do_POST(self) -> None:
        id_ = self.rfile.read(int(self.headers["Content-Length"])).decode()
        Bad.seen += 1
        if Bad.seen % 2:
            self.answer(503)
            return
        Bad.journal += [id_] * (Bad.seen % 4)  # 2 or none
        self.answer(200)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "1")
        self.end_headers()
        self.wfile.write(b"1")

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    Bad.journal, Bad.seen = [], 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Bad) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def client(port: int) -> Client:
    return Client(port, "one", Pace.FAST, Tally(), Random(0))


def test_refused_lost_and_doubled_writes_are_found(port: int) -> None:
    one = client(port)
    for number in range(8):
        one.ask(str(number), writes=True)
    assert (dict(one.tally.failed), one.tally.done.total()) == ({"fast POST: 503": 4}, 4)
    assert one.tally.journal(Bad.journal) == (2, 2)
    assert one.tally.requests == 8


def test_a_connection_that_ends_unannounced_is_a_failure(port: int) -> None:
    one = client(port)
    one.ask("0", writes=False)
    one.ask("1", writes=False)
    assert (one.tally.failed.total(), one.tally.requests) == (1, 2)
    assert all("RemoteDisconnected on a connection that was kept for 0.0" in what or "Reset" in what or "Pipe" in what for what in one.tally.failed)


def test_the_load_stops_when_the_block_ends(port: int) -> None:
    with load(port, Clients(fast=4, slow=2, idle=1), seed=1) as tally:
        pass
    assert tally.requests > 7
    assert str(Clients(fast=4, idle=1)) == "4 fast, 1 idle clients"
