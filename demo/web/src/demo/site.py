"""Puts the application together."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from demo import api, page
from demo.health import who
from demo.inputs import explain
from demo.limits import AnswerHeaders, BodyLimit, SameOrigin
from demo.services import Services
from demo.settings import Settings

log = logging.getLogger("demo.web")


def build(settings: Settings) -> FastAPI:
    """The application. It starts, and says what is missing, also when the services it needs are away."""
    services = Services.of(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await services.store.open()
        yield
        await services.store.close()
        await services.cache.close()

    app = FastAPI(
        title="demo",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(AnswerHeaders),
            Middleware(SameOrigin, site_url=settings.site_url),
            Middleware(BodyLimit),
        ],
        exception_handlers={
            HTTPException: _refused,
            RequestValidationError: _invalid,
            psycopg.Error: _away,
            RedisError: _away,
            OSError: _away,
        },
    )
    app.state.services = services
    app.include_router(api.router)
    app.include_router(page.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    return app


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - starlette's handlers are typed for any exception
    return JSONResponse({"error": str(error.detail)}, error.status_code, headers=dict(error.headers or {}))


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    return JSONResponse({"error": explain([dict(each) for each in error.errors()])}, 422)


async def _away(_: Request, error: Exception) -> JSONResponse:
    log.warning("%s: %s", type(error).__name__, " ".join(str(error).split()))
    return JSONResponse({"error": f"{who(error)} cannot be used at the moment"}, 503)
