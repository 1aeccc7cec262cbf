"""What the drills load and harm: it says its release, writes down every id that is posted, and misbehaves where it is told to."""

import os
import sys

import psycopg
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

RELEASE = os.environ["RELEASE"]
JOURNAL = os.open(os.environ.get("JOURNAL", "/dev/null"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
DATABASE = os.environ.get("DATABASE_URL")
MIB = 2**20


def read(request: Request) -> PlainTextResponse:
    """Say the release."""
    return PlainTextResponse(RELEASE)


async def write(request: Request) -> PlainTextResponse:
    """Write an id down: a row where there is a database, else in one call, for several processes share the file."""
    id_ = await request.body()
    if DATABASE:
        await run_in_threadpool(insert, id_.decode())
    else:
        os.write(JOURNAL, id_ + b"\n")
    return PlainTextResponse(RELEASE)


def insert(id_: str) -> None:
    """Answered only after the commit."""
    with psycopg.connect(DATABASE or "", connect_timeout=5) as connection:
        connection.execute("INSERT INTO ids VALUES (%s)", [id_])


def hog(request: Request) -> PlainTextResponse:
    """Take all memory that there is."""
    taken = []
    while True:
        taken.append(os.urandom(MIB))


def bomb(request: Request) -> PlainTextResponse:
    """Every process starts others, for ever."""
    while True:
        try:
            os.fork()
        except OSError:
            continue


def flood(request: Request) -> PlainTextResponse:
    """Say as much as it is told to, in MiB."""
    line = "x" * 1023 + "\n"
    for _ in range(int(request.path_params["mib"]) * MIB // len(line)):
        sys.stdout.write(line)
    sys.stdout.flush()
    return PlainTextResponse(RELEASE)


if DATABASE:
    with psycopg.connect(DATABASE) as made:
        made.execute("CREATE TABLE IF NOT EXISTS ids (id text)")
app = Starlette(
    routes=[
        Route("/", read),
        Route("/limited", read),
        Route("/ids", write, methods=["POST"]),
        Route("/hog", hog, methods=["POST"]),
        Route("/bomb", bomb, methods=["POST"]),
        Route("/flood/{mib}", flood, methods=["POST"]),
    ]
)
