"""What holds for every request: how large its body may be, who may send it, and the headers of every answer."""

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.csrf import is_foreign
from demo.uploads import SIZE_MAX

AROUND_A_FILE = 64 * 1024
"""What a form may hold beside the file."""
BODY_MAX = 64 * 1024
UPLOAD_PATHS = ("/uploads", "/api/uploads")
READING = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class BodyLimit:
    """Raises HTTPException 413 in the route that reads a body too large: at once when its length is stated."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is received."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = SIZE_MAX + AROUND_A_FILE if scope["path"] in UPLOAD_PATHS else BODY_MAX
        stated = Headers(scope=scope).get("content-length", "")
        too_much = stated.isdigit() and int(stated) > limit
        received = 0

        async def count() -> Message:
            nonlocal received
            if too_much:
                raise HTTPException(413, too_large(limit))
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, too_large(limit))
            return message

        await self._app(scope, count, send)


class SameOrigin:
    """Answers 403 to a browser that changes something here on behalf of another site's page."""

    def __init__(self, app: ASGIApp, site_url: str) -> None:
        self._app = app
        self._site_url = site_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at where a request comes from."""
        if scope["type"] == "http" and scope["method"] not in READING:
            headers = Headers(scope=scope)
            if is_foreign(headers.get("origin"), self._site_url, f"//{headers.get('host', '')}"):
                await JSONResponse({"error": "this request comes from another site"}, 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class AnswerHeaders:
    """Adds what a browser needs to hear to keep the page and the uploads apart from everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add what an answer lacks."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, add)


def too_large(limit: int) -> str:
    """The sentence of a 413."""
    if limit > SIZE_MAX:
        return f"the file is larger than {SIZE_MAX // 1024**2} MiB"
    return f"the body is larger than {limit // 1024} KiB"
