"""A browser's way through pretalx: forms with their tokens, cookies, and links from mails."""

import html
import re
from dataclasses import dataclass
from email.message import EmailMessage
from http.cookiejar import CookieJar
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

from tests.engine.examples.applications import Inbox, text_of
from tests.engine.visitor import eventually

ADMIN = "admin@pretalx.test"
PASSWORD = "a long way to Hamburg 2026"


@dataclass
class Pretalx:
    """Somebody who looks at a pretalx under its public address, which is at `at` on this machine."""

    site: str
    at: str
    inbox: Inbox

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.at, verify=False, cookies=CookieJar(), timeout=60, headers={"Host": urlsplit(self.site).netloc})

    def fresh(self) -> Self:
        """Somebody else, without cookies."""
        return type(self)(self.site, self.at, self.inbox)

    def get(self, path: str) -> httpx.Response:
        """A page, without following where it leads."""
        return self.http.get(path)

    def submit(self, path: str, **fields: str) -> httpx.Response:
        """Fill the form of a page and send it, as a browser does."""
        return self.send(path, self.get(path), fields)

    def send(self, path: str, page: httpx.Response, fields: dict[str, str], files: dict[str, tuple[str, bytes]] | None = None) -> httpx.Response:
        """Send the form of a page that is open already."""
        assert page.status_code == 200, f"{path}: {page.status_code}"
        token = re.search(r"name=\"?csrfmiddlewaretoken\"? [^>]*value=\"?([A-Za-z0-9]+)", page.text)
        assert token, f"{path} has no form"
        form = {"csrfmiddlewaretoken": token[1], **fields}
        return self.http.post(path, data=form, files=files, headers={"Referer": urljoin(self.site, path), "Origin": self.site})

    def create_event(self, slug: str, logo: bytes) -> None:
        """Go through the wizard for a new event, one page for each step."""
        path, page = "/orga/event/new/", self.get("/orga/event/new/")
        organiser = re.search(r"<option [^>]*value=\"?(\d+)\"?[^>]*>Organisers", page.text)
        assert organiser
        steps = {
            "initial": {"locales": "en", "organiser": organiser[1]},
            "basics": {"name_0": slug, "slug": slug, "timezone": "UTC", "email": ADMIN, "locale": "en"},
            "timeline": {"date_from": "2027-05-01", "date_to": "2027-05-02"},
            "display": {"primary_color": "#336699", "header_pattern": ""},
        }
        for step, fields in steps.items():
            form = {"event_wizard-current_step": step} | {f"{step}-{name}": value for name, value in fields.items()}
            page = self.send(path, page, form, {"display-logo": ("logo.png", logo)} if step == "display" else None)
        assert page.headers["location"].startswith(f"/orga/event/{slug}"), page.text

    def logo(self, slug: str) -> str:
        """Path of the picture on an event's own page."""
        picture = re.search(r"src=\"?(/media/[^\s\">]+)", self.get(f"/{slug}/").text)
        assert picture
        return picture[1]

    def recover(self, email: str) -> EmailMessage:
        """Ask for a new password, and get the mail."""
        before = len(self.inbox(email))
        answer = self.submit("/orga/reset/", login_email=email)
        assert answer.headers["location"] == "/orga/login/"
        return eventually(lambda: self.inbox(email)[before:])[0]

    def set_password(self, mail: EmailMessage, password: str) -> None:
        """Follow the link of the mail, and write the new password."""
        link = re.search(r"https?://\S+/orga/reset/\S+", text_of(mail))
        assert link, text_of(mail)
        assert link[0].startswith(self.site)
        answer = self.submit(html.unescape(link[0]).removeprefix(self.site), password=password, password_repeat=password)
        assert answer.headers["location"] == "/orga/login/"

    def login(self, email: str, password: str) -> httpx.Response:
        """Sign in; the answer leads to the list of events."""
        return self.submit("/orga/login/", login_email=email, login_password=password)

    def script(self) -> str:
        """Path of the schedule editor that Vite built, as the manifest tells."""
        manifest = self.get("/static/pretalx-manifest.json").json()
        return f"/static/{manifest['src/main.js']['file']}"
