"""A small shop: a site that needs its database and its store, and a worker that says every second that it is there."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psycopg
import redis

ALIVE = Path("/tmp/alive")  # noqa: S108  # a path inside the container
Start = Callable[[str, list[tuple[str, str]]], object]


def application(environ: dict[str, object], start: Start) -> Iterable[bytes]:
    """Answer every path alike, once both services behind it have answered."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as database:
        database.execute("SELECT 1")
    store().incr("visits")
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"open\n"]


def store() -> redis.Redis:
    """The store, connected when it is asked."""
    return redis.Redis.from_url(os.environ["REDIS_URL"])


if __name__ == "__main__":
    while True:
        store().ping()
        ALIVE.touch()
        time.sleep(1)
