"""A job's states, its mail, and the worker's loop around them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from demo.jobs import Change, Job, JobState, Outcome, after, retry_after
from demo.mail import message, send
from demo.settings import Settings
from demo.store import Claim
from demo.worker import Worker
from psycopg import OperationalError
from redis.exceptions import ConnectionError as RedisAway

JOB = Job(
    id=7,
    recipient="you@demo.test",
    subject="Ahoy ⚓",
    state=JobState.QUEUED,
    attempts=0,
    error=None,
    created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    mailed_at=None,
)


@pytest.mark.parametrize(
    ("outcome", "state", "error", "pause_s"),
    [
        (Outcome(), JobState.MAILED, None, 0),
        (Outcome(error="away"), JobState.QUEUED, "away", 8),
        (Outcome(error="refused", final=True), JobState.FAILED, "refused", 8),
    ],
)
def test_after_an_attempt(outcome: Outcome, state: JobState, error: str | None, pause_s: int) -> None:
    change = after(replace(JOB, attempts=2, error="before"), outcome)
    assert change == Change(state=state, attempts=3, error=error, retry_after=timedelta(seconds=pause_s))


@pytest.mark.parametrize("state", [JobState.MAILED, JobState.FAILED])
def test_nothing_leads_out_of_an_end(state: JobState) -> None:
    with pytest.raises(ValueError, match=f"job 7 is {state}, not queued"):
        after(replace(JOB, state=state), Outcome())


def test_pauses_double_up_to_a_minute() -> None:
    assert [retry_after(attempts).total_seconds() for attempts in (1, 2, 3, 5, 6, 10_000)] == [2, 4, 8, 32, 60, 60]


def test_mail(settings: Settings) -> None:
    mail = message(JOB, settings)
    assert (mail["From"], mail["To"], mail["Subject"]) == ("demo@demo.test", "you@demo.test", "Ahoy ⚓")
    assert "job 7 of the demo at http://localhost:8080" in mail.get_content()
    assert mail["Message-ID"] == message(JOB, settings)["Message-ID"] == "<job-7-20260102030405@demo.test>"


def test_no_mail_server_is_an_outcome(settings: Settings) -> None:
    outcome = asyncio.run(send(JOB, settings))
    assert outcome.error is not None
    assert not outcome.final


class FakeStore:
    """Jobs in memory, with the claim's contract: what was not settled stays queued."""

    def __init__(self, *jobs: Job) -> None:
        self.queued = list(jobs)
        self.changes: list[Change] = []
        self.away = 0

    @asynccontextmanager
    async def due_job(self, seconds: float) -> AsyncIterator["FakeClaim | None"]:
        if self.away:
            self.away -= 1
            raise OperationalError("restarting")
        yield FakeClaim(self) if self.queued else None


class FakeClaim(Claim):
    def __init__(self, store: FakeStore) -> None:
        self.job = store.queued[0]
        self._store = store

    async def settle(self, change: Change) -> None:
        self._store.queued.pop(0)
        self._store.changes.append(change)


class FakeCache:
    """Redis that is away."""

    async def worker_here(self) -> None:
        raise RedisAway("away")

    async def wait_for_ring(self, seconds: float) -> None:
        raise RedisAway("away")


def work(store: FakeStore, mail: Callable[[Job], object], *, until: Callable[[], bool], stop_after_s: float = 5) -> None:
    async def attempt(job: Job) -> Outcome:
        outcome = mail(job)
        return await outcome if asyncio.iscoroutine(outcome) else outcome  # type: ignore[return-value]

    async def run() -> None:
        stopping = asyncio.Event()
        worker = Worker(store, FakeCache(), attempt, lambda: None)  # type: ignore[arg-type]
        running = asyncio.create_task(worker.run(stopping))
        async with asyncio.timeout(stop_after_s):
            while not until():
                await asyncio.sleep(0.01)
        stopping.set()
        await asyncio.wait_for(running, 3)

    asyncio.run(run())


def test_mails_all_jobs_without_redis() -> None:
    store = FakeStore(JOB, replace(JOB, id=8))
    work(store, lambda job: Outcome(), until=lambda: not store.queued)
    assert [change.state for change in store.changes] == [JobState.MAILED] * 2


def test_comes_back_after_postgres_did() -> None:
    store = FakeStore(JOB)
    store.away = 2
    work(store, lambda job: Outcome(), until=lambda: not store.queued)
    assert [change.state for change in store.changes] == [JobState.MAILED]


def test_finishes_the_job_in_hand_when_told_to_stop() -> None:
    store, begun = FakeStore(JOB, replace(JOB, id=8)), []

    async def slow() -> Outcome:
        await asyncio.sleep(0.3)
        return Outcome()

    def mail(job: Job) -> object:
        begun.append(job.id)
        return slow()

    work(store, mail, until=lambda: bool(begun))
    assert [change.state for change in store.changes] == [JobState.MAILED]
    assert [job.id for job in store.queued] == [8]


def test_an_abandoned_job_stays_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.worker.FINISH_WITHIN_S", 0.1)
    store, begun = FakeStore(JOB), []

    def mail(job: Job) -> object:
        begun.append(job.id)
        return asyncio.sleep(60)

    work(store, mail, until=lambda: bool(begun))
    assert store.queued == [JOB]
    assert store.changes == []


def test_a_mail_server_that_hangs_does_not_hold_the_job_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.worker.MAIL_WITHIN_S", 0.05)
    store = FakeStore(JOB)
    work(store, lambda job: asyncio.sleep(60), until=lambda: bool(store.changes))
    assert (store.changes[0].state, store.changes[0].error) == (JobState.QUEUED, "no answer within 0 s")
