"""The JSON API."""

import logging
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse, JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from demo.health import AWAY, failing, within
from demo.inputs import NewJob, NewNote
from demo.jobs import Job
from demo.services import Services, Use
from demo.store import Note
from demo.uploads import BadName, TooLarge, Upload

log = logging.getLogger("demo.web")
router = APIRouter()

SHOWN = 100
ECHO_MAX = 4096
BIGINT_MAX = 2**63 - 1


@router.get("/healthz")
async def healthz(services: Use) -> JSONResponse:
    """200 when Postgres and Redis answer within a second, else 503 with the names of those that do not."""
    names = await failing(services.store, services.cache)
    if names:
        return JSONResponse({"status": "failing", "failing": names}, 503)
    return JSONResponse({"status": "ok"})


@router.post("/api/notes", status_code=201)
async def add_note(note: NewNote, services: Use) -> dict[str, Any]:
    """Write a note to Postgres."""
    return _note(await services.store.add_note(note.text))


@router.get("/api/notes")
async def notes(services: Use) -> list[dict[str, Any]]:
    """The newest notes."""
    return [_note(note) for note in await services.store.notes(SHOWN)]


@router.post("/api/counter")
async def increment(services: Use) -> dict[str, int]:
    """Add one to the counter in Redis."""
    return {"value": await services.cache.increment()}


@router.get("/api/counter")
async def counter(services: Use) -> dict[str, int]:
    """The counter's value."""
    return {"value": await services.cache.counter()}


@router.post("/api/jobs", status_code=202)
async def add_job(job: NewJob, services: Use) -> dict[str, Any]:
    """Queue a mail for the worker."""
    return _job(await queue(job, services))


@router.get("/api/jobs/{number}")
async def job(number: Annotated[int, Path(ge=1, le=BIGINT_MAX)], services: Use) -> dict[str, Any]:
    """One job, to see its state change."""
    found = await services.store.job(number)
    if found is None:
        raise HTTPException(404, "there is no such job")
    return _job(found)


@router.post("/api/uploads", status_code=201)
async def add_upload(request: Request, services: Use) -> dict[str, Any]:
    """Store the multipart part `file` in the volume."""
    async with request.form(max_files=1, max_fields=5) as form:
        return _upload(await store_file(form.get("file"), services))


@router.get("/api/uploads")
async def uploads(services: Use) -> list[dict[str, Any]]:
    """The newest uploads."""
    return [_upload(upload) for upload in (await run_in_threadpool(services.uploads.newest))[:SHOWN]]


@router.get("/uploads/{name}")
async def download(name: str, services: Use) -> FileResponse:
    """An upload, always as a download: what visitors send is never shown as a page of this site."""
    file = await run_in_threadpool(services.uploads.find, name)
    if file is None:
        raise HTTPException(404, "there is no such file")
    return FileResponse(file, media_type="application/octet-stream", filename=name)


@router.websocket("/ws")
async def echo(socket: WebSocket) -> None:
    """Send every message back as it came."""
    await socket.accept()
    while (message := await socket.receive())["type"] == "websocket.receive":
        text = message.get("text")
        if text is None or len(text) > ECHO_MAX:
            await socket.close(1003 if text is None else 1009, f"only text of up to {ECHO_MAX} characters")
            return
        with suppress(WebSocketDisconnect):
            await socket.send_text(text)


async def queue(job: NewJob, services: Services) -> Job:
    """Write a job to Postgres, then ring for a worker; should Redis be away, the worker finds the job by itself."""
    queued = await services.store.add_job(job.to, job.subject)
    try:
        await within(1, services.cache.ring())
    except AWAY:
        log.warning("job %s: Redis does not answer, the worker will look by itself", queued.id)
    return queued


async def store_file(file: object, services: Services) -> Upload:
    """Store what a form's file field holds. Raises HTTPException when it is no file, too large or without a name."""
    if not isinstance(file, UploadFile) or not file.filename:
        raise HTTPException(422, "choose a file")
    try:
        return await run_in_threadpool(services.uploads.save, file.filename, file.file)
    except BadName as error:
        raise HTTPException(422, str(error)) from None
    except TooLarge as error:
        raise HTTPException(413, str(error)) from None


def _note(note: Note) -> dict[str, Any]:
    return {"id": note.id, "text": note.text, "created_at": note.created_at}


def _job(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "state": job.state.value,
        "to": job.recipient,
        "subject": job.subject,
        "attempts": job.attempts,
        "error": job.error,
        "created_at": job.created_at,
        "mailed_at": job.mailed_at,
    }


def _upload(upload: Upload) -> dict[str, Any]:
    return {"name": upload.name, "size": upload.size}
