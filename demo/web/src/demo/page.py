"""The page: rendered here, and again after every form; the script only swaps in the parts that changed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import ValidationError
from starlette.datastructures import FormData

from demo import csrf
from demo.api import queue, store_file
from demo.health import AWAY, who
from demo.inputs import ADDRESS_MAX, NOTE_MAX, SUBJECT_MAX, NewJob, NewNote, explain_invalid
from demo.overview import Overview, look
from demo.services import Services, Use
from demo.settings import Settings
from demo.uploads import SIZE_MAX
from demo.words import ago, size_in_words

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.filters |= {"ago": ago, "size": size_in_words}


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A form that was not accepted: which, why, and what was in it."""

    form: str
    why: str
    status: int = 422
    values: dict[str, str] = field(default_factory=dict)


Act = Callable[[FormData], Awaitable[object]]


@router.get("/")
async def show(request: Request, services: Use) -> Response:
    """The page."""
    return await _page(request, services)


@router.post("/notes")
async def add_note(request: Request, services: Use) -> Response:
    """The form of the notes."""

    async def act(form: FormData) -> None:
        await services.store.add_note(NewNote.model_validate({"text": form.get("text")}).text)

    return await _submit("notes", act, request, services)


@router.post("/counter")
async def increment(request: Request, services: Use) -> Response:
    """The button of the counter."""

    async def act(_: FormData) -> None:
        await services.cache.increment()

    return await _submit("counter", act, request, services)


@router.post("/jobs")
async def add_job(request: Request, services: Use) -> Response:
    """The form of the jobs."""

    async def act(form: FormData) -> None:
        await queue(NewJob.model_validate({"to": form.get("to"), "subject": form.get("subject")}), services)

    return await _submit("jobs", act, request, services)


@router.post("/uploads")
async def add_upload(request: Request, services: Use) -> Response:
    """The form of the uploads."""

    async def act(form: FormData) -> None:
        await store_file(form.get("file"), services)

    return await _submit("uploads", act, request, services)


async def _submit(form_name: str, act: Act, request: Request, services: Services) -> Response:
    """Do what the form asks and show the page anew, or show it at once with the reason why not."""
    values: dict[str, str] = {}
    try:
        async with request.form(max_files=1, max_fields=5) as form:
            values = {name: value for name, value in form.items() if isinstance(value, str) and name != csrf.FIELD}
            _require_token(form, request, services)
            await act(form)
    except ValidationError as error:
        refused = Refused(form=form_name, why=explain_invalid(error), values=values)
    except HTTPException as error:
        refused = Refused(form=form_name, why=str(error.detail), status=error.status_code, values=values)
    except AWAY as error:
        refused = Refused(form=form_name, why=f"{who(error)} cannot be used at the moment", status=503, values=values)
    else:
        return RedirectResponse(f"/#{form_name}", 303)
    return await _page(request, services, refused)


def _require_token(form: FormData, request: Request, services: Services) -> None:
    token = form.get(csrf.FIELD)
    if not services.csrf.accepts(request.cookies.get(csrf.COOKIE), token if isinstance(token, str) else None):
        raise HTTPException(403, "this page was too old or not ours: please try again")


async def _page(request: Request, services: Services, refused: Refused | None = None) -> Response:
    cookie = services.csrf.cookie(request.cookies.get(csrf.COOKIE))
    html = render(await look(services), services.settings, services.csrf.token(cookie), refused)
    response = HTMLResponse(html, refused.status if refused else 200)
    response.set_cookie(csrf.COOKIE, cookie, httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return response


def render(overview: Overview, settings: Settings, token: str, refused: Refused | None = None) -> str:
    """The page's HTML."""
    return templates.get_template("page.html").render(
        overview=overview,
        environment_name=settings.environment_name,
        mail_ui_url=settings.mail_ui_url,
        default_recipient=settings.mail_from,
        csrf={"name": csrf.FIELD, "token": token},
        refused=refused,
        limits={"note": NOTE_MAX, "subject": SUBJECT_MAX, "address": ADDRESS_MAX, "upload": SIZE_MAX},
    )
