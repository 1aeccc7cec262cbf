"""Redis: a counter, the bell that wakes the worker, and when a worker was last seen."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

COUNTER = "demo:counter"
BELL = "demo:bell"
BELL_RINGS_MAX = 100
WORKER_SEEN = "demo:worker-seen"
WORKER_SEEN_S = 10
TIMEOUT_S = 3.0


class Cache:
    """A pool of connections to Redis, made when needed. One silent retry: after a restart the old ones are dead."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
            health_check_interval=10,
            retry=Retry(NoBackoff(), 1),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._redis.aclose()

    async def ping(self) -> None:
        """Raise unless Redis answers."""
        await self._redis.ping()

    async def counter(self) -> int:
        """The counter's value."""
        return int(await self._redis.get(COUNTER) or 0)

    async def increment(self) -> int:
        """Add one to the counter and return its value."""
        return int(await self._redis.incr(COUNTER))

    async def ring(self) -> None:
        """Wake a worker. A bell that nobody hears is no loss: jobs are in Postgres, and workers look there anyway."""
        await self._redis.lpush(BELL, "job")
        await self._redis.ltrim(BELL, 0, BELL_RINGS_MAX - 1)

    async def wait_for_ring(self, seconds: float) -> None:
        """Return when the bell rings or the time has passed. `seconds` is less than `TIMEOUT_S`."""
        await self._redis.blpop([BELL], timeout=seconds)

    async def worker_here(self) -> None:
        """Say that a worker is here; it is believed for ten seconds."""
        await self._redis.set(WORKER_SEEN, "yes", ex=WORKER_SEEN_S)

    async def is_worker_here(self) -> bool:
        """Whether a worker was here in the last ten seconds."""
        return bool(await self._redis.exists(WORKER_SEEN))
