"""Where predictions are kept and remembered: in Postgres and Redis when the stage has them, else nowhere."""

import os
from typing import Any

import redis.asyncio as redis
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

REMEMBERED_S = 3600
TABLE = """
CREATE TABLE IF NOT EXISTS predictions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, asked jsonb NOT NULL, size double precision NOT NULL, at timestamptz NOT NULL DEFAULT now()
)
"""


class NoHistory:
    """Nothing is kept."""

    kind = "none"

    async def open(self) -> None:
        """Nothing to prepare."""

    async def close(self) -> None:
        """Nothing to release."""

    async def add(self, asked: str, size: float) -> None:
        """Forget it."""

    async def summary(self) -> dict[str, Any]:
        """Nothing was kept."""
        return {"predictions": 0, "mean_size": None}


class PostgresHistory(NoHistory):
    """Predictions are rows."""

    kind = "postgres"

    def __init__(self, url: str) -> None:
        self._pool = AsyncConnectionPool(url, min_size=1, max_size=4, open=False, kwargs={"row_factory": dict_row}, check=AsyncConnectionPool.check_connection)

    async def open(self) -> None:
        """Connect, and make the table unless another worker did."""
        await self._pool.open(wait=True)
        async with self._pool.connection() as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(8)")
            await connection.execute(TABLE)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close()

    async def add(self, asked: str, size: float) -> None:
        """Keep a prediction."""
        async with self._pool.connection() as connection:
            await connection.execute("INSERT INTO predictions (asked, size) VALUES (%s, %s)", (asked, size))

    async def summary(self) -> dict[str, Any]:
        """How many there were, and their mean."""
        async with self._pool.connection() as connection:
            found = await (await connection.execute("SELECT count(*) AS predictions, avg(size) AS mean_size FROM predictions")).fetchone()
        return dict(found or {})


class NoCache:
    """Nothing is remembered."""

    kind = "none"

    async def get(self, key: str) -> str | None:
        """Nothing."""
        return None

    async def put(self, key: str, value: str) -> None:
        """Forget it."""

    async def close(self) -> None:
        """Nothing to release."""


class RedisCache(NoCache):
    """Answers are remembered for an hour, by all replicas together."""

    kind = "redis"

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, decode_responses=True)

    async def get(self, key: str) -> str | None:
        """What was remembered."""
        found = await self._redis.get(f"prediction:{key}")
        return str(found) if found else None

    async def put(self, key: str, value: str) -> None:
        """Remember it."""
        await self._redis.set(f"prediction:{key}", value, ex=REMEMBERED_S)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


def history() -> NoHistory:
    """The history that the environment describes."""
    url = os.environ.get("DATABASE_URL")
    return PostgresHistory(url) if url else NoHistory()


def cache() -> NoCache:
    """The cache that the environment describes."""
    url = os.environ.get("REDIS_URL")
    return RedisCache(url) if url else NoCache()
