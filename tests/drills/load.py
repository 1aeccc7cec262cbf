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
KEPT_S = 10
"""How long the proxy keeps a connection that nobody uses, whatever happens (keepalive_min_timeout)."""


class Pace(StrEnum):
    """How a client uses its connection."""

    FAST = "fast"
    """Keeps it, and asks again at once."""
    CLOSE = "close"
    """A new one for each request."""
    SLOW = "slow"
    """Keeps it, and asks again after up to five seconds."""
    IDLE = "idle"
    """Keeps it longer than servers like; looks, as browsers do, whether it was closed before it uses it again."""


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
    first: str = ""
    """Id of what was answered first."""
    failed: Counter[str] = field(default_factory=Counter)
    """By pace, method and what happened."""
    ended: dict[str, str] = field(default_factory=dict)
    """By id, what failed because its connection ended, which by then the proxy had kept as long as it has to. The proxy's log tells which of them it took."""
    crossed: int = 0
    """Requests of these that the proxy never heard of: they were on their way when it closed the connection (RFC 9112, 9.5). They are counted apart,
    never left out."""
    releases: Counter[str] = field(default_factory=Counter)
    """Answers by the release that gave them."""
    written: set[str] = field(default_factory=set)
    """Ids whose writing was acknowledged."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def requests(self) -> int:
        """All of them."""
        return self.done.total() + self.failed.total() + len(self.ended) + self.crossed

    def settle(self, heard: str) -> None:
        """Tell requests that the proxy took from those that crossed its closing of the connection. `heard`: the requests by its log, all of them."""
        assert f"?{self.first} " in heard, "the log does not reach back to where the load began"
        for id_, what in self.ended.items():
            if f"?{id_} " in heard:
                self.failed[what] += 1
            else:
                self.crossed += 1
        self.ended.clear()

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
            self.connection.request(method, f"{self.under}/{'ids' if writes else ''}?{id_}", body=id_ if writes else None, headers=headers)
            answer = self.connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as problem:
            self._explain(id_, method, problem, asked - self.used if reused else None)
            self.close()
            return
        self.used = time.monotonic()
        if answer.status == 200:
            self._count(id_, text, writes=writes)
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

    def _explain(self, id_: str, method: str, problem: Exception, idle_s: float | None) -> None:
        kept = "a new connection" if idle_s is None else f"a connection that was kept for {idle_s:.2f} s"
        what = f"{type(problem).__name__} on {kept}"
        if idle_s is not None and time.monotonic() - self.used >= KEPT_S and isinstance(problem, ConnectionError | ssl.SSLEOFError):
            with self.tally.lock:
                self.tally.ended[id_] = f"{self.pace} {method}: {what}"
        else:
            self._note(method, what)

    def _note(self, method: str, what: str) -> None:
        with self.tally.lock:
            self.tally.failed[f"{self.pace} {method}: {what}"] += 1

    def _count(self, id_: str, release: str, *, writes: bool) -> None:
        with self.tally.lock:
            self.tally.done[self.pace] += 1
            self.tally.first = self.tally.first or id_
            self.tally.releases[release] += 1
            if writes:
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
