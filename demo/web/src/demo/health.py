"""Whether a service answers, in bounded time."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import psycopg
from redis.exceptions import RedisError

from demo.cache import Cache
from demo.store import Store

ANSWER_WITHIN_S = 1.0
AWAY = (psycopg.Error, RedisError, OSError, TimeoutError)
"""Raised when Postgres or Redis does not answer, or is not ready: tables missing, loading, read-only."""

T = TypeVar("T")


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, or TimeoutError on the second.

    asyncio.timeout would wait until a cancelled query has ended, which takes its time when Postgres is frozen.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    try:
        await asyncio.wait({task}, timeout=seconds)
        if task.done():
            return task.result()
        raise TimeoutError(f"no answer within {seconds:g} s")
    finally:
        task.cancel()


async def failing(store: Store, cache: Cache) -> list[str]:
    """Names of the services that do not answer within a second."""
    answers = await asyncio.gather(within(ANSWER_WITHIN_S, store.ping()), within(ANSWER_WITHIN_S, cache.ping()), return_exceptions=True)
    return [name for name, answer in zip(("postgres", "redis"), answers, strict=True) if isinstance(answer, BaseException)]


def who(error: Exception) -> str:
    """Whose fault an `AWAY` error is, for people."""
    if isinstance(error, RedisError):
        return "Redis"
    return "Postgres" if isinstance(error, psycopg.Error | TimeoutError) else "The volume"
