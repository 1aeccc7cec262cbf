"""The backend of LOC8."""

import hashlib
import hmac
import os
import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import growth
import stores
from fastapi import FastAPI, HTTPException, Request, Response

DEBUG = os.environ.get("DEBUG") == "true"
NOTES = Path("/data/notes.log")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Connect to what the stage has."""
    app.state.history, app.state.cache = stores.history(), stores.cache()
    await app.state.history.open()
    yield
    await app.state.history.close()
    await app.state.cache.close()


app = FastAPI(title="LOC8", debug=DEBUG, lifespan=lifespan, openapi_url="/api/openapi.json")


@app.get("/health")
async def health() -> dict[str, str]:
    """Whether requests are answered."""
    return {"status": "ok"}


@app.get("/api/status")
async def status(request: Request) -> dict[str, Any]:
    """Who answers, and with what."""
    return {
        "replica": platform.node(),
        "worker": os.getpid(),
        "user": os.getuid(),
        "debug": DEBUG,
        "history": request.app.state.history.kind,
        "cache": request.app.state.cache.kind,
        "scheme": request.url.scheme,
        "client": request.headers.get("x-forwarded-for"),
    }


@app.post("/api/predictions")
async def predict(question: growth.Question, request: Request, response: Response) -> growth.Answer:
    """Predict a size; a question asked before is answered from the cache where there is one."""
    asked = question.model_dump_json()
    key = hashlib.sha256(asked.encode()).hexdigest()
    known = await request.app.state.cache.get(key)
    response.headers["X-Cache"] = "hit" if known else "miss"
    try:
        answer = growth.Answer.model_validate_json(known) if known else growth.predict(question)
    except ValueError as problem:
        raise HTTPException(422, str(problem)) from problem
    await request.app.state.cache.put(key, answer.model_dump_json())
    await request.app.state.history.add(asked, answer.size)
    return answer


@app.get("/api/analytics")
async def analytics(request: Request) -> dict[str, Any]:
    """What was asked so far, by all replicas together."""
    return dict(await request.app.state.history.summary())


@app.post("/api/notes", status_code=201)
async def note(request: Request) -> dict[str, str]:
    """Add a line to the notes on the volume, which all replicas share. It is signed with the stage's key."""
    text = (await request.body()).decode()
    signature = hmac.new(os.environ["SECRET_KEY"].encode(), text.encode(), hashlib.sha256).hexdigest()
    with NOTES.open("a") as file:
        file.write(f"{signature} {text!r}\n")
    return {"signature": signature}


@app.get("/api/notes")
async def notes() -> list[str]:
    """Every line of the notes."""
    return NOTES.read_text().splitlines() if NOTES.exists() else []
