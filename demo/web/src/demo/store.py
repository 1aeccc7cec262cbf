"""Postgres: notes and jobs."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row, kwargs_row, scalar_row
from psycopg_pool import AsyncConnectionPool

from demo.jobs import Change, Job, JobState

CONNECTION = {
    "connect_timeout": "3",
    "options": "-c statement_timeout=5000 -c idle_in_transaction_session_timeout=60000",
    "keepalives_idle": "10",
    "keepalives_interval": "3",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
WAIT_S = 2.0
"""How long a request waits for a connection."""
ANSWER_S = 5.0
"""How long it waits for all of the answer; a Postgres that is frozen would not end a statement by itself."""

ADD_NOTE = "INSERT INTO notes (text) VALUES (%s) RETURNING id, text, created_at"
NEWEST_NOTES = "SELECT id, text, created_at FROM notes ORDER BY id DESC LIMIT %s"
COUNT_NOTES = "SELECT count(*) FROM notes"
ADD_JOB = """
    INSERT INTO jobs (recipient, subject) VALUES (%s, %s)
    RETURNING id, recipient, subject, state, attempts, error, created_at, mailed_at
"""
NEWEST_JOBS = """
    SELECT id, recipient, subject, state, attempts, error, created_at, mailed_at
    FROM jobs ORDER BY id DESC LIMIT %s
"""
ONE_JOB = """
    SELECT id, recipient, subject, state, attempts, error, created_at, mailed_at
    FROM jobs WHERE id = %s
"""
DUE_JOB = """
    SELECT id, recipient, subject, state, attempts, error, created_at, mailed_at
    FROM jobs WHERE state = 'queued' AND due_at <= now()
    ORDER BY due_at, id FOR UPDATE SKIP LOCKED LIMIT 1
"""
CHANGE_JOB = """
    UPDATE jobs SET
        state = %(state)s, attempts = %(attempts)s, error = %(error)s, due_at = now() + %(retry_after)s,
        mailed_at = CASE WHEN %(state)s = 'mailed' THEN clock_timestamp() END
    WHERE id = %(id)s
"""


@dataclass(frozen=True, kw_only=True)
class Note:
    """One row of the table of notes."""

    id: int
    text: str
    created_at: datetime


class Claim:
    """A job that only the holder of this works on; `settle` writes what came of it."""

    def __init__(self, connection: AsyncConnection[Any], job: Job) -> None:
        self.job = job
        self._connection = connection

    async def settle(self, change: Change) -> None:
        """Write the job's next state; it counts when the claim ends."""
        values = {"state": change.state.value, "attempts": change.attempts, "error": change.error}
        await self._connection.execute(CHANGE_JOB, {**values, "retry_after": change.retry_after, "id": self.job.id})


class Store:
    """A pool of connections, checked before use: the next request does not notice that Postgres was restarted."""

    def __init__(self, database_url: str, application_name: str, size: int = 8) -> None:
        self._pool: AsyncConnectionPool[AsyncConnection[Any]] = AsyncConnectionPool(
            database_url,
            kwargs={**CONNECTION, "application_name": application_name},
            min_size=1,
            max_size=size,
            open=False,
            timeout=WAIT_S,
            reconnect_timeout=5,
            check=AsyncConnectionPool.check_connection,
        )

    async def open(self) -> None:
        """Start connecting, without waiting for success."""
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # each attempt is a warning; who asks is told anyway
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close(timeout=1)

    async def ping(self) -> None:
        """Raise unless Postgres answers."""
        async with self._connection():
            pass  # the pool asks before it hands a connection out

    async def add_note(self, text: str) -> Note:
        """Write a note."""
        async with self._connection() as connection:
            cursor = await connection.cursor(row_factory=class_row(Note)).execute(ADD_NOTE, (text,))
            return await anext(cursor)

    async def notes(self, limit: int) -> list[Note]:
        """The newest notes, newest first."""
        async with self._connection() as connection:
            cursor = await connection.cursor(row_factory=class_row(Note)).execute(NEWEST_NOTES, (limit,))
            return await cursor.fetchall()

    async def count_notes(self) -> int:
        """How many notes there are."""
        async with self._connection() as connection:
            cursor = await connection.cursor(row_factory=scalar_row).execute(COUNT_NOTES)
            return int(await anext(cursor))

    async def add_job(self, recipient: str, subject: str) -> Job:
        """Write a queued job. From here on it is not lost."""
        async with self._connection() as connection:
            cursor = await connection.cursor(row_factory=kwargs_row(_job)).execute(ADD_JOB, (recipient, subject))
            return await anext(cursor)

    async def jobs(self, limit: int) -> list[Job]:
        """The newest jobs, newest first."""
        async with self._connection() as connection:
            cursor = await connection.cursor(row_factory=kwargs_row(_job)).execute(NEWEST_JOBS, (limit,))
            return await cursor.fetchall()

    async def job(self, number: int) -> Job | None:
        """One job, or None."""
        async with self._connection() as connection:
            cursor = await connection.cursor(row_factory=kwargs_row(_job)).execute(ONE_JOB, (number,))
            return await cursor.fetchone()

    @asynccontextmanager
    async def due_job(self, seconds: float) -> AsyncIterator[Claim | None]:
        """Claim a queued job whose time has come, if there is one, for so many seconds at most.

        The claim is a row lock: other workers skip the row, and if this worker dies the job is free again at once.
        """
        async with self._connection(seconds) as connection:
            cursor = await connection.cursor(row_factory=kwargs_row(_job)).execute(DUE_JOB)
            job = await cursor.fetchone()
            yield Claim(connection, job) if job else None

    @asynccontextmanager
    async def _connection(self, seconds: float = ANSWER_S) -> AsyncIterator[AsyncConnection[Any]]:
        async with asyncio.timeout(seconds), self._pool.connection() as connection:
            yield connection


def _job(*, state: str, **values: Any) -> Job:
    return Job(state=JobState(state), **values)
