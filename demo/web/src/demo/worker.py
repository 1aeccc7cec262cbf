"""The worker: takes queued jobs from Postgres, mails them, and writes down what came of it."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from demo.cache import Cache
from demo.health import AWAY
from demo.heartbeat import Heartbeat
from demo.jobs import Job, Outcome, after
from demo.mail import send
from demo.settings import Settings
from demo.store import Store

log = logging.getLogger("demo.worker")

LOOK_EVERY_S = 2.0
"""Longest time between two looks into Postgres, with or without the bell."""
MAIL_WITHIN_S = 20.0
STEP_WITHIN_S = 30.0
PRESENCE_EVERY_S = 3.0
FINISH_WITHIN_S = 5.0
"""After SIGTERM: a job in hand that takes longer goes back to the queue."""

Send = Callable[[Job], Awaitable[Outcome]]


async def work(settings: Settings, alive_file: Path) -> None:
    """Work until SIGTERM or SIGINT. Services that are away are waited for; every job is mailed at least once."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    heartbeat = Heartbeat(alive_file)
    store, cache = Store(settings.database_url, "demo-worker", size=2), Cache(settings.redis_url)
    heartbeat.start()
    await store.open()
    log.info("ready")
    worker = Worker(store, cache, lambda job: send(job, settings), heartbeat.step)
    try:
        await worker.run(stopping)
    finally:
        await asyncio.gather(store.close(), cache.close(), return_exceptions=True)
        heartbeat.stop()
    log.info("stopped")


class Worker:
    """One step after the other: a job if there is one, else a wait for the bell."""

    def __init__(self, store: Store, cache: Cache, send_mail: Send, on_step: Callable[[], None]) -> None:
        self._store = store
        self._cache = cache
        self._send = send_mail
        self._on_step = on_step
        self._failures = 0
        self._has_job = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Step until told to stop, then give a job in hand a few seconds to end."""
        stop = asyncio.create_task(stopping.wait())
        presence = asyncio.create_task(self._show_presence())
        while not stopping.is_set():
            self._on_step()
            step = asyncio.create_task(self.step())
            await asyncio.wait({step, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not step.done() and self._has_job:
                await asyncio.wait({step}, timeout=FINISH_WITHIN_S)
            if step.done():
                step.result()  # raises what nobody foresaw
            step.cancel()
        presence.cancel()

    async def step(self) -> None:
        """Mail one job, or wait. A Postgres that is away costs a growing pause and one line in the log."""
        try:
            mailed = await self.mail_one()
        except AWAY as error:
            await self._pause(error)
            return
        if self._failures:
            log.info("Postgres is back")
        self._failures = 0
        if not mailed:
            await self._wait()

    async def mail_one(self) -> bool:
        """Mail one due job and write its new state. False when none is due."""
        async with self._store.due_job(STEP_WITHIN_S) as claim:
            if claim is None:
                return False
            self._has_job = True
            try:
                change = after(claim.job, await self._attempt(claim.job))
                await claim.settle(change)
            finally:
                self._has_job = False
        log.info("job %s: %s%s", claim.job.id, change.state, f" ({change.error})" if change.error else "")
        return True

    async def _attempt(self, job: Job) -> Outcome:
        try:
            async with asyncio.timeout(MAIL_WITHIN_S):
                return await self._send(job)
        except TimeoutError:
            return Outcome(error=f"no answer within {MAIL_WITHIN_S:.0f} s")

    async def _wait(self) -> None:
        try:
            await self._cache.wait_for_ring(LOOK_EVERY_S)
        except AWAY:
            await asyncio.sleep(LOOK_EVERY_S / 2)  # Redis only makes it faster

    async def _pause(self, error: Exception) -> None:
        if not self._failures:
            log.warning("Postgres is away: %s", " ".join(str(error).split()) or type(error).__name__)
        self._failures += 1
        await asyncio.sleep(min(0.25 * 2 ** min(self._failures, 5), LOOK_EVERY_S))

    async def _show_presence(self) -> None:
        """Let the page know that a worker is here, as long as Redis is."""
        while True:
            with suppress(*AWAY):
                await self._cache.worker_here()
            await asyncio.sleep(PRESENCE_EVERY_S)
