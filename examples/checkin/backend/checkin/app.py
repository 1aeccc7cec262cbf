"""The application that uvicorn serves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from checkin import auth, recognition, training
from checkin.auth import Database
from checkin.database import pool
from checkin.settings import settings


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Connect to the database for as long as requests are served."""
    pool.open()
    yield
    pool.close()


app = FastAPI(title="Check-in", lifespan=lifespan, openapi_url=f"{settings.api_v1_str}/openapi.json")
for part in (auth, training, recognition):
    app.include_router(part.router, prefix=settings.api_v1_str)


@app.get("/health")
def health(db: Database) -> dict[str, str]:
    """Whether requests are answered, and the database answers."""
    db.execute("SELECT 1")
    return {"status": "healthy"}
