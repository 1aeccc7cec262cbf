"""What the drills load: it says its release, and writes down every id that is posted."""

import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

RELEASE = os.environ["RELEASE"]
JOURNAL = os.open("/data/journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def read(request: Request) -> PlainTextResponse:
    """Say the release."""
    return PlainTextResponse(RELEASE)


async def write(request: Request) -> PlainTextResponse:
    """Write an id down, in one call, for several processes share the file."""
    os.write(JOURNAL, await request.body() + b"\n")
    return PlainTextResponse(RELEASE)


app = Starlette(routes=[Route("/", read), Route("/ids", write, methods=["POST"])])
