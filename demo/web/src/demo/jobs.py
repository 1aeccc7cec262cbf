"""A job: a mail that the worker sends. Its states, and what an attempt does to them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FIRST_RETRY_S = 2
LAST_RETRY_S = 60


class JobState(StrEnum):
    """A job starts queued and ends mailed, or failed when the mail server refuses it for good."""

    QUEUED = "queued"
    MAILED = "mailed"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Job:
    """One row of the table of jobs."""

    id: int
    recipient: str
    subject: str
    state: JobState
    attempts: int
    error: str | None
    created_at: datetime
    mailed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an attempt came to: without an error the mail was taken."""

    error: str | None = None
    final: bool = False
    """Whether trying again is pointless."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What an attempt writes to the job's row."""

    state: JobState
    attempts: int
    error: str | None
    retry_after: timedelta


def after(job: Job, outcome: Outcome) -> Change:
    """The job's next state. Raises ValueError for a job that has ended: nothing leads out of mailed or failed."""
    if job.state is not JobState.QUEUED:
        raise ValueError(f"job {job.id} is {job.state}, not {JobState.QUEUED}")
    attempts = job.attempts + 1
    if outcome.error is None:
        return Change(state=JobState.MAILED, attempts=attempts, error=None, retry_after=timedelta())
    state = JobState.FAILED if outcome.final else JobState.QUEUED
    return Change(state=state, attempts=attempts, error=outcome.error, retry_after=retry_after(attempts))


def retry_after(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: 2 s, doubled each time, a minute at most."""
    return timedelta(seconds=min(FIRST_RETRY_S * 2 ** min(attempts - 1, 10), LAST_RETRY_S))
