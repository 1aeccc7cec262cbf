"""What the page shows: of each service whether it works, in words for people, and what is in it."""

import asyncio
from dataclasses import dataclass, field

import psycopg

from demo.health import AWAY, within
from demo.jobs import Job, JobState
from demo.services import Services
from demo.store import Note
from demo.uploads import Upload
from demo.words import size_in_words

LOOK_WITHIN_S = 2.0
NOTES_SHOWN = 6
JOBS_SHOWN = 5
UPLOADS_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Whether a service works, and a sentence about it."""

    works: bool
    says: str


@dataclass(frozen=True, kw_only=True)
class Overview:
    """All of the page that changes."""

    postgres: Finding
    redis: Finding
    worker: Finding
    volume: Finding
    notes: list[Note] = field(default_factory=list)
    counter: int | None = None
    jobs: list[Job] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)

    @property
    def working(self) -> int:
        """How many of the services seen from here work; the websocket is seen from the browser only."""
        return sum(finding.works for finding in (self.postgres, self.redis, self.worker, self.volume))


async def look(services: Services) -> Overview:
    """Look at all services at once. Never raises for one that is away, and takes two seconds at most."""
    contents, count, volume = await asyncio.gather(_postgres(services), _redis(services), _volume(services))
    postgres, notes, jobs = contents
    redis, counter, worker_here = count
    return Overview(
        postgres=postgres,
        redis=redis,
        worker=worker_finding(jobs, has_postgres=postgres.works, worker_here=worker_here),
        volume=volume[0],
        notes=notes,
        counter=counter,
        jobs=jobs,
        uploads=volume[1],
    )


async def _postgres(services: Services) -> tuple[Finding, list[Note], list[Job]]:
    async def ask() -> tuple[Finding, list[Note], list[Job]]:
        store = services.store
        count, notes, jobs = await store.count_notes(), await store.notes(NOTES_SHOWN), await store.jobs(JOBS_SHOWN)
        says = "No note yet: write the first." if not count else f"{count} note{'s'[: count != 1]} in the database."
        return Finding(works=True, says=says), notes, jobs

    try:
        return await within(LOOK_WITHIN_S, ask())
    except psycopg.errors.UndefinedTable:
        return Finding(works=False, says="The tables are missing: has migrate run?"), [], []
    except AWAY:
        return Finding(works=False, says="Postgres does not answer."), [], []


async def _redis(services: Services) -> tuple[Finding, int | None, bool | None]:
    async def ask() -> tuple[Finding, int | None, bool | None]:
        counter, worker_here = await services.cache.counter(), await services.cache.is_worker_here()
        return Finding(works=True, says="Counted by Redis, for all visitors."), counter, worker_here

    try:
        return await within(LOOK_WITHIN_S, ask())
    except AWAY:
        return Finding(works=False, says="Redis does not answer."), None, None


async def _volume(services: Services) -> tuple[Finding, list[Upload]]:
    def ask() -> tuple[Finding, list[Upload]]:
        problem = services.uploads.problem()
        if problem:
            return Finding(works=False, says=f"{problem}."), []
        files = services.uploads.newest()
        free = size_in_words(services.uploads.free_bytes())
        says = f"{len(files)} file{'s'[: len(files) != 1]} in the volume, {free} free."
        return Finding(works=True, says=says), files[:UPLOADS_SHOWN]

    try:
        return await within(LOOK_WITHIN_S, asyncio.to_thread(ask))
    except OSError:
        return Finding(works=False, says="The volume cannot be read."), []


def worker_finding(jobs: list[Job], *, has_postgres: bool, worker_here: bool | None) -> Finding:
    """What can be said about the worker and the mail server. `worker_here` is None when Redis cannot be asked."""
    if not has_postgres:
        return Finding(works=False, says="The jobs are in Postgres, which does not answer.")
    if worker_here is None:
        return Finding(works=False, says="Whether a worker is there is known to Redis, which does not answer.")
    if not worker_here:
        return Finding(works=False, says="No worker was seen in the last ten seconds.")
    queued = [job for job in jobs if job.state is JobState.QUEUED]
    troubled = next((job for job in queued if job.error), None)
    if troubled:
        return Finding(works=False, says="The mail server does not take mail; the worker keeps trying.")
    return Finding(works=True, says="The worker is at it." if queued else "The worker waits for jobs.")
