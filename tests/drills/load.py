"""Load on one site: clients that hurry, that take their time and that sit idle, each reading and writing in turn; and what became of every request."""

import http.client
import random
import select
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

TIMEOUT_S = 30


class Pace(StrEnum):
    """How a client uses its connection."""

    FAST = "fast"
    """Keeps it, and asks again at once."""
    CLOSE = "close"
    """A new one for each request."""
    SLOW = "slow"
    """Keeps it, and asks again after up to five seconds."""
    IDLE = "idle"
    """Keeps it for up to fifteen seconds, less than the proxy does; looks, as browsers do, whether it was closed before it uses it again."""


PAUSES = {Pace.FAST: (0.005, 0.005), Pace.CLOSE: (0.005, 0.005), Pace.SLOW: (0.5, 4.7), Pace.IDLE: (5.5, 15.0)}


@dataclass(frozen=True, kw_only=True)
class Clients:
    """How many of which pace; half of the fast ones open a new connection each time."""

    fast: int = 0
    slow: int = 0
    idle: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{number} {pace}" for pace, number in vars(self).items() if number) + " clients"

    def paces(self) -> list[Pace]:
        """One for each client."""
        return [Pace.FAST if number % 2 else Pace.CLOSE for number in range(self.fast)] + [Pace.SLOW] * self.slow + [Pace.IDLE] * self.idle


@dataclass
class Tally:
    """What became of the requests."""

    done: Counter[str] = field(default_factory=Counter)
    """Answered 200, by pace."""
    failed: Counter[str] = field(default_factory=Counter)
    """By pace, method and what happened."""
    releases: Counter[str] = field(default_factory=Counter)
    """Answers by the release that gave them."""
    written: set[str] = field(default_factory=set)
    """Ids whose writing was acknowledged."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def requests(self) -> int:
        """All of them."""
        return self.done.total() + self.failed.total()

    def journal(self, ids: list[str]) -> tuple[int, int]:
        """Writes that were acknowledged and are not there, and those that are there more than once. `ids`: what the site wrote down."""
        there = Counter(ids)
        return len(self.written - there.keys()), sum(count > 1 for id_, count in there.items())


@dataclass
class Client:
    """One client and its connection."""

    port: int
    name: str
    pace: Pace
    tally: Tally
    random: random.Random
    under: str = ""
    """Path of the application."""
    tls: ssl.SSLContext | None = None
    """Whom it trusts, where it speaks TLS."""
    used: float = 0
    """When the connection was last used."""
    connection: http.client.HTTPConnection | None = None

    def run(self, stop: threading.Event, most: int) -> None:
        """Read and write in turn until told to stop, `most` times at most."""
        for number in range(most):
            if stop.is_set():
                break
            self.ask(f"{self.name}-{number}", writes=number % 2 == 1)
            stop.wait(self.random.uniform(*PAUSES[self.pace]))
        self.close()

    def ask(self, id_: str, *, writes: bool) -> None:
        """One request."""
        if self.pace is Pace.IDLE and self.connection and self.connection.sock and select.select([self.connection.sock], [], [], 0)[0]:
            self.close()
        reused = self.connection is not None
        method, asked = "POST" if writes else "GET", time.monotonic()
        try:
            self.connection = self.connection or self._connection()
            headers = {"Connection": "close"} if self.pace is Pace.CLOSE else {}
            self.connection.request(method, f"{self.under}/ids" if writes else f"{self.under}/", body=id_ if writes else None, headers=headers)
            answer = self.connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as problem:
            kept = f"a connection that was kept for {asked - self.used:.2f} s" if reused else "a new connection"
            self._note(method, f"{type(problem).__name__} on {kept}")
            self.close()
            return
        self.used = time.monotonic()
        if answer.status == 200:
            self._count(id_ if writes else None, text)
        else:
            self._note(method, str(answer.status))
        if answer.will_close:
            self.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self.tls:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=TIMEOUT_S, context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)

    def close(self) -> None:
        """Let go of the connection."""
        if self.connection:
            self.connection.close()
        self.connection = None

    def _note(self, method: str, what: str) -> None:
        with self.tally.lock:
            self.tally.failed[f"{self.pace} {method}: {what}"] += 1

    def _count(self, id_: str | None, release: str) -> None:
        with self.tally.lock:
            self.tally.done[self.pace] += 1
            self.tally.releases[release] += 1
            if id_:
                self.tally.written.add(id_)


@contextmanager
def load(port: int, clients: Clients, *, seed: int, under: str = "", tls: ssl.SSLContext | None = None, most: int = 100_000) -> Iterator[Tally]:
    """Load 127.0.0.1 as long as the block lasts, by TLS if told whom to trust."""
    tally, stop = Tally(), threading.Event()
    asking = [
        Client(port, f"{seed}-{pace}-{number}", pace, tally, random.Random(f"{seed}-{number}"), under, tls) for number, pace in enumerate(clients.paces())
    ]
    threads = [threading.Thread(target=client.run, args=(stop, most), daemon=True) for client in asking]
    for thread in threads:
        thread.start()
    try:
        yield tally
        time.sleep(1)
    finally:
        stop.set()
        for thread in threads:
            thread.join(TIMEOUT_S)
